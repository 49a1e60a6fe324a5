/**
 * The Redis store: the promise of the embedded one, for many processes on one or many machines. It opens the way to
 * the servers, sees what they are set to promise, and joins the parts; what each part promises is written in
 * `conversation/ports.ts`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { SesameError } from '../conversation/errors.js';
import type { Store } from '../conversation/ports.js';
import type { ConversationState } from '../conversation/state.js';
import { openConversations, quiet } from './conversations.js';
import { Link } from './link.js';
import { News } from './news.js';
import { everyPartition, Operations, PARTITIONS } from './operations.js';
import { openOutbox, openRecords, recordScripts, sweep } from './records.js';
import { FORMAT, type Script, scripts } from './scripts.js';
import { Errands, errandScripts, Turns } from './turns.js';

export interface RedisOptions {
  /** `redis://`, `rediss://`, `redis+cluster://h1:p,h2:p` or `redis+sentinel://h1:p,h2:p/name`. */
  readonly url: string;
  /** Refuses servers that may forget what they acknowledged; else they are only logged. */
  readonly durable?: boolean;
  /** Replicas that must have a change before it is acknowledged. 0: none is waited for. */
  readonly waitReplicas?: number;
  /** Milliseconds for one call of the store, 1000 where not given. */
  readonly timeoutMs?: number;
  /** Milliseconds after which another process may take over the turn of one that is gone, 10 000 where not given. */
  readonly lockMs?: number;
  /** Told of errors thrown by listeners, which nobody else would hear of. */
  readonly report?: (error: unknown) => void;
  /** Told what the servers promise (`redis.promises`), and what they do not (`redis.weaker`). */
  readonly log?: (event: 'redis.promises' | 'redis.weaker', fields: Readonly<Record<string, unknown>>) => void;
}

export interface RedisStore extends Store {
  /** Takes away records, counters and marks whose time is over at `now`. Resolves with how many went. */
  sweep(now: number): Promise<number>;
  /** The conversations in which nothing has happened since `before`, in epoch milliseconds. */
  quiet(before: number): Promise<readonly ConversationState[]>;
}

/** How often what was heard is compared with what was counted, in milliseconds. */
const LOOK_EVERY = 2000;
/** How often a store that is being made by another process is looked at, and after how many milliseconds each time. */
const MAKING_LOOKS = 10;
const MAKING_PAUSE = 100;
const ALL_SCRIPTS: readonly Script[] = [scripts, errandScripts, recordScripts].flatMap((some): Script[] => Object.values(some));

/**
 * Opens the store, or makes a new one where the servers hold none.
 * @throws SesameError `store-unavailable` when nobody answers, when the servers promise less than `durable` asks for,
 * or when what is there is another format or only a part of a store.
 */
export async function openRedisStore(options: RedisOptions): Promise<RedisStore> {
  const { url, timeoutMs = 1000, lockMs = 10_000, waitReplicas = 0, report = () => undefined } = options;
  let news: News | undefined;
  const link = await Link.open({ url, timeoutMs }, () => {
    news?.suspect();
    void news?.look();
  });
  try {
    await seePromises(link, options);
    for (const { text } of ALL_SCRIPTS) await link.onEachMaster(['SCRIPT', 'LOAD', text]);
    await checkFormat(link);
    const operations = new Operations(link, { timeoutMs, waitReplicas, gaveUp: () => news?.suspect() });
    const opened: News = new News(operations, { report, leftLying: (id) => errands.finish(id) });
    const errands: Errands = new Errands(operations, opened);
    news = opened;
    const turns = new Turns(operations, lockMs, (id) => errands.finish(id));
    await link.hear(everyPartition.map((partition) => `${partition}news`), (message, channel) => {
      opened.hear(message, channel);
    });
    await opened.look();
    await errands.finishAll();
    const looking = setInterval(() => void opened.look(), LOOK_EVERY).unref();
    return join({ operations, news: opened, errands, turns }, async () => {
      clearInterval(looking);
      await link.close();
    });
  } catch (error) {
    await link.close(true);
    throw error instanceof SesameError ? error : new SesameError('store-unavailable', 'the Redis server cannot be used: see the cause and put it right', { cause: error });
  }
}

