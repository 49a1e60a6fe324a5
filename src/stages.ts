/**
 * The stages of a turn: each looks at what was said and either claims the turn or leaves it to the next. They are
 * pure; none calls another, and none stores, sends or waits. Their order is in turn.ts; commands are in obey.ts.
 */
import type { HandoffReason } from './conversation/handoff.js';
import type { Reply, TextReply } from './conversation/reply.js';
import type { ConversationState, Offer, Slots, SlotValue } from './conversation/state.js';
import type { SecretKind, Utterance } from './conversation/utterance.js';
import { chosenOption, yesNoReader } from './answers/closed.js';
import type { Recognisable } from './answers/recognise.js';
import { advance, type DialogEvent } from './dialog/advance.js';
import { isWaiting, type Dialogs, type Readers, type WaitingStep } from './dialog/definition.js';
import { placeOf } from './dialog/question.js';
import { innermost, openDialog } from './dialog/stack.js';
import type { Decision } from './understanding/decide.js';
import type { Entry } from './understanding/knowledge.js';

/** A standing message, as dialogs/messages.yaml has it. */
export interface Message {
  readonly text: string;
  readonly choices?: readonly string[];
}

/** What the stages know: content and the reading of French, all fixed at start. */
export interface House {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly dialogs: Dialogs;
  readonly readers: Readers;
  readonly message: (key: string) => Message;
  readonly label: (key: string) => string;
  readonly decide: (text: string) => Decision;
  readonly commandIn: (text: string) => string | undefined;
  readonly isEmergency: (text: string) => boolean;
  /** Whether the operator has turned the assistant off. */
  readonly isClosed?: () => boolean;
  /** What a message says besides its subject: a postcode, an error code, for whom. */
  readonly heardIn: (text: string) => Slots;
  /** Reads what the readers could not; nothing when it is not understood or takes too long. Never rejects. */
  readonly recognise: (kind: Recognisable, text: string) => Promise<SlotValue | undefined>;
}

export interface Turn {
  readonly utterance: Utterance;
  /** Kinds of secrets masked in the words, each to be told once. */
  readonly masked: readonly SecretKind[];
  readonly state: ConversationState;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Read at most once a turn, and only when a stage asks. */
  readonly decision: () => Decision;
  /** The words as the open question's type of answer, where they had to be read outside of the turn. */
  readonly recognised: SlotValue | undefined;
  readonly house: House;
}

/** A turn claimed: the state so far, what to say first, and the event that the innermost dialog goes on with. */
export interface Claim {
  readonly state: ConversationState;
  readonly replies: readonly Reply[];
  readonly event?: DialogEvent;
}

export type Stage = (turn: Turn) => Claim | undefined;

/** Past this many characters a message that found no answer is asked for in short. */
const LONG_MESSAGE = 1000;

/** Buttons under an answer: with more, none stands out. */
const MOST_CHOICES = 4;

/** Words beside a masked secret from which a message is more than « mon numéro est … ». */
const LEAST_BESIDES = 5;

export const welcome: Stage = ({ utterance, state, house }) =>
  utterance.kind === 'opening' ? { state, replies: [standing(house, 'greeting')] } : undefined;

/** Danger comes before everything; a message that was nothing but a secret needs no other answer than why it is gone. */
export const protectPerson: Stage = ({ utterance, masked, state, house, decision }) => {
  if (utterance.kind !== 'words') return undefined;
  if (house.isEmergency(utterance.text)) return begin(house, 'in-distress', state, [standing(house, 'emergency')]);
  const saidBesides = utterance.text.match(/\p{L}+/gu)?.length ?? 0;
  if (masked.length === 0 || (saidBesides >= LEAST_BESIDES && decision().kind !== 'none')) return undefined;
  return askOpenQuestion({ state, replies: [] });
};

export const continueDialog: Stage = ({ utterance, state, house, recognised }) => {
  const frame = innermost(state);
  if (utterance.kind === 'form') {
    if (frame && placeOf(frame) === utterance.place) return { state: calm(state), replies: [], event: { type: 'submit', values: utterance.values } };
    return askOpenQuestion({ state, replies: [standing(house, 'stale-form')] });
  }
  const dialog = frame && house.dialogs.get(frame.dialog);
  if (!dialog || utterance.kind !== 'words') return undefined;
  const event: DialogEvent = { type: 'answer', text: utterance.text, ...(recognised === undefined ? {} : { value: recognised }) };
  return advance(dialog, frame, event, house.readers) ? { state: calm(state), replies: [], event } : undefined;
};

