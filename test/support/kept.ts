/**
 * Keeps what takes long to work out under dist/, for the suites that ask next and for the next run. Of two that ask at
 * once one works and the other waits. It knows nothing of what it keeps.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const KEPT = path.join(ROOT, 'dist', 'kept');
/** Milliseconds between two looks at whether the other one is done. */
const LOOK_EVERY = 50;

/** What `make` makes, as JSON has it; made again once any file of the `sources`, files or folders of the project, is another. */
export async function kept<T>(name: string, sources: readonly string[], make: () => Promise<T>): Promise<T> {
  const file = path.join(KEPT, `${name}-${hashOf(sources)}.json`);
  const lock = `${file}.lock`;
  mkdirSync(KEPT, { recursive: true });
  while (!existsSync(file)) {
    if (!take(lock)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
      continue;
    }
    try {
      // The other one may have ended between the two looks.
      if (!existsSync(file)) keep(name, file, await make());
    } finally {
      rmSync(lock, { force: true });
    }
  }
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

/** Leaves nothing of what was kept before, and never half a file. */
function keep(name: string, file: string, made: unknown): void {
  mkdirSync(KEPT, { recursive: true });
  for (const old of readdirSync(KEPT)) if (old.startsWith(`${name}-`) && old.endsWith('.json')) rmSync(path.join(KEPT, old), { force: true });
  writeFileSync(`${file}.new`, JSON.stringify(made));
  renameSync(`${file}.new`, file);
}

/** Whether the work is ours: nobody has it, or who had it was killed. */
function take(lock: string): boolean {
  try {
    mkdirSync(path.dirname(lock), { recursive: true });
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (isLeft(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isLeft(lock: string): boolean {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    // Between its making and its writing, a lock names nobody.
    if (holder > 0) process.kill(holder, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function hashOf(sources: readonly string[]): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    const whole = path.join(ROOT, source);
    const files = path.extname(source) === '' ? readdirSync(whole, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name)) : [whole];
    for (const file of files.sort()) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}
