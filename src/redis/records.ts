/**
 * Outbox items, records and counters in Redis, each in the partition of its own id, so that whoever knows an id finds
 * it. Nothing here reads a clock: who asks says what time it is, and what is over stays until `sweep` takes it away.
 */
import { StaleStateError } from '../conversation/errors.js';
import type { Outbox, OutboxItem, RecordStore } from '../conversation/ports.js';
import type { News } from './news.js';
import { escapeId, everyPartition, finite, fromText, type Operations, partitionOf, toText, unescapeId } from './operations.js';
import { change, reading } from './scripts.js';

/** How long the mark of a done outbox item outlives its time, in milliseconds: 30 days, as in the embedded store. */
const DONE_KEPT = 30 * 24 * 3600 * 1000;
/** What the `sweep` script takes away at most. */
const SWEPT_AT_ONCE = 500;

export const recordScripts = {
  /** key, text, expected, expires at */
  write: change(`
    local key = 'r:' .. ARGV[2]
    local revision = num(call('HGET', key, 'rev'))
    if revision ~= tonumber(ARGV[4]) then return {'stale'} end
    call('HSET', key, 'v', ARGV[3], 'rev', int(revision + 1))
    call('ZADD', 'keys', 0, ARGV[2])
    call('ZADD', 'x', ARGV[5], key)
    return {'written'}`),

  /** key, now, where a window that opens now ends */
  count: change(`
    local key = 'n:' .. ARGV[2]
    local ends, n = call('HGET', key, 'until'), 1
    if ends and tonumber(ARGV[3]) < tonumber(ends) then n = num(call('HGET', key, 'n')) + 1 else ends = ARGV[4] end
    call('HSET', key, 'n', int(n), 'until', ends)
    call('ZADD', 'x', ends, key)
    return {int(n), ends}`),

  /** item, how long its mark is kept past its time */
  done: change(`
    local id = ARGV[2]
    local found = call('HMGET', 'o:' .. id, 'place', 'due')
    if not found[1] then return {'gone'} end
    call('DEL', 'o:' .. id)
    call('ZREM', 'due', found[1])
    call('SET', 'd:' .. id, '1')
    call('ZADD', 'x', int(math.ceil(tonumber(found[2])) + tonumber(ARGV[3])), 'd:' .. id)
    return {'done'}`),

  /** item, due at */
  retry: change(`
    local place = call('HGET', 'o:' .. ARGV[2], 'place')
    if not place then return {'gone'} end
    call('HSET', 'o:' .. ARGV[2], 'due', ARGV[3])
    call('HINCRBY', 'o:' .. ARGV[2], 'tries', 1)
    call('ZADD', 'due', ARGV[3], place)
    return {'done'}`),

  /** now: takes away at most 500 of what is over */
  sweep: change(`
    local over = call('ZRANGEBYSCORE', 'x', '-inf', ARGV[2], 'LIMIT', 0, 500)
    for _, key in ipairs(over) do
      call('DEL', key)
      call('ZREM', 'x', key)
      if string.sub(key, 1, 2) == 'r:' then call('ZREM', 'keys', string.sub(key, 3)) end
    end
    return {int(#over)}`),

  /** now, limit, kinds…: due, tries, place and json of each, by fours */
  due: reading(`
    local limit, kinds, found, from = tonumber(ARGV[3]), {}, {}, 0
    for i = 4, #ARGV do kinds[ARGV[i]] = true end
    while #found < limit * 4 do
      local places = call('ZRANGEBYSCORE', 'due', '-inf', ARGV[2], 'LIMIT', from, 100)
      for _, place in ipairs(places) do
        local id = string.match(place, '^%d+ %d+ (.*)$')
        local item = call('HMGET', 'o:' .. id, 'due', 'tries', 'json', 'kind')
        if #found < limit * 4 and (#ARGV < 4 or kinds[item[4]]) then
          for _, part in ipairs({item[1], item[2], place, item[3]}) do found[#found + 1] = part end
        end
      end
      if #places < 100 then break end
      from = from + 100
    end
    return found`),
} as const;

export function openOutbox(operations: Operations, news: News): Outbox {
  return {
    due: (now, limit, kinds) => due(operations, { now, limit, kinds }),
    done: async (id) => {
      await operations.change(recordScripts.done, partitionOf(id), [escapeId(id), String(DONE_KEPT)]);
    },
    retry: async (id, dueAt) => {
      await operations.change(recordScripts.retry, partitionOf(id), [escapeId(id), String(finite(dueAt))]);
    },
    onAdded: (listener) => {
      operations.assertOpen();
      return news.items.add('', listener);
    },
  };
}

