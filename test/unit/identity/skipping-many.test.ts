/**
 * Case A16 of the threat model, in numbers: three hundred made-up forms and words at each step of the unlock story,
 * always the same ones, and nothing is skipped. The doors are in test/http/skipping.test.ts.
 */
import fc from 'fast-check';
import { forged, type Forged } from './forged.js';
import { MARTIN, World } from '../../support/world.js';

const EACH = 300;
const DAY = 24 * 3_600_000;

let world: World;
beforeEach(async () => { world = await World.open(); });
afterEach(() => world.close());

let sent = 0;
async function say(text: string): Promise<void> {
  await world.assistant.hear({ kind: 'words', id: `m${String((sent += 1))}`, conversationId: 'c', channel: 'web', at: world.clock.now(), text });
  await world.assistant.settled();
}

async function places(): Promise<readonly string[]> {
  return (await world.said('c')).flatMap((entry) => (entry.author === 'assistant' && entry.reply.kind === 'form' ? [entry.reply.place] : []));
}

async function fill(place: string, values: Readonly<Record<string, string>>): Promise<void> {
  await world.assistant.hear({ kind: 'form', id: `f${String((sent += 1))}`, conversationId: 'c', channel: 'web', at: world.clock.now(), place, values });
  await world.assistant.settled();
}

async function throwAt({ place, values, text }: Forged): Promise<void> {
  const seen = await places();
  if (text !== undefined) await say(text);
  else await fill(place === 'open' ? (seen.at(-1) ?? 'none') : place === 'first' ? (seen[0] ?? 'none') : place, values);
}

const identify = async (): Promise<void> => fill((await places()).at(-1) ?? '', { nir: MARTIN.nir, birthDate: MARTIN.typedDate });

/** The steps of the story, each from the one before. */
const STEPS: readonly (readonly [string, () => Promise<void>])[] = [
  ['before anything', () => Promise.resolve()],
  ['the first answer', () => say('mon compte est bloqué après plusieurs essais')],
  ['the identity', () => say('Débloquer mon compte')],
  ['the code', identify],
];

async function upTo(step: string): Promise<void> {
  for (const [name, go] of STEPS) {
    await go();
    if (name === step) break;
  }
  await world.calm();
}

const proofs = async (): Promise<boolean> => /"proof":"[^"]/.test(JSON.stringify((await world.store.load('c'))?.state ?? {}));

it.each(STEPS.map(([name]) => name))('A16: three hundred forgeries at « %s » open nothing, and the person still gets in', async (step) => {
  await upTo(step);
  for (const one of fc.sample(forged, { numRuns: EACH, seed: 20_261_123 })) {
    await throwAt(one);
    expect([one, world.backend.unlockCalls, await proofs()]).toEqual([one, 0, false]);
  }
  await world.calm();
  // What was counted against the account is over a day later; what is open is left behind.
  world.clock.pass(DAY);
  await say('recommencer');
  await upTo('the code');
  await fill((await places()).at(-1) ?? '', { code: world.lastCode() });
  expect([...world.backend.effects.values()]).toEqual(['s_martin']);
}, 120_000);

it('A16: three hundred forgeries after the account was unlocked do nothing more', async () => {
  await upTo('the code');
  await fill((await places()).at(-1) ?? '', { code: world.lastCode() });
  expect(world.backend.effects.size).toBe(1);
  const calls = world.backend.unlockCalls;
  for (const one of fc.sample(forged, { numRuns: EACH, seed: 20_261_124 })) await throwAt(one);
  expect([world.backend.effects.size, world.backend.unlockCalls, world.backend.links.size]).toEqual([1, calls, 0]);
}, 120_000);
