/**
 * What a turn holds while it runs, and what it leaves to be done in other partitions.
 *
 * One turn at a time per conversation, in this process and in all others: a queue here, then a lock in the
 * conversation's partition, which ends by itself when its holder is gone. Nothing rests on the lock alone: each holder
 * gets a higher fence, and a commit under a lower one is refused where it is written.
 *
 * Outbox items and records have the partition of their own id. What a commit or an erasure changes there lies as errands
 * in the conversation's partition, under a version that goes up, until every partition has done its part; a partition
 * that has done a version does none as old or older again, whoever comes late with it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Erasure, Lease, TurnCommit } from '../conversation/ports.js';
import type { News } from './news.js';
import { escapeId, everyPartition, finite, fromText, type Operations, partitionOf, toText, unescapeId } from './operations.js';
import { change, scripts } from './scripts.js';

/** How long to wait before asking again for what another process holds, in milliseconds: from, to. */
const ASK_AGAIN = [10, 80] as const;

interface Held {
  readonly partition: string;
  readonly id: string;
  readonly token: string;
}

export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #held = new Set<Held>();
  #count = 0;

  constructor(
    private readonly operations: Operations,
    private readonly lockMs: number,
    /** Does what a turn that was cut short left undone, before anything else. */
    private readonly finish: (conversationId: string) => Promise<void>,
  ) {}

  /** Runs `work` once every earlier holder is done, here and elsewhere. */
  run<T>(conversationId: string, work: (lease: Lease) => Promise<T>): Promise<T> {
    const before = this.#last.get(conversationId);
    // Where nobody waits the lock is asked for at once: what is asked of the server next comes after it.
    const turn = before ? before.then(() => this.#take(conversationId, work)) : this.#take(conversationId, work);
    const ended = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(conversationId, ended);
    void ended.then(() => {
      if (this.#last.get(conversationId) === ended) this.#last.delete(conversationId);
    });
    return turn;
  }

  /** Lets go of all that is held: what still runs can commit no more. */
  async letGo(): Promise<void> {
    await Promise.all([...this.#held].map((held) => this.#release(held)));
  }

  async #take<T>(conversationId: string, work: (lease: Lease) => Promise<T>): Promise<T> {
    const held = { partition: partitionOf(conversationId), id: escapeId(conversationId), token: `${this.operations.origin}.${String((this.#count += 1))}` };
    const [, fence, left] = await this.#hold(held);
    this.#held.add(held);
    const renewing = setInterval(() => void this.#keep(held, this.lockMs), this.lockMs / 3).unref();
    try {
      if (left !== '0') await this.finish(conversationId);
      return await work({ conversationId, fence: Number(fence) });
    } finally {
      clearInterval(renewing);
      // Not waited for: the next holder's question comes after it, and asks again should it be overtaken.
      void this.#release(held);
    }
  }

  async #hold({ partition, id, token }: Held): Promise<readonly string[]> {
    for (let wait: number = ASK_AGAIN[0]; ; wait = Math.min(wait * 2, ASK_AGAIN[1])) {
      const answer = await this.operations.change(scripts.hold, partition, [id, token, String(this.lockMs), `${this.operations.origin}.`]);
      if (answer[0] === 'held') return answer;
      await pause(wait / 2 + Math.random() * wait);
    }
  }

  async #release(held: Held): Promise<void> {
    if (this.#held.delete(held)) await this.#keep(held, 0);
  }

  /** A lock that cannot be kept or let go ends by itself; the fence sees to the rest. */
  async #keep({ partition, id, token }: Held, ms: number): Promise<void> {
    await this.operations.change(scripts.keep, partition, [id, token, String(ms)]).catch(() => undefined);
  }
}

/** Where, then what a script is told: what, id, text, number, kind, order. */
export type Errand = readonly [partition: string, what: 'put' | 'take' | 'forget' | 'drop' | 'add', id: string, text: string, number: string, kind: string, order: string];

export const errandScripts = {
  /** conv, version, place, then by sixes: what, id, text, number, kind, order. Nothing where as new a version was done here. */
  errands: change(`
    local conv = 'a:' .. ARGV[2]
    if tonumber(ARGV[3]) <= num(call('GET', conv)) then return {'before'} end
    call('SET', conv, ARGV[3], 'PX', 604800000)
    local added = false
    for i = 5, #ARGV, 6 do
      local what, id, text, number, kind = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
      if what == 'put' then
        call('HSET', 'r:' .. id, 'v', text, 'rev', int(num(call('HGET', 'r:' .. id, 'rev')) + 1))
        call('ZADD', 'keys', 0, id)
        call('ZADD', 'x', number, 'r:' .. id)
      elseif what == 'take' or what == 'forget' then
        call('DEL', 'r:' .. id)
        call('ZREM', 'keys', id)
        call('ZREM', 'x', 'r:' .. id)
        if what == 'forget' then
          call('DEL', 'n:' .. id)
          call('ZREM', 'x', 'n:' .. id)
        end
      elseif what == 'drop' then
        local place = call('HGET', 'o:' .. id, 'place')
        if place then
          call('DEL', 'o:' .. id)
          call('ZREM', 'due', place)
        end
      elseif call('EXISTS', 'o:' .. id) + call('EXISTS', 'd:' .. id) == 0 then
        local place = ARGV[4] .. string.format(' %04d ', ARGV[i + 5]) .. id
        call('HSET', 'o:' .. id, 'json', text, 'kind', kind, 'due', number, 'tries', 0, 'place', place)
        call('ZADD', 'due', number, place)
        added = true
      end
    end
    if added then news('items -') end
    return {'done', added and '1' or '0'}`),

  /** conv, version */
  settled: change(`
    call('HDEL', 'w:' .. ARGV[2], ARGV[3])
    if call('HLEN', 'w:' .. ARGV[2]) == 0 then call('ZREM', 'errands', ARGV[2]) end
    return {'done'}`),
} as const;

interface Which {
  readonly conversationId: string;
  readonly version: string;
  readonly place: string;
}

export class Errands {
  constructor(
    private readonly operations: Operations,
    private readonly news: Pick<News, 'items'>,
  ) {}

  /** Resolves once every partition has done its part. What then takes the list away is not waited for. */
  async run(list: readonly Errand[], { conversationId, version, place }: Which): Promise<void> {
    const ends = await Promise.all(
      [...new Set(list.map(([partition]) => partition))].map((partition) => {
        const own = list.flatMap(([where, ...what]) => (where === partition ? what : []));
        return this.operations.change(errandScripts.errands, partition, [escapeId(conversationId), version, place, ...own]);
      }),
    );
    // A list that stays is done once more by whoever finds it, and changes nothing.
    void this.operations.change(errandScripts.settled, partitionOf(conversationId), [escapeId(conversationId), version]).catch(() => undefined);
    if (ends.some(([, added]) => added === '1')) this.news.items.tell('', undefined);
  }

  /** Does all that lies under a conversation, oldest first. */
  async finish(conversationId: string): Promise<void> {
    const flat = await this.operations.ask<readonly string[]>(partitionOf(conversationId), ['HGETALL', `w:${escapeId(conversationId)}`]);
    const laid = flat.flatMap((version, at) => (at % 2 === 0 ? [{ version, text: flat[at + 1] ?? '' }] : []));
    for (const { version, text } of laid.sort((a, b) => Number(a.version) - Number(b.version))) {
      const cut = text.indexOf(' ');
      await this.run(fromText<readonly Errand[]>(text.slice(cut + 1)), { conversationId, version, place: text.slice(0, cut) });
    }
  }

  /** Does what any process left; for the opening of a store. */
  async finishAll(): Promise<void> {
    const found = await Promise.all(everyPartition.map((partition) => this.operations.ask<readonly string[]>(partition, ['ZRANGE', 'errands', '0', '-1'])));
    for (const id of found.flat()) await this.finish(unescapeId(id));
  }
}

export function errandsOfCommit({ outbox, records = [] }: TurnCommit): readonly Errand[] {
  const items = outbox.map((item, index) => errand('add', item.id, { text: toText(item), number: item.dueAt, kind: escapeId(item.kind), order: index }));
  // The last one of a key counts.
  const changes = [...new Map(records.map((record) => [record.key, record])).values()].map(({ key, value, expiresAt }) =>
    value === undefined ? errand('take', key) : errand('put', key, { text: toText(value), number: finite(expiresAt) }),
  );
  return [...items, ...changes];
}

export function errandsOfErasure({ outbox, records }: Erasure): readonly Errand[] {
  return [...records.map((key) => errand('forget', key)), ...outbox.map((id) => errand('drop', id))];
}

interface What {
  readonly text?: string;
  readonly number?: number;
  readonly kind?: string;
  readonly order?: number;
}

function errand(what: Errand[1], id: string, { text = '', number = 0, kind = '', order = 0 }: What = {}): Errand {
  return [partitionOf(id), what, escapeId(id), text, String(number), kind, String(order)];
}
