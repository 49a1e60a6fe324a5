/**
 * A card as a real HTML form. What is typed stays in the page's memory, goes out once, and is cleared from the page as
 * it goes.
 */
import type { CardField, CardModel } from './card.js';
import { labels } from './labels.js';
import { clean, drawMarkup, make, parseMarkup } from './markup.js';

export interface FormHands {
  submit(values: Readonly<Record<string, string>>): void;
  say(text: string): void;
}

type Drawn = CardField & { readonly box: HTMLElement; readonly input: HTMLInputElement; readonly fault: HTMLElement };

let drawnForms = 0;

export class CardForm {
  readonly node = make('form', { class: 'card', novalidate: '' });
  private readonly set = make('fieldset');
  /** Silent by itself: that a form did not leave is said beside the messages. */
  private readonly note = make('p', { class: 'note', 'aria-live': 'off' });
  private readonly title = make('legend');
  private readonly drawn: readonly Drawn[];
  private sent = false;
  private retired = false;

  /** `kept`: what was typed the last time this was asked, by field name. */
  constructor(
    readonly model: CardModel,
    kept: ReadonlyMap<string, string>,
    private readonly hands: FormHands,
  ) {
    drawnForms += 1;
    const why = `why-${String(drawnForms)}`;
    this.set.setAttribute('aria-describedby', why);
    this.drawn = model.fields.map((field) => drawField(field, `f${String(drawnForms)}`, valueToKeep(field, kept)));
    this.title.textContent = clean(model.title);
    this.set.append(this.title, make('div', { class: 'why', id: why }, ...model.why.flatMap((text) => drawMarkup(parseMarkup(text)))));
    this.set.append(...this.drawn.map(({ box }) => box), this.drawActions());
    // Before it has fields: a form takes their names for properties of its own, and hides those it had.
    this.node.addEventListener('submit', (event) => {
      event.preventDefault();
      this.send();
    });
    this.node.append(this.set, this.note);
  }

  /** As typed, for a form that asks the same again. */
  typed(): ReadonlyMap<string, string> {
    return new Map(this.drawn.map(({ name, input }) => [name, input.value]));
  }

  /** Takes the fields away for good: it was sent, or something else is asked now. */
  retire(): void {
    if (this.retired) return;
    this.retired = true;
    this.empty();
    this.set.removeAttribute('aria-describedby');
    // The title stays where it is: put in again, it would be announced again.
    for (const part of [...this.set.children]) if (part !== this.title) part.remove();
    this.note.textContent = this.sent ? labels.formSent : labels.formRetired;
  }

  /** It did not leave: gives back what was typed, to be sent again. */
  refused(kept: ReadonlyMap<string, string>): void {
    if (this.retired) return;
    this.sent = false;
    this.set.disabled = false;
    for (const { name, input } of this.drawn) input.value = kept.get(name) ?? '';
    this.note.textContent = labels.formRefused;
  }

  private send(): void {
    const [missing] = this.drawn.filter(complain);
    missing?.input.focus();
    if (missing !== undefined) return;
    const values = Object.fromEntries(this.drawn.map((field) => [field.name, valueToSend(field)]));
    this.sent = true;
    this.hands.submit({ ...values, place: this.model.place });
    this.empty();
    this.note.textContent = labels.formSending;
  }

  private empty(): void {
    this.set.disabled = true;
    for (const { input } of this.drawn) input.value = '';
  }

  private drawActions(): HTMLElement {
    const ways = this.model.ways.map(({ title, say }) => {
      const way = make('button', { type: 'button', class: 'quiet' }, title);
      way.addEventListener('click', () => {
        this.hands.say(say);
      });
      return way;
    });
    return make('div', { class: 'actions' }, make('button', { type: 'submit', class: 'main' }, this.model.submit), ...ways);
  }
}

const NIR_GROUPS = [1, 2, 2, 2, 3, 3];

/**
 * Writes a number in the groups printed on a carte Vitale, and says where the caret goes. Separators are dropped;
 * letters and digits never are, even in excess, because what is wrong must stay visible to be mended.
 */
export function groupNir(typed: string, caret: number): { readonly text: string; readonly caret: number } {
  const clean = compact(typed);
  const before = compact(typed.slice(0, caret)).length;
  const groups: string[] = [];
  let [at, moved] = [0, before];
  for (const size of NIR_GROUPS) {
    if (at + size >= clean.length) break;
    groups.push(clean.slice(at, at + size));
    at += size;
    if (before > at) moved += 1;
  }
  return { text: [...groups, clean.slice(at)].join(' '), caret: moved };
}

/** Letters and digits only, as the server compares them. */
export function compact(typed: string): string {
  return typed.replace(/[^\p{L}\p{N}]/gu, '').replace(/[ab]/g, (letter) => letter.toUpperCase());
}

/** A field with its label, its hint and the place of its error. `scope` parts its ids from those of other forms. */
function drawField(field: CardField, scope: string, value: string): Drawn {
  const id = `${scope}-${field.name}`;
  const input = make('input', {
    id,
    name: field.name,
    type: 'text',
    inputmode: field.inputMode,
    autocomplete: field.autocomplete,
    // Spaces and dots typed between digits take room that the server does not count.
    maxlength: String(isNumber(field) ? 40 : field.maxLength),
    'aria-describedby': `${id}-hint ${id}-fault`,
    'aria-required': String(field.required),
    ...{ autocapitalize: 'off', spellcheck: 'false' },
  });
  const fault = make('p', { class: 'fault', id: `${id}-fault` });
  const hint = make('p', { class: 'hint', id: `${id}-hint` }, field.hint);
  const box = make('div', { class: 'field' }, make('label', { for: id }, field.label), hint, fault, input);
  const drawn = { ...field, box, input, fault };
  input.value = value;
  if (field.name === 'nir') keepGrouped(input);
  if (field.error !== '') mark(drawn, field.error);
  return drawn;
}

function isNumber({ name, autocomplete }: CardField): boolean {
  return name === 'nir' || autocomplete === 'one-time-code';
}

/** A code that was used up is not offered again; one with a fault stays, to be mended. */
function valueToKeep(field: CardField, kept: ReadonlyMap<string, string>): string {
  return field.autocomplete === 'one-time-code' && field.error === '' ? '' : (kept.get(field.name) ?? '');
}

function valueToSend(field: Drawn): string {
  return isNumber(field) ? compact(field.input.value) : field.input.value.trim();
}

function keepGrouped(input: HTMLInputElement): void {
  input.addEventListener('input', (event) => {
    if (event instanceof InputEvent && event.isComposing) return;
    const { text, caret } = groupNir(input.value, input.selectionStart ?? input.value.length);
    input.value = text;
    input.setSelectionRange(caret, caret);
  });
}

/** Says what is missing beside its field; true when something is. */
function complain(field: Drawn): boolean {
  const isMissing = field.required && field.input.value.trim() === '';
  // The focus goes to the field, which says it.
  field.fault.setAttribute('aria-live', 'off');
  mark(field, isMissing ? field.whenEmpty : '');
  return isMissing;
}

function mark(field: Drawn, fault: string): void {
  field.fault.textContent = fault === '' ? '' : `${labels.errorPrefix} ${clean(fault)}`;
  field.input.setAttribute('aria-invalid', String(fault !== ''));
}
