/**
 * How the account backend is doing, as far as we can tell from our own calls: a circuit breaker that gives it rest, and
 * a rate of failures that makes an incident of many. It is an object handed around, and calls nothing by itself.
 */
import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhenResult } from 'cockatiel';
import type { Clock } from '../conversation/ports.js';

export interface HealthOptions {
  /** Failures in a row that open the breaker. 5 unless told. */
  readonly failures?: number;
  /** Milliseconds of rest before one call may try again. 10 000 unless told. */
  readonly restMs?: number;
  /** Monotonic unless told. */
  readonly clock?: Clock;
  /** Told when the backend is given rest, and when it is back. */
  readonly changed?: (state: 'resting' | 'back') => void;
}

/** How long a call counts in the rate of failures. */
const WINDOW_MS = 120_000;
/** Fewer calls than this are no rate. */
const LEAST_CALLS = 10;
const TOO_MANY = 0.5;
const KEPT_AT_MOST = 500;

interface Note {
  readonly at: number;
  readonly failed: boolean;
}

interface Judged<T> {
  readonly ended: T;
  readonly failed: boolean;
}

export class Health {
  private readonly clock: Clock;
  private readonly breaker;
  private notes: Note[] = [];

  constructor(options: HealthOptions = {}) {
    this.clock = options.clock ?? performance;
    this.breaker = circuitBreaker(handleWhenResult((result) => (result as Judged<unknown>).failed), {
      breaker: new ConsecutiveBreaker(options.failures ?? 5),
      halfOpenAfter: options.restMs ?? 10_000,
    });
    this.breaker.onBreak(() => options.changed?.('resting'));
    this.breaker.onReset(() => {
      // What failed before the rest says nothing of the time after it.
      this.notes = [];
      options.changed?.('back');
    });
  }

  /**
   * Makes a call and takes note of how it ended; `resting` at once, and no call, while the backend is given rest. After
   * the rest one call goes first, and the others wait for how it ends.
   */
  async guard<T>(call: () => Promise<T>, failed: (ended: T) => boolean): Promise<T | 'resting'> {
    try {
      const { ended } = await this.breaker.execute(async (): Promise<Judged<T>> => {
        const came = await call();
        return { ended: came, failed: this.note(failed(came)) };
      });
      return ended;
    } catch (error) {
      if (error instanceof BrokenCircuitError) return 'resting';
      throw error;
    }
  }

  /**
   * Whether it makes sense to ask people for anything that only the backend can use. While the breaker is open, `probe`
   * is let through as soon as its rest is over: an incident ends by itself.
   */
  async isUp(probe: () => Promise<boolean>): Promise<boolean> {
    if (this.breaker.state === CircuitState.Closed) return !this.failsOften();
    return (await this.guard(probe, (well) => !well)) === true;
  }

  private note(failed: boolean): boolean {
    this.notes = [...this.recent(), { at: this.clock.now(), failed }].slice(-KEPT_AT_MOST);
    return failed;
  }

  private failsOften(): boolean {
    const recent = this.recent();
    return recent.length >= LEAST_CALLS && recent.filter(({ failed }) => failed).length >= recent.length * TOO_MANY;
  }

  private recent(): Note[] {
    const since = this.clock.now() - WINDOW_MS;
    return this.notes.filter(({ at }) => at > since);
  }
}
