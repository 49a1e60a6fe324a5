// node bench/faults/guesses.mjs [-- --conversations N]: ten guesses of one account's codes from each of a thousand
// conversations and addresses, through the real server; prints how many were judged. It needs the build: npm run build.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { values } = parseArgs({ options: { conversations: { type: 'string', default: '1000' } } });
const jest = [join(root, 'node_modules/jest/bin/jest.js'), 'test/faults/guesses-many'];
process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env: { ...process.env, SESAME_GUESSERS: values.conversations } }).status ?? 1;
