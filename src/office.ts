/**
 * The advisers' house as the desk sees it: where a request goes, whether anyone can be promised and for when, who may
 * act. It joins rosters, opening hours and the expected wait, which know nothing of one another.
 */
import type { Availability, Need, Ticket } from './conversation/handoff.js';
import type { Office, Right, Rights } from './handoff/ports.js';
import type { Queue } from './handoff/queue.js';
import type { Directory } from './staff/caisses.js';
import { isOpen, nextOpening, type Timetable } from './staff/hours.js';
import type { Presence } from './staff/presence.js';
import { mayDo, type Action } from './staff/rights.js';
import type { Adviser, Roster } from './staff/roster.js';
import { asksForSigns, findCaisse, needOf, placeOf } from './staff/routing.js';
import type { WaitEstimator } from './waiting/wait.js';

export interface OfficeOptions {
  readonly directory: Directory;
  readonly roster: () => Roster;
  readonly presence: Presence;
  readonly queue: Pick<Queue, 'all'>;
  readonly estimator: Pick<WaitEstimator, 'predict'>;
  /** How long past conversations lasted, in minutes, newest first. */
  readonly durations: readonly number[];
  /** What the national queue is called. */
  readonly nationalName: string;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WORKING_DAYS = 2;
/** « Une minute » is a promise that nobody keeps. */
const SHORTEST_TOLD = 2;

export function createOffice(options: OfficeOptions): Office {
  const { directory, roster } = options;
  const timetableOf = (caisse: string): Timetable | undefined => roster().posts.get(caisse)?.timetable;
  return {
    route({ slots, reason, subject, said }) {
      const place = String(slots['caisse'] ?? slots['postcode'] ?? '');
      // An answer was read as a code; what the first message said is a postcode still.
      const found = findCaisse(directory, place);
      const code = directory.caisses.get(place)?.code ?? (found.kind === 'one' ? found.caisse.code : undefined);
      const entry = subject === undefined ? {} : { entry: subject };
      const need = needOf({ reason, ...entry, thirdParty: slots['thirdParty'] !== undefined, signs: said.split('\n').some(asksForSigns) });
      return placeOf(roster(), code, need);
    },
    asksWhere: (slots) => slots['caisse'] === undefined && slots['postcode'] === undefined,
    availability: (asked) => availability(asked, options),
    knows: (caisse) => roster().posts.has(caisse),
    nameOf: (caisse) => directory.caisses.get(caisse)?.name ?? options.nationalName,
    zoneOf: (caisse) => timetableOf(caisse)?.territory.zone ?? 'Europe/Paris',
    expiryOf(caisse, since) {
      const timetable = timetableOf(caisse);
      let at = since;
      for (let day = 0; day < WORKING_DAYS; day += 1) at = (timetable && nextOpening(timetable, at + DAY)) ?? at + DAY;
      return at;
    },
  };
}

type Asked = Parameters<Office['availability']>[0];

/** Nobody is promised who is not there: hours first, then people, then the length of the queue, then the wait. */
function availability({ ticket, caisse, need, ahead, at }: Asked, options: OfficeOptions): Availability {
  const post = options.roster().posts.get(caisse);
  if (!post) return { kind: 'nobody' };
  if (!isOpen(post.timetable, at)) {
    const opens = nextOpening(post.timetable, at);
    return { kind: 'closed', ...(opens === undefined ? {} : { opens }) };
  }
  const { present, places } = options.presence.capacity(caisse, need, at);
  if (present === 0) return { kind: 'nobody' };
  if (ahead >= post.queueCap) return { kind: 'full' };
  const busyFor = heldFor(caisse, need, options, at);
  const wait = options.estimator.predict(ticket, { ahead, servers: places + busyFor.length, busyFor, history: options.durations });
  return wait.kind === 'range' ? { kind: 'open', position: ahead + 1, least: wait.least, most: Math.max(SHORTEST_TOLD, wait.most) } : { kind: wait.kind === 'long' ? 'full' : 'nobody' };
}

/** Minutes that each conversation of those who serve the need has lasted. */
function heldFor(caisse: string, need: Need, { queue, presence }: OfficeOptions, at: number): number[] {
  const serving = new Set(presence.present(caisse, at).filter(({ serves }) => serves.includes(need)).map(({ id }) => id));
  return queue.all().flatMap(({ phase, holder, since }) => (phase === 'held' && holder && serving.has(holder.id) ? [(at - since) / MINUTE] : []));
}

const ACTION_OF: Readonly<Record<Exclude<Right, 'override'>, Action>> = {
  take: 'claim',
  say: 'reply',
  release: 'reply',
  transfer: 'transfer',
  'transfer-away': 'transfer-away',
  'hand-back': 'reply',
  close: 'reply',
  note: 'reply',
};

/** Who may act, by the roster in force: someone taken out of it may nothing from then on. */
export function createRights(roster: () => Roster): Rights {
  return {
    may(actor, right, ticket) {
      const adviser = roster().advisers.get(actor.id);
      if (!adviser) return false;
      if (right === 'override') return isSupervisorOf(adviser, ticket);
      const verdict = mayDo(adviser, ACTION_OF[right], ticket.caisse);
      return verdict.kind === 'granted' && verdict.under.every((condition) => condition !== 'own-ticket' || holds(adviser, ticket, right));
    },
  };
}

/** Closing or noting what nobody holds yet is part of having the queue; so is a supervisor's hand on a colleague's ticket. */
function holds(adviser: Adviser, ticket: Ticket, right: Right): boolean {
  const unheld = ticket.holder === undefined && (right === 'close' || right === 'note' || right === 'transfer');
  return ticket.holder?.id === adviser.id || unheld || isSupervisorOf(adviser, ticket);
}

function isSupervisorOf({ roles, caisse }: Adviser, ticket: Ticket): boolean {
  return roles.includes('supervisor') && caisse === ticket.caisse;
}

/** The role that the audit writes beside an act. */
export function roleOf(roster: Roster, id: string): string {
  return roster.advisers.get(id)?.roles.join('+') ?? (id === 'system' ? 'system' : 'stranger');
}


/** Minutes between two moments. */
export function minutesBetween(from: number, to: number): number {
  return Math.max(0, (to - from) / MINUTE);
}

/** Told now and then of those who wait still, so that a range that is already broken is learnt from before its wait ends. */
export function tellWaits(queue: Pick<Queue, 'all'>, estimator: Pick<WaitEstimator, 'waiting'>, now: number): void {
  for (const { id, phase, requestedAt } of queue.all()) if (phase !== 'held') estimator.waiting(id, minutesBetween(requestedAt, now));
}
