/**
 * A process that guesses at one code until it is killed, saying each verdict on its standard output once it is known.
 * Run by the fault tests; never imported by them.
 */
import { writeSync } from 'node:fs';
import type { Store } from '../../src/conversation/ports.js';
import type { Challenges } from '../../src/identity/challenge.js';

type OpenStore = (options: { folder: string }) => Promise<Store>;

const [dist = '', folder = '', id = '', seed = ''] = process.argv.slice(2);

async function run(): Promise<void> {
  const { openEmbeddedStore } = (await import(`${dist}/storage/embedded.js`)) as { openEmbeddedStore: OpenStore };
  const challenge = (await import(`${dist}/identity/challenge.js`)) as { Challenges: typeof Challenges };
  const store = await openEmbeddedStore({ folder });
  const nobody = { identify: () => Promise.resolve({ kind: 'none' as const }), contactOf: () => Promise.resolve({ kind: 'none' as const }) };
  const challenges = new challenge.Challenges({ records: store, registry: nobody, keys: { hash: Buffer.alloc(32, 3), proof: {} }, clock: { now: () => 1_000_000 } });
  for (let n = 0; ; n += 1) {
    const { kind } = await challenges.check(id, 'c1', String(10_000_000 + Number(seed) * 1000 + n));
    writeSync(1, `${kind}\n`);
    if (kind !== 'wrong') return;
  }
}

void run();
