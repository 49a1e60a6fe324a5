/** Case A16 of the threat model: no field, no form sent out of turn and no button of another screen stands in for a proof. */
import type { FormReply } from '../../../src/conversation/reply.js';
import { MARTIN, World } from '../../support/world.js';

let world: World;
beforeEach(async () => { world = await World.open(); });
afterEach(() => world.close());

/** What somebody would send who has read our code: the names of our slots, and what they would like them to hold. */
const CLAIMS = { verified: 'true', proof: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJzX21hcnRpbiJ9.', challenge: 'of-my-own', purpose: 'unlock', subject: 's_martin', outcome: 'proved', action: 'account.unlock', step: 'prouve' };
const MADE_UP = ['unlock-account/debloquer', 'verify-identity/prouve', 'verify-identity/code', 'account.unlock', '__proto__', ' '];

async function forms(): Promise<readonly FormReply[]> {
  return (await world.said('c')).flatMap((entry) => (entry.author === 'assistant' && entry.reply.kind === 'form' ? [entry.reply] : []));
}

async function say(text: string): Promise<void> {
  await world.assistant.hear({ kind: 'words', id: `m${String((await world.said('c')).length)}`, conversationId: 'c', channel: 'web', at: world.clock.now(), text });
  await world.calm();
}

async function send(place: string, values: Readonly<Record<string, string>>): Promise<void> {
  await world.assistant.hear({ kind: 'form', id: `f${String((await world.said('c')).length)}`, conversationId: 'c', channel: 'web', at: world.clock.now(), place, values });
  await world.calm();
}

/** Every form shown so far and some that never were, with every claim and with a wrong code beside it. */
async function tryToSkip(): Promise<number> {
  const places = new Set([...(await forms()).map(({ place }) => place), ...MADE_UP]);
  for (const place of places) await send(place, { ...CLAIMS, code: '00000000' });
  return places.size;
}

const last = async (): Promise<string> => (await forms()).at(-1)?.place ?? '';

it('A16: claims and forms out of turn open nothing at any step, and the person goes on to their account', async () => {
  let tried = await tryToSkip();
  await say('mon compte est bloqué après plusieurs essais');
  tried += await tryToSkip();
  await say('Débloquer mon compte');
  tried += await tryToSkip();
  await send(await last(), { ...CLAIMS, nir: MARTIN.nir, birthDate: MARTIN.typedDate });
  tried += await tryToSkip();
  expect([world.backend.unlockCalls, world.backend.effects.size]).toEqual([0, 0]);
  expect(tried).toBeGreaterThan(4 * MADE_UP.length);

  await send(await last(), { ...CLAIMS, code: world.lastCode() });
  expect([...world.backend.effects.values()]).toEqual(['s_martin']);
  // The form of the right code once more, and the claims after the proof was used up.
  await tryToSkip();
  await send(await last(), { code: world.lastCode() });
  expect(world.backend.effects.size).toBe(1);
});
