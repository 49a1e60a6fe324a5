/** Case A04 of the threat model: the same guesses on several servers that share a store are counted once for all. */
import type { JWK } from 'jose';
import { LIMITS } from '../../src/attempts/limits.js';
import { Challenges } from '../../src/identity/challenge.js';
import type { Registry } from '../../src/identity/ports.js';
import { newProofKey } from '../../src/identity/proof.js';
import { openRedisStore, type RedisStore } from '../../src/redis/store.js';
import { SimulatedClock } from '../support/clock.js';
import { challengeOf, KNOWN, RIGHT, WRONG } from '../support/proving.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const SERVERS = 3;
const registry: Registry = {
  identify: (nir, birthDate) => Promise.resolve(nir === KNOWN.nir && birthDate === KNOWN.birthDate ? { kind: 'match', subject: 's_known' } : { kind: 'none' }),
  contactOf: () => Promise.resolve({ kind: 'none' }),
};

let redis: RedisServer;
let key: JWK;
let clock: SimulatedClock;
let stores: RedisStore[];
let servers: Challenges[];
let judged: number;

beforeAll(async () => { [redis, key] = [await startRedis(), await newProofKey('test')]; });
beforeEach(async () => {
  await redis.command('FLUSHALL');
  [clock, judged] = [new SimulatedClock(), 0];
  stores = [await openRedisStore({ url: redis.url, timeoutMs: 5000 })];
  while (stores.length < SERVERS) stores.push(await openRedisStore({ url: redis.url, timeoutMs: 5000 }));
  const info = (event: string): void => void (judged += event === 'code.judged' ? 1 : 0);
  servers = stores.map((records) => new Challenges({ records, registry, keys: { hash: Buffer.alloc(32, 1), proof: key }, clock, log: { info, warn: info } }));
});
afterEach(() => Promise.all(stores.map((store) => store.close())));
afterAll(() => redis.destroy());

/** A code asked for at one server, and sent. */
async function asked(server: Challenges, conversationId: string): Promise<string> {
  const id = challengeOf(await server.send({ conversationId, purpose: 'unlock' }, KNOWN));
  await server.noteSent((await server.find(id))!, RIGHT);
  return id;
}

describe('A04: guesses on several servers at once', () => {
  it('are judged five times for a code, wherever they were sent', async () => {
    for (let run = 0; run < 5; run += 1) {
      const [name, before] = [`c${String(run)}`, judged];
      const id = await asked(servers[run % SERVERS]!, name);
      await Promise.all(Array.from({ length: 60 }, (_, n) => servers[n % SERVERS]!.check(id, name, WRONG)));
      expect(judged - before).toBe(run < LIMITS.triesPerAccountDay / LIMITS.triesPerCode ? LIMITS.triesPerCode : 0);
      clock.pass(LIMITS.hourMs);
    }
  });

  it('with the right code give one proof, which the backend takes once', async () => {
    for (let run = 0; run < 5; run += 1) {
      const name = `right${String(run)}`;
      const id = await asked(servers[run % SERVERS]!, name);
      const ends = await Promise.all(servers.map((server) => server.check(id, name, RIGHT)));
      const proofs = ends.flatMap((end) => (end.kind === 'proved' ? [end.proof] : []));
      expect([proofs.length > 0, new Set(proofs).size]).toEqual([true, 1]);
      clock.pass(LIMITS.hourMs * 25);
    }
  });
});
