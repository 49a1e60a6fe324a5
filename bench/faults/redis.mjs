// node bench/faults/redis.mjs [-- --talks N --only WORDS]: the whole server on Redis servers that are restarted, stopped, filled, cut off
// and failed over while 50 people talk, as a table. It needs the build and Debian's redis-server: npm run build.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { values } = parseArgs({ options: { talks: { type: 'string', default: '40' }, only: { type: 'string', default: 'all' } } });
const env = { SESAME_REDIS: values.only, SESAME_TALKS: values.talks };
const jest = [join(root, 'node_modules/jest/bin/jest.js'), 'test/faults/redis-app'];
process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
