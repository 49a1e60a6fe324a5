/**
 * What goes with a conversation that a person has erased, beside what the store knows to be its own: records that name
 * it, and outbox items that would only carry its words. Attempts counted by account, the audit and the end of a request
 * stay: none of them holds a word, and each protects somebody.
 */
import type { Ticket } from './conversation/handoff.js';
import type { Erasure, Lease, Store } from './conversation/ports.js';
import type { ConversationState } from './conversation/state.js';
import { HISTORY, IDLE, notesKey, openKey, RELAY } from './handoff/queue.js';
import type { Challenge } from './identity/challenge.js';
import { marksOf } from './insights/opinions.js';

/** Milliseconds during which the id stays closed: longer than a token, or a page left open, can live. */
const CLOSED_FOR = 7 * 24 * 3_600_000;
/** More than an outbox ever holds. */
const EVERY_ITEM = 100_000;
const ANY_TIME = Number.MAX_SAFE_INTEGER - 1;

interface Erasing {
  readonly lease: Lease;
  readonly state: ConversationState | undefined;
  /** Keys of what a door keeps of it. */
  readonly records: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Reads what is there at this moment: to be called within the turn that erases. */
export async function erasureOf({ lease, state, records, now }: Erasing, store: Store): Promise<Erasure> {
  const id = lease.conversationId;
  const items = await store.due(ANY_TIME, EVERY_ITEM, [HISTORY, RELAY, IDLE]);
  const challenges = await store.list<Challenge>('challenge/');
  const opinions = await store.list(marksOf(id));
  return {
    lease,
    until: now + CLOSED_FOR,
    outbox: items.filter(({ payload }) => payload['conversation'] === id).map((item) => item.id),
    records: [
      ...records,
      `identities/${id}`,
      `handoffs:${id}`,
      ...challenges.filter(({ value }) => value.conversationId === id).map(({ key }) => key),
      ...opinions.map(({ key }) => key),
      ...(state?.ticket ? await recordsOf(state.ticket, store) : []),
    ],
  };
}

/** What advisers wrote about the person. The end of the request stays until its card has said so to them. */
async function recordsOf({ id }: Ticket, store: Store): Promise<readonly string[]> {
  const notes = await store.list(notesKey(id));
  return [openKey(id), ...notes.map(({ key }) => key)];
}
