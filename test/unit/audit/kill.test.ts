/** Kills a process in the middle of recording: what it acknowledged is there, and the chain holds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transformFileSync } from '@swc/core';
import { createAuditLog } from '../../../src/audit/log.js';
import { verify } from '../../../src/audit/verify.js';

const root = path.join(__dirname, '..', '..', '..');
const SOURCES = ['src/audit/chain', 'src/audit/entry', 'src/audit/folder', 'src/audit/log', 'src/conversation/errors', 'test/unit/audit/audit-child'];

let place: string;
beforeAll(() => {
  // Node cannot run TypeScript: what the process needs is turned into JavaScript, as the tests themselves are.
  place = mkdtempSync(path.join(tmpdir(), 'sesame-audit-kill-'));
  for (const source of SOURCES) {
    const { code } = transformFileSync(path.join(root, `${source}.ts`), { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } });
    mkdirSync(path.dirname(path.join(place, source)), { recursive: true });
    writeFileSync(path.join(place, `${source}.js`), code);
  }
});
afterAll(() => {
  rmSync(place, { recursive: true });
});

/** Runs the process until it has acknowledged so many entries, kills it, and gives all that it acknowledged. */
async function recordUntilKilled(folder: string, round: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [path.join(place, 'test/unit/audit/audit-child.js'), folder, '8', String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
    if (said.split('\n').length > 50 + 37 * round) child.kill('SIGKILL');
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return said.split('\n').slice(0, -1);
}

const ticketsIn = (folder: string): ReadonlySet<string> =>
  new Set(
    readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => readFileSync(path.join(folder, name), 'utf8').trim().split('\n'))
      .map((line) => String((JSON.parse(line) as { ticket?: string }).ticket)),
  );

test('keeps every acknowledged entry and a whole chain through ten kills', async () => {
  const folder = path.join(place, 'log');
  const acknowledged: string[] = [];
  for (let round = 1; round <= 10; round += 1) acknowledged.push(...(await recordUntilKilled(folder, round)));
  const log = await createAuditLog({ folder, key: Buffer.alloc(32, 7), clock: { now: () => Date.now() } });
  await log.close();
  expect(await verify(folder)).toMatchObject({ kind: 'whole' });
  const kept = ticketsIn(folder);
  expect(acknowledged.length).toBeGreaterThan(500);
  expect(acknowledged.filter((ticket) => !kept.has(ticket))).toEqual([]);
});

test('cuts a line torn at any byte, says so in the chain, and goes on', async () => {
  const folder = path.join(place, 'torn');
  const clock = { now: () => Date.UTC(2026, 10, 23) };
  const entry = { actor: 'system', role: 'system', caisse: '751', action: 'ticket.take', when: 'before', ticket: 't' } as const;
  const whole = await createAuditLog({ folder, key: Buffer.alloc(32), clock });
  for (let n = 0; n < 3; n += 1) await whole.record(entry);
  await whole.close();
  const file = path.join(folder, 'audit-2026-11-23.jsonl');
  const bytes = readFileSync(file);
  const lastLine = bytes.lastIndexOf('\n', bytes.length - 2) + 1;
  for (let length = lastLine + 1; length < bytes.length; length += 1) {
    writeFileSync(file, bytes.subarray(0, length));
    const events: unknown[] = [];
    const log = await createAuditLog({ folder, key: Buffer.alloc(32), clock, report: (event) => events.push(event) });
    await log.record(entry);
    await log.close();
    expect(events).toEqual([{ kind: 'mended', bytes: length - lastLine }]);
    // The day's first line, two entries, the mending, the new entry.
    expect(await verify(folder)).toMatchObject({ kind: 'whole', lines: 5 });
  }
});

test('begins a day anew that was killed before its first line was whole', async () => {
  const folder = path.join(place, 'first-line');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'audit-2026-11-23.jsonl'), '{"seq":1,"at"');
  const log = await createAuditLog({ folder, key: Buffer.alloc(32), clock: { now: () => Date.UTC(2026, 10, 23) } });
  await log.close();
  expect(await verify(folder)).toMatchObject({ kind: 'whole', lines: 2 });
});
