// node bench/faults/sync.mjs [-- --posts N]: holds with strace that each post is on disk before it is acknowledged, over
// the embedded store and Redis, with the counts printed. It needs strace and the build: npm run build.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { values } = parseArgs({ options: { posts: { type: 'string', default: '200' } } });
const jest = [join(root, 'node_modules/jest/bin/jest.js'), 'test/faults/sync'];
process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env: { ...process.env, SESAME_POSTS: values.posts } }).status ?? 1;
