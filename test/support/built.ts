/** Finds compiled entries for tests that start real processes: what runs there is what is delivered, not the sources. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The path of a compiled file, such as `reference/main.js`; says what to do where it is missing. */
export function built(file: string): string {
  const entry = path.join(__dirname, '..', '..', 'dist', file);
  if (!existsSync(entry)) throw new Error(`dist/${file} is missing: run "npm run build", or "npm test", which builds first`);
  return entry;
}
