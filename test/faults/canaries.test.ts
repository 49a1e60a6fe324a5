/**
 * Secrets planted wherever somebody could leave one, through the real processes; then everything that was written or
 * sent is searched for them. `node bench/canaries.mjs` plays a thousand conversations.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { readKeys } from '../../src/keys.js';
import { sow, type Sown } from '../support/canaries.js';
import { FakeConnector } from '../support/connector.js';
import { RunningSesame } from '../support/running.js';
import { search, spellingsOf, type Place } from '../support/search.js';
import { drawFrom, drawSentence } from '../support/secrets.js';

const CONVERSATIONS = Number(process.env['SESAME_CANARIES'] ?? 60);
const AT_ONCE = 8;

let teams: FakeConnector;
let sesame: RunningSesame;
beforeAll(async () => {
  teams = await FakeConnector.open();
  sesame = await RunningSesame.start({ TEAMS_LOCAL_URL: teams.origin, ADVISERS_FILE: path.join(__dirname, '..', '..', 'config', 'advisers.yaml'), TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'debug', INTERNAL_PORT: '0', TRACES: 'on' });
});
afterAll(async () => {
  await sesame.stop();
  await teams.close();
});

/** What the store holds, without the compression of its files. */
async function records(folder: string): Promise<Buffer> {
  const store = new ClassicLevel<Buffer, Buffer>(folder, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  const all: Buffer[] = [];
  for await (const [key, value] of store.iterator()) all.push(key, Buffer.from('\n'), value, Buffer.from('\n'));
  await store.close();
  return Buffer.concat(all);
}

/** What the internal port tells. */
async function measures(): Promise<string> {
  const inside = sesame.output.flatMap((line) => /"url":"([^"]+)".*"msg":"internal\.listening"/.exec(line)?.[1] ?? [])[0] ?? '';
  return (await Promise.all(['/metrics', '/health'].map(async (where) => (await fetch(inside + where)).text()))).join('\n');
}

async function sowAll(): Promise<readonly Sown[]> {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  const fields = { sesame, teams, inTurn, draw: drawFrom(11), staffKey: (await readKeys(sesame.data)).staff };
  const sown: Sown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let turn = next++; turn < CONVERSATIONS; turn = next++) sown.push(await sow(fields, turn));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return sown;
}

it('finds none of them anywhere, in any spelling', async () => {
  const sown = await sowAll();
  const measured = await measures();
  await sesame.stopServer();
  const stored = await records(path.join(sesame.data, 'store'));
  const places: Place[] = [
    ...sesame.filesLeft().filter(({ name }) => name !== 'keys.json'),
    { name: 'records of the store', content: stored },
    { name: 'measures', content: Buffer.from(measured) },
    { name: 'output', content: Buffer.from(sesame.output.join('\n')) },
    { name: 'calls to Teams', content: Buffer.from(JSON.stringify(teams.calls)) },
    { name: 'what people read', content: Buffer.from(sown.map(({ read }) => read).join('\n')) },
  ];
  const secrets = sown.flatMap((one) => one.secrets);
  const needles = [...new Set(secrets.flatMap(spellingsOf))];
  const hits = search(places, needles);
  const words = sown.map(({ word }) => word);
  const kept = new Set(search(places.filter(({ name }) => name === 'records of the store'), words).map(({ needle }) => needle));
  const relayed = new Set(search(places.filter(({ name }) => name === 'calls to Teams'), words).map(({ needle }) => needle));
  const bytes = places.reduce((sum, { content }) => sum + content.length, 0);
  process.stdout.write(`${JSON.stringify({ conversations: sown.length, secrets: secrets.length, spellings: needles.length, places: places.length, bytes, hits: hits.length, wordsKept: kept.size, wordsInTeams: relayed.size })}\n`);

  expect(hits.slice(0, 20)).toEqual([]);
  // The search finds what is there: the harmless word of each conversation, and of each that a human had.
  expect(kept.size).toBe(CONVERSATIONS);
  expect(measured).toMatch(/sesame_turns_total\{stage="continueDialog",end="closed"\} \d/);
  // G04: a histogram is one series a set of labels; its buckets are a fixed multiple.
  const series = new Set(measured.split('\n').filter((line) => /^sesame_\w+[{ ]/.test(line) && !line.includes('_bucket')).map((line) => line.slice(0, line.lastIndexOf(' ')).replace(/_(sum|count)(?=\{|$)/, '')));
  expect(series.size).toBeLessThanOrEqual(200);
  expect(relayed.size).toBeGreaterThanOrEqual(Math.floor(CONVERSATIONS / 6));
  expect(places.some(({ name }) => name.startsWith('audit')) && places.some(({ name }) => name === 'opinions.jsonl')).toBe(true);
}, 1_800_000);

it('would find every secret in every spelling, wherever it stood', () => {
  const draw = drawFrom(3);
  const planted = Array.from({ length: 90 }, (_, turn) => drawSentence(draw, turn));
  const needles = planted.flatMap(spellingsOf);
  const coded = planted.flatMap(({ typed }) => [typed, encodeURIComponent(typed), Buffer.from(`x${typed}y`).toString('base64'), Buffer.from(typed).toString('hex')]);
  const content = Buffer.from(coded.join('\n'));
  const found = new Set(search([{ name: 'here', content }], needles).map(({ needle }) => needle));
  for (const one of planted) expect(spellingsOf(one).filter((spelling) => found.has(spelling)).length).toBeGreaterThanOrEqual(3);
  expect(search([{ name: 'here', content: readFileSync(__filename) }], needles)).toEqual([]);
});
