// node bench/faults/order.mjs [-- --clients N --messages N]: clients that send at once into one conversation, over the
// embedded store, Redis, and two servers on one Redis, with the counts printed. It needs the build: npm run build.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { values } = parseArgs({ options: { clients: { type: 'string', default: '5' }, messages: { type: 'string', default: '50' } } });
const jest = [join(root, 'node_modules/jest/bin/jest.js'), 'test/faults/order'];
const env = { ...process.env, SESAME_CLIENTS: values.clients, SESAME_MESSAGES: values.messages };
process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env }).status ?? 1;
