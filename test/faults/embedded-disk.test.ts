/**
 * The embedded store and a disk that does not do as told: one that is full, and one whose cache must be flushed before
 * anything is acknowledged. Linux tools play the disk; a test whose tool is absent fails and says which to install.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { startStoreProcess, type StoreProcess } from '../support/store-process.js';

function needs(program: string, debianPackage: string): void {
  if (spawnSync(program, ['--version']).status !== 0) throw new Error(`this test needs ${program}: install the Debian package ${debianPackage}`);
}

let folder: string;
let running: StoreProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sesame-disk-'));
});
afterEach(async () => {
  await running?.kill();
  running = undefined;
  await rm(folder, { recursive: true });
});

test('acknowledges at least one utterance and finds it again after a kill', async () => {
  running = startStoreProcess({ folder, round: '1', mode: 'demand' });
  running.child.stdin?.write('u1\n');
  await running.next(({ said }) => said === 'counted');
  await running.kill();
  const store = await openEmbeddedStore({ folder });
  expect(await store.seen('c1', 'u1')).toBe(1);
  await store.close();
});

test('refuses while the disk is full, recovers without a restart once it is not, and loses nothing', async () => {
  needs('prlimit', 'util-linux');
  running = startStoreProcess({ folder, round: '1', mode: 'demand' });
  const { child } = running;
  const limit = (bytes: string): unknown => execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]);
  const attempt = async (id: string): Promise<string> => {
    child.stdin?.write(`${id}\n`);
    const line = await running!.next(({ said }) => said === 'counted' || said === 'refused');
    return line.said === 'refused' ? String(line.code) : 'done';
  };
  expect(await attempt('before')).toBe('done');
  // In the middle of a record: what LevelDB would append after such a tail is lost when the log is read again.
  for (const [n, bytes] of ['1100', '1500', '0'].entries()) {
    limit(bytes);
    const ends = [];
    for (const end of ['a', 'b', 'c']) ends.push(await attempt(`full${String(n)}${end}`));
    expect(ends).toContain('store-unavailable');
    expect(ends.filter((end) => end !== 'done' && end !== 'store-unavailable')).toEqual([]);
    limit('unlimited');
    expect(await attempt(`freed${String(n)}`)).toBe('done');
  }
  await running.kill();

  const store = await openEmbeddedStore({ folder });
  const entries = await store.transcript('c1', 0);
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
  for (const line of running.lines) {
    if (line.said === 'accepted') expect([line.id, await store.seen('c1', line.id)]).toEqual([line.id, line.seq]);
  }
  await store.close();
});

test('flushes an utterance to the disk before it is acknowledged', async () => {
  needs('strace', 'strace');
  const trace = join(folder, 'trace');
  const under = ['strace', '-f', '-e', 'trace=write,fsync,fdatasync', '-s', '4096', '-o', trace];
  const ids = ['alpha', 'beta', 'gamma'];
  running = startStoreProcess({ folder: join(folder, 'store'), round: '1', mode: 'demand', under });
  for (const id of ids) {
    running.child.stdin?.write(`${id}\n`);
    await running.next((line) => line.said === 'accepted' && line.id === id);
  }
  running.child.stdin?.end();
  await running.next(({ said }) => said === 'counted');
  await running.ended;
  const calls = (await readFile(trace, 'utf8')).split('\n');
  for (const id of ids) {
    const written = calls.findIndex((call) => call.includes(`u!c1!${id}`) && call.includes('write('));
    const flushed = calls.findIndex((call, index) => index > written && /f(data)?sync.*= 0$/.test(call));
    const acknowledged = calls.findIndex((call) => call.includes('write(1,') && call.includes(`\\"${id}\\"`));
    expect([id, written >= 0, flushed > written, acknowledged > flushed]).toEqual([id, true, true, true]);
  }
});
