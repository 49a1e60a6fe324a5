/**
 * Conversations at rest: reads them, changes them one step at a time, and tells followers what is new. What a step
 * changes is worked out in `commit.ts`.
 */
import type { ConversationStore } from '../conversation/ports.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import type { StorableUtterance } from '../conversation/utterance.js';
import { acceptStep, commitStep, erasing, type Step } from './commit.js';
import type { Disk } from './disk.js';
import { keys, ranges, remove, whereabouts } from './layout.js';
import { type Listeners, TurnQueue } from './waiting.js';

export interface Following {
  readonly entries: Listeners<TranscriptEntry>;
  readonly items: Listeners<undefined>;
  readonly erasures: Listeners<undefined>;
}

export function openConversations(disk: Disk, following: Following): ConversationStore {
  const turns = new TurnQueue();
  const forget = createForgetter(disk);
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
      forget(erasure.lease.conversationId);
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

/**
 * What is removed stays in LevelDB's files until they are written anew, which may take days: so the files that held an
 * erased conversation are written anew at once, in the background. Many erasures share one round.
 */
function createForgetter(disk: Disk): (conversationId: string) => void {
  const erased = new Set<string>();
  let working: Promise<void> | undefined;
  const round = async (): Promise<void> => {
    const ranges = [...erased].flatMap(whereabouts);
    erased.clear();
    // Two values of one key may lie in one file, which only a removal from a newer file takes apart: so first everything
    // goes to files, then each key is removed once more.
    for (const { from, to } of ranges) await disk.compact(from, to);
    await disk.change(() => ({ changes: ranges.map(({ from }) => remove(from)), answer: undefined }));
    for (const { from, to } of ranges) await disk.compact(from, to);
  };
  const work = async (): Promise<void> => {
    while (erased.size > 0) await round();
    working = undefined;
  };
  return (conversationId) => {
    erased.add(conversationId);
    // A full disk, or the end of the process: it is gone for every reader, and LevelDB tidies up some day.
    working ??= work().catch(() => { working = undefined; });
  };
}

type Reads = Pick<ConversationStore, 'load' | 'seen' | 'inbox' | 'transcript' | 'unfinished' | 'wasErased'>;

function openReads(disk: Disk): Reads {
  return {
    load: (conversationId) => disk.get(keys.state(conversationId)),
    seen: async (conversationId, utteranceId) => (await disk.get(keys.seen(conversationId, utteranceId)))?.seq,
    inbox: async (conversationId) => (await onlyWaiting(disk, conversationId)) ?? values(await disk.list(ranges.inbox(conversationId))),
    transcript: async (conversationId, after, limit) =>
      values(await disk.list(ranges.entries(conversationId, after), limit)),
    wasErased: async (conversationId) => (await disk.get(keys.erased(conversationId))) !== undefined,
    unfinished: async () => values(await disk.list(ranges.unfinished())),
  };
}

/** Nearly always one utterance waits, the last that was accepted: it is found without walking the keys. */
async function onlyWaiting(disk: Disk, conversationId: string): Promise<readonly StorableUtterance[] | undefined> {
  const head = await disk.get(keys.head(conversationId));
  if (head === undefined || head.waiting === 0) return [];
  const last = head.waiting === 1 ? await disk.get(keys.inbox(conversationId, head.order)) : undefined;
  return last && [last];
}

function values<T>(pairs: readonly (readonly [string, T])[]): readonly T[] {
  return pairs.map(([, value]) => value);
}
