/**
 * Seats: which of a conversation's connections may go on once an identity was proved in it. Whoever lent a conversation
 * to somebody else must not read what that person's proof opens: the seat that proved stays, every other one is lost.
 */
import { randomBytes } from 'node:crypto';
import type { Clock, RecordStore } from '../conversation/ports.js';
import { StaleStateError } from '../conversation/errors.js';
import type { Source } from '../conversation/utterance.js';

/** What a token says of its connection. */
export interface Seat {
  /** One connection; random. */
  readonly seat?: string;
  /** The last proof that the connection was kept at. */
  readonly mark?: string;
}

/** What is kept of the last proof of a conversation. */
export interface Kept {
  readonly mark: string;
  /** The connection that proved. */
  readonly seat: string;
}

export interface Seats {
  /** Nothing where nobody has proved anything yet. */
  keptOf(conversationId: string): Promise<Kept | undefined>;
  /** Takes every other seat away; on disk when resolved, and those who follow were told. */
  keep(conversationId: string, seat: string): Promise<void>;
  /** Calls back at each proof. Returns the way to stop. */
  follow(conversationId: string, listener: (kept: Kept) => void): () => void;
}

/** A token lives for half an hour: after a day nobody is left who could come back with a lost seat. */
const KEPT_FOR = 24 * 3_600_000;

export const seatKey = (conversationId: string): string => `seat/${conversationId}`;

export function newSeat(): string {
  return randomBytes(9).toString('base64url');
}

/** Whether a connection still has its seat: it is the one that proved, or comes from it. */
export function mayStay({ seat, mark }: Seat, kept: Kept | undefined): boolean {
  return kept === undefined || mark === kept.mark || seat === kept.seat;
}

export function createSeats({ records, clock }: { records: RecordStore; clock: Clock }): Seats {
  const listeners = new Map<string, Set<(kept: Kept) => void>>();
  return {
    keptOf: async (id) => (await records.read<Kept>(seatKey(id)))?.value,
    async keep(id, seat) {
      const kept = { mark: newSeat(), seat };
      await replace(records, { key: seatKey(id), value: kept, until: clock.now() + KEPT_FOR });
      for (const listener of [...(listeners.get(id) ?? [])]) listener(kept);
    },
    follow(id, listener) {
      const own = listeners.get(id) ?? new Set();
      listeners.set(id, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(id) === own) listeners.delete(id);
      };
    },
  };
}

async function replace(records: RecordStore, { key, value, until }: { key: string; value: Kept; until: number }): Promise<void> {
  for (;;) {
    const former = await records.read<Kept>(key);
    try {
      await records.write(key, value, former?.revision ?? 0, until);
      return;
    } catch (error) {
      if (!(error instanceof StaleStateError)) throw error;
    }
  }
}

interface Asked {
  readonly conversationId: string;
  readonly source?: Source;
}

interface Done {
  readonly slots?: Readonly<Record<string, unknown>>;
}

/** An action, as far as it can be watched. */
interface Watched<I extends Asked, R extends Done> {
  readonly outcomes: readonly string[];
  run(input: I): Promise<R>;
}

/**
 * The same actions; one that gives a proof takes the other seats away before anything follows from it. A proof that
 * came by a door without seats (one browser holds the conversation there) changes nothing.
 */
export function watchProofs<I extends Asked, R extends Done>(actions: Readonly<Record<string, Watched<I, R>>>, seats: Seats): Readonly<Record<string, Watched<I, R>>> {
  const watched = (action: Watched<I, R>): Watched<I, R> => ({
    outcomes: action.outcomes,
    async run(input) {
      const result = await action.run(input);
      const seat = input.source?.seat;
      if ((result.slots?.['proof'] ?? '') !== '' && seat !== undefined) await seats.keep(input.conversationId, seat);
      return result;
    },
  });
  return Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, watched(action)]));
}
