/**
 * Who waits for whom in this process: turns that queue per conversation, and listeners told of what happened. Kept in
 * memory only; nothing here survives a restart, and nothing here needs to.
 */

/** A strict queue per key. Keeps nothing for a key that nobody waits on. */
export class TurnQueue {
  readonly #last = new Map<string, Promise<void>>();

  /** Keys with someone at work or waiting. */
  get size(): number {
    return this.#last.size;
  }

  /** Runs `work` once every earlier work of this key has ended, well or badly. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const ended = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, ended);
    void ended.then(() => {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    });
    return turn;
  }
}

/** Listeners per key. One that throws is reported and does not keep the others from hearing. */
export class Listeners<T> {
  readonly #byKey = new Map<string, Set<{ readonly listener: (value: T) => void }>>();

  constructor(private readonly report: (error: unknown) => void) {}

  /** Keys with at least one listener. */
  get size(): number {
    return this.#byKey.size;
  }

  /** The same function added twice is called twice. Returns the way to stop, which may be used again harmlessly. */
  add(key: string, listener: (value: T) => void): () => void {
    const mine = { listener };
    const all = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, all.add(mine));
    return () => {
      all.delete(mine);
      if (all.size === 0 && this.#byKey.get(key) === all) this.#byKey.delete(key);
    };
  }

  tell(key: string, value: T): void {
    const all = this.#byKey.get(key);
    for (const mine of [...(all ?? [])]) {
      // A listener may stop another one while they are being told.
      if (all?.has(mine)) this.#tellOne(mine.listener, value);
    }
  }

  #tellOne(listener: (value: T) => void, value: T): void {
    try {
      listener(value);
    } catch (error) {
      // Apart from the caller, so that a reporter that throws cannot stop the store.
      queueMicrotask(() => {
        this.report(error);
      });
    }
  }
}
