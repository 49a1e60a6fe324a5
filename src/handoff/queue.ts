/**
 * The open requests, in memory: who waits where, in which order, and who holds what. Durable are the records that each
 * commit writes beside the state; at start the queue is made from them again.
 */
import type { Ticket } from '../conversation/handoff.js';
import type { OutboxItem, RecordChange, RecordStore } from '../conversation/ports.js';
import { isOpen } from './machine.js';

/** How long a ticket stays findable, in milliseconds. */
export const TICKET_KEPT_MS = 30 * 24 * 3_600_000;

export const openKey = (id: string): string => `ticket:${id}`;
export const endedKey = (id: string): string => `ended:${id}`;
export const notesKey = (id: string): string => `note:${id}:`;

/** What an adviser wrote for colleagues; the person never reads it. */
export interface Note {
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
}

/** Kinds of outbox items, each by reference: whoever sends them reads what is true at that moment. */
export const CARD = 'handoff.card';
export const HISTORY = 'handoff.history';
export const RELAY = 'handoff.relay';
export const IDLE = 'handoff.idle';

export class Queue {
  readonly #open = new Map<string, Ticket>();
  /** Tickets told of since the last reading began. */
  readonly #told = new Set<string>();
  readonly #watching: ((before: Ticket | undefined, after: Ticket) => void)[] = [];

  /** The queue as the last commits left it. */
  static async restore(store: Pick<RecordStore, 'list'>): Promise<Queue> {
    const queue = new Queue();
    for (const { value } of await store.list<Ticket>(openKey(''))) queue.put(value);
    return queue;
  }

  /** Calls back with a ticket as it was, if it was open, and as it is, whoever changed it: an adviser, the person or the house. */
  watch(listener: (before: Ticket | undefined, after: Ticket) => void): void {
    this.#watching.push(listener);
  }

  /** Told of a ticket after each commit that changed it. */
  put(ticket: Ticket): void {
    const before = this.#open.get(ticket.id);
    for (const listener of this.#watching) listener(before, ticket);
    if (isOpen(ticket)) this.#open.set(ticket.id, ticket);
    else this.#open.delete(ticket.id);
    this.#told.add(ticket.id);
  }

  /** Takes over what other processes changed. What is told of while it reads is newer than what it reads. */
  async refresh(store: Pick<RecordStore, 'list' | 'read'>): Promise<void> {
    this.#told.clear();
    const kept = new Map((await store.list<Ticket>(openKey(''))).map(({ value }) => [value.id, value]));
    const gone = [...this.#open.keys()].filter((id) => !kept.has(id));
    const ended = await Promise.all(gone.map((id) => store.read<Ticket>(endedKey(id))));
    for (const [index, id] of gone.entries()) if (!this.#told.has(id)) this.#end(id, ended[index]?.value);
    for (const ticket of kept.values()) {
      if (!this.#told.has(ticket.id) && JSON.stringify(this.#open.get(ticket.id)) !== JSON.stringify(ticket)) this.put(ticket);
    }
  }

  /** An erased one has left nothing behind. */
  #end(id: string, ticket: Ticket | undefined): void {
    if (ticket) this.put(ticket);
    else this.#open.delete(id);
  }

  find(id: string): Ticket | undefined {
    return this.#open.get(id);
  }

  /** Every open ticket, oldest request first. */
  all(): readonly Ticket[] {
    return [...this.#open.values()].sort(byRequest);
  }

  /** Those of a caisse that nobody holds, oldest request first. */
  waitingAt(caisse: string): readonly Ticket[] {
    return this.all().filter((ticket) => ticket.caisse === caisse && ticket.phase !== 'held');
  }

  heldBy(holderId: string): readonly Ticket[] {
    return this.all().filter(({ holder }) => holder?.id === holderId);
  }

  /** How many of the same caisse nobody holds and came first. */
  ahead(ticket: Pick<Ticket, 'id' | 'caisse' | 'requestedAt'>): number {
    let count = 0;
    for (const other of this.#open.values()) if (other.caisse === ticket.caisse && other.phase !== 'held' && byRequest(other, ticket) < 0) count += 1;
    return count;
  }
}

function byRequest(a: Pick<Ticket, 'id' | 'requestedAt'>, b: Pick<Ticket, 'id' | 'requestedAt'>): number {
  return a.requestedAt - b.requestedAt || (a.id < b.id ? -1 : 1);
}

/** Where a change of a ticket stands: the revision that its commit makes, and epoch milliseconds. */
export interface Mark {
  readonly revision: number;
  readonly now: number;
}

export interface TicketChange {
  readonly records: readonly RecordChange[];
  readonly outbox: readonly OutboxItem[];
}

/** What goes with a changed ticket into the commit of its state: its record, and its card where advisers would see a difference. */
export function changeOf(before: Ticket | undefined, after: Ticket | undefined, mark: Mark): TicketChange {
  if (!after || JSON.stringify(before) === JSON.stringify(after)) return { records: [], outbox: [] };
  const records = isOpen(after) ? [openRecord(after)] : [{ key: openKey(after.id), expiresAt: mark.now }, endedRecord(after, mark.now)];
  const shown = before === undefined || before.id !== after.id || seen(before) !== seen(after);
  return { records, outbox: shown ? [cardItem(after, String(mark.revision), mark.now, before)] : [] };
}

/** Posts the card, or updates it. `from` is where it was, when the request changed caisse. */
export function cardItem(ticket: Ticket, mark: string, now: number, before?: Ticket): OutboxItem {
  const from = before?.id === ticket.id && before.caisse !== ticket.caisse ? { from: before.caisse } : {};
  return { id: `card/${ticket.id}/${mark}`, kind: CARD, payload: { ticket: ticket.id, conversation: ticket.conversationId, ...from }, dueAt: now, tries: 0 };
}

/** What advisers have not been given yet, up to the entry `upTo`. */
export function historyItem(ticket: Ticket, upTo: number, { revision, now }: Mark): OutboxItem {
  const payload = { ticket: ticket.id, conversation: ticket.conversationId, after: String(ticket.relayedUpTo), upTo: String(upTo) };
  return { id: `history/${ticket.id}/${String(revision)}`, kind: HISTORY, payload, dueAt: now, tries: 0 };
}

/** One message of the person to the adviser who holds the ticket. */
export function relayItem(ticket: Ticket, seq: number, now: number): OutboxItem {
  const payload = { ticket: ticket.id, conversation: ticket.conversationId, seq: String(seq) };
  return { id: `relay/${ticket.id}/${String(seq)}`, kind: RELAY, payload, dueAt: now, tries: 0 };
}

function openRecord(ticket: Ticket): RecordChange {
  return { key: openKey(ticket.id), value: ticket, expiresAt: ticket.since + TICKET_KEPT_MS };
}

function endedRecord(ticket: Ticket, now: number): RecordChange {
  return { key: endedKey(ticket.id), value: ticket, expiresAt: now + TICKET_KEPT_MS };
}

/** What a card shows of a ticket. */
function seen({ activeAt: _active, relayedUpTo: _relayed, ...shown }: Ticket): string {
  return JSON.stringify(shown);
}
