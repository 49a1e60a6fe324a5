/**
 * What advisers see of a request: its card as it stands, and messages in its thread. It never holds identity data, and
 * what people wrote is shown as plain text, whatever it contains. Sending is sender.ts.
 */
import { z } from 'zod';
import type { Ticket } from '../conversation/handoff.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import { checkCode } from '../handoff/acts.js';
import { isOpen } from '../handoff/machine.js';
import type { TeamsActivity } from './ports.js';

const words = z.string().min(1);
const table = <const K extends readonly [string, ...string[]]>(...keys: K) => z.record(z.enum(keys), words);

/** Key `card` of dialogs/teams.yaml. */
export const cardTexts = z.strictObject({
  title: words,
  state: table('waiting', 'held', 'returned', 'closed', 'abandoned', 'moved'),
  fact: table('caisse', 'cause', 'reason', 'need', 'tried', 'proved', 'since', 'code', 'ended'),
  reason: table('asked-by-person', 'suspected-fraud', 'third-party', 'misunderstood', 'distress', 'technical', 'not-proved'),
  need: table('general', 'fraud', 'third-party', 'technical', 'sign-language'),
  proved: table('no', 'email-code'),
  close: table('solved', 'sent-elsewhere', 'no-answer', 'duplicate', 'abuse'),
  label: table('latest', 'notes', 'repeated', 'idle', 'history', 'cut', 'none', 'said-again'),
  author: table('person', 'assistant'),
  action: table('take', 'hand-back', 'close', 'transfer', 'note', 'answer', 'release', 'send', 'confirm'),
  input: table('note', 'reason', 'to', 'to-need', 'answer'),
});
export type CardTexts = z.infer<typeof cardTexts>;

/** What a card offers and names besides its ticket; all of it content or configuration, never words of people. */
export interface Face {
  /** As advisers read it. */
  readonly caisse: string;
  /** IANA name. */
  readonly zone: string;
  /** Title of the entry that the conversation was about. */
  readonly cause?: string;
  /** Where it can be transferred: values are opaque here and read by inbound. */
  readonly destinations: readonly Option[];
  /** Canned answers that fit its cause. */
  readonly answers: readonly Option[];
}

export interface Option {
  readonly title: string;
  readonly value: string;
}

export interface CardSubject {
  readonly ticket: Ticket;
  readonly face: Face;
  /** The latest of the conversation; empty where this caisse may not read it yet. */
  readonly entries: readonly TranscriptEntry[];
  readonly nonce: string;
  /** What colleagues wrote for one another, oldest first. */
  readonly notes?: readonly { readonly by: string; readonly text: string }[];
  /** It may have been posted before, and the answer lost. */
  readonly repeated?: boolean;
  /** The request is another caisse's now. */
  readonly moved?: boolean;
}

/** What Teams takes, in bytes; the card itself stays below, since the activity around it counts as well. */
export const ACTIVITY_LIMIT = 28_000;
const CARD_LIMIT = 25_000;
const LATEST = 5;
const LATEST_CHARS = 300;
const NOTES = 3;
const MESSAGE_BYTES = 20_000;

/**
 * Someone's words as plain text of at most `most` characters: controls and invisible marks taken out, characters that
 * turn the reading direction shown as a sign, heaps of accents cut, date functions of cards broken.
 */
