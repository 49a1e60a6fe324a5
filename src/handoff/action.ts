/**
 * Asking for a human from within a dialog: whether one can be promised, and the ticket that goes into the state. The
 * turn commits it; nothing here is stored or sent.
 */
import { randomUUID } from 'node:crypto';
import type { HandoffReason, Ticket } from '../conversation/handoff.js';
import type { Clock, ConversationStore, RecordStore } from '../conversation/ports.js';
import { openState, type ConversationState, type Frame, type Slots } from '../conversation/state.js';
import { isOpen } from './machine.js';
import type { Office } from './ports.js';
import type { Queue } from './queue.js';

export interface HandoffRequest {
  readonly conversationId: string;
  /** The same for every try of one request. */
  readonly key: string;
  readonly slots?: Slots;
  /** As the dialog's step names it. A slot `reason` goes before it: a caller knows better. */
  readonly reason?: string;
}

export interface HandoffResult {
  readonly outcome: HandoffOutcome;
  /** `requested`: `position`, `least` and `most` (minutes). `closed`: `opens`, a day and an hour in words. */
  readonly slots?: Slots;
  readonly ticket?: Ticket;
}

/** `where`: advisers are here, and it takes a caisse to know which. `often`: asked too often within a day. */
export type HandoffOutcome = 'requested' | 'where' | 'closed' | 'full' | 'nobody' | 'often';

/** Every way a request ends. */
export const REQUEST_OUTCOMES: readonly HandoffOutcome[] = ['requested', 'where', 'closed', 'full', 'nobody', 'often'];

/** The same, from whoever cannot or will not say where. */
export const ANYWHERE_OUTCOMES: readonly HandoffOutcome[] = ['requested', 'closed', 'full', 'nobody', 'often'];

/** Every way that a request kept for later ends. */
export const LEAVE_OUTCOMES: readonly HandoffOutcome[] = ['requested', 'full', 'nobody', 'often'];

/** Where requests for a human go. */
export interface Requests {
  /** Asks for an adviser now. One request is open at a time: asked again, it is the same one. */
  request(request: HandoffRequest): Promise<HandoffResult>;
  /** The same without asking where first. */
  anywhere(request: HandoffRequest): Promise<HandoffResult>;
  /** Keeps a request for when advisers are back: `closed` does not refuse it. */
  leave(request: HandoffRequest): Promise<HandoffResult>;
}

export interface RequestOptions {
  readonly store: Pick<ConversationStore, 'load' | 'transcript'> & Pick<RecordStore, 'count'>;
  readonly queue: Queue;
  readonly office: Office;
  /** Title of a dialog, as advisers read it. */
  readonly titleOf: (dialog: string) => string;
  readonly clock: Clock;
}

const REASONS: readonly HandoffReason[] = ['asked-by-person', 'suspected-fraud', 'third-party', 'misunderstood', 'distress', 'technical', 'not-proved'];

/** New requests of one conversation within the window, in milliseconds. A rule of the house, against floods. */
export const REQUESTS_AT_MOST = { count: 3, windowMs: 24 * 3_600_000 } as const;

export function createRequests(options: RequestOptions): Requests {
  return {
    request: async (asked) => (options.office.asksWhere(asked.slots ?? {}) ? { outcome: 'where' } : settle(await read(asked, options), ask, options)),
    anywhere: async (asked) => settle(await read(asked, options), ask, options),
    leave: async (asked) => settle(await read(asked, options), askForLater, options),
  };
}

interface Read {
  readonly ticket: Ticket;
  readonly isNew: boolean;
}

/** The request of this conversation: the one that is open, or a new one. */
async function read({ conversationId, slots = {}, reason: named }: HandoffRequest, options: RequestOptions): Promise<Read> {
  const state = (await options.store.load(conversationId))?.state ?? openState(conversationId, options.clock.now());
  if (state.ticket && isOpen(state.ticket)) return { ticket: state.ticket, isNew: false };
  const reason = [slots['reason'], named].find(isReason) ?? 'asked-by-person';
  const entries = await options.store.transcript(conversationId, 0);
  const said = entries.flatMap((entry) => (entry.author === 'person' ? (entry.text ?? []) : [])).join('\n');
  return { ticket: newTicket(state, { slots, reason, said }, options), isNew: true };
}

