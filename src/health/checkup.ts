/**
 * Asks each part how it does, and remembers since when. What makes a part well or ill is its probe's to say; nothing here
 * knows of people or conversations.
 */
import type { Clock } from '../conversation/ports.js';

export type Condition = 'ok' | 'degraded' | 'down';

/** One that throws, or takes too long, is `down`. */
export type Probe = () => Promise<Condition>;

export interface PartReport {
  readonly state: Condition;
  /** ISO 8601: when a look first found it so. */
  readonly since: string;
}

export interface Report {
  /** That of the part which does worst. */
  readonly status: Condition;
  readonly parts: Readonly<Record<string, PartReport>>;
}

export interface CheckupOptions {
  readonly probes: Readonly<Record<string, Probe>>;
  readonly clock: Clock;
  /** Told of each change of a part, and at the first look of each that is not well. */
  readonly changed: (part: string, state: Condition) => void;
  /** Milliseconds for one probe. */
  readonly patienceMs?: number;
}

export interface Checkup {
  /** Whoever asks within a second of another look, or during it, is given what that one found. Never rejects. */
  look(): Promise<Report>;
  /** Looks now and then, so that `since` is true when somebody asks. Returns the way to stop. */
  keepLooking(): () => void;
}

const FRESH_MS = 1_000;
const LOOK_EVERY_MS = 10_000;
const WORST_FIRST: readonly Condition[] = ['down', 'degraded', 'ok'];

export function createCheckup({ probes, clock, changed, patienceMs = 1_500 }: CheckupOptions): Checkup {
  const known = new Map<string, PartReport>();
  let last: { readonly at: number; readonly report: Promise<Report> } | undefined;

  const note = (part: string, state: Condition): PartReport => {
    const before = known.get(part);
    if (before?.state === state) return before;
    const report = { state, since: new Date(clock.now()).toISOString() };
    known.set(part, report);
    if (before !== undefined || state !== 'ok') changed(part, state);
    return report;
  };
  const lookNow = async (): Promise<Report> => {
    const found = await Promise.all(Object.entries(probes).map(async ([part, probe]) => [part, note(part, await inTime(probe, patienceMs))] as const));
    const states = new Set(found.map(([, { state }]) => state));
    return { status: WORST_FIRST.find((state) => states.has(state)) ?? 'ok', parts: Object.fromEntries(found) };
  };
  const look = (): Promise<Report> => {
    if (last === undefined || clock.now() - last.at >= FRESH_MS) last = { at: clock.now(), report: lookNow() };
    return last.report;
  };
  return {
    look,
    keepLooking() {
      void look();
      const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
      return () => { clearInterval(timer); };
    },
  };
}

async function inTime(probe: Probe, patienceMs: number): Promise<Condition> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Condition>((resolve) => {
    timer = setTimeout(() => { resolve('down'); }, patienceMs).unref();
  });
  try {
    return await Promise.race([probe(), late]);
  } catch {
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}
