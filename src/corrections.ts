/**
 * « Non, en fait c'est pour ma mère »: an earlier answer taken back in words, without « retour ». It finds the earlier
 * question that the new answer fits, and hands it over there; what an answer leads to is the dialog's business.
 */
import type { ConversationState } from './conversation/state.js';
import { advance, type DialogEvent } from './dialog/advance.js';
import type { Dialogs, Field } from './dialog/definition.js';
import { innermost, stepBack } from './dialog/stack.js';
import { fold } from './matching/normalise.js';
import { askOpenQuestion, calm, openStep, standing, type Stage, type House } from './stages.js';

/** Turns of phrase that take something back, first or last in a sentence; they are of the language, not of any author. */
const opening = /^\s*(?:(?:ah|euh|oh)[ ,]+)?(?:non|en fait|en r[ée]alit[ée]|plut[ôo]t|pardon|d[ée]sol[ée]e?|excusez[- ]moi|erreur|finalement|je voulais dire|je me suis tromp[ée]e?|rectification|correction)(?=[\s,.:;!]).{0,2}?[\s,.:;!]+/iu;
const closing = /[\s,]+(?:en fait|plut[ôo]t|finalement)[\s.!]*$/iu;

/** Claims words that take an earlier answer back and fit the question of that answer, or name a field of its form. */
export const correctAnswer: Stage = ({ utterance, state, house }) => {
  if (utterance.kind !== 'words' || state.frames.length === 0) return undefined;
  const rest = withoutMarks(utterance.text);
  if (rest === undefined || answers(state, rest, house)) return undefined;
  const named = isNamed(rest, fieldsOf(state, house.dialogs)) ? state : undefined;
  if (named) return askOpenQuestion({ state: calm(named), replies: [standing(house, 'correct-in-form')] });
  for (let earlier = stepBack(state); earlier; earlier = stepBack(earlier)) {
    const event = answers(earlier, rest, house);
    if (event) return { state: calm(earlier), replies: [standing(house, 'corrected')], event };
    if (isNamed(rest, fieldsOf(earlier, house.dialogs))) return askOpenQuestion({ state: calm(earlier), replies: [standing(house, 'correct-in-form')] });
  }
  return undefined;
};

/** What remains of words that take something back; nothing when they do not. */
function withoutMarks(text: string): string | undefined {
  let rest = text;
  while (opening.test(rest)) rest = rest.replace(opening, '');
  rest = rest.replace(closing, '');
  return rest === text || rest.trim() === '' ? undefined : rest;
}

function answers(state: ConversationState, text: string, house: House): DialogEvent | undefined {
  const frame = innermost(state);
  const dialog = house.dialogs.get(frame?.dialog ?? '');
  const event: DialogEvent = { type: 'answer', text };
  return frame && dialog && advance(dialog, frame, event, house.readers) ? event : undefined;
}

function fieldsOf(state: ConversationState, dialogs: Dialogs): readonly Field[] {
  const step = openStep(state, dialogs);
  return step?.kind === 'form' ? step.fields : [];
}

function isNamed(text: string, fields: readonly Field[]): boolean {
  const said = fold(text);
  return fields.some(({ label }) => said.includes(fold(label)));
}
