/**
 * The dialog engine: given a dialog, a place in it and an event, the next place, what to say, and what should happen
 * next. It is pure: nothing is stored, sent or awaited here, and the same arguments always give the same result.
 */
import type { FormReply, Reply } from '../conversation/reply.js';
import type { Frame, Slots, SlotValue } from '../conversation/state.js';
import { isWaiting, stepOf, type Dialog, type Readers, type Step, type StepId, type WaitingStep } from './definition.js';
import { chosenOption } from './readers.js';

export type DialogEvent =
  /** The current step was just entered. */
  | { readonly type: 'enter' }
  /** Words that may answer the open question. */
  | { readonly type: 'answer'; readonly text: string }
  | { readonly type: 'submit'; readonly values: Readonly<Record<string, string>> }
  /** How an action, a called dialog or a handoff ended. */
  | { readonly type: 'outcome'; readonly outcome: string; readonly slots?: Slots }
  /** Nothing could use the words: one try of the step's patience is gone. */
  | { readonly type: 'miss' }
  /** Ask the open question again, as it is. */
  | { readonly type: 'ask-again' };

/** What should happen next. `sealed` values come from a form and are handed to the action, never to the frame. */
export type Next =
  | { readonly kind: 'wait' }
  | { readonly kind: 'act'; readonly action: string; readonly sealed?: Readonly<Record<string, SlotValue>> }
  | { readonly kind: 'call'; readonly dialog: string }
  | { readonly kind: 'handoff'; readonly reason: string }
  | { readonly kind: 'end'; readonly result: string };

export interface Advance {
  readonly frame: Frame;
  readonly replies: readonly Reply[];
  readonly next: Next;
}

/**
 * Moves a dialog by one event, through every step that needs nobody, to the next that does.
 *
 * @returns undefined when the event is an answer that does not fit the open question: somebody else may use it.
 */
export function advance(dialog: Dialog, frame: Frame, event: DialogEvent, readers: Readers): Advance | undefined {
  const step = stepOf(dialog, frame.step);
  if (event.type === 'enter') return enter(dialog, frame, []);
  if (event.type === 'outcome') return leave(dialog, frame, step, event);
  return isWaiting(step) ? hear({ dialog, frame, step, readers }, event) : undefined;
}

/** What the person does at an open question. */
function hear(asked: Asked<WaitingStep>, event: Exclude<DialogEvent, { type: 'enter' | 'outcome' }>): Advance | undefined {
  const { dialog, frame, step, readers } = asked;
  switch (event.type) {
    case 'answer':
      return answer(asked, event.text);
    case 'submit':
      return step.kind === 'form' ? submit({ dialog, frame, step, readers }, event.values) : undefined;
    case 'miss':
      return miss(dialog, frame, step);
    case 'ask-again':
      return { frame, replies: [question(frame, step)], next: { kind: 'wait' } };
  }
}

/** Goes on from the frame's step to the first that waits, acts or ends, collecting what is said on the way. */
function enter(dialog: Dialog, start: Frame, said: readonly Reply[]): Advance {
  const replies = [...said];
  let frame = start;
  for (;;) {
    const step = stepOf(dialog, frame.step);
    if (step.kind === 'say') {
      replies.push(...step.texts.map((text) => ({ kind: 'text' as const, ...text, text: fill(text.text, frame.slots) })));
      frame = at(frame, step.next);
      continue;
    }
    if (isWaiting(step)) return { frame, replies: [...replies, question(frame, step)], next: { kind: 'wait' } };
    return { frame, replies, next: deed(step) };
  }
}

function deed(step: Extract<Step, { kind: 'do' | 'call' | 'handoff' | 'end' }>): Next {
  switch (step.kind) {
    case 'do':
      return { kind: 'act', action: step.action };
    case 'call':
      return { kind: 'call', dialog: step.dialog };
    case 'handoff':
      return { kind: 'handoff', reason: step.reason };
    case 'end':
      return { kind: 'end', result: step.result };
  }
}

