// Times the answers to the identity form in real time, for a number that is known and one that is not, by turns: what
// an attacker with a stopwatch has. Usage: node bench/same-time.mjs [pairs] [folder of the build].
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const [pairs = '60', built = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist')] = process.argv.slice(2);
const load = createRequire(import.meta.url);
const from = (file) => load(resolve(built, file));
const { openEmbeddedStore } = from('storage/embedded.js');
const { Challenges } = from('identity/challenge.js');
const { Letters } = from('identity/letters.js');
const { createIdentityActions } = from('identity/actions.js');
const { newProofKey } = from('identity/proof.js');
const { onGrid } = from('attempts/pace.js');
const { LIMITS } = from('attempts/limits.js');

const folder = mkdtempSync(join(tmpdir(), 'sesame-same-time-'));
const store = await openEmbeddedStore({ folder });
// Every second number belongs to somebody, and finding them takes the backend longer.
const registry = {
  async identify(nir) {
    const known = Number(nir.slice(-1)) % 2 === 0;
    await wait(Math.random() * 400 + (known ? 60 : 0));
    return known ? { kind: 'match', subject: `s_${nir}` } : { kind: 'none' };
  },
  contactOf: async () => ({ kind: 'none' }),
};
const options = { records: store, registry, keys: { hash: Buffer.alloc(32, 5), proof: await newProofKey('bench') }, clock: { now: () => Date.now() } };
const challenges = new Challenges(options);
const letters = new Letters(options, challenges.guard);

const areaUnderCurve = (some, others) => some.reduce((sum, a) => sum + others.reduce((n, b) => n + (a > b ? 1 : a === b ? 0.5 : 0), 0), 0) / (some.length * others.length);
const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

let next = 0;
async function measure(action) {
  next += 1;
  const started = performance.now();
  await action.run({ conversationId: `c${next}`, slots: {}, sealed: { nir: `2550814${String(100_000 + next)}`, birthDate: '1955-08-19' } });
  return performance.now() - started;
}

async function run(name, pace) {
  const action = createIdentityActions({ challenges, letters, ...(pace ? { pace } : {}) })['identity.send-code'];
  const [unknown, known] = [[], []];
  for (let n = 0; n < Number(pairs); n += 1) {
    unknown.push(await measure(action));
    known.push(await measure(action));
  }
  const apart = Math.abs(median(known) - median(unknown));
  const auc = areaUnderCurve(known, unknown);
  process.stdout.write(`${name}: ${pairs} pairs, medians ${median(known).toFixed(1)} and ${median(unknown).toFixed(1)} ms, ${apart.toFixed(1)} ms apart, area under the curve ${auc.toFixed(3)}\n`);
  return { apart, auc };
}

await run('without the grid', undefined);
const { apart } = await run('on the grid', onGrid({ everyMs: LIMITS.replyGridMs, now: () => performance.now(), wait }));
await store.close();
rmSync(folder, { recursive: true });
process.exitCode = apart <= 5 ? 0 : 1;
