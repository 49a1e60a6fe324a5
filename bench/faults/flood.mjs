// node bench/faults/flood.mjs [--seconds N --people N]: every attack of flood-attack.mjs on one running server, each for N
// seconds, while ordinary people have their accounts unlocked; how each was refused, what it took of memory, and what the
// people saw, as a table. It needs the build: npm run build.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const string = (byDefault) => ({ type: 'string', default: byDefault });
const { values } = parseArgs({ options: { seconds: string('30'), people: string('20') } });
const env = { SESAME_FLOOD_SECONDS: values.seconds, SESAME_FLOOD_PEOPLE: values.people };
const jest = `ulimit -n 20000 2>/dev/null; exec "${process.execPath}" node_modules/jest/bin/jest.js test/faults/flood`;
process.exitCode = spawnSync('sh', ['-c', jest], { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
