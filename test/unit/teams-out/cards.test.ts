/** Cards: what advisers are shown of a request, in every state and whatever people wrote. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Library from 'adaptivecards';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { TranscriptEntry } from '../../../src/conversation/transcript.js';
import { ACTIVITY_LIMIT, cardOf, cardTexts, linesOf, plain, type CardSubject } from '../../../src/teams/cards.js';
import { isNonceGood, nonceFor } from '../../../src/connector/press.js';
import { face, ticketIn } from './desk.js';

// Its main file cannot be required; this one says nothing of its types.
const AdaptiveCards = jest.requireActual<typeof Library>('adaptivecards/dist/adaptivecards.js');
const { card } = parse(readFileSync(join(__dirname, '../../../dialogs/teams.yaml'), 'utf8')) as { card: unknown };
const texts = cardTexts.parse(card);
const subject = (more: Partial<CardSubject> = {}): CardSubject => ({ ticket: ticketIn('waiting'), face, entries: [], nonce: 'n', ...more });
const person = (text: string, seq = 1): TranscriptEntry => ({ author: 'person', at: 1, utteranceId: `u${String(seq)}`, text, seq });

/** The card as a client reads it, and what it finds wrong. */
function read(one: CardSubject): { content: Record<string, unknown>; json: string; faults: readonly string[] } {
  const activity = cardOf(one, texts);
  const content = (activity['attachments'] as { content: Record<string, unknown> }[])[0]!.content;
  const parsed = new AdaptiveCards.AdaptiveCard();
  const context = new AdaptiveCards.SerializationContext();
  parsed.parse(content, context);
  const faults = [...parsed.validateProperties().validationEvents, ...Array.from({ length: context.eventCount }, (_, n) => context.getEventAt(n))];
  return { content, json: JSON.stringify(activity), faults: faults.map(({ message }) => message) };
}

const titles = ({ content }: ReturnType<typeof read>): readonly string[] => (content['actions'] as { title: string }[]).map(({ title }) => title);

test.each(['requested', 'waiting', 'held', 'returned', 'closed', 'abandoned'] as const)('is a card without a fault for clients when %s', (phase) => {
  const held = phase === 'held' ? { holder: { id: 'oid-1', name: 'Claire' } } : {};
  expect(read(subject({ ticket: { ...ticketIn(phase), ...held }, entries: [person('bonjour')] })).faults).toEqual([]);
});

test('shows our own words without the marks of their form', () => {
  const told: TranscriptEntry = { author: 'assistant', at: 1, reply: { kind: 'text', text: '**Nadia** vous répond.' }, seq: 1 };
  expect(read(subject({ entries: [told] })).json).toContain('"Nadia vous répond."');
  expect(linesOf([told], texts)).toBe('Sésame : Nadia vous répond.');
});

test('offers taking while nobody has it, the rest once someone has, nothing at the end', () => {
  expect(titles(read(subject()))).toEqual([texts.action.take]);
  const held = read(subject({ ticket: { ...ticketIn('held'), holder: { id: 'oid-1', name: 'Claire' } } }));
  const { action } = texts;
  expect(titles(held)).toEqual([action.answer, action['hand-back'], action.close, action.transfer, action.note]);
  expect(held.json).toContain('Claire');
  expect(held.json).not.toContain('oid-1');
  const ended = read(subject({ ticket: ticketIn('closed'), entries: [person('secret de famille')] }));
  expect(titles(ended)).toEqual([]);
  expect(ended.json).not.toContain('secret de famille');
});

test('puts into buttons the verb, the ticket and the mark, and the same into their fallback', () => {
  const [take] = read(subject()).content['actions'] as Record<string, unknown>[];
  const data = { verb: 'take', ticket: ticketIn('waiting').id, nonce: 'n' };
  expect(take).toMatchObject({ type: 'Action.Execute', verb: 'take', data, fallback: { type: 'Action.Submit', data } });
  expect(Object.keys(take!['data'] as object)).toEqual(Object.keys(data));
});

test('shows the last five messages as runs of text, which no client reads as Markdown', () => {
  const entries = Array.from({ length: 8 }, (_, n) => person(`**message ${String(n)}** [x](https://exemple.fr)`, n + 1));
  const shown = (read(subject({ entries })).content['body'] as { type: string; inlines?: { text: string }[] }[]).filter(({ type }) => type === 'RichTextBlock');
  expect(shown.map(({ inlines }) => /message \d/.exec(inlines![1]!.text)![0])).toEqual(['message 3', 'message 4', 'message 5', 'message 6', 'message 7']);
});

