/** A backup of a store that is written to, and what refuses to be restored: damaged, unfinished, or over something. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { restoreFrom } from '../../../src/backup/restore.js';
import { saveTo } from '../../../src/backup/save.js';
import { fillEmbeddedStore, openEmbeddedStore, type EmbeddedStore } from '../../../src/storage/embedded.js';

let folder: string;
let store: EmbeddedStore;
let data: string;
let saved: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-backup-'));
  [data, saved] = [path.join(folder, 'data'), path.join(folder, 'saved')];
  store = await openEmbeddedStore({ folder: path.join(data, 'store') });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const say = (id: string, text = 'bonjour') => store.accept({ kind: 'words', id, conversationId: 'c1', channel: 'web', at: 1, text });
const save = (journals: readonly string[] = []) => saveTo(saved, { dataFolder: data, journals, clock: { now: () => 0 }, snapshot: () => store.snapshot() });
const restore = (to: string) => restoreFrom({ from: saved, to, mayStay: ['keys.json'], fill: (rows) => fillEmbeddedStore(path.join(to, 'store'), rows) });

test('what was acknowledged before is there again, word for word, and what came after its moment is not', async () => {
  const odd = 'l’été\u2028\u2029 "\\ \n 🙂';
  for (let n = 1; n <= 2_500; n += 1) if (n % 500 === 1) await Promise.all(Array.from({ length: 500 }, (_, more) => say(`u${String(n + more)}`, odd)));
  const rows = store.snapshot()[Symbol.asyncIterator]();
  const first = await rows.next();
  await say('later');
  const pieces = { [Symbol.asyncIterator]: () => ({ next: (() => { let given = false; return () => (given ? rows.next() : ((given = true), Promise.resolve(first))); })() }) };
  await saveTo(saved, { dataFolder: data, journals: [], clock: { now: () => 0 }, snapshot: () => pieces });
  await restore(path.join(folder, 'new'));
  const again = await openEmbeddedStore({ folder: path.join(folder, 'new', 'store') });
  const said = await again.transcript('c1', 0);
  expect([said.length, new Set(said.map((entry) => (entry.author === 'person' ? entry.text : ''))), await again.seen('c1', 'later')]).toEqual([2_500, new Set([odd]), undefined]);
  expect(await again.unfinished()).toEqual(['c1']);
  await again.close();
});

test('files that grow by lines end with the last whole one', async () => {
  mkdirSync(path.join(data, 'audit'));
  writeFileSync(path.join(data, 'audit', 'audit-2026-11-23.jsonl'), '{"one":1}\n{"half":');
  writeFileSync(path.join(data, 'opinions.jsonl'), '{"two":2}\n');
  await save(['audit', 'opinions.jsonl', 'not-there.jsonl']);
  await restore(path.join(folder, 'new'));
  const read = (name: string) => readFileSync(path.join(folder, 'new', name), 'utf8');
  expect([read('audit/audit-2026-11-23.jsonl'), read('opinions.jsonl')]).toEqual(['{"one":1}\n', '{"two":2}\n']);
});

test('nobody but the owner can read it', async () => {
  await save();
  for (const name of ['.', 'manifest.json', 'store.jsonl']) expect([name, statSync(path.join(saved, name)).mode & 0o077]).toEqual([name, 0]);
});

test('a backup goes to a folder that is new or empty, and not into the data', async () => {
  mkdirSync(saved);
  writeFileSync(path.join(saved, 'mine.txt'), 'kept');
  await expect(save()).rejects.toThrow(/not an empty folder/);
  expect(readFileSync(path.join(saved, 'mine.txt'), 'utf8')).toBe('kept');
  await expect(saveTo(path.join(data, 'inside'), { dataFolder: data, journals: [], clock: { now: () => 0 } })).rejects.toThrow(/lies in the folder of data/);
});

test.each<[string, RegExp, () => void]>([
  ['was never finished', /never finished/, () => { rmSync(path.join(saved, 'manifest.json')); }],
  ['has a manifest cut short', /cannot be read/, () => { truncateSync(path.join(saved, 'manifest.json'), 40); }],
  ['has a byte too many', /damaged/, () => { appendFileSync(path.join(saved, 'store.jsonl'), ' '); }],
  ['has another letter', /damaged/, () => { writeFileSync(path.join(saved, 'store.jsonl'), readFileSync(path.join(saved, 'store.jsonl'), 'utf8').replace('bonjour', 'bonsoir')); }],
  ['lacks a file', /missing/, () => { rmSync(path.join(saved, 'store.jsonl')); }],
  ['names a file outside of it', /cannot be read/, () => { writeFileSync(path.join(saved, 'manifest.json'), readFileSync(path.join(saved, 'manifest.json'), 'utf8').replace('"store.jsonl"', '"../store.jsonl"')); }],
])('a backup that %s is refused before anything is made', async (_what, why, damage) => {
  await say('u1');
  await save();
  damage();
  await expect(restore(path.join(folder, 'new'))).rejects.toThrow(why);
  expect(() => statSync(path.join(folder, 'new'))).toThrow();
});

test('it is restored beside the keys only, and over nothing else', async () => {
  await say('u1');
  await save();
  await expect(restore(data)).rejects.toThrow(/not empty/);
  const beside = path.join(folder, 'beside');
  mkdirSync(beside);
  writeFileSync(path.join(beside, 'keys.json'), '{}');
  await restore(beside);
  expect(readFileSync(path.join(beside, 'keys.json'), 'utf8')).toBe('{}');
});

test('no server starts where a restore was not finished', async () => {
  await save();
  const to = path.join(folder, 'new');
  await restoreFrom({ from: saved, to, mayStay: [], fill: async (rows) => ({ ...(await fillEmbeddedStore(path.join(to, 'store'), rows)), open: () => Promise.reject(new Error('killed here')) }) }).catch(() => undefined);
  await expect(openEmbeddedStore({ folder: path.join(to, 'store') })).rejects.toThrow(/not finished/);
});
