/** Reads the subset of Adaptive Cards that Sésame uses to ask for identity data, as the model of a form. It draws nothing. */
import { fieldsOf, listOf, textOf, type Activity, type Fields } from '../line/wire.js';
import { labels } from './labels.js';

export interface CardField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly maxLength: number;
  readonly inputMode: string;
  readonly autocomplete: string;
  readonly required: boolean;
  readonly whenEmpty: string;
  readonly error: string;
}

export interface CardModel {
  readonly place: string;
  readonly title: string;
  /** Each is read on its own: what one leaves open must not reach into the next. */
  readonly why: readonly string[];
  readonly fields: readonly CardField[];
  readonly submit: string;
  /** Ways out: `say` is what pressing one says. */
  readonly ways: readonly { readonly title: string; readonly say: string }[];
}

/** Reads a card from the wire. Gives nothing when it is not a form that could be sent. */
export function readCard(content: unknown): CardModel | undefined {
  const card = fieldsOf(content);
  const body = listOf(card['body']);
  const actions = listOf(card['actions']).map((action) => ({ title: textOf(action, 'title'), data: fieldsOf(action['data']) }));
  const send = actions.find(({ data }) => textOf(data, 'place') !== '');
  if (send === undefined) return undefined;
  const errors = new Map(body.map((item) => [textOf(item, 'id'), textOf(item, 'text')]));
  const texts = body.filter((item) => item['type'] === 'TextBlock' && textOf(item, 'id') === '').map((item) => textOf(item, 'text'));
  return {
    place: textOf(send.data, 'place'),
    title: texts[0] ?? '',
    why: texts.slice(1),
    fields: body.filter((item) => item['type'] === 'Input.Text').map((item) => readField(item, errors)),
    submit: send.title,
    ways: actions.map(({ title, data }) => ({ title, say: textOf(data, 'say') })).filter(({ say }) => say !== ''),
  };
}

/** The form that an activity carries, if any. */
export function cardOf({ attachments }: Activity): CardModel | undefined {
  return attachments?.map(({ content }) => readCard(content)).find((card) => card !== undefined);
}

/** Whether a form asks the same as one before it, or asks to mend an answer. */
export function asksAgain(card: CardModel, before: CardModel | undefined): boolean {
  return card.place === before?.place || card.fields.some(({ error }) => error !== '');
}

function readField(item: Fields, errors: ReadonlyMap<string, string>): CardField {
  const name = textOf(item, 'id');
  const error = errors.get(`${name}-error`) ?? '';
  return {
    name,
    label: textOf(item, 'label'),
    hint: textOf(item, 'placeholder'),
    maxLength: typeof item['maxLength'] === 'number' ? item['maxLength'] : 100,
    inputMode: textOf(item, 'inputMode') || 'text',
    autocomplete: textOf(item, 'autocomplete') || 'off',
    required: item['isRequired'] === true,
    // The message of a field in error speaks of the value it had, not of an empty field.
    whenEmpty: (error === '' && textOf(item, 'errorMessage')) || labels.formRequired,
    error,
  };
}