export function plain(text: string, most: number): string {
  const clean = text
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g, '\ufffd')
    .replace(/(?!\n)[\p{Cc}\p{Co}\p{Cn}\p{Cs}]|[\u00ad\u200b-\u200d\u2060\ufeff]/gu, '')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1')
    .replace(/\{\{/g, '{ {');
  return clean.length <= most ? clean : `${clean.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The card of a request. Whatever the request holds, it fits. */
export function cardOf(subject: CardSubject, texts: CardTexts): TeamsActivity {
  const { face } = subject;
  // What helps least goes first, until it fits.
  const lighter: readonly CardSubject[] = [
    subject,
    { ...subject, face: { ...face, answers: [] } },
    { ...subject, face: { ...face, answers: [], destinations: [] } },
    { ...subject, face: { ...face, answers: [], destinations: [] }, entries: [] },
  ];
  const bodies = lighter.map((one) => ({ one, card: drawn(one, texts) }));
  const fitting = bodies.find(({ card }) => Buffer.byteLength(JSON.stringify(card)) <= CARD_LIMIT) ?? bodies.at(-1);
  const summary = `${texts.title} ${numberOf(subject.ticket)}`;
  return { type: 'message', summary, attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: fitting?.card }] };
}

/** How advisers name a ticket among themselves. */
export function numberOf({ id }: Pick<Ticket, 'id'>): string {
  return plain(id, 64).slice(0, 8).toUpperCase();
}

type Element = Readonly<Record<string, unknown>>;

function drawn(subject: CardSubject, texts: CardTexts): Element {
  const { ticket, moved = false, repeated = false } = subject;
  const alive = isOpen(ticket) && !moved;
  const body = [
    { type: 'TextBlock', text: `${texts.title} ${numberOf(ticket)}`, weight: 'Bolder', size: 'Medium', wrap: true },
    { type: 'TextBlock', text: stateOf(subject, texts), color: alive ? 'Attention' : 'Good', wrap: true },
    ...(repeated ? [{ type: 'TextBlock', text: texts.label.repeated, isSubtle: true, wrap: true }] : []),
    { type: 'FactSet', facts: factsOf(subject, texts) },
    ...(alive ? spoken(subject, texts) : []),
    // One field for every button: what drawers send holds the fields of the card around them.
    ...(alive && ticket.phase === 'held' ? [{ type: 'Input.Text', id: 'note', label: texts.input.note, isMultiline: true, maxLength: 1000 }] : []),
  ];
  return { $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.5', body, actions: alive ? actionsOf(subject, texts) : [] };
}

function stateOf({ ticket, moved }: CardSubject, { state }: CardTexts): string {
  if (moved === true) return state.moved;
  if (ticket.phase === 'requested') return state.waiting;
  return state[ticket.phase].replace('{name}', plain(ticket.holder?.name ?? '', 60));
}

function factsOf({ ticket, face, moved }: CardSubject, texts: CardTexts): readonly Element[] {
  const { fact } = texts;
  const because = Object.entries(texts.close).find(([word]) => word === ticket.because)?.[1];
  const rows: readonly (readonly [string, string | undefined])[] =
    isOpen(ticket) && moved !== true
      ? [
          [fact.caisse, face.caisse],
          [fact.cause, face.cause ?? texts.label.none],
          [fact.reason, texts.reason[ticket.reason]],
          [fact.need, texts.need[ticket.need]],
          [fact.tried, ticket.tried.slice(0, 5).join(', ') || texts.label.none],
          [fact.proved, texts.proved[ticket.proved]],
          [fact.since, timeIn(face.zone, ticket.requestedAt)],
          [fact.code, ticket.phase === 'held' ? checkCode(ticket.id) : undefined],
        ]
      : [
          [fact.caisse, face.caisse],
          [fact.ended, because],
        ];
  return rows.flatMap(([title, value]) => (value === undefined ? [] : [{ title, value: plain(value, 300) }]));
}

function timeIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat('fr-FR', { timeZone, weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }).format(at);
}

/** The latest of the conversation, and what colleagues noted. */
function spoken({ entries, notes = [] }: CardSubject, texts: CardTexts): readonly Element[] {
  return [
    ...said(texts.label.latest, entries.slice(-LATEST).map((entry) => [authorOf(entry, texts), wordsOf(entry)])),
    ...said(texts.label.notes, notes.slice(-NOTES).map(({ by, text }) => [plain(by, 60), text])),
  ];
}

/** Runs of text, which no client reads as Markdown; a text block would. */
function said(title: string, rows: readonly (readonly [author: string, words: string])[]): readonly Element[] {
  const lines = rows.map(([author, words]) => ({
    type: 'RichTextBlock',
    inlines: [
      { type: 'TextRun', text: `${author} : `, weight: 'Bolder' },
      { type: 'TextRun', text: plain(words, LATEST_CHARS) || '…' },
    ],
  }));
  return lines.length === 0 ? [] : [{ type: 'TextBlock', text: title, weight: 'Bolder', wrap: true, separator: true }, ...lines];
}

function authorOf(entry: TranscriptEntry, { author }: CardTexts): string {
  return entry.author === 'adviser' ? plain(entry.name, 60) : author[entry.author];
}

/** A form is named by its title; what was filled in is nowhere. */
function wordsOf(entry: TranscriptEntry): string {
  switch (entry.author) {
    case 'person':
      return entry.text ?? entry.form ?? '';
    case 'adviser':
      return entry.text;
    case 'assistant':
      // Our own words hold Markdown; advisers are shown plain text.
      return entry.reply.kind === 'text' ? entry.reply.text.replaceAll('**', '') : entry.reply.title;
  }
}

function actionsOf(subject: CardSubject, texts: CardTexts): readonly Element[] {
  const { action, input } = texts;
  const act = (verb: string, title: string): Element => execute(verb, title, subject);
  if (subject.ticket.phase !== 'held') return [act('take', action.take)];
  const { answers, destinations } = subject.face;
  const needs = optionsOf(texts.need).map(({ title, value }) => ({ title: `${input['to-need']} ${title}`, value: `need:${value}` }));
  const choose = (id: string, label: string, choices: readonly Option[]): Element => ({ type: 'Input.ChoiceSet', id, label, isRequired: true, errorMessage: label, choices });
  const drawer = (title: string, body: readonly Element[], ...submits: readonly Element[]): Element => ({ type: 'Action.ShowCard', title, card: { type: 'AdaptiveCard', version: '1.5', body, actions: submits } });
  return [
    ...(answers.length === 0 ? [] : [drawer(action.answer, [choose('answer', input.answer, answers)], act('answer', action.send))]),
    act('hand-back', action['hand-back']),
    drawer(action.close, [choose('reason', input.reason, optionsOf(texts.close))], act('close', action.confirm)),
    // Five buttons are all that every client shows: giving it up is beside giving it on, and needs none of its fields.
    drawer(action.transfer, [choose('to', input.to, [...destinations, ...needs])], act('transfer', action.confirm), { ...act('release', action.release), associatedInputs: 'none' }),
    act('note', action.note),
  ];
}

function optionsOf(named: Readonly<Record<string, string>>): readonly Option[] {
  return Object.entries(named).map(([value, title]) => ({ title, value }));
}

/** The verb is in the data too: clients that fall back to a plain submit send nothing else. */
function execute(verb: string, title: string, { ticket, nonce }: CardSubject): Element {
  const data = { verb, ticket: ticket.id, nonce };
  return { type: 'Action.Execute', title, verb, data, fallback: { type: 'Action.Submit', title, data } };
}

/** A message in a thread. `id` is the same for every try: who reads it twice can tell. */
export function messageOf(id: string, ticket: Pick<Ticket, 'id'>, text: string): TeamsActivity {
  return { type: 'message', text, textFormat: 'plain', channelData: { sesame: { id, ticket: ticket.id } } };
}

/** Entries as lines, « Assuré : … »; where they are too long for one message, the latest of them. */
export function linesOf(entries: readonly TranscriptEntry[], texts: CardTexts): string {
  const lines: string[] = [];
  let bytes = 0;
  for (const entry of entries.toReversed()) {
    const line = `${authorOf(entry, texts)} : ${plain(wordsOf(entry), 4000)}`;
    bytes += Buffer.byteLength(JSON.stringify(line));
    if (lines.length > 0 && bytes > MESSAGE_BYTES) return [texts.label.cut, ...lines].join('\n\n');
    lines.unshift(line);
  }
  return lines.join('\n\n');
}
