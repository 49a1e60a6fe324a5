/**
 * Seen from the kernel: the words of each post are written to the store's log and synced before the answer to the post is
 * written to its connection. `SESAME_POSTS`: how many (npm run bench:sync).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { QUESTIONS } from '../support/kill-people.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { RunningSesame } from '../support/running.js';
import { callsIn, hasStrace, isSync, watch, type Call } from '../support/strace.js';
import { StubbornTalk } from '../support/stubborn.js';
import { table } from '../support/table.js';

const POSTS = Number(process.env['SESAME_POSTS'] ?? '20');
/** Where each store writes first what it must not lose. */
const LOGS = { embedded: /\/\d{6}\.log>$/, redis: /\.aof>$/ } as const;
type Where = keyof typeof LOGS;

interface Counts {
  readonly 'posts': number;
  readonly 'written, synced, then answered': number;
  /** Redis only: its own answer to the server comes after the sync, too. */
  readonly 'answered by the store after the sync': number;
}

const counted = new Map<Where, Counts>();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-sync-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if (counted.size > 0) process.stdout.write(table([...counted].map(([store, counts]) => ({ store, ...counts }))));
});

const tagOf = (index: number): string => `post-${String(index).padStart(4, '0')}-end`;

/** The end of the first sync of the same file that began once this was written. */
function syncedAfter(calls: readonly Call[], written: Call | undefined): number {
  return calls.find((call) => written !== undefined && isSync(call) && call.where === written.where && call.began >= written.ended)?.ended ?? Infinity;
}

/** How many of the posts were on disk before each of these was written. */
function inOrder(calls: readonly Call[], log: RegExp, answers: readonly (Call | undefined)[]): number {
  return answers.filter((answer, index) => {
    const written = calls.find(({ where, what }) => log.test(where) && what.includes(tagOf(index)));
    return answer !== undefined && syncedAfter(calls, written) < answer.began;
  }).length;
}

async function watchPosts(where: Where, sesame: RunningSesame, redis: RedisServer | undefined): Promise<Counts> {
  const talk = new StubbornTalk(sesame, '11.0.0.7');
  // The opening is accepted before anybody watches.
  await talk.open();
  const pid = /process_id:(\d+)/.exec((await redis?.command('INFO', 'server')) ?? '')?.[1];
  const watching = await watch([sesame.serverPid, ...(pid === undefined ? [] : [Number(pid)])], path.join(folder, where));
  for (let index = 0; index < POSTS; index += 1) await talk.post(tagOf(index), { text: QUESTIONS[index % QUESTIONS.length] });
  talk.leave();
  const calls = await watching.stop();
  const toSockets = calls.filter((call) => /<(?:TCP|socket)/.test(call.where));
  const acknowledgements = talk.acknowledged.map(({ seq }) => toSockets.find(({ what }) => what.includes(`|${String(seq).padStart(7, '0')}\\"}`) && what.includes('HTTP/1.1 200')));
  const stores = redis ? toSockets.filter(({ what }) => what.includes('$8\\r\\naccepted')) : acknowledgements;
  return { 'posts': POSTS, 'written, synced, then answered': inOrder(calls, LOGS[where], acknowledgements), 'answered by the store after the sync': inOrder(calls, LOGS[where], stores) };
}

async function play(where: Where): Promise<Counts> {
  const redis = where === 'redis' ? await startRedis() : undefined;
  let sesame: RunningSesame | undefined;
  try {
    sesame = await RunningSesame.start({ TRUSTED_PROXIES: '127.0.0.1', ...(redis ? { REDIS_URL: redis.url } : {}) });
    return await watchPosts(where, sesame, redis);
  } finally {
    await sesame?.stop();
    await redis?.destroy();
  }
}

it('reads calls that other threads interrupt, and in which order they began and ended', () => {
  const lines = ['7 write(3</a/000003.log>, "x post", 6) = 6', '8 fdatasync(3</a/000003.log> <unfinished ...>', '7 write(9<TCP:[1]>, "early", 5) = 5', '8 <... fdatasync resumed>) = 0', '7 write(9<TCP:[1]>, "late", 4) = 4'];
  const calls = callsIn(lines.join('\n'));
  expect(syncedAfter(calls, calls[0])).toBe(3);
  expect(calls.map(({ began, ended, result }) => [began, ended, result])).toEqual([[0, 0, '6'], [1, 3, '0'], [2, 2, '5'], [4, 4, '4']]);
});

if (hasStrace()) {
  it.each(['embedded', 'redis'] as const)('syncs each post before it is acknowledged, with the store « %s »', async (where) => {
    const counts = await play(where);
    counted.set(where, counts);
    expect(counts).toEqual({ 'posts': POSTS, 'written, synced, then answered': POSTS, 'answered by the store after the sync': POSTS });
  }, 120_000 + POSTS * 2_000);
} else {
  process.stdout.write('strace is not installed: that posts are synced before they are acknowledged is not shown here (apt-get install strace)\n');
}
