/**
 * Keeps a flood from filling a disk: past so many lines of one event in a window, its lines are counted and no longer
 * written, and one line says how many. What a line holds is log.ts's.
 */

export interface Pace {
  /** Whether a line of this event may be written now; where not, it is counted. */
  admits(event: string): boolean;
  /** Says at once what was left out so far. */
  flush(): void;
}

export interface PaceOptions {
  readonly lines: number;
  readonly windowMs: number;
  /** Told once a window, of each event that had too many lines. */
  readonly leftOut: (event: string, lines: number) => void;
}

/** Lines of these are written whatever happens: there must be a trace of each. */
const ALWAYS = /^audit\./;

interface Window {
  written: number;
  leftOut: number;
}

/** A window opens with the first line of its event. It counts no time of its own: a busy process makes it longer, never shorter. */
export function createPace({ lines, windowMs, leftOut }: PaceOptions): Pace {
  const windows = new Map<string, Window>();
  const tell = (event: string, window: Window): void => {
    if (window.leftOut > 0) leftOut(event, window.leftOut);
    window.leftOut = 0;
  };
  const open = (event: string): Window => {
    const window = { written: 0, leftOut: 0 };
    windows.set(event, window);
    setTimeout(() => {
      windows.delete(event);
      tell(event, window);
    }, windowMs).unref();
    return window;
  };
  return {
    admits(event) {
      if (ALWAYS.test(event)) return true;
      const window = windows.get(event) ?? open(event);
      const admitted = window.written < lines;
      if (admitted) window.written += 1;
      else window.leftOut += 1;
      return admitted;
    },
    flush() {
      for (const [event, window] of windows) tell(event, window);
    },
  };
}
