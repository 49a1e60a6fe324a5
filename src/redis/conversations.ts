/**
 * Conversations at rest in Redis: what is asked of a conversation's partition, and what its answers mean. A commit or
 * an erasure is one script; what it changes elsewhere (outbox items and records, which are found by their own ids) is
 * laid down in the same script as errands, done right after, and done by whoever comes next where this process ends.
 *
 * In between, a state may be seen whose outbox items are not yet due and whose records are still the former ones; never
 * the other way round. A commit resolves once they are done.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { SesameError, StaleStateError } from '../conversation/errors.js';
import type { ConversationStore, Erasure, TurnCommit } from '../conversation/ports.js';
import type { ConversationState } from '../conversation/state.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import type { StorableUtterance, Words } from '../conversation/utterance.js';
import type { News } from './news.js';
import { escapeId, everyPartition, fromText, type Operations, partitionOf, toText, unescapeId } from './operations.js';
import { scripts } from './scripts.js';
import { type Errand, type Errands, errandsOfCommit, errandsOfErasure, type Turns } from './turns.js';

export interface Parts {
  readonly operations: Operations;
  readonly news: News;
  readonly turns: Turns;
  readonly errands: Errands;
}

export function openConversations(parts: Parts): ConversationStore {
  const { operations, news, turns } = parts;
  return {
    withTurn: (conversationId, work) => turns.run(conversationId, work),
    accept: (utterance) => accept(utterance, parts),
    commitTurn: (commit) => commitTurn(commit, parts),
    erase: (erasure) => erase(erasure, parts),
    follow: news.follow,
    ...openReads(operations),
  };
}

/** The conversations whose last turn was before then. */
export async function quiet(before: number, operations: Operations): Promise<readonly ConversationState[]> {
  const found = await Promise.all(
    everyPartition.map(async (partition) => {
      const ids = await operations.ask<readonly string[]>(partition, ['ZRANGEBYSCORE', 'all', '-inf', `(${String(before)}`]);
      return Promise.all(ids.map((id) => operations.ask<string | null>(partition, ['HGET', `c:${id}`, 'state'])));
    }),
  );
  return found.flat().flatMap((text) => (text === null ? [] : [fromText<ConversationState>(text)]));
}

type Reads = Pick<ConversationStore, 'load' | 'seen' | 'inbox' | 'transcript' | 'unfinished' | 'wasErased'>;

function openReads(operations: Operations): Reads {
  return {
    load: async (conversationId) => {
      const [state, revision] = await operations.ask<readonly (string | null)[]>(partitionOf(conversationId), ['HMGET', `c:${escapeId(conversationId)}`, 'state', 'rev']);
      return state == null ? undefined : { state: fromText<ConversationState>(state), revision: Number(revision) };
    },
    seen: async (conversationId, utteranceId) => {
      const mark = await operations.ask<string | null>(partitionOf(conversationId), ['HGET', `u:${escapeId(conversationId)}`, escapeId(utteranceId)]);
      return mark === null ? undefined : Number(mark.split(' ')[0]);
    },
    inbox: async (conversationId) => {
      const texts = await operations.ask<readonly string[]>(partitionOf(conversationId), ['ZRANGE', `i:${escapeId(conversationId)}`, '0', '-1']);
      return texts.map((text) => fromText<StorableUtterance>(text));
    },
    transcript: async (conversationId, after, limit = Infinity) => {
      const from = Math.max(0, Math.floor(after));
      const most = Math.max(0, Math.floor(limit));
      if (most === 0) return [];
      const to = Number.isFinite(most) ? String(from + most - 1) : '-1';
      const partition = partitionOf(conversationId);
      const texts = await operations.vouched(partition, () => operations.ask<readonly string[]>(partition, ['LRANGE', `t:${escapeId(conversationId)}`, String(from), to]));
      return texts.map((text, index) => ({ ...fromText<TranscriptEntry>(text), seq: from + 1 + index }));
    },
    wasErased: async (conversationId) => (await operations.ask<number>(partitionOf(conversationId), ['EXISTS', `e:${escapeId(conversationId)}`])) === 1,
    unfinished: async () => {
      const found = await Promise.all(everyPartition.map((partition) => operations.ask<readonly string[]>(partition, ['SMEMBERS', 'unfinished'])));
      return found.flat().sort().map(unescapeId);
    },
  };
}

