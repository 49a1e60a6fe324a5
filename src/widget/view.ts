/**
 * The log of messages: draws what was said, the choices and the forms, and keeps the reader's place. It never moves
 * the focus by itself, and it knows nothing of the network.
 */
import { asksAgain, CardForm, cardOf, type CardModel } from './form.js';
import { labels } from './labels.js';
import { drawMarkup, make, parseMarkup } from './markup.js';
import { choicesOf, dateOf, type Activity, type Choice } from './wire.js';

export interface LogHands {
  say(text: string): void;
  /** Gives back the tag that `delivered` or `refused` will name. */
  submit(values: Readonly<Record<string, string>>): string;
}

interface Speaker {
  readonly kind: 'me' | 'bot' | 'adviser';
  readonly name: string;
}

const PERSON: Speaker = { kind: 'me', name: labels.person };
/** Pixels from the end within which a reader counts as being at the end. */
const NEAR_END = 48;
/** Milliseconds before a message that has not arrived is said to be on its way. */
const SLOW = 1_200;
/** Milliseconds for which history stays unannounced. */
const QUIET = 1_000;

export class MessageLog {
  readonly node = make('div', { class: 'talk' });
  private readonly list = make('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', tabindex: '0', 'aria-label': labels.log });
  private readonly newer = make('button', { type: 'button', class: 'newer', hidden: '', 'aria-label': labels.newest, title: labels.newest }, '↓');
  private readonly mine = new Map<string, HTMLElement>();
  private readonly forms = new Map<string, CardForm>();
  private form: CardForm | undefined;
  private kept: ReadonlyMap<string, string> = new Map();
  private choices: HTMLElement | undefined;
  /** The person spoke since the last form was asked. */
  private moved = false;
  private anchor: HTMLElement | undefined;
  private stuck = true;
  private lastHead = '';
  private loud: number | undefined;

  constructor(private readonly hands: LogHands) {
    this.list.append(make('p', { class: 'safety', id: 'safety' }, labels.safety));
    this.node.append(this.list, this.newer);
    this.list.addEventListener('scroll', () => {
      this.stuck = this.atEnd();
      if (this.stuck) this.newer.hidden = true;
    });
    this.newer.addEventListener('click', () => {
      this.toEnd();
      this.park();
    });
    // The on-screen keyboard shortens the log: the last message stays in sight.
    new ResizeObserver(() => {
      if (this.stuck) this.toEnd();
    }).observe(this.list);
  }

  /** Shows the person's words before the server has them. */
  said(tag: string, text: string): void {
    this.kept = new Map();
    const message = this.add(PERSON, new Date(), [drawText(text, false)], true);
    this.mine.set(tag, message);
    window.setTimeout(() => {
      if (message.dataset['fate'] === undefined) this.tellFate(message, 'sending', labels.sending);
    }, SLOW);
  }

  /** Shows what came from the server; `replay` is history, shown without announcing it. */
  heard(activity: Activity, replay: boolean): void {
    if (replay) this.hush();
    const tag = activity.channelData?.clientActivityID;
    const own = tag === undefined ? undefined : this.mine.get(tag);
    if (tag !== undefined) this.delivered(tag);
    if (own !== undefined) this.correct(own, activity.text ?? '');
    else if (activity.from?.role === 'user') this.add(PERSON, dateOf(activity), [drawText(activity.text ?? '', false)], replay);
    else this.hearReply(activity, replay);
  }

  delivered(tag: string): void {
    const message = this.mine.get(tag);
    if (message !== undefined) this.tellFate(message, 'delivered', '');
    this.forms.get(tag)?.retire();
    this.forms.delete(tag);
  }

  refused(tag: string): void {
    const message = this.mine.get(tag);
    if (message !== undefined) this.tellFate(message, 'refused', labels.refused);
    this.forms.get(tag)?.refused(this.kept);
    this.forms.delete(tag);
  }

  /** A line that nobody said: the conversation ended, or was renewed. */
  notice(text: string): void {
    this.retireChoices();
    this.lastHead = '';
    this.list.append(make('p', { class: 'notice' }, text));
    if (this.stuck) this.toEnd();
  }

  /** The conversation they belong to is over. */
  retireAll(): void {
    this.retireChoices();
    this.form?.retire();
    this.form = undefined;
  }

  toEnd(): void {
    this.list.scrollTop = this.list.scrollHeight;
    this.newer.hidden = true;
  }

  private hearReply(activity: Activity, replay: boolean): void {
    const card = cardOf(activity);
    const choices = choicesOf(activity);
    const text = activity.text ?? '';
    const content: Node[] = [];
    if (text !== '' || card === undefined) content.push(drawText(text || labels.unreadable, activity.textFormat === 'markdown'));
    if (card !== undefined || this.moved) this.retireForm(card);
    if (card !== undefined) content.push(this.drawForm(card).node);
    const group = choices.length === 0 ? undefined : this.drawChoices(choices);
    if (group !== undefined) content.push(group);
    this.add(speakerOf(activity), dateOf(activity), content, replay);
    this.choices = group;
  }

  /** What was typed goes over to a form that asks the same again, and is forgotten otherwise. */
  private retireForm(next: CardModel | undefined): void {
    const before = this.form;
    const typed = this.kept.size > 0 ? this.kept : before?.typed();
    if (next !== undefined) this.kept = (asksAgain(next, before?.model) ? typed : undefined) ?? new Map<string, string>();
    this.form?.retire();
    this.form = undefined;
    this.moved = false;
  }

  private drawForm(card: CardModel): CardForm {
    const form = new CardForm(card, this.kept, {
      say: (text) => {
        this.press(text);
      },
      submit: (values) => {
        this.kept = form.typed();
        this.park();
        this.forms.set(this.hands.submit(values), form);
      },
    });
    this.kept = new Map();
    this.form = form;
    return form;
  }

  private drawChoices(choices: readonly Choice[]): HTMLElement {
    const buttons = choices.map(({ title, say }) => {
      const button = make('button', { type: 'button' }, title);
      button.addEventListener('click', () => {
        if (button.getAttribute('aria-disabled') !== 'true') this.press(say);
      });
      return button;
    });
    return make('div', { class: 'choices', role: 'group', 'aria-label': labels.choices }, ...buttons);
  }

  /** Old choices leave the page, but not under the focus of someone who is just there. */
  private retireChoices(): void {
    this.choices?.classList.add('past');
    for (const button of this.choices?.children ?? []) button.setAttribute('aria-disabled', 'true');
    this.choices = undefined;
  }

  private add(speaker: Speaker, at: Date, content: readonly Node[], toEnd: boolean): HTMLElement {
    this.retireChoices();
    const head = drawHead(speaker, at);
    if (head.textContent === this.lastHead) head.classList.add('unseen');
    this.lastHead = head.textContent;
    const message = make('div', { class: `message ${speaker.kind}` }, head, ...content);
    const { stuck } = this;
    this.list.append(message);
    if (speaker.kind === 'me') {
      this.moved = true;
      this.anchor = message;
    }
    if (toEnd) this.toEnd();
    else if (stuck) this.showFrom(this.anchor ?? message);
    // Known before the button shortens the log, which would otherwise look like a reader at the end.
    this.stuck = this.atEnd();
    this.newer.hidden = this.stuck;
    return message;
  }

  /** Brings the end into sight, but never pushes the question that is being answered out of it. */
  private showFrom(anchor: HTMLElement): void {
    const end = this.list.scrollHeight - this.list.clientHeight;
    this.list.scrollTop = Math.min(end, anchor.offsetTop - 8);
  }

  private atEnd(): boolean {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END;
  }

  private press(text: string): void {
    this.park();
    this.hands.say(text);
  }

  /** What was pressed is about to go: the focus waits in the log, where the answer will come. */
  private park(): void {
    this.list.focus({ preventScroll: true });
  }

  private hush(): void {
    this.list.setAttribute('aria-live', 'off');
    window.clearTimeout(this.loud);
    this.loud = window.setTimeout(() => {
      this.list.setAttribute('aria-live', 'polite');
    }, QUIET);
  }

  /** The server may have masked a secret: its words replace ours. */
  private correct(message: HTMLElement, text: string): void {
    const bubble = message.querySelector('.bubble');
    if (bubble !== null && text !== '') bubble.textContent = text;
  }

  private tellFate(message: HTMLElement, fate: string, text: string): void {
    message.dataset['fate'] = fate;
    message.querySelector('.fate')?.remove();
    if (text !== '') message.append(make('p', { class: 'fate' }, text));
  }
}

function drawHead({ name }: Speaker, at: Date): HTMLElement {
  const time = at.toLocaleTimeString('fr-FR', { hour: '2-digit', minute: '2-digit' });
  return make('p', { class: 'meta' }, make('strong', {}, name), ' ', make('time', { datetime: at.toISOString() }, time));
}

function drawText(text: string, marked: boolean): HTMLElement {
  return make('div', { class: 'bubble' }, ...(marked ? drawMarkup(parseMarkup(text)) : [text]));
}


function speakerOf({ from }: Activity): Speaker {
  const name = from?.name ?? labels.assistant;
  return { kind: name === labels.assistant ? 'bot' : 'adviser', name };
}
