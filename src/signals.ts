/**
 * Passes on what happens beside the words of a conversation: who is writing, and who has left. In memory, to whoever
 * listens at that moment; a client that says it too often is heard now and then.
 */
import type { Ticket } from './conversation/handoff.js';
import type { Clock, Signals } from './conversation/ports.js';
import type { Desk } from './handoff/desk.js';
import type { Queue } from './handoff/queue.js';

/** Milliseconds between two signs of one side of one conversation: Teams shows one for about as long. */
const AGAIN_AFTER = 3_000;
/** Conversations remembered before the old signs are forgotten. */
const REMEMBERED = 1_000;

/** What the advisers' side does with what people's doors tell. */
export interface Beside {
  typed(conversationId: string): void;
  left(conversationId: string): Promise<void>;
}

export interface SignalBoard extends Signals {
  /** An adviser is writing to this conversation. */
  adviserTypes(conversationId: string, name: string): void;
  /** Names who hears of people's signs; the last one named does. */
  heardBy(beside: Beside): void;
}

export function createSignals(clock: Clock): SignalBoard {
  const listeners = new Map<string, Set<(name: string) => void>>();
  const isNews = createThrottle(clock);
  let beside: Beside | undefined;
  return {
    personTypes(conversationId) {
      if (beside && isNews(`person ${conversationId}`)) beside.typed(conversationId);
    },
    personLeft: async (conversationId) => beside?.left(conversationId),
    onAdviserTypes(conversationId, listener) {
      const own = listeners.get(conversationId) ?? new Set();
      listeners.set(conversationId, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(conversationId) === own) listeners.delete(conversationId);
      };
    },
    adviserTypes(conversationId, name) {
      if (!isNews(`adviser ${conversationId}`)) return;
      for (const listener of listeners.get(conversationId) ?? []) listener(name);
    },
    heardBy(one) {
      beside = one;
    },
  };
}

export interface BesideOptions {
  readonly queue: Pick<Queue, 'all'>;
  readonly desk: Pick<Desk, 'upkeep'>;
  /** Shows in the ticket's thread that the person is writing. */
  readonly typing: (ticketId: string) => Promise<void>;
  readonly log: { info(event: string, fields: Readonly<Record<string, unknown>>): void };
}

/** Passes people's signs on to whoever holds their request, and takes back the request of someone who has left. */
export function besideDesk({ queue, desk, typing, log }: BesideOptions): Beside {
  const requestOf = (conversationId: string): Ticket | undefined => queue.all().find((ticket) => ticket.conversationId === conversationId);
  return {
    typed(conversationId) {
      const ticket = requestOf(conversationId);
      if (ticket?.phase !== 'held') return;
      typing(ticket.id).catch((error: unknown) => {
        log.info('teams.typing-lost', { ticket: ticket.id, error });
      });
    },
    async left(conversationId) {
      const ticket = requestOf(conversationId);
      if (ticket) await desk.upkeep(ticket.id, () => ({ event: { kind: 'give-up', why: 'person-left' } }));
    },
  };
}

function createThrottle(clock: Clock): (key: string) => boolean {
  const last = new Map<string, number>();
  return (key) => {
    const now = clock.now();
    if (now - (last.get(key) ?? -Infinity) < AGAIN_AFTER) return false;
    if (last.size >= REMEMBERED) for (const [old, at] of last) if (now - at >= AGAIN_AFTER) last.delete(old);
    last.set(key, now);
    return true;
  };
}
