/**
 * What a new roster does to requests that are open: whoever may no longer answer one gives it back to the queue, and a
 * caisse without advisers gives its own to the national queue. Reading the roster is staff/roster.ts.
 */
import type { Ticket } from './conversation/handoff.js';
import type { Desk, Upkeep } from './handoff/desk.js';
import type { HandoffEvent } from './handoff/machine.js';
import type { Queue } from './handoff/queue.js';
import { NATIONAL, type Roster } from './staff/roster.js';

export interface RosterChange {
  readonly roster: () => Roster;
  readonly desk: Pick<Desk, 'upkeep'>;
  readonly queue: Pick<Queue, 'all'>;
  readonly log: { warn(event: string, fields: Readonly<Record<string, unknown>>): void };
}

/** Brings every open request under the roster in force; resolves with how many had to change. */
export async function applyRoster({ roster, desk, queue, log }: RosterChange): Promise<number> {
  // Decided again within the turn: it may have moved since.
  const decide: Upkeep = (ticket) => {
    const event = dueTo(ticket, roster());
    return event && { event };
  };
  let changed = 0;
  for (const ticket of queue.all()) {
    if (!dueTo(ticket, roster())) continue;
    try {
      if (await desk.upkeep(ticket.id, decide)) changed += 1;
    } catch (error) {
      // The others are still to be looked after, and the reconciler releases this one in time.
      log.warn('roster.not-applied', { ticket: ticket.id, error });
    }
  }
  return changed;
}

function dueTo({ caisse, holder }: Ticket, { posts, advisers }: Roster): HandoffEvent | undefined {
  if (!posts.has(caisse)) return { kind: 'transfer', to: { kind: 'caisse', caisse: NATIONAL } };
  if (holder === undefined || advisers.get(holder.id)?.caisse === caisse) return undefined;
  return { kind: 'release', why: 'adviser-left' };
}
