/** Where the person writes: Enter sends, Shift+Enter starts a line, and what stands in the way is said beside the field. */
import { labels } from '../messages/labels.js';
import { make } from '../messages/markup.js';

/** Characters. */
const MAX_LENGTH = 1_000;

export interface ComposerHands {
  say(text: string): void;
  /** The person is writing something. */
  writing(): void;
}

export class Composer {
  readonly node = make('form', { class: 'composer', novalidate: '' });
  private readonly input = make('textarea', { id: 'words', rows: '1', maxlength: String(MAX_LENGTH), placeholder: labels.placeholder, autocomplete: 'off', enterkeyhint: 'send', 'aria-describedby': 'hint safety' });
  private readonly hint = make('p', { class: 'limit', role: 'status', id: 'hint' });

  constructor(private readonly hands: ComposerHands) {
    const label = make('label', { for: 'words', class: 'unseen' }, labels.composer);
    this.node.append(label, this.input, make('button', { type: 'submit', class: 'main' }, labels.send), this.hint);
    this.input.addEventListener('input', () => {
      this.hint.textContent = this.input.value.length >= MAX_LENGTH ? labels.tooLong : '';
      if (this.input.value !== '') hands.writing();
    });
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    this.node.addEventListener('submit', (event) => {
      event.preventDefault();
      this.send();
    });
  }

  focus(): void {
    this.input.focus();
  }

  /** Puts words back to be mended, before whatever is being written. */
  restore(text: string): void {
    this.input.value = [text, this.input.value].filter((part) => part !== '').join('\n').slice(0, MAX_LENGTH);
    this.input.focus();
  }

  private send(): void {
    const text = this.input.value.trim();
    this.hint.textContent = text === '' ? labels.empty : '';
    this.input.focus();
    if (text === '') return;
    this.input.value = '';
    this.hands.say(text);
  }
}
