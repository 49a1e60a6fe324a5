// Everything CI runs, in the order in which a fault is cheapest to find: types, lint, content, dialogs, then jest's projects.
// Each step runs even when an earlier one failed, so that one run tells all. Ends with "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const node = process.execPath;
const folder = mkdtempSync(join(tmpdir(), 'sesame-test-'));
const report = join(folder, 'jest.json');

const jest = [node, 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`];

const steps = [
  ['types', [node, 'scripts/types.mjs']],
  ['lint', [node, 'node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']],
  ['content', [node, 'dist/cli.js', 'check-content']],
  ['dialogs', [node, 'dist/cli.js', 'check-dialogs']],
  ['jest', [...jest, '--maxWorkers=2']],
];

let passed = 0;
let failed = 0;
for (const [name, [command, ...args]] of steps) {
  const started = Date.now();
  process.stdout.write(`\n=== ${name}\n`);
  const { status } = spawnSync(command, args, { stdio: name.startsWith('jest') ? ['ignore', 'ignore', 'inherit'] : ['ignore', 'inherit', 'inherit'] });
  process.stdout.write(`=== ${name} ${status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  if (name.startsWith('jest')) {
    const results = readReport();
    passed += results.passed;
    failed += results.failed;
    if (status !== 0 && results.failed === 0) failed += 1;
  } else if (status === 0) passed += 1;
  else failed += 1;
}
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

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
