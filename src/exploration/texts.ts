/**
 * What can be read off the dialogs without walking: every outcome has its branch, and no two steps say the same words.
 */
import { actionOf, type Dialog, type Dialogs, type Step } from '../dialog/definition.js';
import { placeName, type Ending } from './machine.js';
import type { Violation } from './proofs.js';

/** Shorter texts may be alike: « Très bien. » is nobody's message. */
const SHORT = 40;

/** Every outcome of every action must have a branch of its own: `otherwise` is for what nobody foresaw. */
export function findMissingBranches(dialogs: Dialogs, endings: Readonly<Record<string, readonly Ending[]>>): Violation[] {
  return stepsOf(dialogs).flatMap(({ place, step }) => {
    const known = endings[actionOf(step) ?? ''];
    if (!known || !('on' in step)) return [];
    const missing = [...new Set(known.map(({ outcome }) => outcome))].filter((outcome) => !(outcome in step.on));
    return missing.map((outcome): Violation => ({ property: 'f', place, what: `rien n’est prévu quand « ${actionOf(step) ?? ''} » finit par « ${outcome} »` }));
  });
}

/** Words that are written twice, here or among the standing messages. */
export function findTwins(dialogs: Dialogs, messages: Readonly<Record<string, { readonly text: string }>>): Violation[] {
  const written = [
    ...Object.entries(messages).map(([key, { text }]) => ({ place: placeName('messages', key), text })),
    ...stepsOf(dialogs).flatMap(({ place, step }) => textsOf(step).map((text) => ({ place, text }))),
  ];
  const firsts = new Map<string, string>();
  return written.flatMap(({ place, text }): Violation[] => {
    const plain = text.replace(/\s+/g, ' ').trim();
    if (plain.length < SHORT) return [];
    const first = firsts.get(plain);
    firsts.set(plain, first ?? place);
    return first === undefined ? [] : [{ property: 'g', place, what: `« ${plain.slice(0, SHORT)}… » est déjà écrit dans ${first}` }];
  });
}

/** Everything of a step's own that may be said, labels and errors of fields left out: they belong to their form. */
export function textsOf(step: Step): string[] {
  const patient = 'exhausted' in step ? [step.retry ?? '', step.why ?? ''] : [];
  const confirmed = 'confirm' in step ? [step.confirm.text] : [];
  const asked = step.kind === 'choose' || step.kind === 'ask' ? [step.prompt] : step.kind === 'say' ? step.texts.map(({ text }) => text) : [];
  return [...asked, ...patient, ...confirmed].filter((text) => text !== '');
}

export interface Placed {
  readonly dialog: Dialog;
  readonly step: Step;
  readonly place: string;
}

/** Every step of every dialog. */
export function stepsOf(dialogs: Dialogs): Placed[] {
  return [...dialogs.values()].flatMap((dialog) => [...dialog.steps.values()].map((step) => ({ dialog, step, place: placeName(dialog.id, step.id) })));
}