/** Counts what would join the queue: whoever is refused anyway has not asked for too much. */
async function settle({ ticket, isNew }: Read, answer: typeof ask, options: RequestOptions): Promise<HandoffResult> {
  const told = answer(ticket, options);
  if (told.outcome !== 'requested' || !isNew) return told;
  // A crash before the turn's commit counts a request that is made again: one too many rather than one too few.
  const { count } = await options.store.count(`handoffs:${ticket.conversationId}`, REQUESTS_AT_MOST.windowMs, options.clock.now());
  return count > REQUESTS_AT_MOST.count ? { outcome: 'often' } : told;
}

function askForLater(ticket: Ticket, options: RequestOptions): HandoffResult {
  const told = ask(ticket, options);
  return told.outcome === 'closed' ? { ...told, outcome: 'requested', ticket } : told;
}

function newTicket(state: ConversationState, { slots, reason, said }: { slots: Slots; reason: HandoffReason; said: string }, { office, titleOf, clock }: RequestOptions): Ticket {
  // The innermost dialog is the one that asks.
  const frames = state.frames.slice(0, -1);
  const about = state.lastEntry ?? frames.at(0)?.dialog;
  const subject = about === undefined ? {} : { subject: about };
  const now = clock.now();
  return {
    ...{ id: randomUUID(), conversationId: state.conversationId, reason, phase: 'requested' },
    ...office.route({ slots, reason, said, ...subject }),
    ...{ requestedAt: now, since: now, activeAt: now },
    ...subject,
    tried: [...new Set(frames.map(({ dialog }) => titleOf(dialog)))],
    proved: isProved(state) ? 'email-code' : 'no',
    relayedUpTo: 0,
  };
}

function ask(ticket: Ticket, { queue, office, clock }: RequestOptions): HandoffResult {
  const { id, caisse, need } = ticket;
  const found = office.availability({ ticket: id, caisse, need, ahead: queue.ahead(ticket), at: clock.now() });
  switch (found.kind) {
    case 'open':
      return { outcome: 'requested', ticket, slots: { position: found.position, least: found.least, most: found.most } };
    case 'closed':
      // Without a day and an hour to name, « closed » would promise an opening that nobody knows of.
      return found.opens === undefined ? { outcome: 'nobody' } : { outcome: 'closed', slots: { opens: inWords(found.opens, office.zoneOf(caisse)) } };
    case 'full':
    case 'nobody':
      return { outcome: found.kind };
  }
}

/** « lundi 23 novembre à 8 h 30 », where the caisse is. */
export function inWords(at: number, timeZone: string): string {
  const words = new Intl.DateTimeFormat('fr-FR', { timeZone, weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }).format(at);
  return words.replace(/0?(\d+):(\d\d)$/, (_, hour: string, minute: string) => (minute === '00' ? `${hour}\u00a0h` : `${hour}\u00a0h\u00a0${minute}`));
}

function isProved({ frames }: ConversationState): boolean {
  return frames.some(({ slots }: Frame) => typeof slots['proof'] === 'string');
}

function isReason(value: unknown): value is HandoffReason {
  return REASONS.some((reason) => reason === value);
}

export interface HandoffAction {
  readonly outcomes: readonly HandoffOutcome[];
  run(request: HandoffRequest): Promise<HandoffResult>;
}

/** The action behind every `handoff` step. */
export function createHandoffAction(requests: Requests): HandoffAction {
  return { outcomes: REQUEST_OUTCOMES, run: (asked) => requests.request(asked) };
}

/** The action `handoff.anywhere`: a request of whoever does not know their caisse. */
export function createAnywhereAction(requests: Requests): HandoffAction {
  return { outcomes: ANYWHERE_OUTCOMES, run: (asked) => requests.anywhere(asked) };
}

/** The action `handoff.leave`: a message for when advisers are back. */
export function createLeaveAction(requests: Requests): HandoffAction {
  return { outcomes: LEAVE_OUTCOMES, run: (asked) => requests.leave(asked) };
}
