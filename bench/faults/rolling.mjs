// node bench/faults/rolling.mjs [--conversations N --rounds N --rate N]: three instances on one Redis are restarted in turn,
// by SIGTERM, under people who talk; what they saw, as a table. `rate`: messages a second of everybody together: at 60, two
// cores that hold everybody and everything are busy with the talk alone, and some wait long enough to be told. It needs
// the build (npm run build) and a redis-server.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const string = (byDefault) => ({ type: 'string', default: byDefault });
const { values } = parseArgs({ options: { conversations: string('2000'), rounds: string('2'), rate: string('30') } });
const env = { SESAME_ROLLING: values.conversations, SESAME_ROUNDS: values.rounds, SESAME_RATE: values.rate };
// Each conversation takes a socket here, two in the load balancer and some more while it asks.
const jest = `ulimit -n 20000 2>/dev/null; exec "${process.execPath}" node_modules/jest/bin/jest.js test/faults/rolling`;
process.exitCode = spawnSync('sh', ['-c', jest], { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
