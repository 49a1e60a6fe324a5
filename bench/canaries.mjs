// node bench/canaries.mjs [--conversations N]: secrets planted in a thousand conversations, then everything that was
// written or sent searched for them, with the counts printed. It needs the build: npm run build.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { conversations: { type: 'string', default: '1000' } } });
const jest = [join(root, 'node_modules/jest/bin/jest.js'), 'test/faults/canaries'];
process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env: { ...process.env, SESAME_CANARIES: values.conversations } }).status ?? 1;
