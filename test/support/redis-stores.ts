/** A redis-server for one suite, emptied before each test, and the stores that its tests open on it, closed after each. */
import { openRedisStore, type RedisOptions, type RedisStore } from '../../src/redis/store.js';
import { startRedis, type RedisServer } from './redis-server.js';

export interface RedisSuite {
  /** Once the suite has begun. */
  readonly server: RedisServer;
  readonly stores: readonly RedisStore[];
  readonly open: (more?: Partial<RedisOptions>) => Promise<RedisStore>;
}

/** To be called once at the top of a suite. `usual`: what its stores are opened with. */
export function redisSuite(usual: Partial<RedisOptions> = {}): RedisSuite {
  let server: RedisServer;
  const stores: RedisStore[] = [];
  beforeAll(async () => { server = await startRedis(); });
  beforeEach(() => server.command('FLUSHALL'));
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
  });
  afterAll(() => server.destroy());
  return {
    get server() { return server; },
    stores,
    open: async (more = {}) => {
      const store = await openRedisStore({ url: server.url, ...usual, ...more });
      stores.push(store);
      return store;
    },
  };
}
