// node bench/faults/handoff.mjs [-- --handoffs N --messages N --kills N --seed N]: the fault test of the relay at its
// full size, with its counts printed. It needs the build: npm run build.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const string = (byDefault) => ({ type: 'string', default: byDefault });
const { values } = parseArgs({ options: { handoffs: string('200'), messages: string('20'), kills: string('10'), seed: string('1') } });
const env = Object.fromEntries(Object.entries(values).map(([name, value]) => [`SESAME_${name.toUpperCase()}`, value]));
const jest = [join(root, 'node_modules/jest/bin/jest.js'), 'test/faults/handoff-relay'];
process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
