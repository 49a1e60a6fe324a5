/**
 * The two ways a conversation changes: an utterance is accepted, a turn is committed. Each is worked out here as one
 * set of changes; when and how they reach the disk is not decided here.
 */
import { SesameError, StaleStateError } from '../conversation/errors.js';
import type { Acceptance, TurnCommit } from '../conversation/ports.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import type { StorableUtterance, Words } from '../conversation/utterance.js';
import type { Disk } from './disk.js';
import { type Change, type Head, keys, put, remove } from './layout.js';
import { addItems } from './outbox.js';
import { changeRecords } from './records.js';

/** What changes, what to answer, and whom to tell once it is on disk. */
export interface Step<T> {
  readonly changes: readonly Change[];
  readonly answer: T;
  readonly entries: readonly TranscriptEntry[];
  readonly itemsAdded: boolean;
}

const BLANK: Head = { revision: 0, seq: 0, order: 0, waiting: 0 };

export function acceptStep(disk: Disk, utterance: StorableUtterance): Step<Acceptance> {
  const { conversationId, id } = utterance;
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

/** @throws StaleStateError when the state is no longer at the revision it was read at. */
export function commitStep(disk: Disk, commit: TurnCommit): Step<readonly TranscriptEntry[]> {
  const { state } = commit;
  const id = state.conversationId;
  refuseForeignLease(commit);
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

function refuseForeignLease({ lease, state }: TurnCommit): void {
  if (lease.conversationId === state.conversationId) return;
  throw new SesameError('internal', 'the lease is for another conversation: commit with the one `withTurn` gave');
}
