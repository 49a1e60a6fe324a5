// Tells whether dist/ was made from the sources as they are now, by a hash of every file that goes into it.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['src', 'scripts/build.mjs', 'scripts/public.mjs', 'tsconfig.json', 'package-lock.json'];
const stampFile = (root) => join(root, 'dist', '.stamp');

/** A hash of all that the build reads. */
export function stampOf(root) {
  const hash = createHash('sha256');
  const read = (path) => {
    hash.update(path).update(readFileSync(join(root, path)));
  };
  for (const source of SOURCES) {
    if (/\.\w+$/.test(source)) read(source);
    else {
      const files = readdirSync(join(root, source), { recursive: true, withFileTypes: true });
      for (const path of files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name)).sort()) {
        read(path.slice(root.length + 1));
      }
    }
  }
  return hash.digest('hex');
}

export function isStale(root, stamp) {
  return !existsSync(stampFile(root)) || readFileSync(stampFile(root), 'utf8') !== stamp;
}

export function markBuilt(root, stamp) {
  writeFileSync(stampFile(root), stamp);
}
