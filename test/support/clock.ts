/** A clock that moves only when a test says so. */
import type { Clock } from '../../src/conversation/ports.js';

export class SimulatedClock implements Clock {
  /** A Monday morning in Paris. */
  constructor(private at = Date.UTC(2026, 10, 23, 9, 0, 0)) {}

  now(): number {
    return this.at;
  }

  pass(milliseconds: number): void {
    this.at += milliseconds;
  }
}
