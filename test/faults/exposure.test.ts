/** Case G05 of the threat model: a process in production opens no debugger and writes no dump of what it knows. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { built } from '../support/built.js';
import { eventually } from '../support/running.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  PORT: '0',
  PUBLIC_URL: 'https://sesame.example',
  ACCOUNT_BACKEND_URL: 'http://127.0.0.1:9',
  SMTP_URL: 'smtp://127.0.0.1:9',
  MAIL_FROM: 'sesame@exemple.fr',
  TRUSTED_PROXIES: '127.0.0.1',
};

/** Several start at once, on a machine that does other things as well. */
const PATIENCE_MS = 100_000;

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'sesame-exposure-')); });
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  /** All that it wrote, on both of its outputs. */
  readonly said: () => string;
}

/** Under a shell that allows no core dump, as the runbook has it. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn('sh', ['-c', 'ulimit -S -c 0; exec "$0" "$@"', process.execPath, ...args], { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } });
  children.push(child);
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (data: Buffer) => (said += data.toString()));
  return { child, said: () => said };
}

/** The server in production, with its data in a folder of its own. */
function serve(options: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  return start([...options, built('main.js')], { ...PRODUCTION, DATA_DIR: path.join(folder, 'data'), ...env });
}

describe('production', () => {
  const REFUSED: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] = [
    ['--inspect', ['--inspect=127.0.0.1:0'], {}],
    ['NODE_OPTIONS --inspect', [], { NODE_OPTIONS: '--inspect=127.0.0.1:0' }],
    ['--heapsnapshot-signal', ['--heapsnapshot-signal=SIGUSR2'], {}],
    ['--heapsnapshot-near-heap-limit', ['--heapsnapshot-near-heap-limit=1'], {}],
    ['--report-on-fatalerror', ['--report-on-fatalerror'], {}],
    ['NODE_OPTIONS --report-on-signal', [], { NODE_OPTIONS: '--report-on-signal' }],
    ['--abort-on-uncaught-exception', ['--abort-on-uncaught-exception'], {}],
    ['NODE_DEBUG', [], { NODE_DEBUG: 'sesame' }],
  ];
  // Side by side: each only starts and ends.
  it(`G05: does not start with ${REFUSED.map(([named]) => named).join(', ')}, says so, and has read no key`, async () => {
    const ends = await Promise.all(
      REFUSED.map(async ([named, options, env]) => {
        const { child, said } = serve(options, env);
        const [code] = (await once(child, 'close')) as [number];
        return { named, code, saysFault: said().includes('Sésame cannot start: 1 fault(s) to mend.'), namesIt: new RegExp(`^ {2}${named}: .+ -> .+`, 'm').test(said()) };
      }),
    );
    expect(ends).toEqual(REFUSED.map(([named]) => ({ named, code: 1, saysFault: true, namesIt: true })));
    expect(readdirSync(folder)).toEqual([]);
  }, PATIENCE_MS);

  it('G05: takes SIGUSR1 without opening a debugger, and goes on', async () => {
    const { child, said } = serve([]);
    await eventually(() => (said().includes('Sésame is ready') ? true : undefined), PATIENCE_MS);
    const url = /"url":"([^"]+)"/.exec(said());
    expect(url?.[1]).toBe(PRODUCTION.PUBLIC_URL);
    child.kill('SIGUSR1');
    await eventually(() => (said().includes('"debugger.refused"') ? true : undefined));
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(said()).not.toMatch(/debugger listening|inspector/i);
  });

  it('would see a debugger: a process that does not take the signal opens one', async () => {
    const { child, said } = start(['--inspect-port=127.0.0.1:0', '-e', 'process.stdout.write("here"); setInterval(() => {}, 1000)']);
    await eventually(() => (said().includes('here') ? true : undefined));
    child.kill('SIGUSR1');
    await eventually(() => (/debugger listening/i.test(said()) ? true : undefined));
  });

  it('G05: leaves neither dump nor report where it is ended by SIGSEGV, SIGABRT or SIGUSR2', async () => {
    const signals = ['SIGSEGV', 'SIGABRT', 'SIGUSR2'] as const;
    const ended = signals.map(async (signal) => {
      const { child, said } = serve([], { DATA_DIR: path.join(folder, signal) });
      await eventually(() => (said().includes('Sésame is ready') ? true : undefined), PATIENCE_MS);
      child.kill(signal);
      const [, by] = (await once(child, 'exit')) as [unknown, string];
      return by;
    });
    expect(await Promise.all(ended)).toEqual(signals);
    const left = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => /core|report\.|heapsnapshot|\.dmp$/i.test(path.basename(name)))).toEqual([]);
    expect(left).toEqual(expect.arrayContaining([...signals]));
  }, 2 * PATIENCE_MS);
});
