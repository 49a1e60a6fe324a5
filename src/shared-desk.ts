/**
 * Keeps what each process remembers of requests and advisers alike, where several share a store: open requests are read
 * again from their records, and what advisers show of themselves is written where the others find it. What either means
 * is the desk's and the staff's.
 */
import type { Clock, RecordStore } from './conversation/ports.js';
import { StaleStateError } from './conversation/errors.js';
import type { Queue } from './handoff/queue.js';
import type { Presence, Signs } from './staff/presence.js';

export interface SharedDesk {
  /** What the others changed is known when this resolves, unless the store failed. Calls that overlap share one reading. */
  refresh(): Promise<void>;
  stop(): void;
}

export interface SharedDeskOptions {
  readonly store: Pick<RecordStore, 'read' | 'write' | 'list'>;
  readonly queue: Queue;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly log: { warn(event: string, fields: Readonly<Record<string, unknown>>): void };
}

const EVERY_MS = 1_000;
const PRESENCE = 'presence/';
/** Presence ends with the day: what an adviser said of themselves in the morning is of no use the day after. */
const KEPT_MS = 24 * 3_600_000;
/** Somebody at work shows it all the time: the others are told now and then. */
const TOLD_AGAIN_MS = 60_000;

export function shareDesk(options: SharedDeskOptions): SharedDesk {
  const { store, queue, presence, log } = options;
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    await queue.refresh(store);
    for (const { key, value } of await store.list<Signs>(PRESENCE)) presence.learn(key.slice(PRESENCE.length), value);
  };
  const failed = (error: unknown): void => { log.warn('desk.not-shared', { error }); };
  const refresh = (): Promise<void> => (reading ??= read().catch(failed).finally(() => (reading = undefined)));
  const told = new Map<string, Signs>();
  presence.watch((id, signs) => {
    if (!isWorthTelling(signs, told.get(id))) return;
    told.set(id, signs);
    tell(id, signs, options).catch((error: unknown) => {
      told.delete(id);
      failed(error);
    });
  });
  const timer = setInterval(() => void refresh(), EVERY_MS).unref();
  return { refresh, stop: () => { clearInterval(timer); } };
}

function isWorthTelling(signs: Signs, before: Signs | undefined): boolean {
  return before === undefined || signs.said?.at !== before.said?.at || signs.activeAt - before.activeAt >= TOLD_AGAIN_MS;
}

async function tell(id: string, signs: Signs, { store, clock }: SharedDeskOptions): Promise<void> {
  for (;;) {
    const former = await store.read<Signs>(`${PRESENCE}${id}`);
    try {
      await store.write(`${PRESENCE}${id}`, signs, former?.revision ?? 0, clock.now() + KEPT_MS);
      return;
    } catch (error) {
      if (!(error instanceof StaleStateError)) throw error;
    }
  }
}
