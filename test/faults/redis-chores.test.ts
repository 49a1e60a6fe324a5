/** What one process at a time does for all, with several openings of one Redis store as the processes. */
import { createChores, type Chores } from '../../src/chores.js';
import { openRedisStore, type RedisStore } from '../../src/redis/store.js';
import { SimulatedClock } from '../support/clock.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

interface Process {
  readonly store: RedisStore;
  readonly chores: Chores;
  /** How many of its works are under way. */
  readonly works: () => number;
}

let server: RedisServer;
const processes: Process[] = [];
beforeAll(async () => { server = await startRedis(); });
beforeEach(() => server.command('FLUSHALL'));
afterEach(async () => {
  for (const { chores, store } of processes.splice(0)) {
    await chores.stop();
    await store.close();
  }
});
afterAll(() => server.destroy());

async function begin(): Promise<Process> {
  const store = await openRedisStore({ url: server.url, timeoutMs: 3000, lockMs: 500 });
  const quiet = (): void => undefined;
  const chores = createChores({ store, shared: true, clock: new SimulatedClock(), log: { info: quiet, warn: quiet, error: quiet }, lookEveryMs: 20 });
  let works = 0;
  const work = () => {
    works += 1;
    return { stop: () => Promise.resolve(void (works -= 1)) };
  };
  chores.take(work);
  chores.begin();
  const one = { store, chores, works: () => works };
  processes.push(one);
  return one;
}

/** Resolves once it is so; the test's own time ends it. */
async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setImmediate(resolve));
}

const busy = (): number => processes.filter(({ works }) => works() > 0).length;

describe('chores of several processes', () => {
  it('are done by one of them, and by the next as soon as it stops', async () => {
    const [one, other, third] = [await begin(), await begin(), await begin()];
    const all = [one, other, third];
    const done: Process[] = [];
    while (done.length < all.length) {
      await until(() => busy() === 1);
      const leader = all.find(({ works }) => works() > 0)!;
      expect(done).not.toContain(leader);
      await leader.chores.stop();
      done.push(leader);
    }
    expect(busy()).toBe(0);
  });

  it('are dropped by who was taken for gone, once another has them', async () => {
    const one = await begin();
    await until(() => one.works() === 1);
    // As after a long stop of the process: its lock is over.
    await server.command('EVAL', "for _, key in ipairs(redis.call('KEYS', '*l:chores')) do redis.call('DEL', key) end return 0", '0');
    const other = await begin();
    await until(() => other.works() === 1);
    await until(() => one.works() === 0);
    expect(busy()).toBe(1);
  });

  it('are dropped while the store does not answer, and taken up again', async () => {
    const one = await begin();
    await until(() => one.works() === 1);
    await server.kill();
    await until(() => one.works() === 0);
    await server.start();
    await until(() => one.works() === 1);
  });
});

describe('chores of a process with a store of its own', () => {
  it('are done from the first moment to the last', async () => {
    let works = 0;
    const store = await openRedisStore({ url: server.url, timeoutMs: 3000 });
    const quiet = (): void => undefined;
    const chores = createChores({ store, shared: false, clock: new SimulatedClock(), log: { info: quiet, warn: quiet, error: quiet } });
    chores.take(() => {
      works += 1;
      return { stop: () => Promise.resolve(void (works -= 1)) };
    });
    chores.begin();
    expect(works).toBe(1);
    await chores.stop();
    expect(works).toBe(0);
    await store.close();
  });
});
