/**
 * Where the thread of each request lies in Teams, and how far it was told, as records that outlive the process. It
 * calls nobody: posting is sender.ts, and what is posted is cards.ts.
 */
import { StaleStateError } from '../conversation/errors.js';
import type { Clock, RecordStore } from '../conversation/ports.js';
import { TICKET_KEPT_MS } from '../handoff/queue.js';
import type { Thread } from './ports.js';

/** A thread and what is known to be in it. */
export interface Placed {
  readonly caisse: string;
  readonly thread: Thread;
  /** Last transcript entry that the thread was given; 0 where it was given none. */
  readonly givenUpTo: number;
  /** Its card may be there twice; this one is kept up to date. */
  readonly repeated?: true;
  /** Id of the message posted last. */
  readonly last?: string;
}

/** The threads of one ticket. */
export interface Lying {
  readonly current?: Placed;
  /** Those of caisses that had it before. */
  readonly former: readonly Placed[];
  /** Threads that were deleted under us. */
  readonly gone: number;
  /** Id of what was being posted and whose end is not known: it may be there. */
  readonly trying?: string;
}

const NOWHERE: Lying = { former: [], gone: 0 };
const lyingKey = (ticketId: string): string => `teams-thread:${ticketId}`;
const ticketKey = (conversationId: string): string => `teams-ticket:${conversationId}`;

export interface ThreadsOptions {
  readonly store: Pick<RecordStore, 'read' | 'write'>;
  readonly clock: Clock;
}

export class Threads {
  constructor(private readonly options: ThreadsOptions) {}

  async of(ticketId: string): Promise<Lying> {
    return (await this.options.store.read<Lying>(lyingKey(ticketId)))?.value ?? NOWHERE;
  }

  /** The ticket whose thread this is, former threads included; says nothing of whether it still acts there. */
  async ticketAt(conversationId: string): Promise<string | undefined> {
    return (await this.options.store.read<string>(ticketKey(conversationId)))?.value;
  }

  /** Written before `id` is posted. Resolves with whether a try of before may have arrived. */
  async begin(ticketId: string, id: string): Promise<boolean> {
    let again = false;
    await this.change(lyingKey(ticketId), (lying: Lying = NOWHERE) => {
      again = lying.trying === id;
      return { ...lying, trying: id };
    });
    return again;
  }

  /** What was begun is known not to have arrived. */
  async refused(ticketId: string): Promise<void> {
    await this.change(lyingKey(ticketId), ({ trying: _none, ...lying }: Lying = NOWHERE) => lying);
  }

  /** The card was posted: its thread is where the request goes on. */
  async placed(ticketId: string, caisse: string, thread: Thread, repeated = false): Promise<void> {
    // The way back comes first: a thread that advisers can write in is never one that nobody knows.
    await this.change(ticketKey(thread.conversationId), () => ticketId);
    await this.change(lyingKey(ticketId), ({ trying: _done, ...lying }: Lying = NOWHERE) => ({ ...lying, current: { caisse, thread, givenUpTo: 0, ...(repeated ? { repeated } : {}) } }));
  }

  /** A message was posted in the current thread; `upTo` is the transcript entry that it reaches, if any. */
  async posted(ticketId: string, id: string, upTo?: number): Promise<void> {
    await this.change(lyingKey(ticketId), ({ trying: _done, ...lying }: Lying = NOWHERE) => {
      if (!lying.current) return lying;
      const givenUpTo = Math.max(lying.current.givenUpTo, upTo ?? 0);
      return { ...lying, current: { ...lying.current, givenUpTo, last: id } };
    });
  }

  /** The request went to another caisse: the current thread becomes a former one. */
  async retire(ticketId: string): Promise<void> {
    await this.change(lyingKey(ticketId), ({ current, ...lying }: Lying = NOWHERE) => (current ? { ...lying, former: [...lying.former, current] } : lying));
  }

  /** The current thread was deleted in Teams: the next message needs another. */
  async lose(ticketId: string): Promise<void> {
    await this.change(lyingKey(ticketId), ({ current: _gone, trying: _none, ...lying }: Lying = NOWHERE) => ({ ...lying, gone: lying.gone + 1 }));
  }

  /**
   * An adviser acted on a card of this ticket in a thread that is not known: a posting whose answer was lost. From now
   * on words in it are heard as well; the request goes on in the thread that is known, if there is one.
   */
  async adopt(ticketId: string, caisse: string, thread: Thread): Promise<void> {
    const { current } = await this.of(ticketId);
    if (current === undefined) await this.placed(ticketId, caisse, thread);
    else if (current.thread.conversationId !== thread.conversationId) await this.change(ticketKey(thread.conversationId), () => ticketId);
  }

  private async change<T>(key: string, next: (before?: T) => T): Promise<void> {
    const { store, clock } = this.options;
    const found = await store.read<T>(key);
    try {
      await store.write(key, next(found?.value), found?.revision ?? 0, clock.now() + TICKET_KEPT_MS);
    } catch (error) {
      if (!(error instanceof StaleStateError)) throw error;
      await this.change(key, next);
    }
  }
}