export const answerFromKnowledge: Stage = ({ utterance, state, house, decision }) => {
  if (utterance.kind !== 'words') return undefined;
  const said = house.heardIn(utterance.text);
  const another = forAnother(decision(), state, { heard: said, house });
  if (another) return another;
  const offered = chosenOffer(state.offered, utterance.text);
  if (offered === 'declined') return { state: calm(state), replies: [standing(house, 'as-you-wish')] };
  const entry = house.entries.get(offered?.entry ?? answered(decision()));
  if (!entry) return undefined;
  const later = offered?.then === undefined ? {} : { later: [offered.then] };
  const heard = { ...offered?.heard, ...said };
  return giveAnswer(entry, { ...calm(state), lastEntry: entry.id, ...later, heard }, house);
};

/** The dialog for whoever speaks of an account that is not theirs. */
const FOR_ANOTHER = 'third-party';

/**
 * Whoever says that an account is somebody else's is told the ways that the law leaves them, even in the middle of
 * something, and even where they name another problem: nothing may go on that asks who that other person is.
 */
function forAnother(decided: Decision, { later: _later, ...state }: ConversationState, { heard, house }: { heard: Slots; house: House }): Claim | undefined {
  if (heard['thirdParty'] === undefined) return undefined;
  const both = decided.both === true ? decided.candidates.slice(0, 2).map((one) => one.entry) : [];
  const entry = [answered(decided), ...both].flatMap((id) => house.entries.get(id) ?? []).find(({ dialog }) => dialog === FOR_ANOTHER);
  if (!entry || innermost(state)?.dialog === FOR_ANOTHER) return undefined;
  return begin(house, FOR_ANOTHER, { ...state, frames: [], trail: [], lastEntry: entry.id, heard }, [answerOf(entry)]);
}

function answered({ kind, entry }: Decision): string {
  return kind === 'answer' && entry !== null ? entry : '';
}

/** In the middle of a dialog the open question comes again; else the entry's own dialog starts, or its neighbours are offered. */
function giveAnswer(entry: Entry, { heard, ...state }: ConversationState & { readonly heard: Slots }, house: House): Claim {
  if (state.frames.length > 0) return askOpenQuestion({ state, replies: [answerOf(entry)] });
  if (entry.dialog !== undefined) return begin(house, entry.dialog, { ...state, heard }, [answerOf(entry)]);
  const related = entry.related.flatMap((id) => house.entries.get(id) ?? []);
  return {
    state: { ...state, offered: related.map(({ id, title }) => ({ label: title, entry: id })) },
    replies: [{ ...answerOf(entry), choices: [...related.map(({ title }) => title), ...(related.length < MOST_CHOICES ? [house.label('simpler')] : [])] }],
  };
}

/** Claims every turn that is left: nobody is ever met with silence. */
export const askAgain = (turn: Turn): Claim => {
  const { utterance, state, house, decision } = turn;
  const text = utterance.kind === 'words' ? utterance.text.trim() : '';
  if (text === '') return askOpenQuestion({ state, replies: [standing(house, 'empty')] });
  const elsewhere = sendElsewhere(turn, text);
  if (elsewhere) return elsewhere;
  if (state.frames.length > 0) return { state, replies: [], event: { type: 'miss' } };
  const misunderstood = state.misunderstood + 1;
  if (misunderstood >= 3) return begin(house, 'talk-to-adviser', { ...calm(state), because: 'misunderstood' }, [standing(house, 'give-way')]);
  if (decision().kind === 'clarify') return offerChoices(turn, misunderstood);
  if (misunderstood === 2) return { state: { ...state, misunderstood }, replies: [standing(house, 'pick-a-subject')] };
  return { state: { ...state, misunderstood }, replies: [standing(house, text.length > LONG_MESSAGE ? 'too-long' : 'rephrase')] };
};

/** What is not for us, with where to go instead; the open question comes again. */
function sendElsewhere({ state, house, decision }: Turn, text: string): Claim | undefined {
  const { family, kind } = decision();
  if (kind !== 'none' || !family || isShortAnswer(text, openStep(state, house.dialogs))) return undefined;
  return askOpenQuestion({ state: calm(state), replies: [{ kind: 'text', text: family.redirect }] });
}

