import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOpinion, type Opinion } from '../../../src/conversation/opinion.js';
import { openState } from '../../../src/conversation/state.js';
import type { NewEntry } from '../../../src/conversation/transcript.js';
import { openJournal, readJournal, type Judgement } from '../../../src/insights/journal.js';
import { createOpinions } from '../../../src/insights/opinions.js';
import { drawTable, sumUp } from '../../../src/insights/table.js';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/storage/embedded.js';
import { SimulatedClock } from '../../support/clock.js';

const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
let folder: string;
let file: string;
let store: EmbeddedStore;
const clock = new SimulatedClock();

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-opinions-'));
  file = path.join(folder, 'data', 'opinions.jsonl');
  store = await openEmbeddedStore({ folder: path.join(folder, 'store') });
  const said: NewEntry[] = [
    { author: 'person', at: 0, utteranceId: 'u', text: 'mot de passe oublié' },
    { author: 'assistant', at: 0, reply: { kind: 'text', text: 'Voici comment faire.', entry: 'mot-de-passe-oublie' } },
    { author: 'assistant', at: 0, reply: { kind: 'text', text: 'Autre chose ?' } },
    { author: 'adviser', at: 0, name: 'Camille', text: 'Bonjour.' },
  ];
  await store.commitTurn({ lease: { conversationId: ID, fence: 1 }, state: openState(ID, 0), expected: 0, entries: said, outbox: [] });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const judge = (opinion: Opinion, journal = openJournal(file)) => createOpinions({ store, journal, clock }).judge(ID, opinion);
const lines = async (): Promise<readonly Judgement[]> => (await readJournal(file)).judgements;

describe('an opinion', () => {
  it('is kept as a day, a subject, a verdict and a reason, and nothing else', async () => {
    // Half past midnight in Paris, and still the day before in Greenwich.
    clock.pass(Date.UTC(2026, 11, 1, 23, 30) - clock.now());
    expect(await judge({ about: 2, verdict: 'down', reason: 'not-clear' })).toBe('taken');
    expect(await judge({ about: 3, verdict: 'up' })).toBe('taken');
    expect(readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as object)).toEqual([
      { day: '2026-12-02', about: 'mot-de-passe-oublie', verdict: 'down', reason: 'not-clear' },
      { day: '2026-12-02', about: 'message', verdict: 'up' },
    ]);
  });

  it('counts once for each message, at once as well as after a restart', async () => {
    await Promise.all(['up', 'down', 'up'].map((verdict) => judge({ about: 2, verdict: verdict as 'up' })));
    await store.close();
    store = await openEmbeddedStore({ folder: path.join(folder, 'store') });
    expect(await judge({ about: 2, verdict: 'down', reason: 'other' })).toBe('taken');
    expect(await lines()).toHaveLength(1);
    expect(await createOpinions({ store, journal: openJournal(file), clock }).isJudged(ID, 2)).toBe(true);
    expect(await createOpinions({ store, journal: openJournal(file), clock }).isJudged(ID, 3)).toBe(false);
  });

  it.each([['of the person', 1], ['of an adviser', 4], ['that is not there', 9]])('is not taken about a message %s', async (_whose, about) => {
    expect(await judge({ about, verdict: 'up' })).toBe('nothing-to-judge');
    expect(existsSync(file)).toBe(false);
  });

  it('may be given again where the disk refused it', async () => {
    const broken = { append: () => Promise.reject(new Error('the disk of the test is full')) };
    await expect(judge({ about: 2, verdict: 'up' }, broken)).rejects.toThrow('full');
    expect(await judge({ about: 2, verdict: 'up' })).toBe('taken');
    expect(await judge({ about: 2, verdict: 'up' })).toBe('taken');
    expect(await lines()).toHaveLength(1);
  });

  it('has a verdict and a reason of the lists, or is none', () => {
    expect(readOpinion({ about: 2, verdict: 'down', reason: 'other' })).toEqual({ about: 2, verdict: 'down', reason: 'other' });
    expect(readOpinion({ about: 2, verdict: 'up', reason: null })).toEqual({ about: 2, verdict: 'up' });
    for (const wrong of [{ verdict: 'meh' }, { reason: 'mon numéro est…' }, { about: 0 }, { about: 1.5 }, { about: NaN }]) {
      expect(readOpinion({ about: 2, verdict: 'up', ...wrong })).toBeUndefined();
    }
  });
});

describe('the journal', () => {
  const one: Judgement = { day: '2026-11-23', about: 'prevention', verdict: 'up' };

  it('is nothing before the first opinion', async () => {
    expect(await readJournal(file)).toEqual({ judgements: [], unread: 0 });
  });

  it('goes on after a line that a crash cut short, and after lines that are not ours', async () => {
    await openJournal(file).append(one);
    appendFileSync(file, '{"day":"2026-11-2');
    expect(await readJournal(file)).toEqual({ judgements: [one], unread: 1 });
    await openJournal(file).append(one);
    appendFileSync(file, '{"day":"2026-11-23","about":"x","verdict":"meh"}\nnull\n\n');
    expect(await readJournal(file)).toEqual({ judgements: [one, one], unread: 3 });
  });

  it('says so where the disk refuses', async () => {
    writeFileSync(path.join(folder, 'data'), 'a file where a folder should be');
    await expect(openJournal(file).append(one)).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});

describe('the table', () => {
  const of = (about: string, verdict: 'up' | 'down', reason?: Judgement['reason']): Judgement => ({ day: '2026-11-23', about, verdict, ...(reason ? { reason } : {}) });
  const given = [of('b', 'up'), of('a', 'up'), of('a', 'up'), of('c', 'down', 'not-clear'), of('c', 'up'), of('d', 'down'), of('d', 'down', 'other')];

  it('puts what helped least first, and counts the reasons', () => {
    const rows = sumUp(given);
    expect(rows.map(({ about, up, down }) => [about, up, down])).toEqual([['d', 0, 2], ['c', 1, 1], ['a', 2, 0], ['b', 1, 0]]);
    expect(rows[0]?.reasons).toEqual({ 'not-my-case': 0, 'not-clear': 0, 'did-not-work': 0, other: 1 });
    expect(rows[1]?.reasons['not-clear']).toBe(1);
  });

  it('stands in columns, and tells of lines that it could not read', () => {
    const drawn = drawTable(sumUp(given), 2).split('\n');
    expect(drawn[1]).toMatch(/^d {2,}0 {2,}2 /);
    expect(new Set(drawn.slice(0, 5).map(({ length }) => length)).size).toBe(1);
    expect(drawn.join('\n')).toContain('2 ligne');
    expect(drawTable([], 0)).toMatch(/Aucun avis/);
  });
});
