/**
 * How often something may be done: so many times at once, then so many a second. Counted in memory, since a restart that
 * forgets a few seconds harms nobody, and bounded whatever comes in.
 */
import type { Clock } from '../conversation/ports.js';

export interface Rate {
  readonly atOnce: number;
  readonly perSecond: number;
}

/** Counts one; the seconds to wait where it is one too many, which is then not counted. `times`: for how many people it stands. */
export type Pace = (key: string, times?: number) => number | undefined;

const KEYS_AT_MOST = 50_000;

export function createPace(clock: Clock, { atOnce, perSecond }: Rate): Pace {
  /** When each would be back where it began, in epoch milliseconds: one number is all there is to know. */
  const rested = new Map<string, number>();
  return (key, times = 1) => {
    const now = clock.now();
    const [each, room] = [1_000 / (perSecond * times), (1_000 * (atOnce - 1)) / perSecond];
    // A clock that was put back must not make anybody wait for what it was put back by.
    const from = Math.min(Math.max(rested.get(key) ?? now, now), now + room + each);
    const wait = from - now - room;
    if (wait > 0) {
      rested.set(key, from);
      return Math.ceil(wait / 1_000);
    }
    // Put last again: a map keeps the order of entry, so those that were quiet longest come first.
    rested.delete(key);
    makeRoom(rested, now);
    rested.set(key, from + each);
    return undefined;
  };
}

function makeRoom(rested: Map<string, number>, now: number): void {
  for (const [key, until] of rested) {
    if (until > now && rested.size < KEYS_AT_MOST) return;
    rested.delete(key);
  }
}
