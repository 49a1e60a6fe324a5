/** Changing the audit: whatever is changed, the chain says so, and where. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { forge, GENESIS, type Link } from '../../../src/audit/chain.js';
import { createAuditLog } from '../../../src/audit/log.js';
import { verify } from '../../../src/audit/verify.js';
import { SimulatedClock } from '../../support/clock.js';

const FIRST = 'audit-2026-11-23.jsonl';
const SECOND = 'audit-2026-11-24.jsonl';

let folder: string;
let head: Link;
let original: Buffer;
let lines: readonly string[];
const write = (changed: readonly string[]): void => {
  writeFileSync(path.join(folder, FIRST), changed.map((line) => `${line}\n`).join(''));
};

/** A thousand entries over two days, made once; each test changes its own copy of the first. */
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-verify-'));
  const clock = new SimulatedClock();
  const log = await createAuditLog({ folder, key: Buffer.alloc(32), clock });
  const some = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, n) => log.record({ actor: `a${String(n % 40)}`, role: 'adviser', caisse: '751', action: 'ticket.take', when: n % 2 ? 'after' : 'before', ticket: `t${String(n)}` })));
  await some(800);
  clock.pass(86_400_000);
  await some(200);
  head = log.head();
  await log.close();
  original = readFileSync(path.join(folder, FIRST));
  lines = original.toString().trimEnd().split('\n');
});
beforeEach(() => {
  writeFileSync(path.join(folder, FIRST), original);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('finds a thousand entries whole', async () => {
  expect(await verify(folder)).toEqual({ kind: 'whole', files: 2, lines: 1002, head });
});

test('finds one byte changed anywhere, and names its line', async () => {
  // A step that is prime to the length of lines, so that every part of a line is met, ends of lines included.
  const places = [0, original.length - 1, original.indexOf('\n'), ...Array.from({ length: 60 }, (_, n) => (n * 3989) % original.length)];
  for (const place of places) {
    for (const flip of [1, 0x2a]) {
      const changed = Buffer.from(original);
      changed[place] = changed[place]! ^ flip;
      writeFileSync(path.join(folder, FIRST), changed);
      const line = original.subarray(0, place).toString('latin1').split('\n').length;
      expect([place, await verify(folder)]).toEqual([place, expect.objectContaining({ kind: 'broken', file: FIRST, line })]);
    }
  }
});

test('finds every byte of one line, whatever it is changed to', async () => {
  const { line } = forge(GENESIS, { action: 'chain.day', prev: GENESIS.hash });
  const place = path.join(folder, 'one-line');
  mkdirSync(place);
  for (let at = 0; at < line.length; at += 1) {
    const changed = Buffer.from(line);
    changed[at] = changed[at]! ^ (1 << at % 8);
    writeFileSync(path.join(place, FIRST), changed);
    expect([at, (await verify(place)).kind]).toEqual([at, 'broken']);
  }
  rmSync(place, { recursive: true });
});

test.each<[string, (all: readonly string[]) => readonly string[], number]>([
  ['a line removed', (all) => all.toSpliced(400, 1), 401],
  ['a line added', (all) => all.toSpliced(400, 0, all[399]!), 401],
  ['two lines swapped', (all) => all.toSpliced(400, 2, all[401]!, all[400]!), 401],
  ['a blank line', (all) => all.toSpliced(400, 0, ''), 401],
  ['the first line removed', (all) => all.slice(1), 1],
])('finds %s', async (_, change, line) => {
  write(change(lines));
  expect(await verify(folder)).toMatchObject({ kind: 'broken', file: FIRST, line });
});

test('finds the last lines of a day removed, by the day that follows', async () => {
  write(lines.slice(0, -3));
  expect(await verify(folder)).toMatchObject({ kind: 'broken', file: SECOND, line: 1 });
});

test('finds an entry whose hashes were all made anew, by a place kept elsewhere', async () => {
  const place = path.join(folder, 'forged');
  mkdirSync(place);
  let link = GENESIS;
  const forged = lines.map((line) => {
    const { seq: _seq, hash: _hash, ...fields } = JSON.parse(line) as Record<string, string>;
    const next = forge(link, fields['ticket'] === 't5' ? { ...fields, ticket: 't6' } : fields);
    link = next.link;
    return next.line;
  });
  writeFileSync(path.join(place, FIRST), forged.join(''));
  const { seq, hash } = JSON.parse(lines.at(-1)!) as Link;
  expect(await verify(place)).toMatchObject({ kind: 'whole' });
  expect(await verify(place, [{ seq, hash }])).toMatchObject({ kind: 'broken', line: lines.length });
  rmSync(place, { recursive: true });
});

test('finds the newest file removed, by a place kept elsewhere, and the oldest by itself', async () => {
  const aside = path.join(folder, 'aside');
  renameSync(path.join(folder, SECOND), aside);
  expect(await verify(folder, [head])).toMatchObject({ kind: 'broken', file: FIRST, line: lines.length });
  renameSync(aside, path.join(folder, SECOND));
  rmSync(path.join(folder, FIRST));
  expect(await verify(folder)).toMatchObject({ kind: 'broken', what: expect.stringContaining('accounts for the removal') });
});

test('refuses to go on after a line that does not follow', async () => {
  const place = path.join(folder, 'changed');
  mkdirSync(place);
  copyFileSync(path.join(folder, FIRST), path.join(place, FIRST));
  writeFileSync(path.join(place, FIRST), original.toString().replace('"ticket":"t700"', '"ticket":"t701"'));
  await expect(createAuditLog({ folder: place, key: Buffer.alloc(32), clock: new SimulatedClock() })).rejects.toMatchObject({ code: 'store-unavailable' });
  rmSync(place, { recursive: true });
});

test('reads fifty thousand lines well within its time', async () => {
  const place = path.join(folder, 'many');
  mkdirSync(place);
  let link = GENESIS;
  const text = Array.from({ length: 50_000 }, (_, n) => {
    const next = forge(link, n === 0 ? { action: 'chain.day', prev: link.hash } : { at: '2026-11-23T09:00:00.000Z', actor: 'abcdefghijklmnopqrstuv', action: 'ticket.take', role: 'adviser', caisse: '751', ticket: `t${String(n)}`, request: `r${String(n)}` });
    link = next.link;
    return next.line;
  });
  writeFileSync(path.join(place, FIRST), text.join(''));
  const started = performance.now();
  expect(await verify(place)).toMatchObject({ kind: 'whole', lines: 50_000 });
  // A million in ten seconds is half a second for these; the margin is ten.
  expect(performance.now() - started).toBeLessThan(5000);
  rmSync(place, { recursive: true });
});
