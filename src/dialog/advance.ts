/**
 * The dialog engine: given a dialog, a place in it and an event, the next place, what to say, and what should happen
 * next. It is pure: nothing is stored, sent or awaited here, and the same arguments always give the same result.
 */
import { chosenOption, saysUnknown } from '../answers/closed.js';
import type { Reply } from '../conversation/reply.js';
import type { Frame, Slots, SlotValue } from '../conversation/state.js';
import { isWaiting, stepOf, type Dialog, type Readers, type Step, type StepId, type WaitingStep } from './definition.js';
import { confirms, fill, heardFor, question, type Heard } from './question.js';

export type DialogEvent =
  /** The current step was just entered. */
  | { readonly type: 'enter' }
  /** Words that may answer the open question; `value` where someone else than the step's reader could read them. */
  | { readonly type: 'answer'; readonly text: string; readonly value?: SlotValue }
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
  | { readonly kind: 'call'; readonly dialog: string; readonly slots: Slots }
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
  const here = { dialog, readers };
  if (event.type === 'enter') return enter(here, frame, []);
  if (event.type === 'outcome') return leave(here, frame, step, event);
  return isWaiting(step) ? hear({ ...here, frame, step }, event) : undefined;
}

interface Here {
  readonly dialog: Dialog;
  readonly readers: Readers;
}

interface Asked<S extends WaitingStep> extends Here {
  readonly frame: Frame;
  readonly step: S;
}

/** What the person does at an open question. */
function hear(asked: Asked<WaitingStep>, event: Exclude<DialogEvent, { type: 'enter' | 'outcome' }>): Advance | undefined {
  const { frame, step } = asked;
  switch (event.type) {
    case 'answer':
      return answer(asked, event);
    case 'submit':
      return step.kind === 'form' ? submit({ ...asked, step }, event.values) : undefined;
    case 'miss':
      return miss(asked);
    case 'ask-again':
      return { frame, replies: [question(frame, step, asked.readers)], next: { kind: 'wait' } };
  }
}

/** No dialog says so much in a row: past it, content turns in a circle, and must not hold the process. */
const MOST_STEPS_ALONE = 100;

/** Goes on from the frame's step to the first that waits, acts or ends, collecting what is said on the way. */
function enter(here: Here, start: Frame, said: readonly Reply[]): Advance {
  const replies = [...said];
  let frame = start;
  for (let steps = 0; steps < MOST_STEPS_ALONE; steps += 1) {
    const step = stepOf(here.dialog, frame.step);
    if (step.kind === 'say') {
      replies.push(...step.texts.map((text) => ({ kind: 'text' as const, ...text, text: fill(text.text, frame.slots) })));
      frame = at(frame, step.next);
      continue;
    }
    if (step.kind === 'when') {
      frame = at(frame, step.on[String(frame.slots[step.slot])] ?? step.otherwise);
      continue;
    }
    if (!isWaiting(step)) return { frame, replies, next: deed(step) };
    // A question that comes back counts like an answer that missed: no loop of a dialog is without an end.
    const seen = frame.misses[step.id] === undefined ? { ...frame, misses: { ...frame.misses, [step.id]: 0 } } : countMiss(frame, step);
    if (!isExhausted(seen, step)) return { frame: seen, replies: [...replies, question(seen, step, here.readers)], next: { kind: 'wait' } };
    frame = at(seen, step.exhausted);
  }
  throw new RangeError(`dialog ${here.dialog.id} never comes to rest from step ${start.step}`);
}

function deed(step: Extract<Step, { kind: 'do' | 'call' | 'handoff' | 'end' }>): Next {
  switch (step.kind) {
    case 'do':
      return { kind: 'act', action: step.action };
    case 'call':
      return { kind: 'call', dialog: step.dialog, slots: step.with ?? {} };
    case 'handoff':
      return { kind: 'handoff', reason: step.reason };
    case 'end':
      return { kind: 'end', result: step.result };
  }
}

function leave(here: Here, frame: Frame, step: Step, event: { outcome: string; slots?: Slots }): Advance | undefined {
  if (!('on' in step)) return undefined;
  const next = step.on[event.outcome] ?? step.otherwise;
  return enter(here, at({ ...frame, slots: { ...frame.slots, ...event.slots } }, next), []);
}

