/**
 * Where everything lies in the embedded store and how it is written down: the one page to read before looking into a
 * folder by hand. It knows nothing of how or when things are written.
 *
 * A key is ASCII; `!` parts its pieces and never occurs inside one. Numbers are zero-padded, so that a range of keys
 * comes back in the order of the numbers. `conv`, `utterance`, `item` and `key` come from outside and are escaped.
 *
 *   f!                         format of this folder
 *   h!conv                     head: revision, last entry, last acceptance, how many wait in the inbox
 *   s!conv                     state and its revision
 *   t!conv!seq                 one transcript entry
 *   u!conv!utterance           an utterance that was accepted or heard, and the entry it made
 *   i!conv!order               inbox: an utterance accepted and not yet heard
 *   p!conv                     this conversation is unfinished
 *   e!conv                     this conversation was erased, and until when its id opens nothing
 *   o!item                     outbox: an item to send
 *   d!dueAt!place              outbox: which item is due then; `place` keeps the order of writing
 *   x!item                     outbox: an item that is done
 *   l!                         outbox: last place given
 *   r!key                      a record        n!key    a counter
 */
import { SesameError } from '../conversation/errors.js';
import type { OutboxItem, Revision } from '../conversation/ports.js';
import type { ConversationState } from '../conversation/state.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import type { StorableUtterance } from '../conversation/utterance.js';

/** A key that knows what lies under it, so that the compiler refuses a value in the wrong place. */
export type Key<T> = string & { readonly holds?: T };

/** One value to write, or to remove where there is no text. */
export type Change = readonly [key: string, text: string | undefined];

export interface Head {
  readonly revision: Revision;
  readonly seq: number;
  readonly order: number;
  readonly waiting: number;
}

/** `order` is the place in the inbox, present until the utterance is heard. */
export interface Seen {
  readonly seq: number;
  readonly order?: number;
}

/** `until`: epoch milliseconds from which the mark may be swept. */
export interface Erased {
  readonly until: number;
}

export interface StoredItem {
  readonly item: OutboxItem;
  readonly place: number;
}

export interface StoredRecord {
  readonly value: unknown;
  readonly revision: Revision;
  readonly expiresAt: number;
}

export interface StoredCount {
  readonly count: number;
  readonly resetsAt: number;
}

export const keys = {
  format: 'f!' as Key<number>,
  head: (conv: string) => `h!${escapeId(conv)}` as Key<Head>,
  state: (conv: string) => `s!${escapeId(conv)}` as Key<{ state: ConversationState; revision: Revision }>,
  entry: (conv: string, seq: number) => `t!${escapeId(conv)}!${pad(seq)}` as Key<TranscriptEntry>,
  seen: (conv: string, utterance: string) => `u!${escapeId(conv)}!${escapeId(utterance)}` as Key<Seen>,
  inbox: (conv: string, order: number) => `i!${escapeId(conv)}!${pad(order)}` as Key<StorableUtterance>,
  unfinished: (conv: string) => `p!${escapeId(conv)}` as Key<string>,
  erased: (conv: string) => `e!${escapeId(conv)}` as Key<Erased>,
  item: (item: string) => `o!${escapeId(item)}` as Key<StoredItem>,
  due: (dueAt: number, place: number) => `d!${pad(Math.ceil(dueAt))}!${pad(place)}` as Key<string>,
  doneItem: (item: string) => `x!${escapeId(item)}` as Key<{ dueAt: number }>,
  lastPlace: 'l!' as Key<number>,
  record: (key: string) => `r!${escapeId(key)}` as Key<StoredRecord>,
  counter: (key: string) => `n!${escapeId(key)}` as Key<StoredCount>,
};

/** Keys from one up to another, which is left out; their values are all of one kind. */
export interface Range<T> {
  readonly gte: Key<T>;
  readonly lt: string;
}

/** `"` follows `!` in ASCII: it closes the range of everything under a prefix. */
const under = (prefix: string) => ({ gte: prefix, lt: `${prefix.slice(0, -1)}"` });

