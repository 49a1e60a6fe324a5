/**
 * What a dialog is, once loaded and checked. Authors write it in YAML (dialogs/*.yaml, see load.ts); the engine reads
 * only these shapes, so no rule about files or syntax is needed past this point.
 */
import type { Slots } from '../conversation/state.js';
export type { Reader, Reading, Readers } from '../answers/reading.js';

export type StepId = string;

/** A label shown as a button. Its own words, its number and the words in `also` all choose it. */
export interface Option {
  readonly label: string;
  readonly also: readonly string[];
  readonly next: StepId;
  /** What the first message may have said that means this option. */
  readonly is?: string;
}

export interface Field {
  readonly name: string;
  readonly reader: string;
  readonly label: string;
  readonly hint?: string;
  readonly inputMode: 'numeric' | 'text';
  readonly autocomplete: string;
  readonly maxLength: number;
  /** What to say for each reason of the reader; `otherwise` for a reason without words of its own. */
  readonly errors: Readonly<Record<string, string>>;
}

/** Where to go for each outcome of an action, of a called dialog or of a handoff. */
export interface Branches {
  readonly on: Readonly<Record<string, StepId>>;
  readonly otherwise: StepId;
}

/** How often a question may be asked, whatever brings it back, before the dialog takes another way. */
export interface Patience {
  readonly attempts: number;
  readonly exhausted: StepId;
  /** Said before the question is asked again. */
  readonly retry?: string;
  /** Answers « pourquoi cette question ? ». */
  readonly why?: string;
  /** Where « je ne sais pas » leads: an answer of its own. */
  readonly unknown?: StepId;
}

/** What the first message may have said already: then it is confirmed rather than asked. */
export interface Hearing {
  /** Name of what may have been heard (see understanding/entities.ts). */
  readonly hears?: string;
  /** With `{value}`: what was heard, or the label of the option that means it. */
  readonly confirm?: Confirm;
}

export interface Confirm {
  readonly text: string;
  readonly yes: string;
  readonly no: string;
}

export type Step =
  | { readonly kind: 'say'; readonly id: StepId; readonly texts: readonly Said[]; readonly next: StepId }
  | (Patience & Hearing & { readonly kind: 'choose'; readonly id: StepId; readonly prompt: string; readonly options: readonly Option[] })
  | (Patience & Hearing & {
      readonly kind: 'ask';
      readonly id: StepId;
      readonly prompt: string;
      readonly reader: string;
      readonly slot: string;
      readonly options: readonly Option[];
      readonly next: StepId;
    })
  | (Patience &
      Branches & {
        /** A form and the action that its values go to, in one step: identity data never leaves it. */
        readonly kind: 'form';
        readonly id: StepId;
        readonly title: string;
        readonly why: string;
        readonly submit: string;
        readonly fields: readonly Field[];
        readonly options: readonly Option[];
        readonly action: string;
      })
  | (Branches & { readonly kind: 'do'; readonly id: StepId; readonly action: string })
  /** Goes on by the value of a slot. */
  | (Branches & { readonly kind: 'when'; readonly id: StepId; readonly slot: string })
  | (Branches & { readonly kind: 'call'; readonly id: StepId; readonly dialog: string; readonly with?: Slots })
  | (Branches & { readonly kind: 'handoff'; readonly id: StepId; readonly reason: string })
  | { readonly kind: 'end'; readonly id: StepId; readonly result: string };

export type WaitingStep = Extract<Step, { kind: 'choose' | 'ask' | 'form' }>;

/** Words of the dialog's own, with `{slot}` filled in, or the answer of a knowledge entry. */
export interface Said {
  readonly text: string;
  readonly entry?: string;
}

export interface Dialog {
  readonly id: string;
  readonly title: string;
  /** Content hash: a frame opened with another one was opened with another text. */
  readonly hash: string;
  readonly steps: ReadonlyMap<StepId, Step>;
  readonly first: StepId;
  /** Slots that a caller gets back when this dialog ends. */
  readonly gives: readonly string[];
}

export type Dialogs = ReadonlyMap<string, Dialog>;

/** The step with this id; the content check has made sure that it exists. */
export function stepOf(dialog: Dialog, id: StepId): Step {
  const step = dialog.steps.get(id);
  if (!step) throw new RangeError(`dialog ${dialog.id} has no step ${id}`);
  return step;
}

/** The name under which a `handoff` step finds its action. */
export const HANDOFF_ACTION = 'handoff.request';

/** The action that a step has done, if it has one. */
export function actionOf(step: Step): string | undefined {
  if (step.kind === 'handoff') return HANDOFF_ACTION;
  return step.kind === 'do' || step.kind === 'form' ? step.action : undefined;
}

export function isWaiting(step: Step): step is WaitingStep {
  return step.kind === 'choose' || step.kind === 'ask' || step.kind === 'form';
}
