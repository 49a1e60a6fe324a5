/** How the process stops: no longer ready, then closed, then cut if that takes too long. What closes is handed in. */
import { setTimeout as pause } from 'node:timers/promises';

export interface StopOptions {
  /** Milliseconds for load balancers to see that we are no longer ready. */
  readonly drainMs: number;
  /** Milliseconds after those before everything is cut. */
  readonly withinMs: number;
  /** From here on we are not ready. */
  readonly drain: () => void;
  readonly close: () => Promise<void>;
  /** `cut`: it took too long; `failed`: something broke on the way. */
  readonly ended: (how: 'well' | 'cut' | 'failed', error?: unknown) => void;
}

/** What a signal is to call. A second call ends the wait for load balancers; how it ends is told once. */
export function createStop({ drainMs, withinMs, drain, close, ended }: StopOptions): () => void {
  const drained = new AbortController();
  let begun = false;
  let told = false;
  const tell: StopOptions['ended'] = (how, error) => {
    if (!told) ended(how, error);
    told = true;
  };
  const stop = async (): Promise<void> => {
    drain();
    await pause(drainMs, undefined, { signal: drained.signal }).catch(() => undefined);
    const cut = setTimeout(() => { tell('cut'); }, withinMs);
    await close().finally(() => { clearTimeout(cut); });
  };
  return () => {
    if (begun) drained.abort();
    else {
      begun = true;
      stop().then(() => { tell('well'); }, (error: unknown) => { tell('failed', error); });
    }
  };
}
