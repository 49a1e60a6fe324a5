/**
 * Which advisers are there and what they have in hand. In memory only: after a restart it fills again from what they
 * do, from the tickets they hold, and from what other processes saw of them.
 */
import type { Need } from '../conversation/handoff.js';
import { isOpen, localDay } from './hours.js';
import type { Adviser, Post, Roster } from './roster.js';

/** Who has shown no sign for this long, and has not said they were there, is not counted on. */
export const ACTIVE_FOR = 20 * 60_000;

export interface Capacity {
  /** Advisers there who serve the need. */
  readonly present: number;
  /** Those who can take one more. */
  readonly free: number;
  /** Conversations that they can take now, all together. */
  readonly places: number;
}

const NONE: Capacity = { present: 0, free: 0, places: 0 };

/** What an adviser showed of themselves; epoch milliseconds. */
export interface Signs {
  readonly activeAt: number;
  /** What they last said of themselves. */
  readonly said?: { readonly status: 'available' | 'away'; readonly at: number };
}

export class Presence {
  private readonly signs = new Map<string, Signs>();
  /** Holder by ticket. */
  private readonly held = new Map<string, string>();
  private watching: ((id: string, signs: Signs) => void) | undefined;

  constructor(private readonly roster: () => Roster) {}

  /** Notes that an adviser did something. One who said « away » stays away for new requests. */
  active(id: string, now: number): void {
    this.show(id, { ...this.signs.get(id), activeAt: now });
  }

  /** Counts on them until they say otherwise, or the day ends. */
  available(id: string, now: number): void {
    this.show(id, { activeAt: now, said: { status: 'available', at: now } });
  }

  away(id: string, now: number): void {
    // Leaving is not a sign of being there, not even after midnight.
    this.show(id, { activeAt: 0, said: { status: 'away', at: now } });
  }

  /** Calls back with what advisers show of themselves to this process. */
  watch(listener: (id: string, signs: Signs) => void): void {
    this.watching = listener;
  }

  /** Takes over what another process saw, where it is newer. */
  learn(id: string, seen: Signs): void {
    const own = this.signs.get(id) ?? { activeAt: 0 };
    const { said } = saidAt(seen) > saidAt(own) ? seen : own;
    const leftAt = said?.status === 'away' ? said.at : 0;
    const activeAt = Math.max(own.activeAt, seen.activeAt);
    // Whoever left was active before that.
    this.signs.set(id, { activeAt: activeAt > leftAt ? activeAt : 0, ...(said && { said }) });
  }

  private show(id: string, signs: Signs): void {
    this.signs.set(id, signs);
    this.watching?.(id, signs);
  }

  /** A ticket is in their hands; in no one else's any more. Saying it twice changes nothing. */
  took(id: string, ticket: string): void {
    this.held.set(ticket, id);
  }

  /** A ticket is in nobody's hands. */
  left(ticket: string): void {
    this.held.delete(ticket);
  }

  /** How many tickets they hold. */
  load(id: string): number {
    return [...this.held.values()].filter((holder) => holder === id).length;
  }

  isPresent(id: string, now: number): boolean {
    const adviser = this.roster().advisers.get(id);
    const post = adviser && this.roster().posts.get(adviser.caisse);
    const signs = this.signs.get(id);
    return post !== undefined && signs !== undefined && isThere(signs, post, now);
  }

  /** Who of a caisse is there, supervisors included: they take requests too. */
  present(caisse: string, now: number): readonly Adviser[] {
    return [...this.roster().advisers.values()].filter((one) => one.caisse === caisse && takesRequests(one) && this.isPresent(one.id, now));
  }

  /** What a caisse can take on now for a need. Nothing while it is closed, whoever is there. */
  capacity(caisse: string, need: Need, now: number): Capacity {
    const post = this.roster().posts.get(caisse);
    if (post === undefined || !isOpen(post.timetable, now)) return NONE;
    const serving = this.present(caisse, now).filter(({ serves }) => serves.includes(need));
    const rooms = serving.map(({ id, atOnce }) => Math.max(0, atOnce - this.load(id)));
    return { present: serving.length, free: rooms.filter((room) => room > 0).length, places: rooms.reduce((sum, room) => sum + room, 0) };
  }
}

function takesRequests({ roles }: Adviser): boolean {
  return roles.includes('adviser') || roles.includes('supervisor');
}

/** Saying « available » in the evening and going home must not promise anyone the next morning. */
function isThere({ activeAt, said }: Signs, { timetable }: Post, now: number): boolean {
  const sameDay = (at: number): boolean => localDay(timetable, at) === localDay(timetable, now);
  if (said !== undefined && sameDay(said.at)) return said.status === 'available';
  return now - activeAt < ACTIVE_FOR;
}

function saidAt({ said }: Signs): number {
  return said?.at ?? 0;
}
