/**
 * What the rooms need from the world, as interfaces. `storage/` keeps the promises written here, and one contract
 * suite checks them on every store.
 */
import type { Judged, Opinion } from './opinion.js';
import type { ConversationState } from './state.js';
import type { NewEntry, TranscriptEntry } from './transcript.js';
import type { StorableUtterance, Utterance } from './utterance.js';

/** Epoch milliseconds. Tests hand in a clock of their own; nothing calls `Date.now()` but `main.ts`. */
export interface Clock {
  now(): number;
}

/** Counts up by one at each commit of a state; 0 means "does not exist yet". */
export type Revision = number;

/** Something to be sent after the commit. It holds references only: no address, no code, no identity data. */
export interface OutboxItem {
  /** Chosen by the writer: the same id written twice is one item. */
  readonly id: string;
  readonly kind: string;
  readonly payload: Readonly<Record<string, string>>;
  /** Epoch milliseconds before which it is not due. */
  readonly dueAt: number;
  readonly tries: number;
}

/** The right to run turns of one conversation, given by `withTurn`; a store may check it at commit. */
export interface Lease {
  readonly conversationId: string;
  readonly fence: number;
}

/** Everything one turn changes. It happens whole or not at all, and is on disk when the promise resolves. */
export interface TurnCommit {
  readonly lease: Lease;
  readonly state: ConversationState;
  /** The revision the state was read at. A mismatch throws `StaleStateError` and changes nothing. */
  readonly expected: Revision;
  readonly entries: readonly NewEntry[];
  readonly outbox: readonly OutboxItem[];
  /** The utterance this commit answers: taken out of the inbox and remembered as seen. */
  readonly heard?: string;
  /** Records that must never disagree with the state, such as the list of open tickets. Written whatever they were. */
  readonly records?: readonly RecordChange[];
}

/** A record put, or taken away where there is no value. */
export interface RecordChange {
  readonly key: string;
  readonly value?: unknown;
  /** Epoch milliseconds; kept at least until then. */
  readonly expiresAt: number;
}

/** What goes away with a conversation, besides what the store knows to be its own. */
export interface Erasure {
  readonly lease: Lease;
  /** Epoch milliseconds; at least until then nothing is accepted or committed under this id again. */
  readonly until: number;
  /** Ids of the outbox items that make no sense without it. */
  readonly outbox: readonly string[];
  /** Keys of records and counters. */
  readonly records: readonly string[];
}

export type Acceptance =
  | { readonly kind: 'accepted'; readonly seq: number }
  /** The same utterance id came before: `seq` is the entry it made then. */
  | { readonly kind: 'seen'; readonly seq: number };

export interface ConversationStore {
  /** One turn at a time per conversation: `work` runs when every earlier holder is done. */
  withTurn<T>(conversationId: string, work: (lease: Lease) => Promise<T>): Promise<T>;

  load(conversationId: string): Promise<{ state: ConversationState; revision: Revision } | undefined>;

  /**
   * Takes an utterance into the inbox and its words into the transcript; on disk when resolved. An opening makes no
   * transcript entry: its `seq` is the last one there is (0 at first). Same id again: `seen`, nothing changes.
   * Throws `conversation-unknown` where the conversation was erased; so does `commitTurn`.
   */
  accept(utterance: StorableUtterance): Promise<Acceptance>;

  /** Whether an utterance id was accepted or heard, and the entry it made. */
  seen(conversationId: string, utteranceId: string): Promise<number | undefined>;

  /** Accepted utterances not yet heard, in the order of acceptance. */
  inbox(conversationId: string): Promise<readonly StorableUtterance[]>;

  /** Resolves with the entries as numbered by the store. */
  commitTurn(commit: TurnCommit): Promise<readonly TranscriptEntry[]>;

  /** Entries with `seq > after`, in order. */
  transcript(conversationId: string, after: number, limit?: number): Promise<readonly TranscriptEntry[]>;

  /** Conversations with something in the inbox or an action pending: what a start takes up again. */
  unfinished(): Promise<readonly string[]>;

