/** What is planned for later, by name: a new plan replaces the one of the same name. */
import type { Outside } from './wire.js';

export class Timers<Name extends string> {
  private readonly planned = new Map<Name, () => void>();

  constructor(private readonly after: Outside['after']) {}

  /** Runs `work` after `ms` milliseconds. */
  plan(name: Name, ms: number, work: () => void): void {
    this.planned.get(name)?.();
    this.planned.set(name, this.after(ms, work));
  }

  clear(): void {
    for (const cancel of this.planned.values()) cancel();
    this.planned.clear();
  }
}
