/** G06: what a locked telephone or a passer-by sees of a mail or of a card, before anyone opens it, says nothing of anybody. */
import fc from 'fast-check';
import type { HandoffPhase, HandoffReason } from '../../src/conversation/handoff.js';
import type { TranscriptEntry } from '../../src/conversation/transcript.js';
import { cardOf, cardTexts, type CardSubject } from '../../src/teams/cards.js';
import { face, ticketIn } from './teams-out/desk.js';
import { content, MARTIN, World } from '../support/world.js';

/** Words of health and of the body, folded; « Assurance Maladie » is a name and is taken out before. */
const MEDICAL = /malad|sante|soin|medec|medic|hopital|grossesse|enceinte|cancer|vih|depress|psy|handicap|invalid|arret de travail|remboursement|traitement|diagnostic|accident|deces|decede/;
const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('assurance maladie', '');

const subjects = Object.entries(content().mails).map(([name, { subject }]) => [name, subject] as const);
const texts = cardTexts.parse((content().teams as { card: unknown }).card);

it('G06: there is a mail for the code and for each notice', () => {
  expect(subjects.map(([name]) => name)).toEqual(expect.arrayContaining(['code', 'notice-unlock', 'notice-reset', 'notice-reactivate', 'notice-post-code', 'notice-correction', 'notice-fraud', 'notice-attempts']));
});

it.each(subjects)('G06: the subject of the mail « %s » is the same for everybody, without a figure and without a word of health', (_, subject) => {
  expect(subject).not.toMatch(/[{}\d@]/);
  expect(fold(subject)).not.toMatch(MEDICAL);
});

it('G06: a mail that leaves carries the subject of its template, and its code stands in its text alone', async () => {
  const world = await World.open();
  const hear = async (said: object): Promise<void> => {
    await world.assistant.hear({ conversationId: 'c', channel: 'web', at: world.clock.now(), ...said } as Parameters<typeof world.assistant.hear>[0]);
    await world.calm();
  };
  await hear({ kind: 'words', id: '1', text: 'mon compte est bloqué après plusieurs essais, je suis enceinte' });
  await hear({ kind: 'words', id: '2', text: 'Débloquer mon compte' });
  const form = (await world.said('c')).flatMap((entry) => (entry.author === 'assistant' && entry.reply.kind === 'form' ? [entry.reply] : [])).at(-1);
  await hear({ kind: 'form', id: '3', place: form?.place ?? '', values: { nir: MARTIN.nir, birthDate: MARTIN.typedDate } });
  const [mail] = world.mails;
  expect(mail?.text).toContain(world.lastCode());
  expect(mail?.subject).toBe(content().mails['code']?.subject);
  await world.close();
});

const phases: readonly HandoffPhase[] = ['requested', 'waiting', 'held', 'returned', 'closed', 'abandoned'];
const reasons: readonly HandoffReason[] = ['asked-by-person', 'suspected-fraud', 'third-party', 'distress', 'not-proved'];

/** All that Teams may show of an activity without opening it. */
function preview(subject: CardSubject): string {
  const { attachments, ...around } = cardOf(subject, texts) as unknown as { attachments: readonly { content: Record<string, unknown>; name?: string }[] };
  const shown = attachments.map(({ content: card, name }) => ({ name, fallbackText: card['fallbackText'], speak: card['speak'] }));
  return JSON.stringify([around, shown]);
}

it('G06: what is shown of a card before it is opened holds its number alone, whatever people, advisers and dialogs said', () => {
  const words = fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom('je suis enceinte de 3 mois', `mon numéro est ${MARTIN.nir}`, 'code 7319 0462'));
  const bare = preview({ ticket: ticketIn('waiting'), face, entries: [], nonce: 'n' });
  fc.assert(
    fc.property(fc.array(words, { minLength: 1, maxLength: 6 }), fc.constantFrom(...phases), fc.constantFrom(...reasons), (said, phase, reason) => {
      const entries = said.map((text, at): TranscriptEntry => ({ author: 'person', at: 1, utteranceId: `u${String(at)}`, text, seq: at + 1 }));
      const ticket = { ...ticketIn(phase), reason, tried: said, subject: 'ayant-droit', holder: { id: 'oid', name: 'Claire' } };
      expect(preview({ ticket, face: { ...face, cause: said[0] ?? '' }, entries, nonce: 'n', notes: said.map((text) => ({ by: 'Claire', text })) })).toBe(bare);
    }),
  );
  expect(fold(bare)).not.toMatch(MEDICAL);
});
