// node bench/faults/account.mjs [-- --unlocks N --down SECONDS]: unlocks by the hundred under each fault of the account
// backend, through the real processes, as a table. It needs the build: npm run build.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { values } = parseArgs({ options: { unlocks: { type: 'string', default: '200' }, down: { type: 'string', default: '60' } } });
const env = { SESAME_UNLOCKS: values.unlocks, SESAME_DOWN_MS: String(Number(values.down) * 1000) };
const jest = [join(root, 'node_modules/jest/bin/jest.js'), 'test/faults/account-faults'];
process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