interface Wanted {
  readonly now: number;
  readonly limit: number;
  readonly kinds: readonly string[] | undefined;
}

interface Due {
  readonly dueAt: number;
  readonly place: string;
  readonly item: OutboxItem;
}

/** Each partition gives its oldest: the oldest of all are among them. */
async function due(operations: Operations, { now, limit, kinds }: Wanted): Promise<readonly OutboxItem[]> {
  if (kinds?.length === 0 || limit <= 0) return [];
  const args = [String(now), String(limit), ...(kinds ?? []).map(escapeId)];
  const found = await Promise.all(everyPartition.map(async (partition) => dueOf(await operations.read<readonly string[]>(recordScripts.due, partition, args))));
  const inOrder = found.flat().sort((a, b) => a.dueAt - b.dueAt || (a.place < b.place ? -1 : 1));
  return inOrder.slice(0, limit).map(({ item }) => item);
}

function dueOf(flat: readonly string[]): Due[] {
  return flat.flatMap((dueText, at) => {
    if (at % 4 !== 0) return [];
    const [tries = '', place = '', json = ''] = flat.slice(at + 1, at + 4);
    const item = fromText<OutboxItem>(json);
    return [{ dueAt: Number(dueText), place, item: { ...item, dueAt: Number(dueText), tries: item.tries + Number(tries) } }];
  });
}

export function openRecords(operations: Operations): RecordStore {
  return {
    read: async (key) => {
      const [text, revision] = await operations.ask<readonly (string | null)[]>(partitionOf(key), ['HMGET', `r:${escapeId(key)}`, 'v', 'rev']);
      // The port trusts its caller to name what it wrote; the store cannot know.
      return text == null ? undefined : { value: fromText(text), revision: Number(revision) };
    },
    write: async (key, value, expected, expiresAt) => {
      const args = [escapeId(key), toText(value), String(expected), String(finite(expiresAt))];
      const [what] = await operations.change(recordScripts.write, partitionOf(key), args);
      if (what === 'stale') throw new StaleStateError('a record');
    },
    list: (prefix) => list(operations, prefix),
    count: async (key, windowMs, now) => {
      const [count, resetsAt] = await operations.change(recordScripts.count, partitionOf(key), [escapeId(key), String(now), String(finite(now + windowMs))]);
      return { count: Number(count), resetsAt: Number(resetsAt) };
    },
    counted: async (key, now) => {
      const [count, ends] = await operations.ask<readonly (string | null)[]>(partitionOf(key), ['HMGET', `n:${escapeId(key)}`, 'n', 'until']);
      return ends != null && now < Number(ends) ? { count: Number(count), resetsAt: Number(ends) } : { count: 0, resetsAt: now };
    },
  };
}

/** Asked of every partition: few lists are asked for, and a record is found by its whole key. */
async function list<T>(operations: Operations, prefix: string): Promise<readonly { key: string; value: T }[]> {
  const from = escapeId(prefix);
  const found = await Promise.all(
    everyPartition.map(async (partition) => {
      // `~` and letters only follow: DEL closes every key that goes on from the prefix.
      const ids = await operations.ask<readonly string[]>(partition, ['ZRANGEBYLEX', 'keys', `[${from}`, `(${from}\x7f`]);
      return Promise.all(ids.map(async (id) => ({ key: unescapeId(id), text: await operations.ask<string | null>(partition, ['HGET', `r:${id}`, 'v']) })));
    }),
  );
  const records = found.flat().flatMap(({ key, text }) => (text === null ? [] : [{ key, value: fromText<T>(text) }]));
  return records.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Takes away records, counters and marks whose time is over. Resolves with how many went. */
export async function sweep(operations: Operations, now: number): Promise<number> {
  const counts = await Promise.all(everyPartition.map((partition) => sweepOne(operations, partition, now)));
  return counts.reduce((all, count) => all + count, 0);
}

async function sweepOne(operations: Operations, partition: string, now: number): Promise<number> {
  for (let all = 0; ; ) {
    const [count] = await operations.change(recordScripts.sweep, partition, [String(now)]);
    all += Number(count);
    if (Number(count) < SWEPT_AT_ONCE) return all;
  }
}