type Parts = Parameters<typeof openConversations>[0];

function join(parts: Parts, leave: () => Promise<void>): RedisStore {
  const { operations, news, turns } = parts;
  let closing: Promise<void> | undefined;
  return {
    ...openConversations(parts),
    ...openOutbox(operations, news),
    ...openRecords(operations),
    sweep: (now) => sweep(operations, now),
    quiet: (before) => quiet(before, operations),
    close: () => {
      closing ??= (async () => {
        const letGo = turns.letGo();
        await Promise.all([operations.close(), letGo]);
        await leave();
      })();
      return closing;
    },
  };
}

/** What a server says of itself, `name:value` by line. */
function saidIn(info: unknown): ReadonlyMap<string, string> {
  return new Map(String(info).split(/\r?\n/).flatMap((line) => (line.includes(':') ? [[line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const] : [])));
}

/** @throws SesameError `store-unavailable` when the servers promise less than asked for. */
async function seePromises(link: Link, { durable = false, waitReplicas = 0, log = () => undefined }: RedisOptions): Promise<void> {
  const servers = (await link.onEachMaster(['INFO', 'everything'])).map(saidIn);
  const weak = servers.flatMap((said) => [
    ...(said.get('role') === 'master' ? [] : ['is a replica, and cannot be written to: give the address of the master']),
    ...(said.get('aof_enabled') === '1' ? [] : ['keeps no log of changes (appendonly no) and forgets them when it ends: set appendonly yes']),
    ...(said.get('maxmemory_policy') === 'noeviction' ? [] : [`throws away what it acknowledged when memory is short (${said.get('maxmemory_policy') ?? 'unknown'}): set maxmemory-policy noeviction`]),
  ]);
  if (durable && weak.length > 0) throw new SesameError('store-unavailable', `the Redis server ${[...new Set(weak)].join('; it ')}`);
  const fsyncs = new Set((await appendfsync(link)).map(String));
  if (!(fsyncs.size === 1 && fsyncs.has('always'))) weak.push(`may lose the last seconds when its machine fails (appendfsync ${[...fsyncs].join(', ')}): set appendfsync always`);
  for (const what of new Set(weak)) log('redis.weaker', { what });
  log('redis.promises', { servers: servers.length, partitions: PARTITIONS, appendfsync: [...fsyncs].join(', '), waitReplicas });
}

/** Hosted servers may keep their settings to themselves. */
async function appendfsync(link: Link): Promise<readonly unknown[]> {
  const answers = await link.onEachMaster(['CONFIG', 'GET', 'appendfsync']).catch(() => [['appendfsync', 'unknown']]);
  return answers.map((answer) => (Array.isArray(answer) ? answer[1] : 'unknown') as unknown);
}

/** Every partition or none: a store of which a part is gone must never pass for a new one. */
async function checkFormat(link: Link): Promise<void> {
  const formats = async () => new Set(await Promise.all(everyPartition.map((partition) => link.send(`${partition}format`, ['GET', `${partition}format`]))));
  let found = await formats();
  if (found.size === 1 && found.has(null)) {
    await Promise.all(everyPartition.map((partition) => link.send(`${partition}format`, ['SET', `${partition}format`, FORMAT, 'NX'])));
    found = await formats();
  }
  // Where another process is making the store just now, a part of it is not there yet.
  for (let looks = 0; looks < MAKING_LOOKS && found.size === 2 && found.has(null) && found.has(FORMAT); looks += 1) {
    await pause(MAKING_PAUSE);
    found = await formats();
  }
  if (found.size === 1 && found.has(FORMAT)) return;
  const said = [...found].map((format) => (typeof format === 'string' ? `"${format}"` : 'nothing')).join(' and ');
  throw new SesameError('store-unavailable', `the store in Redis has the format ${said}, and this version reads "${FORMAT}": put back the last backup, or name another database`);
}
