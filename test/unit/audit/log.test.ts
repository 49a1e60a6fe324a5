/** Recording: what is written, in what order, over days and years, and what is refused. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditEntry } from '../../../src/audit/entry.js';
import { createAuditLog, type AuditEvent, type AuditLog } from '../../../src/audit/log.js';
import { verify } from '../../../src/audit/verify.js';
import { SimulatedClock } from '../../support/clock.js';

const DAY = 86_400_000;
const entry: AuditEntry = { actor: '0b8f6c1e-adviser', role: 'adviser', caisse: '751', action: 'ticket.take', when: 'before', ticket: 'k3v9' };

let folder: string;
let clock: SimulatedClock;
let events: AuditEvent[];
let log: AuditLog;
const openLog = (): Promise<AuditLog> => createAuditLog({ folder, key: Buffer.alloc(32, 1), clock, report: (event) => events.push(event) });
const files = (): readonly string[] => readdirSync(folder).sort();
const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(path.join(folder, file), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-audit-'));
  clock = new SimulatedClock();
  events = [];
  log = await openLog();
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true });
});

test('writes who, what, why and how it ended, with a pseudonym in place of the id', async () => {
  await log.record({ ...entry, when: 'after', reason: 'asked-by-person', proved: 'email-code', result: 'done', request: 'a-1' });
  const [, line] = linesOf('audit-2026-11-23.jsonl');
  expect(line).toMatchObject({ seq: 2, at: '2026-11-23T09:00:00.000Z', role: 'adviser', caisse: '751', action: 'ticket.take', when: 'after', ticket: 'k3v9', reason: 'asked-by-person', proved: 'email-code', result: 'done', request: 'a-1' });
  expect(JSON.stringify(line)).not.toContain('0b8f6c1e');
});

test('gives one person one pseudonym, as actor or target, and another under another key', async () => {
  await log.record({ ...entry, target: entry.actor });
  const elsewhere = path.join(folder, 'other');
  const other = await createAuditLog({ folder: elsewhere, key: Buffer.alloc(32, 2), clock });
  await other.record(entry);
  await other.close();
  const [, here] = linesOf('audit-2026-11-23.jsonl');
  const [, there] = linesOf('other/audit-2026-11-23.jsonl');
  rmSync(elsewhere, { recursive: true });
  expect(here?.['target']).toBe(here?.['actor']);
  expect(there?.['actor']).not.toBe(here?.['actor']);
});

test.each([
  ['a sentence', { reason: 'il ne peut plus entrer' }],
  ['an address', { result: 'une.personne@exemple.fr' }],
  ['a social security number', { ticket: '2550814168025' }],
  ['an action of its own', { action: 'chain.purged' }],
])('refuses %s and writes nothing', async (_, wrong) => {
  await expect(log.record({ ...entry, ...wrong })).rejects.toMatchObject({ code: 'internal' });
  expect(files()).toEqual([]);
});

test('keeps the order of the calls when a thousand arrive together', async () => {
  await Promise.all(Array.from({ length: 1000 }, (_, n) => log.record({ ...entry, ticket: `t${String(n)}` })));
  const tickets = linesOf('audit-2026-11-23.jsonl').slice(1).map(({ ticket }) => ticket);
  expect(tickets).toEqual(Array.from({ length: 1000 }, (_, n) => `t${String(n)}`));
});

test('turns to a new file each day and the chain goes on, across a restart and a clock set back', async () => {
  await log.record(entry);
  clock.pass(DAY);
  await Promise.all([log.record(entry), log.record(entry)]);
  await log.close();
  log = await openLog();
  clock.pass(-DAY);
  await log.record(entry);
  expect(files()).toEqual(['audit-2026-11-23.jsonl', 'audit-2026-11-24.jsonl']);
  expect(await verify(folder)).toMatchObject({ kind: 'whole', files: 2, lines: 6, head: log.head() });
});

test('removes whole files after twelve months, accounts for them, and still verifies', async () => {
  await log.record(entry);
  clock.pass(DAY);
  await log.record(entry);
  clock.pass(365 * DAY);
  await log.record(entry);
  expect(files()).toEqual(['audit-2026-11-24.jsonl', 'audit-2027-11-24.jsonl']);
  expect(events).toEqual([{ kind: 'purged', files: 1, upTo: 2 }]);
  expect(await verify(folder)).toMatchObject({ kind: 'whole', files: 2 });
  clock.pass(800 * DAY);
  await log.record(entry);
  expect(files()).toHaveLength(1);
  expect(await verify(folder)).toMatchObject({ kind: 'whole', files: 1 });
});

test('verifies when a crash came between the account and the removal', async () => {
  await log.record(entry);
  const kept = readFileSync(path.join(folder, 'audit-2026-11-23.jsonl'));
  clock.pass(400 * DAY);
  await log.record(entry);
  writeFileSync(path.join(folder, 'audit-2026-11-23.jsonl'), kept);
  expect(await verify(folder)).toMatchObject({ kind: 'whole', files: 2 });
});

test('refuses after close, and keeps what was asked before', async () => {
  const before = log.record(entry);
  await log.close();
  await before;
  await expect(log.record(entry)).rejects.toMatchObject({ code: 'store-closed' });
  expect(linesOf('audit-2026-11-23.jsonl')).toHaveLength(2);
});

test('refuses while the disk does, then goes on without a restart', async () => {
  await log.record(entry);
  clock.pass(DAY);
  // A name that is taken: the new day cannot begin.
  mkdirSync(path.join(folder, 'audit-2026-11-24.jsonl'));
  await expect(log.record(entry)).rejects.toMatchObject({ code: 'store-unavailable' });
  rmSync(path.join(folder, 'audit-2026-11-24.jsonl'), { recursive: true });
  await log.record(entry);
  expect(await verify(folder)).toMatchObject({ kind: 'whole', files: 2, lines: 4 });
});
