/**
 * The wire objects of Direct Line and what they mean in the house: activity <-> transcript entry and utterance, the
 * watermark, the error body. Pure: it reads no store and sends nothing.
 */
import { BusyError, SesameError, type ErrorCode } from '../conversation/errors.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import type { FormSubmission, Words } from '../conversation/utterance.js';
import { toCard, type AdaptiveCard, type CardLabels } from './cards.js';

/** Every error a client may read, with its HTTP status and the house's code. */
const refusals = {
  BadSyntax: [400, 'request-invalid'],
  BadArgument: [400, 'request-invalid'],
  MissingProperty: [400, 'request-invalid'],
  Unauthorized: [401, 'request-unauthorised'],
  Forbidden: [403, 'request-forbidden'],
  TokenExpired: [403, 'request-forbidden'],
  ConversationNotFound: [404, 'conversation-unknown'],
  NotFound: [404, 'request-invalid'],
  MethodNotAllowed: [405, 'request-invalid'],
  MessageSizeTooBig: [413, 'request-too-large'],
  UnsupportedMediaType: [415, 'request-invalid'],
  BadAttachment: [415, 'request-invalid'],
  LimitExceeded: [429, 'request-forbidden'],
  ServiceError: [500, 'internal'],
  ServiceUnavailable: [503, 'store-unavailable'],
} as const satisfies Record<string, readonly [status: number, code: ErrorCode]>;

export type WireCode = keyof typeof refusals;

/** A request refused, as the client is told: the message says what is wrong and never quotes what was sent. */
export class Refusal extends SesameError {
  constructor(
    readonly wire: WireCode,
    message: string,
    private readonly options: { readonly cause?: unknown; readonly retryAfter?: number } = {},
  ) {
    super(refusals[wire][1], message, options);
    this.name = 'Refusal';
  }

  get status(): number {
    return refusals[this.wire][0];
  }

  /** Seconds after which it is worth asking again. */
  get retryAfter(): number | undefined {
    return this.options.retryAfter ?? (this.status === 503 ? 2 : undefined);
  }

  get body(): { error: { code: WireCode; message: string } } {
    return { error: { code: this.wire, message: this.message } };
  }
}

/** Turns whatever was thrown into what a client may be told; what stays inside is in `cause`. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const code = error instanceof SesameError ? error.code : 'internal';
  if (error instanceof BusyError) return new Refusal(code === 'overloaded' ? 'ServiceUnavailable' : 'LimitExceeded', 'Too much at once: this was not taken. Send it again in a moment.', { cause: error, retryAfter: error.retryAfter });
  if (code === 'store-unavailable' || code === 'store-closed' || code === 'state-stale') {
    return new Refusal('ServiceUnavailable', 'The service cannot answer now. Try again in a moment.', { cause: error });
  }
  if (code === 'conversation-unknown') {
    return new Refusal('ConversationNotFound', 'There is no such conversation.', { cause: error });
  }
  return new Refusal('ServiceError', 'Something failed on our side. Try again later.', { cause: error });
}

interface Account {
  readonly id: string;
  readonly name?: string;
  readonly role: 'bot' | 'user';
}

export interface Activity {
  readonly type: 'message';
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly channelId: 'directline';
  readonly conversation: { readonly id: string };
  readonly from: Account;
  readonly locale: 'fr-FR';
  readonly textFormat: 'markdown' | 'plain';
  readonly text?: string;
  readonly attachments?: readonly { readonly contentType: string; readonly content: AdaptiveCard }[];
  readonly suggestedActions?: { readonly actions: readonly { type: 'imBack'; title: string; value: string }[] };
  readonly inputHint?: 'expectingInput';
  readonly replyToId?: string;
  /** `asksOpinion`: an answer of the knowledge, which the person may be asked about. */
  readonly channelData?: { readonly clientActivityID: string } | { readonly asksOpinion: true };
}

/** Whose conversation it is, seen from one client. */
export interface Viewer {
  readonly conversationId: string;
  /** The person's name on the wire. */
  readonly user: string;
  readonly labels: CardLabels;
}

export function activityId(conversationId: string, seq: number): string {
  return `${conversationId}|${String(seq).padStart(7, '0')}`;
}

/**
 * The entries as activities, in order. `heard` holds the seq of recent utterances by id, so that a reply names what
 * it answers; hand in the same map again to carry it from one batch to the next.
 */
export function toActivities(
  entries: readonly TranscriptEntry[],
  viewer: Viewer,
  heard = new Map<string, number>(),
): readonly Activity[] {
  return entries.map((entry, index) => {
    if (entry.author === 'person') remember(heard, entry.utteranceId, entry.seq);
    const last = index === entries.length - 1 && entry.author !== 'person';
    const activity = { ...envelope(entry, viewer), ...content(entry, viewer, heard) };
    return last ? { ...activity, inputHint: 'expectingInput' } : activity;
  });
}

function remember(heard: Map<string, number>, utteranceId: string, seq: number): void {
  heard.set(utteranceId, seq);
  const oldest = heard.keys().next();
  if (heard.size > 50 && oldest.done !== true) heard.delete(oldest.value);
}

function envelope(entry: TranscriptEntry, viewer: Viewer) {
  return {
    type: 'message',
    id: activityId(viewer.conversationId, entry.seq),
    timestamp: new Date(entry.at).toISOString(),
    channelId: 'directline',
    conversation: { id: viewer.conversationId },
    locale: 'fr-FR',
  } as const;
}

