/**
 * What goes over Direct Line beside the words of a conversation: who is writing, who has left, what people think of an
 * answer, and that it is all over. None of it stands in the transcript.
 */
import { readOpinion, type Opinion } from '../conversation/opinion.js';
import type { Opinions, Signals } from '../conversation/ports.js';
import { isRecord, Refusal, type Viewer } from './activities.js';

type Place = Pick<Viewer, 'conversationId'>;

/** An adviser is writing. It has no id: it stands nowhere in the list. */
export function adviserTyping(name: string, { conversationId }: Place) {
  return { type: 'typing', channelId: 'directline', conversation: { id: conversationId }, from: { id: 'adviser', name, role: 'bot' } } as const;
}

/** The conversation was erased: there is nothing to come back for. It has no id either. */
export function endOfConversation({ conversationId }: Place) {
  return { type: 'endOfConversation', channelId: 'directline', conversation: { id: conversationId }, from: { id: 'sesame', name: 'Sésame', role: 'bot' } } as const;
}

export interface Ears {
  readonly signals?: Signals;
  /** Without it opinions are taken and forgotten. */
  readonly opinions?: Opinions;
}

/** Passes on what an activity without words may tell. Throws a `Refusal` where it is an opinion that cannot be one. */
export async function passOn(body: unknown, conversationId: string, { signals, opinions }: Ears): Promise<void> {
  const activity = isRecord(body) ? body : {};
  if (activity['type'] === 'typing') signals?.personTypes(conversationId);
  else if (activity['type'] === 'endOfConversation') await signals?.personLeft(conversationId);
  else if (activity['type'] === 'event' && activity['name'] === 'opinion') await judge(toOpinion(activity['value'], conversationId), conversationId, opinions);
}

async function judge(opinion: Opinion, conversationId: string, opinions: Opinions | undefined): Promise<void> {
  if ((await opinions?.judge(conversationId, opinion)) !== 'nothing-to-judge') return;
  throw new Refusal('BadArgument', '"about" must be the id of a message of Sésame in this conversation.');
}

function toOpinion(value: unknown, conversationId: string): Opinion {
  const { about, verdict, reason } = isRecord(value) ? value : {};
  const own = `${conversationId}|`;
  const seq = typeof about === 'string' && about.startsWith(own) ? /^\d{7,15}$/.exec(about.slice(own.length))?.[0] : undefined;
  const opinion = seq === undefined ? undefined : readOpinion({ about: Number(seq), verdict, reason });
  if (opinion !== undefined) return opinion;
  throw new Refusal('BadArgument', 'An opinion has "about", an id of this conversation, a "verdict", and a "reason" of the list or none.');
}
