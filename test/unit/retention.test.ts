/** P02: what is kept too long goes by itself, whatever it is, and leaves a dated line in an audit that still verifies. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { createAuditLog, type AuditLog } from '../../src/audit/log.js';
import { verify } from '../../src/audit/verify.js';
import type { Utterance } from '../../src/conversation/utterance.js';
import { keepNothingTooLong, RETENTION, sweepAll, type RetentionParts } from '../../src/retention.js';
import { createSeats } from '../../src/sources/seats.js';
import type { EmbeddedStore } from '../../src/storage/embedded.js';
import { MARTIN, World } from '../support/world.js';

const [HOUR, DAY] = [3_600_000, 86_400_000];

let world: World;
let audit: AuditLog;
let folder: string;
let parts: RetentionParts;
const failed: unknown[] = [];
beforeEach(async () => {
  world = await World.open();
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-retention-'));
  audit = await createAuditLog({ folder, key: Buffer.alloc(32, 1), clock: world.clock });
  parts = { store: world.store as EmbeddedStore, audit, clock: world.clock, codes: 'aide-code/', report: (error) => failed.push(error) };
});
afterEach(async () => {
  await audit.close();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
  expect(failed).toEqual([]);
});

const says = async (id: string, text: string): Promise<void> => {
  const said: Utterance = { kind: 'words', id: `${text} ${String(world.clock.now())}`, conversationId: id, channel: 'web', at: world.clock.now(), text };
  await world.assistant.hear(said);
  await world.calm();
};
const identifies = async (id: string): Promise<void> => {
  await says(id, 'mon compte est bloqué après plusieurs essais');
  await says(id, 'Débloquer mon compte');
  const asked = (await world.said(id)).findLast((entry) => entry.author === 'assistant' && entry.reply.kind === 'form');
  const place = asked?.author === 'assistant' && asked.reply.kind === 'form' ? asked.reply.place : '';
  await world.assistant.hear({ kind: 'form', id: 'identity', conversationId: id, channel: 'web', at: world.clock.now(), place, values: { nir: MARTIN.nir, birthDate: MARTIN.typedDate } });
  await world.calm();
};
const lines = (): readonly Record<string, unknown>[] =>
  readdirSync(folder).sort().flatMap((file) => readFileSync(path.join(folder, file), 'utf8').trim().split('\n')).map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ action }) => action === 'retention.swept');

/** What lies in the store, by the letter that its kind begins with. */
async function kinds(): Promise<Readonly<Record<string, number>>> {
  await world.calm();
  await world.store.close();
  const db = new ClassicLevel(path.join(world.folder, 'store'));
  const found: Record<string, number> = {};
  for (const key of await db.keys().all()) found[key.charAt(0)] = (found[key.charAt(0)] ?? 0) + 1;
  await db.close();
  await world.restart();
  parts = { ...parts, store: world.store as EmbeddedStore };
  return found;
}

test('P02: a year after a whole verification nothing of any kind is left, and the audit says when it went', async () => {
  await identifies('one');
  await createSeats({ records: world.store, clock: world.clock }).keep('one', 'a-seat');
  const before = await kinds();
  // State, head, transcript, what was seen, records, counters, what was sent: all there are.
  expect(Math.min(...['s', 'h', 't', 'u', 'r', 'n', 'x'].map((kind) => before[kind] ?? 0))).toBeGreaterThan(0);
  for (const later of [RETENTION.messages + HOUR, 365 * DAY]) {
    world.clock.pass(later);
    await sweepAll(parts);
  }
  // The format of the folder and the last place of the outbox: nobody's.
  expect(Object.keys(await kinds()).filter((kind) => !['f', 'l'].includes(kind))).toEqual([]);
  expect(lines()).toHaveLength(2);
  expect(lines()[0]).toMatchObject({ at: '2026-11-30T10:00:00.000Z', result: expect.stringMatching(/^conversations:1\/records:[1-9]\d*$/) as unknown });
  expect(JSON.stringify(lines())).not.toContain('"one"');
  expect((await verify(folder)).kind).toBe('whole');
});

test('P02: to the last hour a conversation is whole, and a sweep that takes nothing writes nothing', async () => {
  await says('one', 'bonjour');
  world.clock.pass(RETENTION.messages);
  expect(await sweepAll(parts)).toEqual({ conversations: 0, records: 0 });
  expect((await world.said('one')).length).toBeGreaterThan(0);
  expect(lines()).toEqual([]);
  world.clock.pass(1);
  expect((await sweepAll(parts)).conversations).toBe(1);
  expect(await world.assistant.knows('one')).toBe(false);
});

test('P02: a word said in time keeps a conversation, and so does a code to come back with', async () => {
  await says('spoke', 'bonjour');
  await says('coded', 'bonjour');
  world.clock.pass(RETENTION.messages - HOUR);
  await says('spoke', 'encore moi');
  const until = world.clock.now() + 7 * DAY;
  await world.store.write('aide-code/x', { conversationId: 'coded', expiresAt: until }, 0, until);
  world.clock.pass(2 * HOUR);
  expect((await sweepAll(parts)).conversations).toBe(0);
  world.clock.pass(7 * DAY);
  expect((await sweepAll(parts)).conversations).toBe(2);
});

test('P02: whoever comes back while it is being looked at keeps everything', async () => {
  await says('one', 'bonjour');
  world.clock.pass(RETENTION.messages + HOUR);
  const quiet = parts.store.quiet.bind(parts.store);
  const store = new Proxy(parts.store, {
    get: (target, name) => (name === 'quiet' ? async (before: number) => { const found = await quiet(before); await says('one', 'me revoilà'); return found; } : Reflect.get(target, name) as unknown),
  });
  expect((await sweepAll({ ...parts, store })).conversations).toBe(0);
  expect((await world.said('one')).some((entry) => entry.author === 'person' && entry.text === 'me revoilà')).toBe(true);
});

test('P02: an exchange with an adviser stays while it is open, and thirty days after its end', async () => {
  await says('one', 'bonjour');
  const { state, revision } = (await world.store.load('one'))!;
  const ticket = { id: 't', conversationId: 'one', caisse: 'national', need: 'general', reason: 'asked-by-person', phase: 'waiting', requestedAt: 0, since: 0, activeAt: 0, tried: [], proved: 'no', relayedUpTo: 0 } as const;
  const put = (phase: 'waiting' | 'closed', expected: number): Promise<unknown> =>
    world.store.withTurn('one', (lease) => world.store.commitTurn({ lease, state: { ...state, ticket: { ...ticket, phase, since: world.clock.now() } }, expected, entries: [], outbox: [] }));
  await put('waiting', revision);
  world.clock.pass(60 * DAY);
  expect((await sweepAll(parts)).conversations).toBe(0);
  await put('closed', revision + 1);
  world.clock.pass(RETENTION.withAdviser);
  expect((await sweepAll(parts)).conversations).toBe(0);
  world.clock.pass(1);
  expect((await sweepAll(parts)).conversations).toBe(1);
});

test('P02: it begins at the start, and its end waits for the sweep under way', async () => {
  await says('one', 'bonjour');
  world.clock.pass(RETENTION.messages + HOUR);
  await keepNothingTooLong(parts).stop();
  expect(await world.assistant.knows('one')).toBe(false);
});
