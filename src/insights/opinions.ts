/**
 * Takes what people think of an answer: once for each message, and without a trace of whose message it was. It decides
 * what may be judged; how opinions lie on the disk is journal.ts.
 */
import type { Judged, Opinion } from '../conversation/opinion.js';
import type { Clock, ConversationStore, Opinions, RecordStore } from '../conversation/ports.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import type { Journal } from './journal.js';

/** How long the mark of a judged message is kept, in milliseconds. */
const MARK_KEPT = 30 * 24 * 3_600_000;

/** What the keys of all marks of a conversation start with. */
export const marksOf = (conversationId: string): string => `opinion/${conversationId}/`;

export interface OpinionsOptions {
  readonly store: Pick<ConversationStore, 'transcript' | 'withTurn'> & Pick<RecordStore, 'read' | 'write'>;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** The mark of a message: `free` where its opinion could not be written down. */
type Mark = 'taken' | 'free';

export function createOpinions(options: OpinionsOptions): Opinions {
  const { store } = options;
  return {
    // Within the conversation's turn: two at once are one after the other, and an erasure waits or comes first.
    judge: (conversationId, opinion) => store.withTurn(conversationId, () => judge(conversationId, opinion, options)),
    isJudged: async (conversationId, about) => (await store.read<Mark>(keyOf(conversationId, about)))?.value === 'taken',
  };
}

async function judge(conversationId: string, opinion: Opinion, { store, journal, clock }: OpinionsOptions): Promise<Judged> {
  const [entry] = await store.transcript(conversationId, opinion.about - 1, 1);
  if (entry?.seq !== opinion.about || entry.author !== 'assistant') return 'nothing-to-judge';
  const key = keyOf(conversationId, opinion.about);
  const known = await store.read<Mark>(key);
  if (known?.value === 'taken') return 'taken';
  const revision = known?.revision ?? 0;
  const mark = (value: Mark, expected: number): Promise<void> => store.write<Mark>(key, value, expected, clock.now() + MARK_KEPT);
  // First of all, so that a crash in between loses an opinion that was not acknowledged rather than count one twice.
  await mark('taken', revision);
  try {
    await journal.append({ day: dayOf(clock.now()), about: subjectOf(entry), verdict: opinion.verdict, ...(opinion.reason === undefined ? {} : { reason: opinion.reason }) });
  } catch (error) {
    await mark('free', revision + 1);
    throw error;
  }
  return 'taken';
}

function keyOf(conversationId: string, about: number): string {
  return `${marksOf(conversationId)}${String(about)}`;
}

/** What authors can do something about: the entry of the knowledge, where the words came from one. */
function subjectOf({ reply }: TranscriptEntry & { author: 'assistant' }): string {
  return (reply.kind === 'text' ? reply.entry : undefined) ?? 'message';
}

/** The day in Paris: an hour would say more about a person than about an answer. */
function dayOf(at: number): string {
  return new Date(at).toLocaleDateString('sv-SE', { timeZone: 'Europe/Paris' });
}
