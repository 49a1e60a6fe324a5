/**
 * An open question as the person sees it: words and choices, a form with what was wrong in it, or what was heard
 * already and only has to be confirmed. It moves nothing.
 */
import { yesNoReader } from '../answers/closed.js';
import type { FormReply, Reply } from '../conversation/reply.js';
import type { Frame, Slots, SlotValue } from '../conversation/state.js';
import type { Confirm, Option, Readers, WaitingStep } from './definition.js';

/** Something that the first message said and that answers this question, if the person confirms it. */
export interface Heard {
  readonly confirm: Confirm;
  /** As it is shown. */
  readonly value: string;
  /** The option that it means, of a choice. */
  readonly option?: Option;
  /** The slot value, of a question. */
  readonly slot?: SlotValue;
}

/** What was heard for this step, or nothing: not heard, not of this question, or not readable as its answer. */
export function heardFor(frame: Frame, step: WaitingStep, readers: Readers): Heard | undefined {
  if (step.kind === 'form' || step.hears === undefined || !step.confirm) return undefined;
  const value = frame.heard?.[step.hears];
  return value === undefined ? undefined : asAnswer(step, step.confirm, { value: String(value), readers });
}

function asAnswer(step: Exclude<WaitingStep, { kind: 'form' }>, confirm: Confirm, { value, readers }: { value: string; readers: Readers }): Heard | undefined {
  if (step.kind === 'choose') {
    const option = step.options.find(({ is }) => is === value);
    return option && { confirm, value: option.label, option };
  }
  const reading = readers[step.reader]?.read(value);
  return reading?.ok ? { confirm, value: shown(value), slot: reading.value } : undefined;
}

/** Whether an answer confirms what was heard; undefined when it says something else. */
export function confirms({ confirm }: Heard, text: string): boolean | undefined {
  const said = text.trim();
  if (said === confirm.yes) return true;
  if (said === confirm.no) return false;
  const reading = yesNoReader.read(text);
  return reading.ok ? reading.value === true : undefined;
}

/** The mark of a waiting place: a form comes back with it, so that a stale form is told from the open one. */
export function placeOf(frame: Frame): string {
  return `${String(frame.id)}.${frame.step}`;
}

/** The question of a waiting step, asked as it stands. */
export function question(frame: Frame, step: WaitingStep, readers: Readers, errors?: ReadonlyMap<string, string>): Reply {
  const heard = heardFor(frame, step, readers);
  if (heard) return { kind: 'text', text: fill(heard.confirm.text, { ...frame.slots, value: heard.value }), choices: [heard.confirm.yes, heard.confirm.no] };
  const choices = step.options.map((option) => option.label);
  if (step.kind === 'form') return { ...form(frame, step, errors), choices };
  const text = fill(step.prompt, frame.slots);
  return choices.length === 0 ? { kind: 'text', text } : { kind: 'text', text, choices };
}

function form(frame: Frame, step: Extract<WaitingStep, { kind: 'form' }>, errors?: ReadonlyMap<string, string>): FormReply {
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

/** Puts slot values into `{slot}` marks; the content check has made sure that each mark names a slot. */
export function fill(text: string, slots: Slots): string {
  return text.replace(/\{([a-z][a-zA-Z]*)\}/g, (mark, name: string) => (slots[name] === undefined ? mark : shown(slots[name])));
}

const inWords = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeZone: 'UTC' });

/** A day is kept as `YYYY-MM-DD` and read back in words, so that a misread month is seen. */
function shown(value: SlotValue): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? inWords.format(new Date(String(value))) : String(value);
}
