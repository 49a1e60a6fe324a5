/** The Redis store against the contract of all stores on a real cluster of six servers, and when one of them is lost. */
import type { Store } from '../../src/conversation/ports.js';
import { partitionOf } from '../../src/redis/operations.js';
import { openRedisStore } from '../../src/redis/store.js';
import { startRedisCluster, type RedisCluster } from '../support/redis-cluster.js';
import { commit, storeContract, words } from '../support/store-contract.js';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.destroy());

const open = (): Promise<Store> => openRedisStore({ url: cluster.url, durable: true, timeoutMs: 5000 });

storeContract('the Redis store on a cluster', async () => {
  await cluster.flush();
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await open());
    },
    destroy: () => store.close(),
  };
});

describe('two stores on a cluster', () => {
  test('tell each other, whichever server holds the conversation', async () => {
    await cluster.flush();
    const [writer, reader] = [await open(), await open()];
    const ids = Array.from({ length: 12 }, (_, n) => `c${String(n)}`);
    const told: string[] = [];
    for (const id of ids) reader.follow(id, (entry) => told.push(`${id} ${String(entry.seq)}`));
    for (const id of ids) await reader.transcript(id, 0);
    await Promise.all(ids.map((id) => writer.accept(words(id, 'u1'))));
    while (told.length < ids.length) await new Promise((resolve) => setImmediate(resolve));
    expect(told.sort()).toEqual(ids.map((id) => `${id} 1`).sort());
    // The test is worth little if all of them lie together.
    expect(new Set(ids.map(partitionOf)).size).toBeGreaterThan(6);
    await Promise.all([writer.close(), reader.close()]);
  });

  test('lose nothing that a replica had when a master is lost, and go on once it took over', async () => {
    await cluster.flush();
    const store = await openRedisStore({ url: cluster.url, waitReplicas: 1 });
    const ids = Array.from({ length: 12 }, (_, n) => `c${String(n)}`);
    for (const id of ids) await store.commitTurn(commit(id, { outbox: [{ id: `${id}/mail`, kind: 'mail', payload: {}, dueAt: 1, tries: 0 }] }));
    const masters = await Promise.all(cluster.nodes.map((node) => node.command('ROLE')));
    await cluster.nodes[masters.findIndex((role) => role.includes('master'))]!.kill();
    for (const id of ids) {
      for (;;) {
        const found = await store.load(id).catch((error: unknown) => error);
        if (found instanceof Error) expect(found).toMatchObject({ code: 'store-unavailable' });
        else {
          expect(found).toMatchObject({ revision: 1 });
          break;
        }
      }
    }
    expect(await store.due(9, 99)).toHaveLength(12);
    await store.close();
  });
});
