/** Short runs of the load benchmarks, so that they stay runnable and every message of theirs has its answer. Figures are theirs. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

function run(bench: string, ...options: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'bench', bench), ...options], { encoding: 'utf8', timeout: 100_000 });
  return { status, said: `${stdout}${stderr}` };
}

describe('under load', () => {
  it('answers every message of a steady stream, within ten times what is promised', () => {
    const { status, said } = run('steady.mjs', '--seconds', '2', '--rate', '20', '--people', '10', '--margin', '10');
    expect({ status, said }).toMatchObject({ status: 0, said: expect.stringMatching(/ 0 errors/) as string });
  }, 120_000);

  it('holds open conversations and goes on answering', () => {
    const { status, said } = run('sockets.mjs', '--conversations', '100', '--seconds', '1', '--processes', '1');
    expect({ status, said }).toMatchObject({ status: 0, said: expect.stringMatching(/100 conversations, .* 0 errors/) as string });
  }, 120_000);
});
