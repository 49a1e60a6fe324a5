/**
 * The measures around a store: failures, the time to accept, how long turns wait, and what becomes of the outbox. It is the
 * same store in all it does.
 */
import { SesameError } from '../conversation/errors.js';
import type { Clock, ConversationStore, Outbox, OutboxItem, TurnCommit } from '../conversation/ports.js';
import { MEASURES, type Meters } from './measures.js';

type Method = (...given: readonly unknown[]) => unknown;

/** The same object, each of its methods done by what `wrap` makes of it. */
function around<T extends object>(target: T, wrap: (name: string, method: Method) => Method): T {
  const wrapped = new Map<PropertyKey, Method>();
  return new Proxy(target, {
    get(_, name) {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      const known = wrapped.get(name) ?? wrap(String(name), (...given): unknown => Reflect.apply(found, target, given));
      wrapped.set(name, known);
      return known;
    },
  });
}

/** These run work that is not the store's own, or none at all. */
const NOT_OF_THE_STORE: ReadonlySet<string> = new Set(['withTurn', 'follow', 'onAdded']);

export function measuredStore<S extends ConversationStore & Outbox>(store: S, meters: Meters): S {
  const items = watchItems(meters);
  return around(store, (name, method) => {
    if (NOT_OF_THE_STORE.has(name)) return method;
    return (...given) => {
      const started = performance.now();
      const doing = method(...given);
      if (!(doing instanceof Promise)) return doing;
      doing.then(
        (done: unknown) => {
          if (name === 'accept') meters.took('accept', { end: kindOf(done) }, performance.now() - started);
          items(name, given[0], done);
        },
        (error: unknown) => {
          if (name === 'accept') meters.took('accept', { end: 'failed' }, performance.now() - started);
          meters.add('storeFailures', { operation: name, code: error instanceof SesameError ? error.code : 'other' });
        },
      );
      return doing;
    };
  });
}

/** Items remembered until their end is known; past it, the end of the oldest is told under no kind. */
const ITEMS_KNOWN = 10_000;

/** Who is done with an item tells its id only, so its kind is remembered from when it was read. */
function watchItems(meters: Meters): (method: string, given: unknown, done: unknown) => void {
  const kinds = new Map<string, string>();
  const ended = (id: string, end: 'done' | 'retried'): void => {
    meters.add('outbox', { kind: kinds.get(id) ?? 'other', end });
    kinds.delete(id);
  };
  const told: Readonly<Record<string, (given: unknown, done: unknown) => void>> = {
    commitTurn: (given) => { for (const { kind } of (given as TurnCommit).outbox) meters.add('outbox', { kind, end: 'put' }); },
    due: (_given, done) => {
      for (const { id, kind } of done as readonly OutboxItem[]) if (kinds.size < ITEMS_KNOWN) kinds.set(id, kind);
    },
    done: (given) => { ended(String(given), 'done'); },
    retry: (given) => { ended(String(given), 'retried'); },
  };
  return (method, given, done) => { told[method]?.(given, done); };
}

/** Enough to see every kind that is late; a reading must stay cheap when thousands are. */
const LOOKED_AT = 200;

/** Tells how long the oldest item of each kind has been due. */
export async function tellLateness(store: Outbox, clock: Clock, meters: Meters): Promise<void> {
  const now = clock.now();
  const oldest = new Map<string, number>();
  for (const { kind, dueAt } of await store.due(now, LOOKED_AT)) oldest.set(kind, Math.min(oldest.get(kind) ?? now, dueAt));
  for (const kind of MEASURES.outboxLate.labels.kind) meters.set('outboxLate', { kind }, (now - (oldest.get(kind) ?? now)) / 1000);
}

/** For whoever takes turns: how long each waits for its conversation. */
export function queuedStore<S extends ConversationStore>(store: S, meters: Meters): S {
  return around(store, (name, method) => {
    if (name !== 'withTurn') return method;
    return (id, work) => {
      const came = performance.now();
      let waits = true;
      meters.move('turnsQueued', 1);
      const through = (): void => {
        if (waits) meters.move('turnsQueued', -1);
        waits = false;
      };
      const begun = (lease: unknown): unknown => {
        through();
        meters.took('turnWait', {}, performance.now() - came);
        return (work as Method)(lease);
      };
      const doing = method(id, begun) as Promise<unknown>;
      doing.then(through, through);
      return doing;
    };
  });
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : '';
}
