// node bench/faults/disk.mjs: the whole server on disks that refuse: a limit on its files, a small disk that is full, and
// a file system that turned read-only. Prints a table. It needs the build (npm run build), and root for the last two.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
if (process.getuid?.() !== 0) process.stderr.write('not root: disks cannot be mounted, so only the limit on files is tried\n');
const env = { ...process.env, ...(process.getuid?.() === 0 ? { SESAME_DISKS: 'all' } : {}) };
process.exitCode = spawnSync(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), 'test/faults/disk-app'], { cwd: root, stdio: 'inherit', env }).status ?? 1;
