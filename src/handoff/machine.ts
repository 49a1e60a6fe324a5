/**
 * What may follow what in a handoff: a closed table of phases and events, and the ticket that each step makes. It is
 * pure, and knows neither who may do it nor how anybody is told.
 */
import type { HandoffPhase, Holder, Need, Ticket } from '../conversation/handoff.js';

export const CLOSE_REASONS = ['solved', 'sent-elsewhere', 'no-answer', 'duplicate', 'abuse'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

export type Destination =
  | { readonly kind: 'colleague'; readonly holder: Holder }
  | { readonly kind: 'caisse'; readonly caisse: string }
  | { readonly kind: 'need'; readonly need: Need };

export type HandoffEvent =
  /** Its card reached the advisers of this caisse. */
  | { readonly kind: 'posted'; readonly caisse: string }
  | { readonly kind: 'take'; readonly holder: Holder }
  | { readonly kind: 'release'; readonly why: 'adviser-left' | 'idle' }
  | { readonly kind: 'transfer'; readonly to: Destination }
  | { readonly kind: 'hand-back' }
  | { readonly kind: 'close'; readonly reason: CloseReason }
  | { readonly kind: 'give-up'; readonly why: 'person-left' | 'expired' | 'withdrawn' }
  | { readonly kind: 'spoke' };

/** `already-held`: someone has it. `not-held`: nobody has it. `ended`: nothing follows. `nothing-new`: as it was. */
export type Refusal = 'already-held' | 'not-held' | 'ended' | 'nothing-new';

type Row = Readonly<Record<HandoffEvent['kind'], 'goes' | Refusal>>;

const OPEN: Row = {
  posted: 'goes',
  take: 'goes',
  release: 'not-held',
  transfer: 'goes',
  'hand-back': 'not-held',
  close: 'goes',
  'give-up': 'goes',
  spoke: 'not-held',
};
const ENDED: Row = {
  posted: 'ended',
  take: 'ended',
  release: 'ended',
  transfer: 'ended',
  'hand-back': 'ended',
  close: 'ended',
  'give-up': 'ended',
  spoke: 'ended',
};

const TABLE: Readonly<Record<HandoffPhase, Row>> = {
  requested: OPEN,
  waiting: { ...OPEN, posted: 'nothing-new' },
  held: {
    posted: 'nothing-new',
    take: 'already-held',
    release: 'goes',
    transfer: 'goes',
    'hand-back': 'goes',
    close: 'goes',
    'give-up': 'goes',
    spoke: 'goes',
  },
  returned: ENDED,
  closed: ENDED,
  abandoned: ENDED,
};

/** The ticket after an event at `now` (epoch milliseconds), or why the event does not apply to it. */
export function step(ticket: Ticket, event: HandoffEvent, now: number): Ticket | Refusal {
  const verdict = TABLE[ticket.phase][event.kind];
  return verdict === 'goes' ? after(ticket, event, now) : verdict;
}

function after(ticket: Ticket, event: HandoffEvent, now: number): Ticket | Refusal {
  switch (event.kind) {
    case 'posted':
      // A card that arrives where the request no longer is tells nothing of where it is.
      return event.caisse === ticket.caisse ? moved(ticket, 'waiting', 'posted', now) : 'nothing-new';
    case 'take':
      return { ...moved(ticket, 'held', 'taken', now), holder: event.holder };
    case 'release':
      return moved(ticket, 'waiting', event.why, now);
    case 'transfer':
      return transferred(ticket, event.to, now);
    case 'hand-back':
      return moved(ticket, 'returned', 'handed-back', now);
    case 'close':
      return moved(ticket, 'closed', event.reason, now);
    case 'give-up':
      return abandoned(ticket, event.why, now);
    case 'spoke':
      return { ...ticket, activeAt: now };
  }
}

/** Someone answers: what has begun does not expire. */
function abandoned(ticket: Ticket, why: string, now: number): Ticket | Refusal {
  return why === 'expired' && ticket.phase === 'held' ? 'already-held' : moved(ticket, 'abandoned', why, now);
}

/** Whether anything can still follow. */
export function isOpen({ phase }: Ticket): boolean {
  return phase === 'requested' || phase === 'waiting' || phase === 'held';
}

function transferred(ticket: Ticket, to: Destination, now: number): Ticket | Refusal {
  switch (to.kind) {
    case 'colleague':
      if (ticket.holder?.id === to.holder.id) return 'nothing-new';
      return { ...moved(ticket, 'held', 'transferred', now), holder: to.holder };
    case 'caisse':
      // Its card has to be posted anew, among other people.
      return ticket.caisse === to.caisse ? 'nothing-new' : { ...moved(ticket, 'requested', 'transferred', now), caisse: to.caisse };
    case 'need':
      return ticket.need === to.need ? 'nothing-new' : { ...moved(ticket, 'requested', 'transferred', now), need: to.need };
  }
}

function moved({ holder: _before, ...ticket }: Ticket, phase: HandoffPhase, because: string, now: number): Ticket {
  return { ...ticket, phase, because, since: now, activeAt: now };
}