test('names a form by its title and shows nothing that was filled in', () => {
  const entries: TranscriptEntry[] = [{ author: 'person', at: 1, utteranceId: 'f', form: 'Votre identité', seq: 1 }];
  expect(read(subject({ entries })).json).toContain('Votre identité');
});

test('stays below the limit of Teams whatever people, content and configuration hold', () => {
  const long = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 4000, size: 'max' });
  fc.assert(
    fc.property(fc.array(long, { maxLength: 12 }), fc.nat(900), (said, many) => {
      const options = Array.from({ length: many }, (_, n) => ({ title: `Caisse de démonstration numéro ${String(n)}`, value: `caisse:${String(n)}` }));
      const ticket = { ...ticketIn('held'), holder: { id: 'o', name: 'Claire' }, tried: said };
      const { json, faults } = read(subject({ ticket, entries: said.map((text, n) => person(text, n + 1)), face: { ...face, destinations: options, answers: options } }));
      expect(Buffer.byteLength(json)).toBeLessThan(ACTIVITY_LIMIT);
      expect(faults).toEqual([]);
      expect(Buffer.byteLength(JSON.stringify(linesOf(said.map((text, n) => person(text, n + 1)), texts)))).toBeLessThan(ACTIVITY_LIMIT);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test.each([
  ['marks what turns the reading direction', 'a\u202eb\u2066c\u200fd', 'a\ufffdb\ufffdc\ufffdd'],
  ['takes out controls and invisible marks', 'a\u0000b\u0007\u200bc\ufeff', 'abc'],
  ['keeps line ends, of every kind', 'a\r\nb\u2028c', 'a\nb\nc'],
  ['cuts heaps of accents', `q${'\u0300'.repeat(50)}`, `q${'\u0300'.repeat(3)}`],
  ['breaks the date functions of cards', '{{DATE(2026-11-23T00:00:00Z)}}', '{ {DATE(2026-11-23T00:00:00Z)}}'],
  ['keeps French as it is', 'L’été à Nîmes : « ça va » ?', 'L’été à Nîmes : « ça va » ?'],
])('%s', (_what, given, expected) => {
  expect(plain(given, 100)).toBe(expected);
});

test('cuts words at a length without splitting a character', () => {
  expect(plain('😀😀😀', 4)).toBe('😀…');
});

test('keeps the latest lines where a history is too long for one message, and says that the rest is cut', () => {
  const lines = linesOf(Array.from({ length: 40 }, (_, n) => person(`${String(n)} ${'é'.repeat(1900)}`, n + 1)), texts);
  expect(lines.startsWith(texts.label.cut)).toBe(true);
  expect(lines).toContain('Assuré : 39 ');
  expect(lines).not.toContain('Assuré : 1 ');
});

test('knows its own marks for a day, for their ticket only', () => {
  const key = Buffer.alloc(32, 7);
  const text = nonceFor(key, 'a', 0);
  const hours = 3_600_000;
  expect(isNonceGood(key, 'a', { text, now: 23 * hours })).toBe(true);
  expect(isNonceGood(key, 'a', { text, now: 24 * hours })).toBe(false);
  expect(isNonceGood(key, 'b', { text, now: 0 })).toBe(false);
  expect(isNonceGood(Buffer.alloc(32, 8), 'a', { text, now: 0 })).toBe(false);
  expect(isNonceGood(key, 'a', { text: text.replace(/^\d+/, (until) => String(Number(until) + hours)), now: 0 })).toBe(false);
  expect(isNonceGood(key, 'a', { text: '', now: 0 })).toBe(false);
});

test('shows the latest notes of colleagues while it is open, and none once it has ended', () => {
  const notes = ['un', 'deux', 'trois', 'quatre'].map((text) => ({ by: 'Karim', text: `note ${text}` }));
  const { json } = read(subject({ notes }));
  expect([json.includes('note un'), json.includes('note quatre')]).toEqual([false, true]);
  expect(read(subject({ notes, ticket: ticketIn('closed') })).json).not.toContain('note quatre');
});
