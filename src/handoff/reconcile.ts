/**
 * Looks after requests that stand still: a card that never arrived, an adviser who went away, a wait without end. Every
 * limit is judged again within the turn that acts on it; the timer belongs to the wiring.
 */
import type { Ticket } from '../conversation/handoff.js';
import type { Clock } from '../conversation/ports.js';
import type { Desk, Upkeep } from './desk.js';
import type { Office } from './ports.js';
import { cardItem, IDLE, type Queue } from './queue.js';

/** Milliseconds. House rules, not facts about anybody's account. */
export const PATIENCE = { cardMs: 2 * 60_000, warnMs: 10 * 60_000, releaseMs: 20 * 60_000 } as const;

export interface ReconcileOptions {
  readonly desk: Desk;
  readonly queue: Queue;
  readonly office: Pick<Office, 'expiryOf'>;
  readonly clock: Clock;
  readonly log: { warn(event: string, fields: Readonly<Record<string, unknown>>): void };
}

export interface Reconciler {
  /** Looks at every open ticket once; resolves with how many were acted on. Calls that overlap share one round. */
  sweep(): Promise<number>;
}

export function createReconciler(options: ReconcileOptions): Reconciler {
  const { desk, queue, clock, log } = options;
  /** Outbox ids already written, so that a limit that stays passed is not committed at every round. */
  const written = new Set<string>();
  let round: Promise<number> | undefined;

  const care = async (ticket: Ticket): Promise<number> => {
    const due = upkeepOf(ticket, clock.now(), options);
    const ids = due?.outbox?.map(({ id }) => id) ?? [];
    if (!due || (due.event === undefined && ids.every((id) => written.has(id)))) return 0;
    const decide: Upkeep = (current) => upkeepOf(current, clock.now(), options);
    try {
      const kept = await desk.upkeep(ticket.id, decide);
      for (const id of ids) written.add(id);
      return kept ? 1 : 0;
    } catch (error) {
      // The others still need their round; this one comes again with the next.
      log.warn('handoff.not-reconciled', { ticket: ticket.id, error });
      return 0;
    }
  };

  const sweepAll = async (): Promise<number> => {
    let acted = 0;
    for (const ticket of queue.all()) acted += await care(ticket);
    if (queue.all().length === 0) written.clear();
    return acted;
  };
  return {
    sweep() {
      round ??= sweepAll().finally(() => {
        round = undefined;
      });
      return round;
    },
  };
}

/** What a ticket needs at `now`. */
function upkeepOf(ticket: Ticket, now: number, { office }: Pick<ReconcileOptions, 'office'>): ReturnType<Upkeep> {
  if (ticket.phase === 'held') return whileHeld(ticket, now - ticket.activeAt, now);
  if (now >= office.expiryOf(ticket.caisse, ticket.since)) return { event: { kind: 'give-up', why: 'expired' } };
  if (ticket.phase !== 'requested' || now - ticket.since < PATIENCE.cardMs) return undefined;
  // At 2, 4, 8… minutes: a door that is down for an hour finds a few cards to post, not thirty.
  const times = Math.floor(Math.log2((now - ticket.since) / PATIENCE.cardMs));
  return { outbox: [cardItem(ticket, `again-${String(ticket.since)}-${String(times)}`, now)] };
}

function whileHeld(ticket: Ticket, idle: number, now: number): ReturnType<Upkeep> {
  if (idle >= PATIENCE.releaseMs) return { event: { kind: 'release', why: 'idle' } };
  if (idle < PATIENCE.warnMs) return undefined;
  const payload = { ticket: ticket.id, conversation: ticket.conversationId };
  return { outbox: [{ id: `idle/${ticket.id}/${String(ticket.activeAt)}`, kind: IDLE, payload, dueAt: now, tries: 0 }] };
}
