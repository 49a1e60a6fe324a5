/**
 * Turns a form into an Adaptive Card 1.5, for clients that speak Direct Line. It knows nothing of what a field means:
 * the words come from the form, and the one sentence that does not is handed in.
 */
import type { FormField, FormReply } from '../conversation/reply.js';

/** The words of a card that no form brings. */
export interface CardLabels {
  /** Shown by the client under a field left empty. */
  readonly fieldMissing: string;
  /** A link, as Markdown, to what is done with what people tell. */
  privacy?(): string;
}

type Element = Readonly<Record<string, unknown>>;

export interface AdaptiveCard {
  readonly type: 'AdaptiveCard';
  readonly $schema: string;
  readonly version: '1.5';
  readonly speak: string;
  readonly body: readonly Element[];
  readonly actions: readonly Element[];
}

/** The card of a form. Submitting gives `{ place, ...values }`; a way out gives `{ say }` and no value of any field. */
export function toCard(form: FormReply, labels: CardLabels): AdaptiveCard {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    // The name that renderers give the card, and all that a screen reader announces of it as it comes: faults belong here.
    speak: [form.title, ...form.fields.flatMap(({ error }) => error ?? [])].join('\n'),
    body: [
      { type: 'TextBlock', text: form.title, weight: 'Bolder', size: 'Medium', wrap: true },
      { type: 'TextBlock', text: form.why, wrap: true },
      ...(labels.privacy === undefined ? [] : [{ type: 'TextBlock', text: labels.privacy(), wrap: true }]),
      ...form.fields.flatMap((field) => fieldElements(field, labels)),
    ],
    actions: [
      { type: 'Action.Submit', title: form.submit, style: 'positive', data: { place: form.place } },
      ...(form.choices ?? []).map(wayOut),
    ],
  };
}

function fieldElements(field: FormField, labels: CardLabels): readonly Element[] {
  const input = {
    type: 'Input.Text',
    id: field.name,
    label: field.label,
    ...(field.hint === undefined ? {} : { placeholder: field.hint }),
    maxLength: field.maxLength,
    isRequired: true,
    // Renderers show it for a field left empty, and for nothing else: a fault of the last value would be untrue there.
    errorMessage: labels.fieldMissing,
    // Outside the card schema: renderers that do not know them pass over them, ours sets the right keyboard.
    inputMode: field.inputMode,
    autocomplete: field.autocomplete,
  };
  if (field.error === undefined) return [input];
  const error = { type: 'TextBlock', id: `${field.name}-error`, text: field.error, color: 'Attention', wrap: true };
  return [error, input];
}

function wayOut(choice: string): Element {
  return {
    type: 'Action.Submit',
    title: choice,
    data: { msteams: { type: 'imBack', value: choice }, say: choice },
    // Someone who asks to leave a half-filled form sends nothing of it.
    associatedInputs: 'none',
  };
}
