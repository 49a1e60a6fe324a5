/** What becomes of the Redis store when its server is killed, stopped, emptied or badly set, and when answers are lost. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '../../src/conversation/ports.js';
import { openState } from '../../src/conversation/state.js';
import { openRedisStore } from '../../src/redis/store.js';
import { scripts } from '../../src/redis/scripts.js';
import { cuttableWay } from '../support/redis-proxy.js';
import { startRedis } from '../support/redis-server.js';
import { redisSuite } from '../support/redis-stores.js';
import { commit, words } from '../support/store-contract.js';

const suite = redisSuite();
const openIt = suite.open;

const codeOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'done', (error: unknown) => (error as { code?: unknown }).code);

describe('a server killed between two changes', () => {
  /** One utterance, answered once, and counted once, however often the server goes away meanwhile. */
  async function sayOne(store: Store, conv: string, id: string, told: Told): Promise<void> {
    await untilDone(() => store.accept(words(conv, id)));
    await untilDone(() =>
      store.withTurn(conv, async (lease) => {
        if (!(await store.inbox(conv)).some((said) => said.id === id)) return;
        const expected = (await store.load(conv))?.revision ?? 0;
        const entries = [{ author: 'assistant' as const, at: 1, reply: { kind: 'text' as const, text: 'ok' }, inReplyTo: id }];
        const outbox = [{ id: `${conv}/${id}`, kind: 'mail', payload: {}, dueAt: 1, tries: 0 }];
        await store.commitTurn({ lease, state: openState(conv, 1), expected, entries, outbox, heard: id, records: [{ key: `last/${conv}`, value: id, expiresAt: 9 }] });
      }),
    );
    const counted = await codeOf(store.count(conv, 1e12, 1));
    if (counted === 'done') told.counted += 1;
    else told.doubtful += 1;
    told.said.push(id);
  }

  interface Told {
    readonly said: string[];
    counted: number;
    doubtful: number;
  }

  async function untilDone(work: () => Promise<unknown>): Promise<void> {
    for (;;) {
      const code = await codeOf(work());
      if (code === 'done') return;
      expect(code).toBe('store-unavailable');
    }
  }

  test('loses nothing acknowledged and does nothing twice, twenty times over', async () => {
    const store = await openIt({ durable: true });
    const lanes: readonly { conv: string; told: Told }[] = ['c1', 'c2', 'c3'].map((conv) => ({ conv, told: { said: [], counted: 0, doubtful: 0 } }));
    let going = true;
    const work = lanes.map(async ({ conv, told }) => {
      for (let n = 1; going; n += 1) await sayOne(store, conv, `u${String(n)}`, told);
    });
    for (let kill = 0; kill < 20; kill += 1) {
      await wait(30 + Math.random() * 100);
      await suite.server.kill();
      await suite.server.start();
    }
    going = false;
    await Promise.all(work);
    const items = (await store.due(9, 1e6)).map(({ id }) => id);
    for (const { conv, told } of lanes) {
      const entries = await store.transcript(conv, 0);
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
      expect(entries.flatMap((entry) => (entry.author === 'person' ? [entry.utteranceId] : []))).toEqual(told.said);
      expect(entries.flatMap((entry) => (entry.author === 'assistant' ? [entry.inReplyTo] : []))).toEqual(told.said);
      expect(items.filter((id) => id.startsWith(`${conv}/`)).sort()).toEqual(told.said.map((id) => `${conv}/${id}`).sort());
      expect((await store.read(`last/${conv}`))?.value).toBe(told.said.at(-1));
      expect(await store.inbox(conv)).toEqual([]);
      const { count } = await store.counted(conv, 1);
      expect(count).toBeGreaterThanOrEqual(told.counted);
      expect(count).toBeLessThanOrEqual(told.counted + told.doubtful);
      // A busy machine gets few through; none at all would prove nothing.
      expect(told.said.length).toBeGreaterThan(3);
    }
  }, 120_000);
});

describe('a server that stops for three seconds', () => {
  test('has every call fail in time with the coded error, and goes on afterwards, with nothing done twice', async () => {
    const store = await openIt({ timeoutMs: 300 });
    await store.accept(words('c', 'before'));
    await store.write('k', 1, 0, 9);
    suite.server.signal('SIGSTOP');
    const began = performance.now();
    const calls = [
      () => store.accept(words('c', 'u1')), () => store.load('c'), () => store.count('n', 1e12, 1), () => store.due(1, 1),
      () => store.write('k', 2, 1, 9), () => store.withTurn('c', () => Promise.resolve(1)), () => store.erase({ lease: { conversationId: 'd', fence: 1 }, until: 9, outbox: [], records: [] }),
    ];
    expect(new Set(await Promise.all(calls.map((call) => codeOf(call()))))).toEqual(new Set(['store-unavailable']));
    expect(performance.now() - began).toBeLessThan(3000);
    await wait(3000 - (performance.now() - began));
    suite.server.signal('SIGCONT');
    // Whoever was told that it failed says it again, and hears of it for the first time.
    let again: unknown;
    while ((await codeOf(store.accept(words('c', 'u1')).then((answer) => (again = answer)))) !== 'done');
    expect(again).toEqual({ kind: 'accepted', seq: 2 });
    expect((await store.inbox('c')).map(({ id }) => id)).toEqual(['before', 'u1']);
    expect((await store.counted('n', 1)).count).toBeLessThanOrEqual(1);
    expect(await store.withTurn('c', () => Promise.resolve('a turn'))).toBe('a turn');
  });

  test('tells those who follow what it wrote and nobody was told of', async () => {
    const store = await openIt({ timeoutMs: 300 });
    const told: number[] = [];
    store.follow('c', ({ seq }) => told.push(seq));
    await store.accept(words('c', 'before'));
    suite.server.signal('SIGSTOP');
    expect(await codeOf(store.accept(words('c', 'u1')))).toBe('store-unavailable');
    suite.server.signal('SIGCONT');
    while ((await codeOf(store.accept(words('c', 'u1')))) !== 'done');
    await store.accept(words('c', 'u2'));
    expect(told).toEqual([1, 2, 3]);
  });
});

