/** Cases B of the threat model: nobody learns here who has an account. The same conversation, person by person. */
import type { TranscriptEntry } from '../../../src/conversation/transcript.js';
import { locked } from '../../support/backend.js';
import { MARTIN, World } from '../../support/world.js';

/** What there is to tell apart: each is told from Martin by nothing but what the backend knows. */
const PEOPLE = {
  'locked': {},
  'not locked': { status: { kind: 'open' as const } },
  'no e-mail': { email: null },
  'suspected fraud': { status: locked('fraud-suspected') },
  'another scheme': { status: locked('regime-change') },
  'closed': { status: locked('closed-by-mistake') },
  'no account': null,
};

let world: World;
beforeEach(async () => { world = await World.open(); });
afterEach(() => world.close());

/** What was said, without what differs from one conversation to the next of the same person. */
function equal(entries: readonly TranscriptEntry[]): string {
  return JSON.stringify(entries, (name, value: unknown) => (['at', 'utteranceId', 'inReplyTo', 'place'].includes(name) ? undefined : typeof value === 'string' ? value.replace(/\*\*[0-9A-Z]{4}-[0-9A-Z]{4}\*\*/, 'REFERENCE') : value));
}

async function say(text: string): Promise<void> {
  await world.assistant.hear({ kind: 'words', id: `m${String((await world.said('c')).length)}`, conversationId: 'c', channel: 'web', at: world.clock.now(), text });
  await world.calm();
}

async function fill(values: Readonly<Record<string, string>>): Promise<void> {
  const entries = await world.said('c');
  const form = entries.flatMap((entry) => (entry.author === 'assistant' && entry.reply.kind === 'form' ? [entry.reply] : [])).at(-1);
  await world.assistant.hear({ kind: 'form', id: `f${String(entries.length)}`, conversationId: 'c', channel: 'web', at: world.clock.now(), place: form?.place ?? '', values });
  await world.calm();
}

/** A whole conversation: wrong codes, a new code, and a letter in the end. */
async function conversation(who: keyof typeof PEOPLE): Promise<string> {
  const change = PEOPLE[who];
  if (change === null) world.people.delete('s_martin');
  else world.people.set('s_martin', { ...world.people.get('s_martin')!, ...change });
  await say('mon compte est bloqué après plusieurs essais');
  await say('Débloquer mon compte');
  await fill({ nir: MARTIN.nir, birthDate: MARTIN.typedDate });
  for (const code of ['12345678', '12345679']) await fill({ code });
  await say('Renvoyer le code');
  world.clock.pass(60_000);
  await say('Renvoyer le code');
  await say('Saisir le code reçu');
  await fill({ code: '12345671' });
  await say('je n’ai plus cet e-mail');
  await say('par courrier');
  return equal(await world.said('c'));
}

describe('the same words', () => {
  it.each(Object.keys(PEOPLE) as (keyof typeof PEOPLE)[])('B01: who is « %s » hears what everybody hears', async (who) => {
    const heard = await conversation(who);
    const other = await World.open();
    const own = world;
    world = other;
    const reference = await conversation('locked');
    await own.close();
    expect(heard).toBe(reference);
    expect(heard).toContain('REFERENCE');
  });

  it('B05: the address on file is never shown, not even a part of it', async () => {
    const heard = await conversation('locked');
    expect(heard).not.toContain('@');
    for (const part of ['martin', 'exemple', '***', '•']) expect(heard.toLowerCase().replaceAll('par exemple', '')).not.toContain(part);
  });

  it('B04: the limits close at the same moment, with the same words', async () => {
    const closing = async (who: keyof typeof PEOPLE): Promise<string> => {
      await conversation(who);
      for (const day of ['01', '02', '03']) {
        await say('recommencer');
        await say('Débloquer mon compte');
        await fill({ nir: MARTIN.nir, birthDate: `${day}/08/1955` });
        world.clock.pass(60_000);
      }
      return equal(await world.said('c'));
    };
    const known = await closing('locked');
    await world.close();
    world = await World.open();
    expect(await closing('no account')).toBe(known);
  });
});
