/**
 * Takes what advisers must see out of the outbox and brings it to Teams: in order within a ticket, tickets side by
 * side, each item done only once it has arrived. What may have arrived already is posted again and says so.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Outbox, OutboxItem } from '../conversation/ports.js';
import { CARD, HISTORY, IDLE, RELAY } from '../handoff/queue.js';
import { deliver, reachOf, type DeliveryOptions } from './delivery.js';
import { TeamsRefusal } from './ports.js';

export interface SenderOptions extends DeliveryOptions {
  readonly store: DeliveryOptions['store'] & Outbox;
  /** Waits; rejects once the signal says so. Milliseconds. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** First and longest wait between two tries, in milliseconds, where Teams named none. */
  readonly backoff?: { readonly firstMs: number; readonly mostMs: number };
}

export interface Sender {
  /** As `showTyping`, but not before what is still to be sent. */
  typing(ticketId: string): Promise<void>;
  /** Resolves when nothing is under way. */
  stop(): Promise<void>;
}

const EVERYTHING = Number.MAX_SAFE_INTEGER - 1;
const AT_ONCE = 10_000;
const KINDS: readonly string[] = [CARD, HISTORY, RELAY, IDLE];

/** Starts sending. What an earlier process left unsent goes first. */
export function startSender(options: SenderOptions): Sender {
  const work = new SenderWork(options);
  const forget = options.store.onAdded(() => {
    void work.look();
  });
  void work.look();
  return {
    typing: (ticketId) => work.typing(ticketId),
    async stop() {
      forget();
      await work.stop();
    },
  };
}

/** Someone is writing to the adviser. Not stored, not repeated, and lost without harm. */
export async function showTyping(ticketId: string, { connector, threads, log }: Pick<SenderOptions, 'connector' | 'threads' | 'log'>): Promise<void> {
  const { current } = await threads.of(ticketId);
  await (current && connector.reply(current.thread, { type: 'typing' }))?.catch(() => {
    log.info('teams.typing-lost', { ticket: ticketId });
  });
}

class SenderWork {
  readonly #lanes = new Map<string, Map<string, OutboxItem>>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #ending = new AbortController();
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(private readonly options: SenderOptions) {
    // Each lane that rests listens to it, and there may be hundreds.
    setMaxListeners(0, this.#ending.signal);
  }

  /** Reads the outbox and starts a lane for each ticket with something to send. */
  look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.readAll();
    return this.#looking;
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  async typing(ticketId: string): Promise<void> {
    // Behind a message that waits it would promise another one.
    if (!this.#lanes.has(ticketId)) await showTyping(ticketId, this.options);
  }

  private async readAll(): Promise<void> {
    while (this.#again && !this.#ending.signal.aborted) {
      this.#again = false;
      try {
        // Those put back for later as well: what comes after them in their ticket must not overtake them.
        const items = await this.options.store.due(EVERYTHING, AT_ONCE);
        for (const item of items) this.enqueue(item);
        this.startLanes();
        if (items.length < AT_ONCE) continue;
        this.#again = true;
        await this.rest(1000);
      } catch (error) {
        this.options.log.warn('teams.outbox-unread', { error });
        this.#again = true;
        await this.rest(1000);
      }
    }
    // In the same breath as the last look at `#again`, so that no call falls between the two.
    this.#looking = undefined;
  }

  private enqueue(item: OutboxItem): void {
    const ticketId = item.payload['ticket'];
    if (!KINDS.includes(item.kind) || ticketId === undefined || this.#ending.signal.aborted) return;
    const lane = this.#lanes.get(ticketId) ?? new Map<string, OutboxItem>();
    if (!lane.has(item.id)) lane.set(item.id, item);
    this.#lanes.set(ticketId, lane);
  }

  /** Once all that was read is in its lane: what comes first in a ticket is not what was read first. */
  private startLanes(): void {
    for (const [ticketId, lane] of this.#lanes) if (!this.#running.has(ticketId)) this.#running.set(ticketId, this.drain(ticketId, lane));
  }

  /** One ticket's items, one after the other. */
  private async drain(ticketId: string, lane: Map<string, OutboxItem>): Promise<void> {
    for (let failures = 0; lane.size > 0 && !this.#ending.signal.aborted; ) failures = await this.step(ticketId, lane, failures);
    this.#lanes.delete(ticketId);
    this.#running.delete(ticketId);
  }

  /** Sends the first item. Resolves with the failures in a row so far. */
  private async step(ticketId: string, lane: Map<string, OutboxItem>, failures: number): Promise<number> {
    const { store, log } = this.options;
    const items = inOrder(lane);
    const [first] = items;
    if (!first) return 0;
    // One update shows all that happened until now.
    const sent = first.kind === CARD ? items.filter(({ kind }) => kind === CARD) : [first];
    try {
      await deliver(first, this.options);
    } catch (error) {
      const waitMs = this.waitAfter(error, failures);
      log.warn('teams.not-sent', { ticket: ticketId, item: first.id, waitMs, ...(error instanceof TeamsRefusal ? { status: error.status } : { error }) });
      await this.rest(waitMs);
      return failures + 1;
    }
    for (const { id } of sent) {
      await store.done(id).then(() => lane.delete(id), () => this.rest(1000));
    }
    return 0;
  }

  private waitAfter(error: unknown, failures: number): number {
    const { firstMs, mostMs } = this.options.backoff ?? { firstMs: 500, mostMs: 60_000 };
    const asked = error instanceof TeamsRefusal ? error.retryAfterMs : undefined;
    return asked ?? Math.min(mostMs, firstMs * 2 ** Math.min(failures, 20)) * (0.5 + Math.random() / 2);
  }

  private async rest(ms: number): Promise<void> {
    const pause = this.options.pause ?? ((time, signal) => wait(time, undefined, { signal }));
    await pause(ms, this.#ending.signal).catch(() => undefined);
  }
}

const RANK: Readonly<Record<string, number>> = { [CARD]: 0, [HISTORY]: 1, [RELAY]: 1, [IDLE]: 2 };

/** The card opens the thread; then what was said, as it was said. */
function inOrder(lane: ReadonlyMap<string, OutboxItem>): readonly OutboxItem[] {
  return [...lane.values()].sort((a, b) => (RANK[a.kind] ?? 0) - (RANK[b.kind] ?? 0) || reachOf(a) - reachOf(b));
}
