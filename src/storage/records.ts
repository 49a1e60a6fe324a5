/**
 * Small durable records and counters outside conversations. Nothing here reads a clock: who asks says what time it is,
 * and a record past its time stays readable until `sweep` takes it away.
 */
import { StaleStateError } from '../conversation/errors.js';
import type { RecordChange, RecordStore } from '../conversation/ports.js';
import type { Disk } from './disk.js';
import { type Change, type Key, type Range, type StoredCount, keys, put, ranges, recordKey, remove } from './layout.js';

/** How long the mark of a done outbox item outlives its time, in milliseconds: 30 days, as long as effects keep their keys. */
const DONE_KEPT = 30 * 24 * 3600 * 1000;

export function openRecords(disk: Disk): RecordStore {
  return {
    read: async (key) => {
      const stored = await disk.get(keys.record(key));
      // The port trusts its caller to name what it wrote; the store cannot know.
      return stored && { value: stored.value as never, revision: stored.revision };
    },
    write: (key, value, expected, expiresAt) =>
      disk.change(() => {
        const revision = disk.current(keys.record(key))?.revision ?? 0;
        if (revision !== expected) throw new StaleStateError('a record');
        const record = { value, revision: revision + 1, expiresAt };
        return { changes: [put(keys.record(key), record)], answer: undefined };
      }),
    list: async (prefix) => {
      const found = (await disk.list(ranges.recordsFrom(prefix))).map(([key, { value }]) => ({ key: recordKey(key), value: value as never }));
      // Escaped keys lie in another order than the keys they stand for.
      return found.sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    count: (key, windowMs, now) =>
      disk.change(() => {
        const before = within(disk.current(keys.counter(key)), now);
        const after = before
          ? { count: before.count + 1, resetsAt: before.resetsAt }
          : { count: 1, resetsAt: now + windowMs };
        return { changes: [put(keys.counter(key), after)], answer: after };
      }),
    counted: async (key, now) => within(await disk.get(keys.counter(key)), now) ?? { count: 0, resetsAt: now },
  };
}

/** The changes that put or take away records, for a commit to include. The last one of a key counts. */
export function changeRecords(disk: Disk, records: readonly RecordChange[]): readonly Change[] {
  return records.map(({ key, value, expiresAt }) => {
    if (value === undefined) return remove(keys.record(key));
    const revision = (disk.current(keys.record(key))?.revision ?? 0) + 1;
    return put(keys.record(key), { value, revision, expiresAt });
  });
}

/** A clock that went back keeps the window open: a lock is never shortened by it. */
function within(counter: StoredCount | undefined, now: number): StoredCount | undefined {
  return counter && now < counter.resetsAt ? counter : undefined;
}

/** Takes away records, counters and marks whose time is over. Resolves with how many went. */
export async function sweep(disk: Disk, now: number): Promise<number> {
  const records = await sweepRange(disk, ranges.records(), (record) => record.expiresAt <= now);
  const counters = await sweepRange(disk, ranges.counters(), (counter) => counter.resetsAt <= now);
  const marks = await sweepRange(disk, ranges.doneItems(), (mark) => mark.dueAt + DONE_KEPT <= now);
  const erased = await sweepRange(disk, ranges.erased(), ({ until }) => until <= now);
  return records + counters + marks + erased;
}

async function sweepRange<T>(disk: Disk, range: Range<T>, over: (value: T) => boolean): Promise<number> {
  const candidates = (await disk.list(range)).filter(([, value]) => over(value)).map(([key]) => key);
  return disk.change(() => {
    // Read again: one of them may have been renewed meanwhile.
    const changes = candidates.filter((key) => stillOver(disk, key, over)).map((key): Change => remove(key));
    return { changes, answer: changes.length };
  });
}

function stillOver<T>(disk: Disk, key: Key<T>, over: (value: T) => boolean): boolean {
  const value = disk.current(key);
  return value !== undefined && over(value);
}
