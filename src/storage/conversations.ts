/**
 * Conversations at rest: reads them, changes them one step at a time, and tells followers what is new. What a step
 * changes is worked out in `commit.ts`.
 */
import type { ConversationStore } from '../conversation/ports.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import { acceptStep, commitStep, erasing, type Step } from './commit.js';
import type { Disk } from './disk.js';
import { keys, ranges } from './layout.js';
import { type Listeners, TurnQueue } from './waiting.js';

export interface Following {
  readonly entries: Listeners<TranscriptEntry>;
  readonly items: Listeners<undefined>;
  readonly erasures: Listeners<undefined>;
}

export function openConversations(disk: Disk, following: Following): ConversationStore {
  const turns = new TurnQueue();
  let fence = 0;

  const take = <T>(conversationId: string, step: () => Step<T>): Promise<T> =>
    disk.change(() => {
      const { changes, answer, entries, itemsAdded } = step();
      const announce = () => {
        for (const entry of entries) following.entries.tell(conversationId, entry);
        if (itemsAdded) following.items.tell('', undefined);
      };
      return { changes, answer, announce };
    });

  return {
    withTurn: (conversationId, work) =>
      turns.run(conversationId, async () => {
        disk.assertOpen();
        return work({ conversationId, fence: ++fence });
      }),
    accept: (utterance) => take(utterance.conversationId, () => acceptStep(disk, utterance)),
    commitTurn: (commit) => take(commit.state.conversationId, () => commitStep(disk, commit)),
    erase: async (erasure) => {
      const announce = (): void => {
        following.erasures.tell(erasure.lease.conversationId, undefined);
      };
      for (let erased = false; !erased; ) {
        const step = await erasing(disk, erasure);
        erased = await disk.change(() => ({ ...step(), announce }));
      }
    },
    follow: (conversationId, listener, erased) => {
      disk.assertOpen();
      const stop = following.entries.add(conversationId, listener);
      const stopErased = erased && following.erasures.add(conversationId, erased);
      return () => {
        stop();
        stopErased?.();
      };
    },
    ...openReads(disk),
  };
}

type Reads = Pick<ConversationStore, 'load' | 'seen' | 'inbox' | 'transcript' | 'unfinished' | 'wasErased'>;

function openReads(disk: Disk): Reads {
  return {
    load: (conversationId) => disk.get(keys.state(conversationId)),
    seen: async (conversationId, utteranceId) => (await disk.get(keys.seen(conversationId, utteranceId)))?.seq,
    inbox: async (conversationId) => values(await disk.list(ranges.inbox(conversationId))),
    transcript: async (conversationId, after, limit) =>
      values(await disk.list(ranges.entries(conversationId, after), limit)),
    wasErased: async (conversationId) => (await disk.get(keys.erased(conversationId))) !== undefined,
    unfinished: async () => values(await disk.list(ranges.unfinished())),
  };
}

function values<T>(pairs: readonly (readonly [string, T])[]): readonly T[] {
  return pairs.map(([, value]) => value);
}