function content(entry: TranscriptEntry, viewer: Viewer, heard: ReadonlyMap<string, number>) {
  switch (entry.author) {
    case 'person':
      return {
        from: { id: viewer.user, role: 'user' },
        textFormat: 'plain',
        // Of a form that was sent, its title is all there is to show.
        text: entry.text ?? entry.form ?? '',
        ...(entry.clientTag === undefined ? {} : { channelData: { clientActivityID: entry.clientTag } }),
      } as const;
    case 'adviser':
      return { from: { id: 'adviser', name: entry.name, role: 'bot' }, textFormat: 'plain', text: entry.text } as const;
    case 'assistant': {
      const answered = entry.inReplyTo === undefined ? undefined : heard.get(entry.inReplyTo);
      return {
        from: { id: 'sesame', name: 'Sésame', role: 'bot' },
        textFormat: 'markdown',
        ...(answered === undefined ? {} : { replyToId: activityId(viewer.conversationId, answered) }),
        ...said(entry, viewer),
      } as const;
    }
  }
}

function said(entry: TranscriptEntry & { author: 'assistant' }, viewer: Viewer): Partial<Activity> {
  const { reply } = entry;
  if (reply.kind === 'form') {
    const card = { contentType: 'application/vnd.microsoft.card.adaptive', content: toCard(reply, viewer.labels) };
    return { attachments: [card] };
  }
  const spoken = { text: reply.text, ...(reply.entry === undefined ? {} : { channelData: { asksOpinion: true } as const }) };
  if (reply.choices === undefined || reply.choices.length === 0) return spoken;
  const actions = reply.choices.map((choice) => ({ type: 'imBack', title: choice, value: choice }) as const);
  return { ...spoken, suggestedActions: { actions } };
}

/** What a client cannot choose: taken from its token and our clock. */
export interface Hearing {
  readonly conversationId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Used when the client gave no id of its own. */
  readonly freshId: string;
}

const passedOver = new Set(['event', 'typing', 'conversationUpdate', 'endOfConversation']);
const longestText = 10_000;
const longestId = 200;
const longestField = 500;

/**
 * The utterance in an activity that a client sent, or nothing for the kinds that we take without a word. Throws a
 * `Refusal` when it is malformed or over a limit.
 */
export function toUtterance(body: unknown, hearing: Hearing): Words | FormSubmission | undefined {
  if (!isRecord(body)) throw new Refusal('BadSyntax', 'The body must be a JSON object: an activity.');
  if (!isMessage(body['type'])) return undefined;
  const value = isRecord(body['value']) ? body['value'] : {};
  const base = { ...marks(body, hearing.freshId), conversationId: hearing.conversationId, channel: 'web', at: hearing.at } as const;
  if (value['place'] !== undefined) return { ...base, kind: 'form', ...submission(value) };
  return { ...base, kind: 'words', text: words(value['say'] ?? body['text']) };
}

function isMessage(type: unknown): boolean {
  if (type === undefined) throw new Refusal('MissingProperty', 'The activity has no "type".');
  if (type === 'message') return true;
  if (typeof type === 'string' && passedOver.has(type)) return false;
  throw new Refusal('BadArgument', 'This "type" of activity is not taken: send a "message".');
}

function marks(body: Readonly<Record<string, unknown>>, freshId: string): { id: string; clientTag?: string } {
  const tag = isRecord(body['channelData']) ? identifier(body['channelData']['clientActivityID']) : undefined;
  return tag === undefined ? { id: identifier(body['id']) ?? freshId } : { id: tag, clientTag: tag };
}

function identifier(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  // "opening" is the id of our own first utterance: a message under it would pass for one already heard.
  if (typeof given === 'string' && given.length > 0 && given.length <= longestId && given !== 'opening') return given;
  throw new Refusal('BadArgument', 'An id must be a string of 1 to 200 characters, other than "opening".');
}

function words(text: unknown): string {
  if (text === undefined || text === null) throw new Refusal('MissingProperty', 'The message has no "text".');
  if (typeof text !== 'string') throw new Refusal('BadArgument', '"text" must be a string.');
  if (text.length > longestText) throw new Refusal('MessageSizeTooBig', 'A "text" has at most 10,000 characters.');
  if (text.trim() === '') throw new Refusal('MissingProperty', 'The "text" of the message is empty.');
  return text;
}

function submission(value: Readonly<Record<string, unknown>>): { place: string; values: Record<string, string> } {
  const { place, ...rest } = value;
  const fields = Object.entries(rest);
  const fits = (field: unknown, most: number): field is string => typeof field === 'string' && field.length <= most;
  if (!fits(place, longestId) || place === '') throw new Refusal('BadArgument', '"place" must be a string.');
  if (fields.length > 20) throw new Refusal('BadArgument', 'A form has at most 20 fields.');
  const values = fields.map(([name, given]): [string, string] => {
    // No reader takes so much: what is left is enough to be told, in French and beside the field, that it is too long.
    if (fits(name, longestId) && typeof given === 'string') return [name, given.slice(0, longestField)];
    throw new Refusal('BadArgument', 'Every field of a form must be a string.');
  });
  return { place, values: Object.fromEntries(values) };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
