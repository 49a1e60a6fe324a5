/** Case B01 of the threat model, for somebody who died: their file is there, and nothing tells it before a proof. */
import type { TranscriptEntry } from '../../../src/conversation/transcript.js';
import { locked } from '../../support/backend.js';
import { MARTIN, World } from '../../support/world.js';

/** What a registry may do with the file of somebody who died; each is told from the others by the backend alone. */
const REGISTRIES = {
  'living': () => undefined,
  'marked, and still found by number': (world: World) => {
    // Nothing is sent to them any more.
    world.people.set('s_martin', { ...world.people.get('s_martin')!, email: null, status: locked('closed-by-mistake') });
  },
  'marked, and found by no number': (world: World) => {
    Object.assign(world.backend, { identify: () => Promise.resolve({ kind: 'none' }) });
  },
  'marked, with an e-mail that nobody closed': (world: World) => {
    world.people.set('s_martin', { ...world.people.get('s_martin')!, status: locked('closed-by-mistake') });
  },
} as const;

/** What was said, without what differs from one conversation to the next of the same person. */
function equal(entries: readonly TranscriptEntry[]): string {
  return JSON.stringify(entries, (name, value: unknown) => (['at', 'utteranceId', 'inReplyTo', 'place'].includes(name) ? undefined : typeof value === 'string' ? value.replace(/\*\*[0-9A-Z]{4}-[0-9A-Z]{4}\*\*/, 'REFERENCE') : value));
}

/** A whole conversation of somebody who knows the number and the date: wrong codes, another code, then a letter, twice. */
async function conversation(registry: (world: World) => void): Promise<{ heard: string; effects: number }> {
  const world = await World.open();
  registry(world);
  const hear = async (what: { text: string } | { values: Readonly<Record<string, string>> }): Promise<void> => {
    const entries = await world.said('c');
    const form = entries.flatMap((entry) => (entry.author === 'assistant' && entry.reply.kind === 'form' ? [entry.reply] : [])).at(-1);
    const common = { id: `u${String(entries.length)}`, conversationId: 'c', channel: 'web', at: world.clock.now() } as const;
    await world.assistant.hear('text' in what ? { kind: 'words', ...common, ...what } : { kind: 'form', ...common, place: form?.place ?? '', ...what });
    await world.calm();
  };
  for (const text of ['mon compte est bloqué après plusieurs essais', 'Débloquer mon compte']) await hear({ text });
  await hear({ values: { nir: MARTIN.nir, birthDate: MARTIN.typedDate } });
  for (const code of ['12345678', '12345679']) await hear({ values: { code } });
  world.clock.pass(60_000);
  for (const text of ['Renvoyer le code', 'je n’ai plus cet e-mail', 'par courrier', 'Débloquer mon compte']) await hear({ text });
  const heard = equal(await world.said('c'));
  const effects = world.backend.effects.size;
  await world.close();
  return { heard, effects };
}

it('B01: the file of somebody who died is answered as every other, whatever the registry does with it', async () => {
  const { heard: expected } = await conversation(REGISTRIES.living);
  expect(expected).toContain('REFERENCE');
  expect(expected).toContain('n’est pas le bon');
  for (const [how, registry] of Object.entries(REGISTRIES)) {
    const { heard, effects } = await conversation(registry);
    expect([how, heard, effects]).toEqual([how, expected, 0]);
  }
  expect(expected).not.toMatch(/décès|décédé|héritier/i);
});
