/**
 * Things to send once a turn is committed, kept until they are sent. It sends nothing: whoever reads `due` does, and
 * says `done` or `retry`.
 */
import type { Outbox, OutboxItem } from '../conversation/ports.js';
import type { Disk } from './disk.js';
import { type Change, keys, put, ranges, remove } from './layout.js';
import type { Listeners } from './waiting.js';

/**
 * The changes that add items, for a commit to include. An id already there, or done before, adds nothing: the same id
 * is one item, for as long as `sweep` keeps its mark.
 */
export function addItems(disk: Disk, items: readonly OutboxItem[]): readonly Change[] {
  const added = new Map<string, OutboxItem>();
  for (const item of items) {
    const known = disk.current(keys.item(item.id)) ?? disk.current(keys.doneItem(item.id));
    if (known === undefined && !added.has(item.id)) added.set(item.id, item);
  }
  if (added.size === 0) return [];
  const last = disk.current(keys.lastPlace) ?? 0;
  const changes = [...added.values()].flatMap((item, index) => {
    const place = last + 1 + index;
    return [put(keys.item(item.id), { item, place }), put(keys.due(item.dueAt, place), item.id)];
  });
  return [...changes, put(keys.lastPlace, last + added.size)];
}

export function openOutbox(disk: Disk, added: Listeners<undefined>): Outbox {
  return {
    due: (now, limit, kinds) => due(disk, { now, limit, ...(kinds ? { kinds: new Set(kinds) } : {}) }),
    done: (id) => done(disk, id),
    retry: (id, dueAt) => retry(disk, id, dueAt),
    onAdded: (listener) => {
      disk.assertOpen();
      return added.add('', listener);
    },
  };
}

/** The changes that take an item away unsent; nothing where it is not there. */
export function removeItem(disk: Disk, id: string): readonly Change[] {
  const stored = disk.current(keys.item(id));
  return stored ? [remove(keys.item(id)), remove(keys.due(stored.item.dueAt, stored.place))] : [];
}

interface Wanted {
  readonly now: number;
  readonly limit: number;
  readonly kinds?: ReadonlySet<string>;
}

/** With kinds, the list is read in steps that grow until enough are found: nearly always the first. */
async function due(disk: Disk, wanted: Wanted): Promise<readonly OutboxItem[]> {
  const { now, limit, kinds } = wanted;
  for (let read = limit; ; read *= 4) {
    const ids = await disk.list(ranges.due(now), read);
    const found = await Promise.all(ids.map(([, id]) => disk.get(keys.item(id))));
    // All of it was done meanwhile: "nothing is due" would not be true of what those items left behind.
    if (ids.length > 0 && found.every((stored) => stored === undefined)) continue;
    // An item may be done or put back while the others are being read.
    const items = found.flatMap((stored) => (stored && stored.item.dueAt <= now && (kinds?.has(stored.item.kind) ?? true) ? [stored.item] : []));
    if (items.length >= limit || kinds === undefined || ids.length < read) return items.slice(0, limit);
  }
}

function done(disk: Disk, id: string): Promise<void> {
  return disk.change(() => {
    const stored = disk.current(keys.item(id));
    if (!stored) return { changes: [], answer: undefined };
    return { changes: [...removeItem(disk, id), put(keys.doneItem(id), { dueAt: stored.item.dueAt })], answer: undefined };
  });
}

/** An item that is no longer there stays away: done was said first. */
function retry(disk: Disk, id: string, dueAt: number): Promise<void> {
  return disk.change(() => {
    const stored = disk.current(keys.item(id));
    if (!stored) return { changes: [], answer: undefined };
    const { item, place } = stored;
    return {
      changes: [
        remove(keys.due(item.dueAt, place)),
        put(keys.due(dueAt, place), id),
        put(keys.item(id), { item: { ...item, dueAt, tries: item.tries + 1 }, place }),
      ],
      answer: undefined,
    };
  });
}