/** « Dans le 64 » where a place is asked for is an answer that missed, not another subject; a longer sentence may be one. */
function isShortAnswer(text: string, step: WaitingStep | undefined): boolean {
  return step?.kind === 'ask' && text.split(/\s+/).length <= 4;
}

/** A few subjects to choose from; two problems of one message are both taken, in the order that the person likes. */
function offerChoices({ utterance, state, house, decision }: Turn, misunderstood: number): Claim {
  const { candidates, both = false } = decision();
  const entries = candidates.slice(0, both ? 2 : 3).flatMap(({ entry }) => house.entries.get(entry) ?? []);
  const heard = utterance.kind === 'words' ? house.heardIn(utterance.text) : {};
  const offered = entries.map(({ id, title }): Offer => {
    const then = both ? entries.find((other) => other.id !== id) : undefined;
    return { label: title, entry: id, ...(Object.keys(heard).length > 0 ? { heard } : {}), ...(then ? { then: then.id } : {}) };
  });
  const choices = [...offered.map(({ label }) => label), house.label('none-of-these')];
  const known = both ? { ...calm(state), offered } : { ...state, misunderstood, offered };
  return { state: known, replies: [{ ...standing(house, both ? 'two-problems' : 'did-you-mean'), choices }] };
}

/** The offer that an answer takes; a single one is taken by « oui » and declined by « non ». */
function chosenOffer(offered: readonly Offer[], text: string): Offer | 'declined' | undefined {
  const alone = offered.length === 1;
  const reading = alone ? yesNoReader.read(text) : undefined;
  if (reading?.ok) return reading.value === true ? offered[0] : 'declined';
  return chosenOption(offered.map((offer) => ({ ...offer, also: [] })), text);
}

/** Takes up the other problem of an earlier message, once nothing else is under way. */
export function takeUpLater(state: ConversationState, house: House): Claim | undefined {
  const entry = house.entries.get(state.later?.[0] ?? '');
  const { later: _taken, ...rest } = state;
  if (!entry || state.frames.length > 0) return undefined;
  const asked = standing(house, 'and-the-other');
  const reply = { ...asked, text: asked.text.replace('{title}', entry.title), choices: [entry.title, house.label('no-thanks')] };
  return { state: { ...rest, offered: [{ label: entry.title, entry: entry.id }] }, replies: [reply] };
}

/** The state a dialog is opened upon, with what was heard already and, for a handoff, the rule that asked for it. */
type Beginning = ConversationState & { readonly heard?: Slots; readonly because?: HandoffReason };

/** Opens a dialog on top of whatever is under way, which goes on afterwards. */
export function begin(house: House, dialogId: string, { heard = {}, because, ...state }: Beginning, replies: readonly Reply[]): Claim {
  const dialog = house.dialogs.get(dialogId);
  if (!dialog) return { state, replies };
  // Asked for again while it is open, it starts anew: the same dialog is never stacked on itself.
  const open = state.frames.findIndex((frame) => frame.dialog === dialogId);
  const below = open < 0 ? state : { ...state, frames: state.frames.slice(0, open) };
  return { state: openDialog(calm(below), dialog, heard, because === undefined ? {} : { reason: because }), replies, event: { type: 'enter' } };
}

/** The question that is open, if there is one. */
export function openStep(state: ConversationState, dialogs: Dialogs): WaitingStep | undefined {
  const frame = innermost(state);
  const step = dialogs.get(frame?.dialog ?? '')?.steps.get(frame?.step ?? '');
  return step && isWaiting(step) ? step : undefined;
}

/** After an aside, the open question is asked again; without one, there is nothing to add. */
export function askOpenQuestion(claim: { state: ConversationState; replies: readonly Reply[] }): Claim {
  return claim.state.frames.length > 0 ? { ...claim, event: { type: 'ask-again' } } : claim;
}

/** Someone was understood: earlier misunderstandings no longer count. */
export function calm(state: ConversationState): ConversationState {
  return { ...state, misunderstood: 0, offered: [] };
}

export function answerOf(entry: Entry): TextReply {
  return { kind: 'text', text: entry.answer, entry: entry.id };
}

export function standing(house: Pick<House, 'message'>, key: string): TextReply {
  return { kind: 'text', ...house.message(key) };
}
