/**
 * What advisers can do to a request and how each act ends, with what the person is told of it. Words only: who may
 * act and what is committed is desk.ts.
 */
import type { Ticket } from '../conversation/handoff.js';
import type { NewEntry } from '../conversation/transcript.js';
import { createHash } from 'node:crypto';
import type { CloseReason, Destination, HandoffEvent } from './machine.js';
import type { Actor, Office, Right, Wording } from './ports.js';
import type { Queue } from './queue.js';

/** An act and its id: the same id, however often and in whatever order it comes, acts once. */
export type DeskAction = { readonly id: string } & (
  | { readonly kind: 'take' }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'release' }
  | { readonly kind: 'transfer'; readonly to: Destination }
  | { readonly kind: 'hand-back'; readonly note?: string }
  | { readonly kind: 'close'; readonly reason: CloseReason; readonly note?: string }
  /** For colleagues; the person never reads it. */
  | { readonly kind: 'note'; readonly note: string }
);

export type ActOutcome =
  /** `ticket` is as the act left it. */
  | { readonly kind: 'done'; readonly ticket: Ticket }
  /** Someone else has it: their first name. */
  | { readonly kind: 'already-held'; readonly by: string }
  /** Not theirs to act on: no right, or not the holder. */
  | { readonly kind: 'not-yours' }
  /** There is no such caisse, or that colleague may not take it, or it is there already. */
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown-ticket' }
  /** This action id acted before. */
  | { readonly kind: 'seen' };

/** The rights that an act needs, each of them. */
export function rightsFor(action: DeskAction, actor: Actor, ticket: Ticket): readonly Right[] {
  const away = action.kind === 'transfer' && action.to.kind === 'caisse';
  const foreign = ticket.holder !== undefined && ticket.holder.id !== actor.id;
  // Taking is answered by name, so that colleagues know whom to ask.
  const override = foreign && action.kind !== 'take' && action.kind !== 'note';
  return [away ? 'transfer-away' : action.kind, ...(override ? (['override'] as const) : [])];
}

/** What an act is to the machine; a note is nothing to it. */
export function eventOf(action: DeskAction, actor: Actor): HandoffEvent | undefined {
  switch (action.kind) {
    case 'take':
      return { kind: 'take', holder: { id: actor.id, name: actor.name } };
    case 'say':
      return { kind: 'spoke' };
    case 'release':
      return { kind: 'release', why: 'adviser-left' };
    case 'transfer':
      return { kind: 'transfer', to: action.to };
    case 'hand-back':
      return { kind: 'hand-back' };
    case 'close':
      return { kind: 'close', reason: action.reason };
    case 'note':
      return undefined;
  }
}

/** Four letters that both sides can read, so that a person can check whom they talk to. */
export function checkCode(ticketId: string): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
  const bytes = createHash('sha256').update(`check ${ticketId}`).digest().subarray(0, 4);
  return [...bytes].map((byte) => letters[byte % letters.length]).join('');
}

export interface Telling {
  readonly office: Pick<Office, 'nameOf'>;
  readonly queue: Queue;
  /** A standing message by its key. */
  readonly message: (key: string) => Wording;
}

/** What the person is told when a ticket went through `event`. */
export function entriesFor(event: HandoffEvent, ticket: Ticket, at: number, telling: Telling): NewEntry[] {
  const values: Readonly<Record<string, string>> = {
    name: ticket.holder?.name ?? '',
    caisse: telling.office.nameOf(ticket.caisse),
    code: checkCode(ticket.id),
    position: String(telling.queue.ahead(ticket) + 1),
  };
  return messagesOf(event).map((key) => {
    const { text, choices } = telling.message(key);
    const filled = text.replace(/\{(\w+)\}/g, (mark, name: string) => values[name] ?? mark);
    return { author: 'assistant', at, reply: { kind: 'text', text: filled, ...(choices ? { choices } : {}) } };
  });
}

function messagesOf(event: HandoffEvent): readonly string[] {
  switch (event.kind) {
    case 'posted':
    case 'spoke':
      return [];
    case 'take':
      return ['adviser-joined'];
    case 'release':
      return ['adviser-left', 'back-in-queue'];
    case 'transfer':
      return event.to.kind === 'colleague' ? ['adviser-joined'] : ['adviser-transferred', 'back-in-queue'];
    case 'hand-back':
      return ['adviser-returned'];
    case 'close':
      return ['adviser-closed'];
    case 'give-up':
      return GIVEN_UP[event.why];
  }
}

const GIVEN_UP: Readonly<Record<Extract<HandoffEvent, { kind: 'give-up' }>['why'], readonly string[]>> = {
  expired: ['handoff-expired'],
  withdrawn: ['handoff-withdrawn'],
  'person-left': [],
};
