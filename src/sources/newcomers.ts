/**
 * How many conversations may begin from one place in a minute. Counted in memory, since a restart that forgets a minute
 * harms nobody, and bounded whatever comes in; whose place it is, is not decided here.
 */
import type { Clock } from '../conversation/ports.js';

/** New conversations a minute. */
export interface NewcomerLimits {
  readonly perAddress: number;
  readonly perRange: number;
}

export const NEWCOMERS: NewcomerLimits = { perAddress: 10, perRange: 60 };

/** How many times more where many people are known to share an address: an office of a caisse, its kiosks. */
const LARGE = 10;
const MINUTE = 60_000;
const PLACES_AT_MOST = 50_000;

/** `large`: many people share the address. `free`: not counted at all. */
export type Crowd = 'ordinary' | 'large' | 'free';

export interface Place {
  readonly address: string;
  readonly range: string;
  readonly crowd: Crowd;
}

/** `token`: given for a conversation that may never be opened. Each is counted on its own. */
export type Newcomer = 'conversation' | 'token';

interface Count {
  count: number;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** Counts a newcomer. Gives back the seconds to wait where it is one too many; that one is then not counted. */
export function createNewcomers(clock: Clock, limits: NewcomerLimits = NEWCOMERS): (what: Newcomer, place: Place) => number | undefined {
  const counts = new Map<string, Count>();
  const waitOf = (key: string, atMost: number): number | undefined => {
    const known = counts.get(key);
    const now = clock.now();
    if (known === undefined || known.until <= now || known.count < atMost) return undefined;
    return Math.max(1, Math.ceil((known.until - now) / 1_000));
  };
  const add = (key: string): void => {
    const known = counts.get(key);
    if (known !== undefined && known.until > clock.now()) known.count += 1;
    else {
      // Put last again: a map keeps the order of entry, so the first are always the oldest.
      counts.delete(key);
      makeRoom(counts, clock.now());
      counts.set(key, { count: 1, until: clock.now() + MINUTE });
    }
  };
  return (what, { address, range, crowd }) => {
    if (crowd === 'free') return undefined;
    const times = crowd === 'large' ? LARGE : 1;
    const [own, around] = [`${what} ${address}`, `${what} around ${range}`];
    // Whoever is over their own limit takes nothing from their neighbours.
    const wait = waitOf(own, limits.perAddress * times) ?? waitOf(around, limits.perRange * times);
    if (wait === undefined) for (const key of [own, around]) add(key);
    return wait;
  };
}

function makeRoom(counts: Map<string, Count>, now: number): void {
  for (const [key, { until }] of counts) {
    if (until > now && counts.size < PLACES_AT_MOST) return;
    counts.delete(key);
  }
}
