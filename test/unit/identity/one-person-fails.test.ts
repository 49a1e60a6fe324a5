/** B08: a backend that fails for one person only, in whatever way, tells nobody that it knows this person. */
import { evenly } from '../../../src/account/even.js';
import { LIMITS } from '../../../src/attempts/limits.js';
import { onGrid } from '../../../src/attempts/pace.js';
import { SesameError, type ErrorCode } from '../../../src/conversation/errors.js';
import type { TranscriptEntry } from '../../../src/conversation/transcript.js';
import { MARTIN, World } from '../../support/world.js';

const FAULTS = ['backend-unavailable', 'backend-timeout', 'backend-rejected'] as const;

/** What was said, without what differs from one conversation to the next. */
function equal(entries: readonly TranscriptEntry[]): string {
  return JSON.stringify(entries, (name, value: unknown) => (['at', 'utteranceId', 'inReplyTo', 'place'].includes(name) ? undefined : typeof value === 'string' ? value.replace(/\*\*[0-9A-Z]{4}-[0-9A-Z]{4}\*\*/, 'REFERENCE') : value));
}

/** A whole conversation with a person for whom one call of the backend may fail, while it is well for the others. */
async function conversation({ known = true, identify, contactOf }: { known?: boolean; identify?: ErrorCode; contactOf?: ErrorCode }): Promise<{ heard: string; mails: number }> {
  const world = await World.open();
  const { backend } = world;
  if (!known) world.people.delete('s_martin');
  const ask = backend.identify.bind(backend);
  const broken = (code: ErrorCode): Promise<never> => Promise.reject(new SesameError(code, 'it fails for this person'));
  Object.assign(backend, evenly({ identify: (nir, birthDate) => (identify ? broken(identify) : ask(nir, birthDate)) }, { isUp: () => Promise.resolve(true), isThere: () => Promise.resolve(true) }));
  if (contactOf) Object.assign(backend, { contactOf: () => broken(contactOf) });
  const say = async (text: string): Promise<void> => {
    await world.assistant.hear({ kind: 'words', id: `m${String((await world.said('c')).length)}`, conversationId: 'c', channel: 'web', at: world.clock.now(), text });
    await world.calm();
  };
  const fill = async (values: Readonly<Record<string, string>>): Promise<void> => {
    const entries = await world.said('c');
    const form = entries.flatMap((entry) => (entry.author === 'assistant' && entry.reply.kind === 'form' ? [entry.reply] : [])).at(-1);
    await world.assistant.hear({ kind: 'form', id: `f${String(entries.length)}`, conversationId: 'c', channel: 'web', at: world.clock.now(), place: form?.place ?? '', values });
    await world.calm();
  };
  await say('mon compte est bloqué après plusieurs essais');
  await say('Débloquer mon compte');
  await fill({ nir: MARTIN.nir, birthDate: MARTIN.typedDate });
  for (const code of ['12345678', '12345679']) await fill({ code });
  world.clock.pass(60_000);
  await say('Renvoyer le code');
  await say('Saisir le code reçu');
  await fill({ code: '12345671' });
  await say('je n’ai plus cet e-mail');
  await say('par courrier');
  const told = { heard: equal(await world.said('c')), mails: world.mails.length };
  await world.close();
  return told;
}

describe('B08: until a proof exists', () => {
  it.each(FAULTS)('a look-up that fails for one person (%s) is told in the words that everybody hears', async (fault) => {
    const [ours, others, nobody] = [await conversation({ identify: fault }), await conversation({}), await conversation({ known: false })];
    expect(ours.heard).toBe(others.heard);
    expect(ours.heard).toBe(nobody.heard);
    expect(ours.heard).toContain('REFERENCE');
    // That it went through for the other is seen in their mailbox alone.
    expect([ours.mails, others.mails > 0]).toEqual([0, true]);
  });

  it.each(FAULTS)('an address that cannot be read for one person (%s) is told in the words that everybody hears', async (fault) => {
    expect((await conversation({ contactOf: fault })).heard).toBe((await conversation({})).heard);
  });

  it('an answer leaves at the same mark of time, for three tries that fail at once as for one that finds', async () => {
    const end = async (identify: () => Promise<{ kind: 'none' } | { kind: 'match'; subject: string }>, bench: { at: number }): Promise<number> => {
      const pace = onGrid({ everyMs: LIMITS.replyGridMs, now: () => bench.at, wait: (ms) => Promise.resolve(void (bench.at += ms)) });
      await pace(() => evenly({ identify }, { isUp: () => Promise.resolve(true), isThere: () => Promise.resolve(Boolean((bench.at += 20))) }).identify('', ''));
      return bench.at;
    };
    // The longest that three tries may be apart, as the wire has it: 5 and 10 hundredths of the time of one.
    const [failing, finding] = [{ at: 0 }, { at: 0 }];
    const fails = async (): Promise<never> => {
      failing.at += 3 * 20 + 3000 * 0.15;
      return Promise.reject(new SesameError('backend-unavailable', 'it fails for this person'));
    };
    const finds = (): Promise<{ kind: 'match'; subject: string }> => Promise.resolve(((finding.at += 130), { kind: 'match', subject: 's' }));
    expect(await end(fails, failing)).toBe(await end(finds, finding));
  });
});

describe('a backend that fails for all', () => {
  const fault = (): Promise<never> => Promise.reject(new SesameError('backend-unavailable', 'it is down'));

  it.each([['was seen to fail before', { up: false, there: true }], ['says so itself', { up: true, there: false }]])('and %s is told as it is', async (_, { up, there }) => {
    await expect(evenly({ identify: fault }, { isUp: () => Promise.resolve(up), isThere: () => Promise.resolve(there) }).identify('', '')).rejects.toMatchObject({ code: 'backend-unavailable' });
  });

  it('is not what a fault of our own looks like', async () => {
    const ours = (): Promise<never> => Promise.reject(new TypeError('ours'));
    await expect(evenly({ identify: ours }, { isUp: () => Promise.resolve(true), isThere: () => Promise.resolve(true) }).identify('', '')).rejects.toThrow('ours');
  });
});
