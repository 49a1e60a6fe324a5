/**
 * The three ways a conversation changes: an utterance is accepted, a turn is committed, all of it is erased. Each is
 * worked out here as one set of changes; when and how they reach the disk is not decided here.
 */
import { SesameError, StaleStateError } from '../conversation/errors.js';
import type { Acceptance, Erasure, TurnCommit } from '../conversation/ports.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import type { StorableUtterance, Words } from '../conversation/utterance.js';
import type { Disk } from './disk.js';
import { type Change, type Head, keys, put, ranges, remove } from './layout.js';
import { addItems, removeItem } from './outbox.js';
import { changeRecords } from './records.js';

/** What changes, what to answer, and whom to tell once it is on disk. */
export interface Step<T> {
  readonly changes: readonly Change[];
  readonly answer: T;
  readonly entries: readonly TranscriptEntry[];
  readonly itemsAdded: boolean;
}

const BLANK: Head = { revision: 0, seq: 0, order: 0, waiting: 0 };

/** @throws SesameError `conversation-unknown` when the conversation was erased. */
export function acceptStep(disk: Disk, utterance: StorableUtterance): Step<Acceptance> {
  const { conversationId, id } = utterance;
  refuseErased(disk, conversationId);
  const before = disk.current(keys.seen(conversationId, id));
  if (before) return { changes: [], answer: { kind: 'seen', seq: before.seq }, entries: [], itemsAdded: false };

  const head = disk.current(keys.head(conversationId)) ?? BLANK;
  const entries = utterance.kind === 'words' ? [entryOf(utterance, head.seq + 1)] : [];
  const seq = head.seq + entries.length;
  const order = head.order + 1;
  const changes = [
    ...entries.map((entry) => put(keys.entry(conversationId, entry.seq), entry)),
    put(keys.inbox(conversationId, order), utterance),
    put(keys.seen(conversationId, id), { seq, order }),
    put(keys.head(conversationId), { ...head, seq, order, waiting: head.waiting + 1 }),
    put(keys.unfinished(conversationId), conversationId),
  ];
  return { changes, answer: { kind: 'accepted', seq }, entries, itemsAdded: false };
}

/**
 * @throws StaleStateError when the state is no longer at the revision it was read at.
 * @throws SesameError `conversation-unknown` when the conversation was erased.
 */
export function commitStep(disk: Disk, commit: TurnCommit): Step<readonly TranscriptEntry[]> {
  const { state } = commit;
  const id = state.conversationId;
  refuseForeignLease(commit);
  refuseErased(disk, id);
  const head = disk.current(keys.head(id)) ?? BLANK;
  if (head.revision !== commit.expected) throw new StaleStateError("a conversation's state");

  const entries = commit.entries.map((entry, index): TranscriptEntry => ({ ...entry, seq: head.seq + 1 + index }));
  const hearing = hear(disk, commit, head, entries);
  const items = addItems(disk, commit.outbox);
  const after: Head = {
    revision: head.revision + 1,
    seq: head.seq + entries.length,
    order: head.order,
    waiting: hearing.waiting,
  };
  const unfinished = after.waiting > 0 || state.pending !== undefined;
  const changes = [
    ...entries.map((entry) => put(keys.entry(id, entry.seq), entry)),
    ...hearing.changes,
    ...items,
    ...changeRecords(disk, commit.records ?? []),
    put(keys.state(id), { state, revision: after.revision }),
    put(keys.head(id), after),
    unfinished ? put(keys.unfinished(id), id) : remove(keys.unfinished(id)),
  ];
  return { changes, answer: entries, entries, itemsAdded: items.length > 0 };
}

/**
 * Works out what an erasure takes away, in two breaths: keys are listed first, and the step that follows answers false,
 * and changes nothing, where something was written in between. Every write to a conversation changes its head.
 */
export async function erasing(disk: Disk, erasure: Erasure): Promise<() => { readonly changes: readonly Change[]; readonly answer: boolean }> {
  const id = erasure.lease.conversationId;
  const before = await disk.get(keys.head(id));
  const own = [...(await disk.list(ranges.entries(id, 0))), ...(await disk.list(ranges.inbox(id))), ...(await disk.list(ranges.seen(id)))];
  return () => {
    const now = disk.current(keys.head(id));
    if (before?.revision !== now?.revision || before?.order !== now?.order) return { changes: [], answer: false };
    const until = Math.max(erasure.until, disk.current(keys.erased(id))?.until ?? 0);
    const changes = [
      ...[...own.map(([key]) => key), keys.head(id), keys.state(id), keys.unfinished(id)].map(remove),
      ...erasure.records.flatMap((key) => [remove(keys.record(key)), remove(keys.counter(key))]),
      ...erasure.outbox.flatMap((item) => removeItem(disk, item)),
      put(keys.erased(id), { until }),
    ];
    return { changes, answer: true };
  };
}

/** Takes the utterance out of the inbox; one that never was there (a form) is remembered as seen from here on. */
function hear(
  disk: Disk,
  { heard, state }: TurnCommit,
  head: Head,
  entries: readonly TranscriptEntry[],
): { changes: readonly Change[]; waiting: number } {
  const nothing = { changes: [], waiting: head.waiting };
  if (heard === undefined) return nothing;
  const key = keys.seen(state.conversationId, heard);
  const mark = disk.current(key);
  if (!mark) {
    const own = entries.find((entry) => entry.author === 'person' && entry.utteranceId === heard);
    return { ...nothing, changes: [put(key, { seq: own?.seq ?? head.seq })] };
  }
  if (mark.order === undefined) return nothing;
  const changes = [put(key, { seq: mark.seq }), remove(keys.inbox(state.conversationId, mark.order))];
  return { changes, waiting: head.waiting - 1 };
}

function entryOf(words: Words & StorableUtterance, seq: number): TranscriptEntry {
  const { at, id, text, masked, clientTag } = words;
  return {
    author: 'person',
    at,
    utteranceId: id,
    text,
    ...(masked && { masked }),
    ...(clientTag !== undefined && { clientTag }),
    seq,
  };
}

/** A turn that was under way, or a client that came late, must not bring back what is gone. */
function refuseErased(disk: Disk, conversationId: string): void {
  if (disk.current(keys.erased(conversationId)) === undefined) return;
  throw new SesameError('conversation-unknown', 'this conversation was erased: open another one');
}

function refuseForeignLease({ lease, state }: TurnCommit): void {
  if (lease.conversationId === state.conversationId) return;
  throw new SesameError('internal', 'the lease is for another conversation: commit with the one `withTurn` gave');
}
