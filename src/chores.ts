/**
 * What one process at a time does for all: sending what is due, looking after requests, throwing away what is over. With
 * a store of its own a process does it always; with a shared one, while it leads. Of the work itself it knows nothing.
 *
 * Whoever leads holds the turn of a conversation that nobody has, and looks again and again whether it still does: the
 * lock of a process that was stopped for long goes to another one. What it was sending at that moment may be sent twice.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { StaleStateError } from './conversation/errors.js';
import type { Clock, Lease, Store } from './conversation/ports.js';
import type { Log } from './log.js';

export interface Work {
  /** Resolves when nothing of it is under way. */
  stop(): Promise<void>;
}

export interface Chores {
  /** Has this work started where it is ours to do, from `begin` on. */
  take(start: () => Work): void;
  begin(): void;
  /** Lets another process have them; resolves when nothing of them is under way here. */
  stop(): Promise<void>;
}

export interface ChoresOptions {
  readonly store: Pick<Store, 'withTurn' | 'read' | 'write'>;
  /** Whether other processes share the store. */
  readonly shared: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two looks at who leads. */
  readonly lookEveryMs?: number;
}

const KEY = 'chores';
/** A record of who led is of no use to anybody after that. */
const KEPT_MS = 24 * 3_600_000;

export function createChores(options: ChoresOptions): Chores {
  const taken = new Set<() => Work>();
  const under = new Map<() => Work, Work>();
  const ending = new AbortController();
  const begin = (): void => {
    for (const start of taken) if (!under.has(start)) under.set(start, start());
  };
  const end = async (): Promise<void> => {
    await Promise.all([...under.values()].map((work) => work.stop()));
    under.clear();
  };
  let term = Promise.resolve();
  return {
    take: (start) => void taken.add(start),
    begin() {
      if (options.shared) void leadAgainAndAgain({ ...options, ending: ending.signal, lead: (whileOurs) => (term = leadOnce({ begin, end, whileOurs })) });
      else begin();
    },
    async stop() {
      ending.abort();
      await term;
      await end();
    },
  };
}

/** Does something again and again; what is under way when it is stopped goes on. */
export function every(ms: number, round: () => Promise<unknown>): Work {
  const timer = setInterval(() => void round(), ms).unref();
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}

interface Term {
  readonly begin: () => void;
  readonly end: () => Promise<void>;
  /** Resolves, or rejects, when it is over. */
  readonly whileOurs: () => Promise<void>;
}

async function leadOnce({ begin, end, whileOurs }: Term): Promise<void> {
  begin();
  try {
    await whileOurs();
  } finally {
    await end();
  }
}

interface Leading extends ChoresOptions {
  readonly ending: AbortSignal;
  readonly lead: (whileOurs: () => Promise<void>) => Promise<void>;
}

async function leadAgainAndAgain(options: Leading): Promise<void> {
  const { store, log, ending, lookEveryMs = 1000 } = options;
  const rest = () => wait(lookEveryMs, undefined, { signal: ending, ref: false }).catch(() => undefined);
  for (;;) {
    const lost = await store.withTurn(KEY, (lease) => leadOnLease(lease, rest, options)).then(() => undefined, (error: unknown) => ({ error }));
    if (ending.aborted) return;
    if (!lost) continue;
    log.warn('chores.lost', lost);
    await rest();
  }
}

async function leadOnLease(lease: Lease, rest: () => Promise<unknown>, options: Leading): Promise<void> {
  const { store, log, ending, lead } = options;
  if (ending.aborted) return;
  await claim(lease, options);
  // A stop that came meanwhile waits for nothing of ours.
  if (options.ending.aborted) return;
  log.info('chores.taken');
  await lead(async () => {
    do await rest();
    while (!ending.aborted && (await store.read<Leader>(KEY))?.value.fence === lease.fence);
  });
  log.info('chores.left');
}

interface Leader {
  readonly fence: number;
}

/** Whoever had them sees that somebody else does now. */
async function claim({ fence }: Lease, { store, clock }: ChoresOptions): Promise<void> {
  for (;;) {
    const former = await store.read<Leader>(KEY);
    try {
      await store.write<Leader>(KEY, { fence }, former?.revision ?? 0, clock.now() + KEPT_MS);
      return;
    } catch (error) {
      if (!(error instanceof StaleStateError)) throw error;
    }
  }
}
