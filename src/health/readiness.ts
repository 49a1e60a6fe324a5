/**
 * Whether new visits should come to this process. It follows its life only, not what fails beside it: every process
 * shares the same store and backend, and one that says so honestly serves people better than none.
 */
import type { Clock } from '../conversation/ports.js';

export type Phase = 'starting' | 'ready' | 'draining';

export class Readiness {
  private current: { readonly phase: Phase; readonly since: number };

  constructor(private readonly clock: Clock) {
    this.current = { phase: 'starting', since: clock.now() };
  }

  get phase(): Phase {
    return this.current.phase;
  }

  /** Epoch milliseconds. */
  get since(): number {
    return this.current.since;
  }

  get isReady(): boolean {
    return this.phase === 'ready';
  }

  /** Visits may come; never again once it drains. */
  open(): void {
    if (this.phase === 'starting') this.turn('ready');
  }

  /** Visits should go elsewhere; those that come all the same are still served. */
  drain(): void {
    if (this.phase !== 'draining') this.turn('draining');
  }

  private turn(phase: Phase): void {
    this.current = { phase, since: this.clock.now() };
  }
}
