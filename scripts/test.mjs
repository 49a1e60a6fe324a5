// Everything CI runs, in the order in which a fault is cheapest to find: types, content, lint, dialogs, then jest's projects.
// Each step runs even when an earlier one failed, so that one run tells all. Ends with "N passed, N failed".
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const node = process.execPath;
const folder = mkdtempSync(join(tmpdir(), 'sesame-test-'));
const report = join(folder, 'jest.json');

const jest = [node, 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`];

/** Side by side where each keeps one core busy; a group begins once the one before has ended. */
const groups = [
  [
    ['types', [node, 'scripts/types.mjs']],
    ['content', [node, 'dist/cli.js', 'check-content']],
  ],
  [
    ['lint', [node, 'node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']],
    ['dialogs', [node, 'dist/cli.js', 'check-dialogs']],
  ],
  // Alone: browsers and people in it wait for one another.
  [['jest', [...jest, '--maxWorkers=2']]],
];

let passed = 0;
let failed = 0;
for (const group of groups) {
  const ended = await Promise.all(group.map(run));
  for (const { name, status } of ended) {
    if (name === 'jest') {
      const results = readReport();
      passed += results.passed;
      failed += results.failed;
      if (status !== 0 && results.failed === 0) failed += 1;
    } else if (status === 0) passed += 1;
    else failed += 1;
  }
}
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

/** Runs one step; what it says is told in one piece once it has ended, but for jest, which goes on for long. */
async function run([name, [command, ...args]]) {
  const started = Date.now();
  const lasts = name === 'jest';
  if (lasts) process.stdout.write('\n=== jest\n');
  const child = spawn(command, args, { stdio: lasts ? ['ignore', 'ignore', 'inherit'] : ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const output of lasts ? [] : [child.stdout, child.stderr]) output.on('data', (data) => (said += data));
  const [status] = await once(child, 'close');
  if (!lasts) process.stdout.write(`\n=== ${name}\n${said}`);
  process.stdout.write(`=== ${name} ${status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return { name, status };
}

/** A test that was skipped counts as failed: nothing here is skipped quietly. */
function readReport() {
  try {
    const results = JSON.parse(readFileSync(report, 'utf8'));
    const skipped = results.numPendingTests + results.numTodoTests;
    return { passed: results.numPassedTests, failed: results.numFailedTests + results.numRuntimeErrorTestSuites + skipped };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
