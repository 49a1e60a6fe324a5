/**
 * How long conversations last, as far as the ones that ended and the ones under way can tell. It knows no queue.
 */

/** A time in minutes, at a level drawn between 0 and 1. */
export type Draw = (level: number) => number;

/** Levels that are told apart when drawing: a look-up each, where a search would be most of the time spent. */
const LEVELS = 1024;
const { floor } = Math;
/** Conversations looked back on: more would answer for another time of the day. */
const LOOKED_BACK = 100;
/** What a conversation may last before any was seen: evenly spread quantiles, with a long tail. */
const BEFORE_ANY = [3, 5, 6, 8, 9, 10, 12, 13, 15, 17, 20, 23, 27, 33, 45, 70];

export interface Lasts {
  /** What is left of a conversation that has lasted so many minutes. */
  after(minutes: number): Draw;
}

/** In minutes; `history` newest first. */
export interface Seen {
  readonly history: readonly number[];
  readonly busyFor: readonly number[];
}

/**
 * How long conversations last, from those that ended and those under way (Kaplan-Meier): leaving out the ones that are
 * still running would hide a day on which everything takes longer.
 */
export function durationsOf({ history, busyFor }: Seen): Lasts {
  const seen = history.slice(0, LOOKED_BACK);
  const ended = seen.length < 2 * BEFORE_ANY.length ? [...seen, ...BEFORE_ANY] : seen;
  const all = [...ended.map((at) => ({ at, running: false })), ...busyFor.map((at) => ({ at, running: true }))].sort((a, b) => a.at - b.at);
  const ends: number[] = [];
  const surviving: number[] = [];
  let survives = 1;
  all.forEach(({ at, running }, index) => {
    if (running) return;
    survives *= 1 - 1 / (all.length - index);
    ends.push(at);
    surviving.push(survives);
  });
  // By how many are still there, in shares of LEVELS: the first end that leaves as few.
  const firstEnd = Uint16Array.from({ length: LEVELS + 1 }, (_, share) => firstWhere(ends.length, (index) => (surviving[index] ?? 0) <= share / LEVELS));
  const mean = ended.reduce((sum, at) => sum + at, 0) / ended.length;
  return {
    after(minutes) {
      const from = firstWhere(ends.length, (index) => (ends[index] ?? 0) > minutes);
      const now = from === 0 ? 1 : (surviving[from - 1] ?? 1);
      return (level) => {
        const end = ends[Math.max(from, firstEnd[floor(now * (1 - level) * LEVELS)] ?? from)];
        // Longer than all that was seen: nothing tells, so it may end at any moment, as slowly as the average.
        return end === undefined ? -Math.log(1 - level) * mean : end - minutes;
      };
    },
  };
}

/** The first index of which `isTrue` says so, where it stays true once it is; `length` where it never is. */
function firstWhere(length: number, isTrue: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
