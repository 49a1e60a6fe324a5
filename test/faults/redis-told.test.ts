/** Whoever follows a conversation in Redis is told of what is there, whatever else failed at the same moment. */
import { setTimeout as pause } from 'node:timers/promises';
import { partitionOf } from '../../src/redis/operations.js';
import { startRedis } from '../support/redis-server.js';
import { redisSuite } from '../support/redis-stores.js';
import { eventually } from '../support/running.js';
import { commit, words } from '../support/store-contract.js';

const suite = redisSuite({ timeoutMs: 300 });
const openIt = suite.open;

const reply = { author: 'assistant' as const, at: 1, reply: { kind: 'text' as const, text: 'a' } };
const item = { id: 'far', kind: 'mail', payload: {}, dueAt: 1, tries: 0 };

/** One partition refuses while something is done. */
async function withoutPartition(partition: string, work: () => Promise<unknown>): Promise<void> {
  const kept = (await suite.server.command('GET', `${partition}format`)).split('\r\n')[1]!;
  await suite.server.command('DEL', `${partition}format`);
  await work();
  await suite.server.command('SET', `${partition}format`, kept);
}

test('a commit that is done, and whose item could not be laid down in its place, is told at once', async () => {
  const store = await openIt();
  const told: number[] = [];
  store.follow('c', ({ seq }) => told.push(seq));
  expect(await store.transcript('c', 0)).toEqual([]);
  await withoutPartition(partitionOf('far'), () => expect(store.commitTurn(commit('c', { entries: [reply], outbox: [item] }))).rejects.toMatchObject({ code: 'store-unavailable' }));
  expect(told).toEqual([1]);
  expect(await store.transcript('c', 0)).toHaveLength(1);
});

test('an erasure that is done, and whose record could not be taken away yet, is told at once', async () => {
  const store = await openIt();
  let erased = false;
  store.follow('c', () => undefined, () => { erased = true; });
  await store.commitTurn(commit('c', { entries: [reply] }));
  const erasure = { lease: { conversationId: 'c', fence: 1 }, until: 9, outbox: [], records: ['far'] };
  await withoutPartition(partitionOf('far'), () => expect(store.erase(erasure)).rejects.toMatchObject({ code: 'store-unavailable' }));
  expect(erased).toBe(true);
  expect(await store.wasErased('c')).toBe(true);
});

test('whoever began to follow while the server did not answer is told of what comes then', async () => {
  const store = await openIt();
  const told: number[] = [];
  suite.server.signal('SIGSTOP');
  store.follow('c', ({ seq }) => told.push(seq));
  // Longer than the question where the conversation stands may take.
  await pause(400);
  suite.server.signal('SIGCONT');
  while ((await store.accept(words('c', 'u1')).catch(() => undefined)) === undefined);
  await store.accept(words('c', 'u2'));
  expect(told).toEqual([1, 2]);
});

test('nobody is shown what no replica has, where one is waited for, and everybody once it has it', async () => {
  const replica = await startRedis('--replicaof', '127.0.0.1', new URL(suite.server.url).port);
  try {
    const waits = { waitReplicas: 1, timeoutMs: 1_000 };
    const [writer, reader] = [await openIt(waits), await openIt(waits)];
    const told: number[] = [];
    for (const store of [writer, reader]) {
      store.follow('c', ({ seq }) => told.push(seq));
      // Once the replica is there. Answered after the question where the conversation stands: what comes now is new to both.
      await eventually(() => store.transcript('c', 0).catch(() => undefined));
    }
    await writer.accept(words('c', 'u1'));
    await eventually(() => Promise.resolve(told.length === 2 || undefined));

    replica.signal('SIGSTOP');
    await expect(writer.accept(words('c', 'u2'))).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(reader.transcript('c', 0)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(told).toEqual([1, 1]);

    replica.signal('SIGCONT');
    await eventually(() => Promise.resolve(told.length === 4 || undefined));
    expect(await reader.transcript('c', 0)).toHaveLength(2);
  } finally {
    await replica.destroy();
  }
});
