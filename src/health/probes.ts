/** What makes each part well, degraded or down. A probe asks the part itself, and changes nothing that anybody sees. */
import type { Clock, Outbox, RecordStore } from '../conversation/ports.js';
import type { Condition, Probe } from './checkup.js';

/** The counter that a look adds to, to know that something can be written. */
const WRITTEN = { key: 'health/written', windowMs: 60_000 };

/** `degraded`: it reads and does not write, as on a full disk. */
export function probeStore(records: Pick<RecordStore, 'count' | 'counted'>, clock: Clock): Probe {
  return async () => {
    await records.counted(WRITTEN.key, clock.now());
    return records.count(WRITTEN.key, WRITTEN.windowMs, clock.now()).then(() => 'ok', () => 'degraded');
  };
}

export interface BackendCondition {
  /** Whether it says of itself that it answers. */
  isThere(): Promise<boolean>;
  /** Whether enough of our own calls succeed. */
  isUp(): Promise<boolean>;
}

/** `degraded`: it answers, but our calls failed too often lately or are held back to give it rest. */
export function probeBackend(backend: BackendCondition): Probe {
  return async () => {
    if (!(await backend.isThere())) return 'down';
    return (await backend.isUp()) ? 'ok' : 'degraded';
  };
}

/** Looked at in the outbox: what is put back for later tells as much as what is due. */
const AHEAD_MS = 3_600_000;
const LOOKED_AT = 100;
const LATE_MS = { degraded: 60_000, down: 600_000 };
/** One address that takes no mail is no incident: so many items, and most of all that wait, tried so often. */
const IN_VAIN = { items: 3, tries: 3 };

/** A worker of the outbox, judged by what waits for it: `down` when something has waited for long and nobody tries it. */
export function probeWaiting(outbox: Pick<Outbox, 'due'>, kinds: readonly string[], clock: Clock): Probe {
  return async () => {
    const now = clock.now();
    const waiting = await outbox.due(now + AHEAD_MS, LOOKED_AT, kinds);
    const lateMs = Math.max(0, ...waiting.map(({ dueAt }) => now - dueAt));
    const inVain = waiting.filter(({ tries }) => tries >= IN_VAIN.tries).length;
    if (lateMs >= LATE_MS.down) return 'down';
    return lateMs >= LATE_MS.degraded || (inVain >= IN_VAIN.items && inVain * 2 > waiting.length) ? 'degraded' : 'ok';
  };
}

/** What is known without asking, such as whether the last reading of a file was good. */
export function probeFlag(isGood: () => boolean): Probe {
  return () => Promise.resolve<Condition>(isGood() ? 'ok' : 'degraded');
}