describe('an answer lost on its way', () => {
  test('is asked for again, and what it answers was done once', async () => {
    const way = await cuttableWay(suite.server.port);
    const store = await openIt({ url: way.url, timeoutMs: 3000 });
    for (let n = 1; n <= 30; n += 1) {
      const lost = way.loseNextAnswer();
      const [{ count }] = await Promise.all([store.count('n', 1e12, 1), lost]);
      expect(count).toBe(n);
    }
    const lost = way.loseNextAnswer();
    const [said] = await Promise.all([store.accept(words('c', 'u1')), lost]);
    expect(said).toEqual({ kind: 'accepted', seq: 1 });
    await store.close();
    await way.close();
  });
});

describe('a change that arrives twice, or late', () => {
  const send = (op: string): Promise<string> => suite.server.command('EVAL', scripts.accept.text, '1', '{p00}', op, 'c', op, '{}', '{}');

  test('has its effect once, and the same answer', async () => {
    await openIt();
    expect(await send('a')).toContain('accepted');
    expect(await send('a')).toContain('accepted');
    expect(await suite.server.command('LLEN', '{p00}t:c')).toBe(':1\r\n');
  });

  test('has none once it was given up', async () => {
    await openIt();
    expect(await suite.server.command('EVAL', scripts.settleOp.text, '1', '{p00}', 'a')).toContain('never');
    expect(await send('a')).toContain('never');
    expect(await suite.server.command('LLEN', '{p00}t:c')).toBe(':0\r\n');
  });
});

describe('what a server must be set to', () => {
  test('is asked for where losing is not allowed, and said where it is', async () => {
    for (const [settings, missing] of [[['--appendonly', 'no'], 'appendonly'], [['--maxmemory-policy', 'allkeys-lru'], 'noeviction'], [['--appendfsync', 'everysec'], 'appendfsync']] as const) {
      const weak = await startRedis(...settings);
      const said: unknown[] = [];
      const log = (event: string, fields: unknown): void => void said.push([event, JSON.stringify(fields)]);
      await (await openRedisStore({ url: weak.url, log })).close();
      expect(said).toContainEqual(['redis.weaker', expect.stringContaining(missing)]);
      const refused = openRedisStore({ url: weak.url, durable: true });
      // One that loses a second when the machine fails is declared, and not refused.
      if (missing === 'appendfsync') await (await refused).close();
      else await expect(refused).rejects.toMatchObject({ code: 'store-unavailable', message: expect.stringContaining(missing) });
      await weak.destroy();
    }
  });

  test('is a copy on another machine where it was asked for', async () => {
    const replica = await startRedis('--replicaof', '127.0.0.1', String(suite.server.port));
    const store = await openIt({ waitReplicas: 1 });
    let first: unknown;
    for (let tries = 0; tries < 20 && first !== 'done'; tries += 1) first = await codeOf(store.write('k', 1, 0, 9));
    expect(await codeOf(store.accept(words('c', 'u1')))).toBe('done');
    await replica.destroy();
    expect(await codeOf(store.accept(words('c', 'u2')))).toBe('store-unavailable');
  });

  test('is nobody at the address, or no address, in time and without the password', async () => {
    for (const url of ['redis://user:hunter2@127.0.0.1:1', 'redis+sentinel://user:hunter2@127.0.0.1:1', 'http://user:hunter2@127.0.0.1']) {
      const refused: unknown = await openRedisStore({ url, timeoutMs: 100 }).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'store-unavailable', message: expect.stringContaining('REDIS_URL') });
      expect((refused as Error).message).not.toContain('hunter2');
    }
  });
});

describe('a server that lost what it held', () => {
  test('is never taken for a new one while the store is open', async () => {
    const store = await openIt();
    await store.count('n', 1e12, 1);
    await suite.server.command('FLUSHALL');
    for (const use of [() => store.count('n', 1e12, 1), () => store.counted('n', 1), () => store.accept(words('c', 'u1')), () => store.load('c'), () => store.commitTurn(commit('c'))]) {
      expect(await codeOf(use())).toBe('store-unavailable');
    }
  });

  test('is refused where a part of it is gone, or another format is there', async () => {
    await openIt();
    await suite.server.command('DEL', '{p07}format');
    await expect(openRedisStore({ url: suite.server.url })).rejects.toMatchObject({ code: 'store-unavailable', message: expect.stringContaining('nothing') });
    await suite.server.command('SET', '{p07}format', 'sesame 99');
    await expect(openRedisStore({ url: suite.server.url })).rejects.toMatchObject({ code: 'store-unavailable', message: expect.stringContaining('sesame 99') });
  });
});
