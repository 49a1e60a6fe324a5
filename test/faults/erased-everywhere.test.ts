/**
 * A conversation erased over HTTP is searched for, word by word, in every file of the embedded store and in every key of
 * a real Redis; what is left of it is named here. It prints the memory that one takes in Redis.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { keyOf } from '../../src/reference/people.js';
import { PlainLine } from '../support/plain-line.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { eventually, RunningSesame } from '../support/running.js';

/** One of the reference backend's made-up people, whose account is locked. */
const CAMILLE = { nir: '1850275990901', typedDate: '14/02/1985' };
const WORDS = { erased: 'guirlandebleue', kept: 'tambourvert' };

let redis: RedisServer | undefined;
let sesame: RunningSesame;
afterEach(async () => {
  await sesame.stop();
  await redis?.destroy();
  redis = undefined;
});

/** Words, and an answer. */
async function words(word: string): Promise<PlainLine> {
  const talk = await new PlainLine(sesame).open();
  await talk.post('one', `bonjour ${word}, à quoi sert le compte ameli`);
  await talk.answered();
  return talk;
}

/** The same, an opinion on it, and an account to be unlocked up to the code that would be mailed. */
async function story(word: string): Promise<PlainLine> {
  const talk = await words(word);
  const said = (what: object): Promise<Response> => talk.ask('POST', `/v3/directline/conversations/${talk.conversation}/activities`, what);
  const answer = (await talk.transcript()).findLast(({ answers }) => answers !== undefined);
  await said({ type: 'event', name: 'opinion', value: { about: `${talk.conversation}|${String(answer?.seq).padStart(7, '0')}`, verdict: 'up' } });
  for (const text of ['mon compte est bloqué après plusieurs essais', 'Débloquer mon compte']) await talk.post(text, text).then(() => talk.answered());
  const place = /"place":"([^"]+)"/.exec(await (await talk.ask('GET', '/api/conversation')).text())?.[1];
  const { status } = await said({ type: 'message', value: { place, nir: `${CAMILLE.nir}${keyOf(CAMILLE.nir)}`, birthDate: CAMILLE.typedDate } });
  expect([place === undefined, status]).toEqual([false, 200]);
  return talk;
}

/** What every file of the server holds but its keys, and where it is: logs of LevelDB as they are, tables as far as their compression leaves words whole. */
function inFiles(): Readonly<Record<string, string>> {
  for (;;) {
    try {
      return Object.fromEntries(sesame.filesLeft().filter(({ name }) => name !== 'keys.json').map(({ name, content }) => [name, content.toString('latin1')]));
    } catch (error) {
      // LevelDB takes files away while they are listed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

const EVERY_KEY = `local all = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  local kind = redis.call('TYPE', key).ok
  local reads = { string = {'GET', key}, hash = {'HGETALL', key}, set = {'SMEMBERS', key}, list = {'LRANGE', key, 0, -1}, zset = {'ZRANGE', key, 0, -1, 'WITHSCORES'}, stream = {'XRANGE', key, '-', '+'} }
  all[#all + 1] = { key, cjson.encode(redis.call(unpack(reads[kind]))), redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0) }
end
return cjson.encode(all)`;

type Row = readonly [key: string, value: string, bytes: number];

function keysOf({ port }: RedisServer): readonly Row[] {
  const said = execFileSync('redis-cli', ['-p', String(port), 'EVAL', EVERY_KEY, '0'], { maxBuffer: 1 << 28 }).toString();
  return JSON.parse(said) as readonly Row[];
}

const erase = async (talk: PlainLine): Promise<number> => (await talk.ask('DELETE', '/api/conversation')).status;
/** Where a needle stands. */
const holding = (places: Readonly<Record<string, string>>, needle: string): readonly string[] => Object.entries(places).flatMap(([name, text]) => (text.includes(needle) ? [name] : []));

test('embedded: no file holds a word of it, and its id is left in the store only, where it opens nothing', async () => {
  sesame = await RunningSesame.start();
  const [gone, stays] = [await story(WORDS.erased), await words(WORDS.kept)];
  expect(holding(inFiles(), WORDS.erased)).not.toEqual([]);
  expect(await erase(gone)).toBe(204);
  await eventually(() => (holding(inFiles(), WORDS.erased).length === 0 ? true : undefined));
  // The search finds what is there, in files that were written anew as well.
  expect(holding(inFiles(), WORDS.kept)).not.toEqual([]);
  const places = inFiles();
  expect(holding(places, gone.conversation).filter((name) => !name.startsWith(`store${path.sep}`))).toEqual([]);
  expect(Object.keys(places).some((name) => name.startsWith('audit')) && holding(places, stays.conversation).length > 0).toBe(true);
  expect((await gone.ask('GET', '/api/conversation')).status).toBe(404);
}, 120_000);

test('Redis: no key holds a word of it, and its id is left in marks that end by themselves, where it opens nothing', async () => {
  redis = await startRedis();
  sesame = await RunningSesame.start({ REDIS_URL: redis.url });
  const [gone, stays] = [await story(WORDS.erased), await words(WORDS.kept)];
  const of = (talk: PlainLine): readonly Row[] => keysOf(redis!).filter(([key, value]) => key.includes(talk.conversation) || value.includes(talk.conversation));
  // What many conversations share is theirs together: a list of ids, what is over when.
  const own = of(gone).filter(([key]) => key.includes(gone.conversation) || key.includes('}r:') || key.includes('}o:'));
  process.stdout.write(`\nRedis: ${String(own.reduce((sum, [, , bytes]) => sum + bytes, 0))} bytes in ${String(own.length)} keys hold one conversation up to the code\n`);
  expect(own.some(([, value]) => value.includes(WORDS.erased))).toBe(true);
  expect(await erase(gone)).toBe(204);
  expect(keysOf(redis).filter(([, value]) => value.includes(WORDS.erased))).toEqual([]);
  expect(of(stays).some(([, value]) => value.includes(WORDS.kept))).toBe(true);
  // Erased until when; the last version and fence, numbers that the server drops after a week; and what is over when.
  const unexpected = of(gone).filter(([key, value]) => !/^\{p\d\d\}([aef]:|x$)/.test(key) || (!key.endsWith('}x') && !/^"\d+"$/.test(value)));
  expect(unexpected).toEqual([]);
  expect(holding(inFiles(), WORDS.erased)).toEqual([]);
  expect((await gone.ask('GET', '/api/conversation')).status).toBe(404);
}, 120_000);
