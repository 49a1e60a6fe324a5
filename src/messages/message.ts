/** One message of the log as nodes: who said it and when, the words, the choices, what became of it. It keeps nothing. */
import type { Activity, Choice } from '../line/wire.js';
import { labels } from './labels.js';
import { clean, drawMarkup, make, parseMarkup } from './markup.js';

export interface Speaker {
  readonly kind: 'me' | 'bot' | 'adviser';
  readonly name: string;
}

/** A message as it is exported. */
export interface Line {
  readonly name: string;
  readonly at: Date;
  text: string;
}

/** A message where it stands. */
export interface Message {
  readonly node: HTMLElement;
  readonly head: HTMLElement;
  readonly line: Line;
  readonly isMine: boolean;
  /** The line that begins its day, where it is the first. */
  day: HTMLElement | undefined;
}

export const PERSON: Speaker = { kind: 'me', name: labels.person };

/** Who said what is not from the person. Only the server's own mark makes an adviser: a name proves nothing. */
export function speakerOf({ from }: Activity): Speaker {
  if (from?.id !== 'adviser') return { kind: 'bot', name: labels.assistant };
  return { kind: 'adviser', name: labels.adviserName.replace('{name}', () => clean(from.name ?? '')) };
}

export function drawHead({ name }: Speaker, at: Date): HTMLElement {
  const time = at.toLocaleTimeString('fr-FR', { hour: '2-digit', minute: '2-digit' });
  return make('p', { class: 'meta' }, make('strong', {}, name), ' ', make('time', { datetime: at.toISOString() }, time));
}

/** Words in a bubble; `marked` where they may hold the little markup of replies. */
export function drawText(text: string, marked: boolean): HTMLElement {
  return make('div', { class: 'bubble', dir: 'auto' }, ...(marked ? drawMarkup(parseMarkup(text)) : [text]));
}

/** The server may have masked a secret: its words replace ours. */
export function correct({ node, line }: Message, text: string): void {
  const bubble = node.querySelector('.bubble');
  // The same words written again would be announced again.
  if (bubble === null || text === '' || text === line.text) return;
  bubble.textContent = clean(text);
  line.text = text;
}

/** What may be answered, as buttons; nothing where there is nothing to choose. */
export function drawChoices(choices: readonly Choice[], press: (say: string) => void): HTMLElement | undefined {
  if (choices.length === 0) return undefined;
  const buttons = choices.map(({ title, say }) => {
    const button = make('button', { type: 'button' }, title);
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') !== 'true') press(say);
    });
    return button;
  });
  return make('div', { class: 'choices', role: 'group', 'aria-label': labels.choices }, ...buttons);
}

/** What a message says, for an export: marks of emphasis and addresses are written out. */
export function writeText(text: string): string {
  return clean(text).replace(/\*\*([^*]+)\*\*/g, '$1').replace(/\[([^[\]]+)\]\(([^()\s]+)\)/g, '$1 ($2)');
}

/** Shows what became of a message; `way` is offered beside it. Silent by itself: what matters of it is said elsewhere. */
export function tellFate(message: HTMLElement, fate: 'sending' | 'delivered' | 'refused', way?: HTMLElement): void {
  message.dataset['fate'] = fate;
  message.querySelector('.fate')?.remove();
  const text = { sending: labels.sending, delivered: '', refused: labels.refused }[fate];
  if (text !== '') message.append(make('p', { class: 'fate', 'aria-live': 'off' }, text, ...(way === undefined ? [] : [' ', way])));
}

/** A line between two days; nothing where the day is that of the message before, or where all is of today. */
export function drawDay(at: Date, before: Date | undefined, now: Date): HTMLElement | undefined {
  const day = at.toDateString();
  if (day === (before ?? now).toDateString()) return undefined;
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).toDateString();
  const written = at.toLocaleDateString('fr-FR', { weekday: 'long', day: 'numeric', month: 'long' });
  const named = day === now.toDateString() ? labels.today : day === yesterday ? labels.yesterday : written;
  return make('p', { class: 'day' }, make('time', { datetime: at.toISOString().slice(0, 10) }, named));
}
