/** Several openings of one Redis store, here and in processes of their own: turns, fences, followers, and what is left undone. */
import type { TranscriptEntry } from '../../src/conversation/transcript.js';
import { everyPartition, partitionOf } from '../../src/redis/operations.js';
import { FORMAT } from '../../src/redis/scripts.js';
import type { RedisStore } from '../../src/redis/store.js';
import { startRedisProcess } from '../support/redis-process.js';
import { redisSuite } from '../support/redis-stores.js';
import { commit, words } from '../support/store-contract.js';

const suite = redisSuite({ timeoutMs: 3000 });
const openIt = suite.open;

/** Resolves once what is looked at is so; the test's own time ends it. */
async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setImmediate(resolve));
}

const reply = (text: string) => ({ author: 'assistant' as const, at: 1, reply: { kind: 'text' as const, text } });

describe('a store that another process is making', () => {
  test('is waited for, and not taken for one that lost a part', async () => {
    await openIt();
    const missing = everyPartition.slice(32).map((partition) => `${partition}format`);
    await suite.server.command('DEL', ...missing);
    const second = openIt();
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const key of missing) await suite.server.command('SET', key, FORMAT);
    expect(await (await second).load('c')).toBeUndefined();
  });
});

describe('turns of two stores', () => {
  test('run one at a time, with fences that go up, and each sees what the one before committed', async () => {
    const both = [await openIt(), await openIt()];
    let inside = 0;
    const fences: number[] = [];
    const turn = (store: RedisStore) =>
      store.withTurn('c', async (lease) => {
        inside += 1;
        expect(inside).toBe(1);
        fences.push(lease.fence);
        const expected = (await store.load('c'))?.revision ?? 0;
        await store.commitTurn(commit('c', { lease, expected, entries: [reply('a')] }));
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 40 }, (_, n) => turn(both[n % 2]!)));
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
    expect(await both[0]!.load('c')).toMatchObject({ revision: 40 });
  });

  test('are kept by who works for longer than the lock lasts', async () => {
    const [first, second] = [await openIt({ lockMs: 150 }), await openIt({ lockMs: 150 })];
    const marks: string[] = [];
    const long = first.withTurn('c', async () => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      marks.push('first ends');
    });
    await Promise.all([long, second.withTurn('c', () => Promise.resolve(marks.push('second begins')))]);
    expect(marks).toEqual(['first ends', 'second begins']);
  });

  test('pass on from a process that was stopped, whose commit is refused when it comes back', async () => {
    const process = startRedisProcess(suite.server.url, 400);
    const store = await openIt({ lockMs: 400 });
    await process.next('open');
    process.tell('hold');
    const { fence = 0 } = await process.next('holds');
    process.child.kill('SIGSTOP');
    const mine = await store.withTurn('c', (lease) => Promise.resolve(lease.fence));
    expect(mine).toBeGreaterThan(fence);
    process.child.kill('SIGCONT');
    process.tell('commit');
    expect(await process.next(['committed', 'refused'])).toEqual({ said: 'refused', code: 'state-stale' });
    // The revision had not changed: the fence alone refused it.
    expect(await store.load('c')).toBeUndefined();
    expect(await store.due(9, 9)).toEqual([]);
    await process.kill();
  });

  test('pass on from a process that was killed', async () => {
    const process = startRedisProcess(suite.server.url, 400);
    const store = await openIt();
    await process.next('open');
    process.tell('hold');
    await process.next('holds');
    await process.kill();
    expect(await store.withTurn('c', () => Promise.resolve('mine'))).toBe('mine');
  });
});

