// node bench/faults/kills.mjs [-- --store embedded|redis --kills N --conversations N --servers N --seed N]: the whole server
// killed at random moments while people talk with it, with its counts printed. It needs the build: npm run build.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const string = (byDefault) => ({ type: 'string', default: byDefault });
const options = { kills: string('200'), conversations: string('100'), servers: string('2'), seed: string(String(Date.now() % 1_000_000)), store: { type: 'string' } };
const { store, ...size } = parseArgs({ options }).values;
const env = Object.fromEntries(Object.entries(size).map(([name, value]) => [`SESAME_${name.toUpperCase()}`, value]));
const jest = [join(root, 'node_modules/jest/bin/jest.js'), 'test/faults/kills'];
// One store after the other: both at once would only wait for each other.
const failed = (store === undefined ? ['embedded', 'redis'] : [store]).filter((SESAME_STORE) => spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env, SESAME_STORE } }).status !== 0);
process.exitCode = failed.length === 0 ? 0 : 1;