const accept = async (utterance: StorableUtterance, { operations, news }: Parts): ReturnType<ConversationStore['accept']> => {
  const { conversationId, id } = utterance;
  const entry = utterance.kind === 'words' ? entryOf(utterance) : undefined;
  const args = [escapeId(conversationId), escapeId(id), entry ? toText(entry) : '', toText(utterance)];
  const [what, seqText = '0', by = ''] = await operations.change(scripts.accept, partitionOf(conversationId), args);
  const seq = Number(seqText);
  if (what === 'erased') throw erased();
  if (what === 'seen') {
    // Told after the answer to whom it was accepted from, which came just before.
    await turnOfTheLoop();
    // The first answer was lost on its way here, and whoever asked was told so: this is the first that is heard.
    return { kind: operations.isDoubtful(by) ? 'accepted' : 'seen', seq };
  }
  if (entry) await news.tellEntries(conversationId, [{ ...entry, seq }]);
  return { kind: 'accepted', seq };
};

async function commitTurn(commit: TurnCommit, { operations, news, errands }: Parts): Promise<readonly TranscriptEntry[]> {
  const { lease, state, expected, heard, entries } = commit;
  const { conversationId } = state;
  if (lease.conversationId !== conversationId) throw new SesameError('internal', 'the lease is for another conversation: commit with the one `withTurn` gave');
  const list = errandsOfCommit(commit);
  const [what = '', version = '', place = '', laid = '', before] = await operations.change(scripts.commit, partitionOf(conversationId), [
    ...[escapeId(conversationId), String(lease.fence), String(expected), toText(state), String(state.lastTurnAt)],
    ...[state.pending === undefined ? '0' : '1', list.length > 0 ? toText(list) : ''],
    ...[heard === undefined ? '-' : `+${escapeId(heard)}`, String(ownEntry(commit)), ...entries.map(toText)],
  ]);
  refuse(what);
  const written = entries.map((entry, index): TranscriptEntry => ({ ...entry, seq: Number(before) + 1 + index }));
  // It is done, and what lies as errands will be, so that whoever follows is told also where this call fails.
  await run(list, { conversationId, version, place, laid }, errands).finally(() => news.tellEntries(conversationId, written));
  return written;
}

async function erase(erasure: Erasure, { operations, news, errands }: Parts): Promise<void> {
  const { conversationId, fence } = erasure.lease;
  const list = errandsOfErasure(erasure);
  const args = [escapeId(conversationId), String(fence), String(erasure.until), list.length > 0 ? toText(list) : ''];
  const [what = '', version = '', place = '', laid = ''] = await operations.change(scripts.erase, partitionOf(conversationId), args);
  refuse(what);
  await run(list, { conversationId, version, place, laid }, errands).finally(() => {
    news.tellErased(conversationId);
  });
}

interface Laid {
  readonly conversationId: string;
  readonly version: string;
  readonly place: string;
  readonly laid: string;
}

/** Errands that an earlier turn left are older: they are done first, in their order. */
async function run(list: readonly Errand[], { laid, ...which }: Laid, errands: Errands): Promise<void> {
  if (list.length === 0) return;
  if (laid === '1') await errands.run(list, which);
  else await errands.finish(which.conversationId);
}

function refuse(what: string): void {
  if (what === 'erased') throw erased();
  if (what === 'stale') throw new StaleStateError("a conversation's state");
}

/** A turn that was under way, or a client that came late, must not bring back what is gone. */
function erased(): SesameError {
  return new SesameError('conversation-unknown', 'this conversation was erased: open another one');
}

/** Which of the entries, from 1, is what was heard; 0 where none is. */
function ownEntry({ entries, heard }: TurnCommit): number {
  return entries.findIndex((entry) => entry.author === 'person' && entry.utteranceId === heard) + 1;
}

function entryOf({ at, id, text, masked, clientTag }: Words & StorableUtterance) {
  return { author: 'person' as const, at, utteranceId: id, text, ...(masked && { masked }), ...(clientTag !== undefined && { clientTag }) };
}