function answer(asked: Asked<WaitingStep>, { text, value }: { text: string; value?: SlotValue }): Advance | undefined {
  const heard = heardFor(asked.frame, asked.step, asked.readers);
  const frame = withoutHeard(asked.frame, asked.step);
  const open = { ...asked, frame };
  const confirmed = heard && confirms(heard, text);
  if (heard && confirmed !== undefined) return settle(open, confirmed ? heard : undefined);
  const option = chosenOption(open.step.options, text);
  return option ? choose(open, option) : (readInto(open, text, value) ?? takeUnknown(open, text));
}

/** The answer as the slot's value, by the step's own reader first. */
function readInto(asked: Asked<WaitingStep>, text: string, value: SlotValue | undefined): Advance | undefined {
  const { frame, step, readers } = asked;
  if (step.kind !== 'ask') return undefined;
  const reading = readers[step.reader]?.read(text);
  const read = reading?.ok ? reading.value : value;
  return read === undefined ? undefined : enter(asked, at(withSlot(frame, step.slot, read), step.next), []);
}

function takeUnknown(asked: Asked<WaitingStep>, text: string): Advance | undefined {
  const { unknown } = asked.step;
  return unknown !== undefined && saysUnknown(text) ? enter(asked, at(asked.frame, unknown), []) : undefined;
}

/** What this question listens for is settled by its answer; the rest is for the questions after it. */
function withoutHeard(frame: Frame, step: WaitingStep): Frame {
  if (step.kind === 'form' || step.hears === undefined || !frame.heard) return frame;
  const { [step.hears]: _settled, ...heard } = frame.heard;
  return { ...frame, heard };
}

/** Going somewhere by choice is a new start there: what was missed at that question before no longer counts. */
function choose(asked: Asked<WaitingStep>, { next }: { next: StepId }): Advance {
  const { [next]: _forgiven, ...misses } = asked.frame.misses;
  return enter(asked, at({ ...asked.frame, misses }, next), []);
}

/** Takes what was heard as the answer, or puts the question as if nothing had been heard. */
function settle(asked: Asked<WaitingStep>, heard: Heard | undefined): Advance {
  const { frame, step, readers } = asked;
  if (heard?.option) return choose(asked, heard.option);
  if (heard?.slot !== undefined && step.kind === 'ask') return enter(asked, at(withSlot(frame, step.slot, heard.slot), step.next), []);
  return { frame, replies: [question(frame, step, readers)], next: { kind: 'wait' } };
}

function submit(asked: Asked<Extract<Step, { kind: 'form' }>>, values: Readonly<Record<string, string>>): Advance {
  const { frame, step, readers } = asked;
  const sealed: Record<string, SlotValue> = {};
  const errors = new Map<string, string>();
  for (const field of step.fields) {
    const reading = readers[field.reader]?.read(values[field.name] ?? '') ?? { ok: false, reason: 'otherwise' };
    if (reading.ok) sealed[field.name] = reading.value;
    else errors.set(field.name, field.errors[reading.reason] ?? field.errors['otherwise'] ?? '');
  }
  if (errors.size === 0) return { frame, replies: [], next: { kind: 'act', action: step.action, sealed } };
  const missed = countMiss(frame, step);
  if (isExhausted(missed, step)) return enter(asked, at(missed, step.exhausted), []);
  return { frame: missed, replies: [question(missed, step, readers, errors)], next: { kind: 'wait' } };
}

function miss(asked: Asked<WaitingStep>): Advance {
  const { frame, step, readers } = asked;
  const missed = countMiss(frame, step);
  if (isExhausted(missed, step)) return enter(asked, at(missed, step.exhausted), []);
  const retry: Reply[] = step.retry === undefined ? [] : [{ kind: 'text', text: fill(step.retry, frame.slots) }];
  return { frame: missed, replies: [...retry, question(missed, step, readers)], next: { kind: 'wait' } };
}

function countMiss(frame: Frame, step: WaitingStep): Frame {
  return { ...frame, misses: { ...frame.misses, [step.id]: (frame.misses[step.id] ?? 0) + 1 } };
}

function isExhausted(frame: Frame, step: WaitingStep): boolean {
  return (frame.misses[step.id] ?? 0) >= step.attempts;
}

function withSlot(frame: Frame, slot: string, value: SlotValue): Frame {
  return { ...frame, slots: { ...frame.slots, [slot]: value } };
}

function at(frame: Frame, step: StepId): Frame {
  return { ...frame, step };
}
