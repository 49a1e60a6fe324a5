/**
 * Lets answers leave on a grid of time, so that how long one took tells nothing of what was found. It hides work that
 * fits between two marks of the grid, and knows nothing of that work.
 */

/** Runs some work, and ends on the grid. */
export type Pace = <T>(work: () => Promise<T>) => Promise<T>;

export interface PaceOptions {
  /** Milliseconds between two marks, counted from the start of the work. */
  readonly everyMs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
}

/** Ends at once: for whoever measures no one. */
export const atOnce: Pace = (work) => work();

/** Ends, well or badly, at the first multiple of `everyMs` after the work is done, and never before one has passed. */
export function onGrid({ everyMs, now, wait }: PaceOptions): Pace {
  const untilMark = async (start: number): Promise<void> => {
    const mark = start + Math.max(1, Math.ceil((now() - start) / everyMs)) * everyMs;
    // Timers may fire a little early.
    for (let left = mark - now(); left > 0; left = mark - now()) await wait(left);
  };
  return async (work) => {
    const start = now();
    try {
      return await work();
    } finally {
      await untilMark(start);
    }
  };
}
