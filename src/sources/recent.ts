/**
 * What was proved a moment ago, so that it need not be proved again at each request. In memory, for so many only, and
 * never past its time; what the proof was is not known here.
 */

export interface Recent<T> {
  /** What was kept, while it still counts at `now`, in epoch milliseconds. */
  get(key: string, now: number): T | undefined;
  /** Counts until then, in epoch milliseconds, that moment left out. */
  keep(key: string, value: T, until: number): void;
}

const KEPT_AT_MOST = 10_000;

/** Past `atMost`, the one that was kept first goes. */
export function createRecent<T>(atMost = KEPT_AT_MOST): Recent<T> {
  const kept = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    get(key, now) {
      const found = kept.get(key);
      if (found === undefined || found.until > now) return found?.value;
      kept.delete(key);
      return undefined;
    },
    keep(key, value, until) {
      kept.set(key, { value, until });
      const [oldest] = kept.keys();
      if (kept.size > atMost && oldest !== undefined) kept.delete(oldest);
    },
  };
}