export const ranges = {
  entries: (conv: string, after: number): Range<TranscriptEntry> => ({
    gte: keys.entry(conv, Math.floor(after) + 1),
    lt: `t!${escapeId(conv)}"`,
  }),
  states: (): Range<{ state: ConversationState; revision: Revision }> => under('s!'),
  inbox: (conv: string): Range<StorableUtterance> => under(`i!${escapeId(conv)}!`),
  seen: (conv: string): Range<Seen> => under(`u!${escapeId(conv)}!`),
  erased: (): Range<Erased> => under('e!'),
  unfinished: (): Range<string> => under('p!'),
  due: (now: number): Range<string> => ({ gte: 'd!', lt: `d!${pad(Math.floor(now) + 1)}` }),
  doneItems: (): Range<{ dueAt: number }> => under('x!'),
  records: (): Range<StoredRecord> => under('r!'),
  /** `~` and letters only follow: DEL closes every key that goes on from the prefix. */
  recordsFrom: (prefix: string): Range<StoredRecord> => ({ gte: keys.record(prefix), lt: `${keys.record(prefix)}\x7f` }),
  counters: (): Range<StoredCount> => under('n!'),
};

/** Every range of keys that belongs to one conversation; `from` is never a key of any other. */
export function whereabouts(conv: string): readonly { readonly from: string; readonly to: string }[] {
  const id = escapeId(conv);
  const single = ['h', 's'].map((kind) => ({ from: `${kind}!${id}`, to: `${kind}!${id}!` }));
  return [...single, ...['t', 'u', 'i'].map((kind) => ({ from: `${kind}!${id}!`, to: `${kind}!${id}"` }))];
}

export function put<T>(key: Key<T>, value: T): Change {
  if (!isPlain(value)) refuseUnlessPlain(value, '');
  return [key, JSON.stringify(value)];
}

export function remove(key: string): Change {
  return [key, undefined];
}

/** Reads a value back. Damage throws: an unreadable state must never pass for a new one. */
export function parse<T>(key: Key<T>, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    const message = `a value under "${key.slice(0, 2)}" is damaged: stop, keep a copy of the folder, put back the last backup`;
    throw new SesameError('store-unavailable', message, { cause });
  }
}

/** Injective, code unit by code unit: a lone surrogate, which UTF-8 would merge with others, keeps its own key. */
function escapeId(id: string): string {
  return id.replace(/[^A-Za-z0-9_.-]/g, (unit) => `~${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The key that a record was written under. */
export function recordKey(key: Key<StoredRecord>): string {
  return key.slice('r!'.length).replace(/~([0-9a-f]{4})/g, (_, unit: string) => String.fromCharCode(parseInt(unit, 16)));
}

function pad(n: number): string {
  if (Number.isNaN(n)) throw new SesameError('internal', 'a key needs a number: NaN was given, give a real one');
  const within = Math.trunc(Math.min(Math.max(0, n), Number.MAX_SAFE_INTEGER));
  return String(within).padStart(16, '0');
}

/** The same question without the way to the answer: nearly everything is, and ways cost more than looks. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isPlain);
  return isPlainObject(value) && Object.values(value).every((item) => item === undefined || isPlain(item));
}

/** JSON would turn these into something else in silence, and a restart would then read what nobody wrote. */
function refuseUnlessPlain(value: unknown, path: string): void {
  if (value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      refuseUnlessPlain(item, `${path}[${String(index)}]`);
    });
  } else if (isPlainObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      if (item !== undefined) refuseUnlessPlain(item, `${path}.${name}`);
    }
  } else {
    const what = typeof value === 'object' ? 'object of a class' : typeof value;
    throw new SesameError('internal', `"${path}" is a ${what}, which JSON would change: store plain JSON only`);
  }
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Jest runs tests in a realm of its own, whose Object.prototype is another: look at what it is, not which one.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
