/**
 * What is kept too long goes: conversations some time after their last word, and small records when their time is over.
 * Each sweep that took something leaves a dated line in the audit, which sees to its own old files.
 */
import type { AuditLog } from './audit/log.js';
import type { Clock, Store } from './conversation/ports.js';
import type { ConversationState } from './conversation/state.js';
import { erasureOf } from './erasure.js';
import { isOpen } from './handoff/machine.js';
import { seatKey } from './sources/seats.js';

const HOUR = 3_600_000;

/** Milliseconds; the page about privacy reads them here. */
export const RETENTION = {
  /** From the last word of a conversation that no adviser had. */
  messages: 7 * 24 * HOUR,
  /** From the last word of one that was passed to advisers, or from the end of their part. */
  withAdviser: 30 * 24 * HOUR,
} as const;

/** How often it is looked after. */
const EVERY_MS = HOUR;

export interface RetentionParts {
  readonly store: Store & {
    sweep(now: number): Promise<number>;
    quiet(before: number): Promise<readonly ConversationState[]>;
  };
  readonly audit: Pick<AuditLog, 'record'>;
  readonly clock: Clock;
  /** Prefix of the records whose `conversationId` is still to be found until they expire. */
  readonly codes: string;
  /** Told of a sweep that failed; the next one tries again. */
  readonly report: (error: unknown) => void;
}

/** Sweeps now and every hour, until it is stopped, which waits for the sweep under way. */
export function keepNothingTooLong(parts: RetentionParts): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const sweep = (): void => {
    running = running.then(() => sweepAll(parts)).catch(parts.report);
  };
  sweep();
  const timer = setInterval(sweep, EVERY_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

/** One sweep of everything. What took nothing leaves no line: there was nothing to prove. */
export async function sweepAll({ store, audit, clock, codes }: RetentionParts): Promise<{ readonly conversations: number; readonly records: number }> {
  const now = clock.now();
  const taken = new Set((await store.list<{ conversationId?: string; expiresAt?: number }>(codes)).flatMap(({ value }) => ((value.expiresAt ?? 0) > now ? (value.conversationId ?? []) : [])));
  let conversations = 0;
  for (const { conversationId } of await store.quiet(now - RETENTION.messages)) {
    if (!taken.has(conversationId) && (await eraseIfOver(conversationId, now, store))) conversations += 1;
  }
  const records = await store.sweep(now);
  if (conversations + records > 0) {
    const result = `conversations:${String(conversations)}/records:${String(records)}`;
    await audit.record({ actor: 'system', role: 'system', caisse: 'none', action: 'retention.swept', when: 'after', result });
  }
  return { conversations, records };
}

/** Looked at again within its own turn: whoever has just come back keeps everything. */
function eraseIfOver(conversationId: string, now: number, store: Store): Promise<boolean> {
  return store.withTurn(conversationId, async (lease) => {
    const state = (await store.load(conversationId))?.state;
    if (!state || !isOver(state, now) || (await store.inbox(conversationId)).length > 0) return false;
    await store.erase(await erasureOf({ lease, state, records: [seatKey(conversationId)], now }, store));
    return true;
  });
}

/** Not while an action is under way or a human is expected: both end by themselves, and it is looked at again then. */
function isOver({ lastTurnAt, pending, ticket }: ConversationState, now: number): boolean {
  if (pending || (ticket && isOpen(ticket))) return false;
  if (!ticket) return now - lastTurnAt > RETENTION.messages;
  return now - Math.max(lastTurnAt, ticket.since, ticket.activeAt) > RETENTION.withAdviser;
}
