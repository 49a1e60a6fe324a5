// npm run draw:dialogs: writes docs/dialogs/, a picture of each dialog and their index, from the compiled project's
// reading of dialogs/. A file of a dialog that is gone is removed.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pagesOf } from './dialog-pages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { readContent } = createRequire(import.meta.url)(join(resolve(process.argv[2] ?? join(root, 'dist')), 'app.js'));
const folder = join(root, 'docs/dialogs');

try {
  const { dialogs, entries } = readContent({ now: () => Date.now() });
  const sources = new Map([...dialogs.keys()].map((id) => [id, readFileSync(join(root, 'dialogs', `${id}.yaml`), 'utf8')]));
  const pages = pagesOf({ dialogs, entries, sources });
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder).filter((name) => !pages.has(name))) rmSync(join(folder, file));
  for (const [file, text] of pages) writeFileSync(join(folder, file), text);
  process.stdout.write(`draw:dialogs: ${dialogs.size} dialogs drawn in docs/dialogs/\n`);
} catch (error) {
  // Broken content tells its faults in its message; more would hide them.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
