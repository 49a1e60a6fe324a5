/**
 * The options of the discussion, opened by one button: size of the text, reading aloud, taking the conversation along,
 * ending it. It only asks; what each choice does is the panel's.
 */
import { labels } from '../messages/labels.js';
import { make } from '../messages/markup.js';
import { Voice } from './voice.js';

export interface MenuHands {
  /** 0, 1 or 2: how large. */
  size(step: number): void;
  voice(on: boolean): void;
  copy(): Promise<boolean>;
  download(): void;
  print(): void;
  /** False when it could not be done now. */
  erase(): Promise<boolean>;
}

export class Menu {
  /** The button stands in the head of the panel, what it opens below it. */
  readonly button = make('button', { type: 'button', class: 'quiet', 'aria-expanded': 'false', 'aria-controls': 'options' }, labels.options);
  readonly node = make('div', { class: 'options', id: 'options', role: 'group', 'aria-label': labels.options, hidden: '' });
  private readonly said = make('p', { class: 'said', role: 'status' });
  private readonly choices = make('div', { class: 'items' });

  constructor(
    private readonly hands: MenuHands,
    size: number,
  ) {
    this.choices.append(this.drawSizes(size), ...(Voice.isThere() ? [this.drawVoice()] : []), ...this.drawDeeds());
    this.node.append(this.choices, this.said);
    this.button.addEventListener('click', () => {
      this.open(this.node.hidden === true);
    });
  }

  open(isOpen: boolean): void {
    this.node.hidden = !isOpen;
    this.button.setAttribute('aria-expanded', String(isOpen));
    this.said.textContent = '';
    if (!this.choices.isConnected) this.node.replaceChildren(this.choices, this.said);
  }

  /** Closes it; false when it was closed. A focus inside goes back to the button. */
  shut(): boolean {
    const [wasOpen, hadFocus] = [this.node.hidden === false, this.node.matches(':focus-within')];
    this.open(false);
    if (hadFocus) this.button.focus();
    return wasOpen;
  }

  private drawSizes(size: number): HTMLElement {
    const buttons = labels.sizes.map((name, step) => make('button', { type: 'button', 'aria-pressed': String(step === size) }, name));
    buttons.forEach((button, step) => {
      button.addEventListener('click', () => {
        for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
        this.hands.size(step);
      });
    });
    return make('div', { class: 'sizes', role: 'group', 'aria-label': labels.size }, make('span', { 'aria-hidden': 'true' }, labels.size), ...buttons);
  }

  private drawVoice(): HTMLElement {
    const button = make('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false' }, labels.voice);
    button.addEventListener('click', () => {
      const on = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(on));
      this.hands.voice(on);
    });
    return button;
  }

  private drawDeeds(): HTMLElement[] {
    return [
      this.drawDeed(labels.copy, async () => {
        this.said.textContent = (await this.hands.copy()) ? labels.copied : labels.notCopied;
      }),
      this.drawDeed(labels.download, () => { this.hands.download(); }),
      this.drawDeed(labels.print, () => { this.hands.print(); }),
      this.drawDeed(labels.erase, () => { this.askSure(); }),
    ];
  }

  private drawDeed(name: string, deed: () => unknown): HTMLButtonElement {
    const button = make('button', { type: 'button', class: 'quiet' }, name);
    button.addEventListener('click', () => void deed());
    return button;
  }

  /** What cannot be undone is asked twice, and the safe answer has the focus. */
  private askSure(): void {
    const no = this.drawDeed(labels.eraseNo, () => {
      this.open(true);
      (this.choices.lastElementChild as HTMLElement | null)?.focus();
    });
    const yes = this.drawDeed(labels.eraseYes, async () => {
      if (await this.hands.erase()) this.open(false);
      else this.said.textContent = labels.eraseFailed;
    });
    const question = make('p', { id: 'sure' }, labels.eraseSure);
    this.node.replaceChildren(make('div', { class: 'sure', role: 'group', 'aria-labelledby': 'sure' }, question, no, yes), this.said);
    no.focus();
  }
}