describe('those who follow', () => {
  const follow = (store: RedisStore): TranscriptEntry[] => {
    const told: TranscriptEntry[] = [];
    store.follow('c', (entry) => told.push(entry));
    return told;
  };

  test('are told of what two stores write at once, all of it, once and in order', async () => {
    const both = [await openIt(), await openIt()];
    const told = both.map(follow);
    // What is written before the first reading that comes after is found by that reading.
    for (const store of both) expect(await store.transcript('c', 0)).toEqual([]);
    await Promise.all(Array.from({ length: 200 }, (_, n) => both[n % 2]!.accept(words('c', `u${String(n)}`))));
    await until(() => told.every(({ length }) => length >= 200));
    const written = await both[0]!.transcript('c', 0);
    expect(written).toHaveLength(200);
    for (const all of told) expect(all).toEqual(written);
  });

  test('are told of what another process writes', async () => {
    const process = startRedisProcess(suite.server.url, 400);
    const store = await openIt();
    const told = follow(store);
    await process.next('open');
    process.tell('u1');
    await process.next('accepted');
    await until(() => told.length > 0);
    expect(told).toEqual(await store.transcript('c', 0));
    await process.kill();
  });

  test('miss nothing while the connection on which they hear is cut, again and again', async () => {
    const [writer, reader] = [await openIt(), await openIt()];
    const told = follow(reader);
    expect(await reader.transcript('c', 0)).toEqual([]);
    for (let n = 0; n < 60; n += 1) {
      if (n % 6 === 5) await suite.server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await writer.accept(words('c', `u${String(n)}`));
    }
    await until(() => told.length >= 60);
    expect(told).toEqual(await reader.transcript('c', 0));
  });

  test('hear of an erasure and of items to send, from another store, and of nothing else', async () => {
    const [writer, reader] = [await openIt(), await openIt()];
    const heard: string[] = [];
    reader.follow('c', () => undefined, () => heard.push('c erased'));
    reader.follow('d', () => undefined, () => heard.push('d erased'));
    reader.onAdded(() => heard.push('added'));
    await writer.commitTurn(commit('c', { entries: [reply('a')] }));
    await writer.commitTurn(commit('c', { expected: 1, outbox: [{ id: 'i', kind: 'mail', payload: {}, dueAt: 1, tries: 0 }] }));
    await until(() => heard.length >= 1);
    await writer.erase({ lease: { conversationId: 'c', fence: 1 }, until: 9, outbox: [], records: [] });
    await until(() => heard.length >= 2);
    expect(heard).toEqual(['added', 'c erased']);
  });
});

describe('what a commit leaves for other partitions', () => {
  const item = { id: 'far', kind: 'mail', payload: { ref: '1' }, dueAt: 1, tries: 0 };
  const records = [{ key: 'near', value: 'new', expiresAt: 9 }];

  /** A commit whose process ends before its errands are done: one of their partitions refuses meanwhile. */
  async function cutShort(store: RedisStore): Promise<void> {
    const format = `${partitionOf('far')}format`;
    const kept = (await suite.server.command('GET', format)).split('\r\n')[1]!;
    await suite.server.command('DEL', format);
    await expect(store.commitTurn(commit('c', { outbox: [item], records }))).rejects.toMatchObject({ code: 'store-unavailable' });
    await suite.server.command('SET', format, kept);
    expect(await store.load('c')).toMatchObject({ revision: 1 });
    expect(await store.due(9, 9)).toEqual([]);
  }

  test('is done by whoever opens the store next', async () => {
    await cutShort(await openIt());
    const next = await openIt();
    expect(await next.due(9, 9)).toEqual([item]);
    expect(await next.read('near')).toEqual({ value: 'new', revision: 1 });
  });

  test('is done before the next turn of the conversation, and only once', async () => {
    const store = await openIt();
    await cutShort(store);
    await store.withTurn('c', async (lease) => {
      expect(await store.due(9, 9)).toEqual([item]);
      await store.done('far');
      await store.commitTurn(commit('c', { lease, expected: 1, records: [{ key: 'near', expiresAt: 0 }] }));
    });
    await openIt();
    expect(await store.due(9, 9)).toEqual([]);
    expect(await store.read('near')).toBeUndefined();
  });

  test('is done before what a later commit or an erasure changes there', async () => {
    const store = await openIt();
    await cutShort(store);
    await store.commitTurn(commit('c', { expected: 1, records: [{ key: 'near', value: 'newer', expiresAt: 9 }] }));
    expect(await store.read('near')).toEqual({ value: 'newer', revision: 2 });
    expect(await store.due(9, 9)).toEqual([item]);
    await cutShort(await openIt().then(async (other) => (await suite.server.command('FLUSHALL'), await other.close(), openIt())));
    const last = suite.stores.at(-1)!;
    await last.erase({ lease: { conversationId: 'c', fence: 1 }, until: 9, outbox: ['far'], records: ['near'] });
    expect(await last.due(9, 9)).toEqual([]);
    expect(await last.read('near')).toBeUndefined();
  });
});

describe('a sweep', () => {
  test('takes away what is over and keeps what is not, and conversations that are quiet are known', async () => {
    const store = await openIt();
    await Promise.all(Array.from({ length: 1200 }, (_, n) => store.write(`old${String(n)}`, 1, 0, 100)));
    await store.write('new', 1, 0, 101);
    await store.count('old', 10, 90);
    await store.count('new', 11, 90);
    await store.commitTurn(commit('c', { outbox: [{ id: 'i', kind: 'mail', payload: {}, dueAt: 100, tries: 0 }] }));
    expect(await store.sweep(100)).toBe(1201);
    expect((await store.list('')).map(({ key }) => key)).toEqual(['new']);
    expect(await store.counted('new', 100)).toEqual({ count: 1, resetsAt: 101 });
    expect(await store.due(100, 1)).toHaveLength(1);
    const at = (await store.load('c'))!.state.lastTurnAt;
    expect((await store.quiet(at + 1)).map(({ conversationId }) => conversationId)).toEqual(['c']);
    expect(await store.quiet(at)).toEqual([]);
  });
});