  /**
   * Takes away state, transcript, inbox, marks of what was seen, and what the erasure names: whole or not at all, and
   * on disk when resolved. What was accepted meanwhile goes too. Of a conversation that is gone or never was: harmless.
   */
  erase(erasure: Erasure): Promise<void>;

  /** Whether a conversation was erased; known at least until its erasure said. */
  wasErased(conversationId: string): Promise<boolean>;

  /**
   * Calls back for each new entry once it is on disk, in order, and `erased` once all of it is gone. Returns the way
   * to stop.
   */
  follow(conversationId: string, listener: (entry: TranscriptEntry) => void, erased?: () => void): () => void;
}

export interface Outbox {
  /** Items due at `now`, oldest first; of these kinds only, so that a door that is down keeps no other waiting. */
  due(now: number, limit: number, kinds?: readonly string[]): Promise<readonly OutboxItem[]>;
  done(id: string): Promise<void>;
  /** Puts an item back for `dueAt`, counting one more try. */
  retry(id: string, dueAt: number): Promise<void>;
  /** Calls back when a commit added items. Returns the way to stop. */
  onAdded(listener: () => void): () => void;
}

/**
 * Small durable records outside conversations: challenges, used proofs, attempt counters. Every promise resolves once
 * the change is on disk, so that a verdict is never disclosed before its count.
 */
export interface RecordStore {
  read<T>(key: string): Promise<{ value: T; revision: Revision } | undefined>;
  /** Compare-and-set; `expected` 0 creates. Throws `StaleStateError` on a mismatch. Kept at least until `expiresAt`. */
  write<T>(key: string, value: T, expected: Revision, expiresAt: number): Promise<void>;
  /** Every record whose key starts so, in the order of keys. For the few that a start must find again. */
  list<T>(prefix: string): Promise<readonly { key: string; value: T }[]>;
  /** Adds one, atomically, in a window that opens at the first count. */
  count(key: string, windowMs: number, now: number): Promise<{ count: number; resetsAt: number }>;
  /** The count without adding. */
  counted(key: string, now: number): Promise<{ count: number; resetsAt: number }>;
}

export interface Store extends ConversationStore, Outbox, RecordStore {
  close(): Promise<void>;
}

/** What doors tell and hear of a conversation besides its words. Kept nowhere. */
export interface Signals {
  /** The person is writing. Lost without harm. */
  personTypes(conversationId: string): void;
  /** The person has left for good: resolves once a request for a human that was open is taken back. */
  personLeft(conversationId: string): Promise<void>;
  /** Calls back, with their first name, each time an adviser is seen writing. Returns the way to stop. */
  onAdviserTypes(conversationId: string, listener: (name: string) => void): () => void;
}

/** What people think of what Sésame said. Kept without a trace of who, where or when in the day. */
export interface Opinions {
  /** Resolves once it is on disk. A second opinion on the same message changes nothing, and is `taken` as well. */
  judge(conversationId: string, opinion: Opinion): Promise<Judged>;
  /** Whether there is an opinion on this entry already. */
  isJudged(conversationId: string, about: number): Promise<boolean>;
}

/** What a door needs from the house: channels see this and nothing behind it. */
export interface Assistant {
  /**
   * Hears an utterance. Words and openings: resolves once accepted on disk, the turn runs after. A form: resolves once
   * its turn is committed, because its values may not be stored before. Same id again: `seen`, and no second turn.
   * Secrets in words are masked before anything is written.
   */
  hear(utterance: Utterance): Promise<Acceptance>;
  /** Whether this conversation was ever opened, and not erased since. */
  knows(conversationId: string): Promise<boolean>;
  /**
   * Ends a conversation and takes away all that is kept of it: an action under way is finished, an open request for a
   * human is taken back, then everything goes at once. `records`: keys of what the door itself keeps of it. Harmless
   * where it is gone already.
   */
  erase(conversationId: string, records?: readonly string[]): Promise<void>;
  wasErased: ConversationStore['wasErased'];
  transcript: ConversationStore['transcript'];
  follow: ConversationStore['follow'];
}