function leave(dialog: Dialog, frame: Frame, step: Step, event: { outcome: string; slots?: Slots }): Advance | undefined {
  if (!('on' in step)) return undefined;
  const next = step.on[event.outcome] ?? step.otherwise;
  return enter(dialog, at({ ...frame, slots: { ...frame.slots, ...event.slots } }, next), []);
}

interface Asked<S extends WaitingStep> {
  readonly dialog: Dialog;
  readonly frame: Frame;
  readonly step: S;
  readonly readers: Readers;
}

function answer({ dialog, frame, step, readers }: Asked<WaitingStep>, text: string): Advance | undefined {
  const option = chosenOption(step.options, text);
  if (option) return enter(dialog, at(frame, option.next), []);
  if (step.kind !== 'ask') return undefined;
  const reading = readers[step.reader]?.read(text);
  if (!reading?.ok) return undefined;
  return enter(dialog, at({ ...frame, slots: { ...frame.slots, [step.slot]: reading.value } }, step.next), []);
}

function submit(asked: Asked<Extract<Step, { kind: 'form' }>>, values: Readonly<Record<string, string>>): Advance {
  const { dialog, frame, step, readers } = asked;
  const sealed: Record<string, SlotValue> = {};
  const errors = new Map<string, string>();
  for (const field of step.fields) {
    const reading = readers[field.reader]?.read(values[field.name] ?? '') ?? { ok: false, reason: 'otherwise' };
    if (reading.ok) sealed[field.name] = reading.value;
    else errors.set(field.name, field.errors[reading.reason] ?? field.errors['otherwise'] ?? '');
  }
  if (errors.size === 0) return { frame, replies: [], next: { kind: 'act', action: step.action, sealed } };
  const missed = countMiss(frame, step);
  if (isExhausted(missed, step)) return enter(dialog, at(missed, step.exhausted), []);
  return { frame: missed, replies: [question(missed, step, errors)], next: { kind: 'wait' } };
}

function miss(dialog: Dialog, frame: Frame, step: WaitingStep): Advance {
  const missed = countMiss(frame, step);
  if (isExhausted(missed, step)) return enter(dialog, at(missed, step.exhausted), []);
  const retry: Reply[] = step.retry === undefined ? [] : [{ kind: 'text', text: fill(step.retry, frame.slots) }];
  return { frame: missed, replies: [...retry, question(missed, step)], next: { kind: 'wait' } };
}

function countMiss(frame: Frame, step: WaitingStep): Frame {
  return { ...frame, misses: { ...frame.misses, [step.id]: (frame.misses[step.id] ?? 0) + 1 } };
}

function isExhausted(frame: Frame, step: WaitingStep): boolean {
  return (frame.misses[step.id] ?? 0) >= step.attempts;
}

/** The mark of a waiting place: a form comes back with it, so that a stale form is told from the open one. */
export function placeOf(frame: Frame): string {
  return `${String(frame.id)}.${frame.step}`;
}

function question(frame: Frame, step: WaitingStep, errors?: ReadonlyMap<string, string>): Reply {
  const choices = step.options.map((option) => option.label);
  if (step.kind === 'form') return { ...form(frame, step, errors), choices };
  const text = fill(step.prompt, frame.slots);
  return choices.length === 0 ? { kind: 'text', text } : { kind: 'text', text, choices };
}

function form(frame: Frame, step: Extract<Step, { kind: 'form' }>, errors?: ReadonlyMap<string, string>): FormReply {
  return {
    kind: 'form',
    place: placeOf(frame),
    title: step.title,
    why: fill(step.why, frame.slots),
    submit: step.submit,
    fields: step.fields.map(({ name, label, hint, inputMode, autocomplete, maxLength }) => {
      const error = errors?.get(name);
      return {
        ...{ name, label, inputMode, autocomplete, maxLength },
        ...(hint === undefined ? {} : { hint }),
        ...(error === undefined ? {} : { error }),
      };
    }),
  };
}

function at(frame: Frame, step: StepId): Frame {
  return { ...frame, step };
}

/** Puts slot values into `{slot}` marks; the content check has made sure that each mark names a slot. */
function fill(text: string, slots: Slots): string {
  return text.replace(/\{([a-z][a-zA-Z]*)\}/g, (mark, name: string) => String(slots[name] ?? mark));
}
