/** The Redis store against the contract of all stores, on a real server that it starts itself. */
import type { Store } from '../../src/conversation/ports.js';
import { openRedisStore } from '../../src/redis/store.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { storeContract } from '../support/store-contract.js';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.destroy());

storeContract('the Redis store on one server', async () => {
  await server.command('FLUSHALL');
  const open = (): Promise<Store> => openRedisStore({ url: server.url, durable: true, timeoutMs: 5000 });
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
