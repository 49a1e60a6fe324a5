/**
 * Several clients send many messages at once into one conversation, through one server or two: each is answered once, in
 * the order in which they were accepted. `SESAME_CLIENTS`, `SESAME_MESSAGES`: its size (npm run bench:order).
 */
import path from 'node:path';
import type { Store } from '../../src/conversation/ports.js';
import { openRedisStore } from '../../src/redis/store.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { QUESTIONS } from '../support/kill-people.js';
import { startRedis } from '../support/redis-server.js';
import { RunningSesame } from '../support/running.js';
import { StubbornTalk } from '../support/stubborn.js';
import { table } from '../support/table.js';

const IS_SHORT = process.env['SESAME_CLIENTS'] === undefined;
const CLIENTS = Number(process.env['SESAME_CLIENTS'] ?? '4');
const MESSAGES = Number(process.env['SESAME_MESSAGES'] ?? '15');
const ALL_PLACES = ['embedded', 'redis', 'redis, two servers'] as const;
type Place = (typeof ALL_PLACES)[number];
/** In short, whatever one server on Redis could do wrong two would do as well. */
const PLACES = ALL_PLACES.filter((place) => place !== 'redis' || !IS_SHORT);

interface Counts {
  readonly 'sent': number;
  readonly 'acknowledged': number;
  /** How often a client was told to wait. */
  readonly 'held back': number;
  readonly 'in the transcript': number;
  readonly 'answers': number;
  readonly 'answers doubled': number;
  readonly 'answers out of order': number;
  /** What a stream did not bring once, in its order. */
  readonly 'shown wrongly': number;
  readonly 'seconds': number;
}

const played = new Map<Place, Counts>();

async function sendAll(servers: readonly RunningSesame[]): Promise<{ readonly clients: readonly StubbornTalk[]; readonly seconds: number }> {
  const clients = Array.from({ length: CLIENTS }, (_, index) => new StubbornTalk(servers[index % servers.length] ?? servers[0]!, `11.0.${String(index)}.7`));
  const [first, ...others] = clients;
  await first!.open();
  await Promise.all(others.map((other) => other.join(first!)));
  const started = performance.now();
  const texts = Array.from({ length: MESSAGES }, (_, index) => QUESTIONS[index % QUESTIONS.length] ?? '');
  await Promise.all(clients.flatMap((client, place) => texts.map((text, index) => client.post(`c-${String(place)}-${String(index)}`, { text }))));
  // The greeting comes first, and is no answer.
  const all = 1 + 2 * CLIENTS * MESSAGES;
  await Promise.all(clients.map((client) => client.until(() => (client.seen.length >= all ? true : undefined), 60_000)));
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  for (const client of clients) client.leave();
  return { clients, seconds };
}

async function countsOf(store: Store, clients: readonly StubbornTalk[], seconds: number): Promise<Counts> {
  const entries = await store.transcript(clients[0]?.id ?? '', 0);
  const said = entries.flatMap((entry) => (entry.author === 'person' ? [entry.utteranceId] : []));
  const answered = entries.flatMap((entry) => (entry.author === 'assistant' && entry.inReplyTo !== undefined && entry.inReplyTo !== 'opening' ? [entry.inReplyTo] : []));
  return {
    'sent': CLIENTS * MESSAGES,
    'acknowledged': new Set(clients.flatMap(({ acknowledged }) => acknowledged.map(({ tag }) => tag))).size,
    'held back': clients.reduce((sum, { heldBack }) => sum + heldBack, 0),
    'in the transcript': new Set(said).size === said.length ? said.length : -1,
    'answers': answered.length,
    'answers doubled': answered.length - new Set(answered).size,
    'answers out of order': said.filter((id, at) => answered[at] !== id).length,
    'shown wrongly': clients.reduce((sum, { outOfLine, seen }) => sum + outOfLine + Math.abs(entries.length - seen.length), 0),
    seconds,
  };
}

async function playEmbedded(): Promise<Counts> {
  // In short too, many must be told to wait.
  const sesame = await RunningSesame.start({ TRUSTED_PROXIES: '127.0.0.1', ...(IS_SHORT ? { MAX_UNANSWERED: String(CLIENTS * 5) } : {}) });
  try {
    const { clients, seconds } = await sendAll([sesame]);
    await sesame.stopServer();
    const store = await openEmbeddedStore({ folder: path.join(sesame.data, 'store') });
    const counts = await countsOf(store, clients, seconds);
    await store.close();
    return counts;
  } finally {
    await sesame.stop();
  }
}

async function playRedis(size: number): Promise<Counts> {
  const redis = await startRedis();
  const servers: RunningSesame[] = [];
  try {
    // Here all of them are let in at once; over the embedded store most are told to wait first.
    const settings = { TRUSTED_PROXIES: '127.0.0.1', MAX_UNANSWERED: String(CLIENTS * MESSAGES), REDIS_URL: redis.url };
    servers.push(await RunningSesame.start(settings));
    // They are one Sésame: whoever was let in by one is known to the other.
    while (servers.length < size) servers.push(await RunningSesame.start({ ...settings, KEYS_DIR: servers[0]!.data }));
    const { clients, seconds } = await sendAll(servers);
    const store = await openRedisStore({ url: redis.url });
    const counts = await countsOf(store, clients, seconds);
    await store.close();
    return counts;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await redis.destroy();
  }
}

afterAll(() => {
  process.stdout.write(table([...played].map(([store, counts]) => ({ store, ...counts }))));
});

it.each(PLACES)(`answers ${String(CLIENTS)} times ${String(MESSAGES)} messages sent at once once each, in order: %s`, async (place) => {
  const counts = await (place === 'embedded' ? playEmbedded() : playRedis(place === 'redis' ? 1 : 2));
  played.set(place, counts);
  const all = CLIENTS * MESSAGES;
  expect(counts).toMatchObject({ 'sent': all, 'acknowledged': all, 'in the transcript': all, 'answers': all, 'answers doubled': 0, 'answers out of order': 0, 'shown wrongly': 0 });
  if (place === 'embedded') expect(counts['held back']).toBeGreaterThan(0);
}, 180_000);
