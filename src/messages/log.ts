/**
 * The log of messages: what was said, the choices and the forms, in order, and the reader's place in it. It never moves
 * the focus by itself, and it knows nothing of the network.
 */
import { choicesOf, dateOf, type Activity, type Opinion } from '../line/wire.js';
import { asksAgain, cardOf, type CardModel } from './card.js';
import { CardForm } from './form.js';
import { labels } from './labels.js';
import { make } from './markup.js';
import { correct, drawChoices, drawDay, drawHead, drawText, PERSON, speakerOf, tellFate, writeText, type Line, type Message, type Speaker } from './message.js';
import { OpinionAsk } from './opinion.js';
import { Place } from './place.js';

export interface LogHands {
  say(text: string): void;
  /** Gives back the tag that `delivered` or `refused` will name. */
  submit(values: Readonly<Record<string, string>>): string;
  /** False when it did not arrive. */
  judge(opinion: Opinion): Promise<boolean>;
  /** Words that were refused go back to where they are written. */
  edit(text: string): void;
}

/** Milliseconds before a message that has not arrived is said to be on its way. */
const SLOW = 1_200;

export class MessageLog {
  private readonly place = new Place();
  readonly node = this.place.node;
  private readonly mine = new Map<string, Message>();
  /** Those of them that are not in the server's list yet. */
  private readonly waiting = new Map<string, Message>();
  private readonly forms = new Map<string, CardForm>();
  private lines: Line[] = [];
  private form: CardForm | undefined;
  private kept: ReadonlyMap<string, string> = new Map();
  /** A form that other words came after, with what was typed in it: it may be asked again right after them. */
  private left: { readonly model: CardModel; readonly typed: ReadonlyMap<string, string> } | undefined;
  private choices: HTMLElement | undefined;
  private opinion: OpinionAsk | undefined;
  /** The person spoke since the last form was asked. */
  private moved = false;
  private lastHead = '';
  private lastAt: Date | undefined;
  /** What a message stands before, where that is not the end. */
  private before: HTMLElement | undefined;

  constructor(private readonly hands: LogHands) {
    this.empty();
  }

  /** Shows the person's words before the server has them. */
  said(tag: string, text: string): void {
    [this.kept, this.left] = [new Map(), undefined];
    this.place.hush(false);
    const message = this.add(PERSON, { at: new Date(), content: [drawText(text, false)], text, toEnd: true });
    this.mine.set(tag, message);
    this.waiting.set(tag, message);
    window.setTimeout(() => {
      if (message.node.dataset['fate'] === undefined) tellFate(message.node, 'sending');
    }, SLOW);
  }

  /** Shows what came from the server; `replay` is history, shown without announcing it. */
  heard(activity: Activity, replay: boolean): void {
    this.place.hush(replay);
    const tag = activity.channelData?.clientActivityID ?? '';
    const own = this.mine.get(tag);
    this.delivered(tag);
    this.waiting.delete(tag);
    if (own !== undefined) correct(own, activity.text ?? '');
    else this.hearNew(activity, replay);
  }

  delivered(tag: string): void {
    const message = this.mine.get(tag);
    if (message !== undefined) tellFate(message.node, 'delivered');
    this.forms.get(tag)?.retire();
    this.forms.delete(tag);
  }

  refused(tag: string): void {
    const message = this.mine.get(tag);
    this.waiting.delete(tag);
    if (message !== undefined) tellFate(message.node, 'refused', this.drawEdit(message.line.text));
    this.forms.get(tag)?.refused(this.kept);
    this.forms.delete(tag);
  }

  /** A line that nobody said: the conversation ended, or was renewed. */
  notice(text: string): void {
    this.retireChoices();
    this.lastHead = '';
    this.place.hush(false);
    this.place.add(make('p', { class: 'notice' }, text));
  }

  /** The conversation they belong to is over. */
  retireAll(): void {
    this.retireChoices();
    this.opinion?.retire();
    this.retireForm(undefined);
    this.left = undefined;
  }

  /** Takes everything away, from the page and from memory. */
  empty(): void {
    this.retireAll();
    this.place.empty();
    this.mine.clear();
    this.waiting.clear();
    [this.lines, this.lastHead, this.lastAt] = [[], '', undefined];
    this.place.add(make('p', { class: 'safety', id: 'safety' }, labels.safety));
  }

  toEnd(): void {
    this.place.toEnd();
  }

  /** What had the focus is about to go: it waits here. */
  park(): void {
    this.place.park();
  }

  /** All that was said, for an export. */
  record(): readonly Line[] {
    return this.lines;
  }

  private hearNew(activity: Activity, replay: boolean): void {
    const { text = '' } = activity;
    const waiting = this.liftWaiting();
    this.before = waiting[0]?.day ?? waiting[0]?.node;
    if (activity.from?.role === 'user') this.add(PERSON, { at: dateOf(activity), content: [drawText(text, false)], text, toEnd: replay });
    else this.hearReply(activity, replay);
    this.before = undefined;
    for (const message of waiting) this.put(message, replay);
  }

  private hearReply(activity: Activity, replay: boolean): void {
    const card = cardOf(activity);
    if (card !== undefined || this.moved) this.retireForm(card);
    const text = textOf(activity, card);
    const words = text === '' ? undefined : drawText(text, activity.textFormat === 'markdown');
    const choices = drawChoices(choicesOf(activity), (say) => { this.press(say); });
    const parts = [words, card && this.drawForm(card).node, choices, this.askOpinion(activity)];
    const content = parts.filter((part) => part !== undefined);
    this.add(speakerOf(activity), { at: dateOf(activity), content, text: writeText(text || (card?.title ?? '')), toEnd: replay });
    this.choices = choices;
  }

  /** Of several answers, the last one can be judged. */
  private askOpinion({ id, channelData }: Activity): Node | undefined {
    if (channelData?.asksOpinion !== true || id === undefined) return undefined;
    this.opinion?.retire();
    this.opinion = new OpinionAsk(id, (opinion) => this.hands.judge(opinion), () => { this.place.park(); });
    return this.opinion.node;
  }

  /** What was typed goes over to a form that asks the same again, and is forgotten otherwise. */
  private retireForm(next: CardModel | undefined): void {
    const { form } = this;
    const left = form === undefined ? this.left : { model: form.model, typed: this.kept.size > 0 ? this.kept : form.typed() };
    this.left = next === undefined ? left : undefined;
    if (next !== undefined) this.kept = left !== undefined && asksAgain(next, left.model) ? left.typed : new Map<string, string>();
    form?.retire();
    [this.form, this.moved] = [undefined, false];
  }

  private drawForm(card: CardModel): CardForm {
    const form = new CardForm(card, this.kept, {
      say: (text) => { this.press(text); },
      submit: (values) => {
        this.kept = form.typed();
        this.place.park();
        this.forms.set(this.hands.submit(values), form);
      },
    });
    this.kept = new Map();
    this.form = form;
    return form;
  }

  /** Old choices leave the page, but not under the focus of someone who is just there. */
  private retireChoices(): void {
    this.choices?.classList.add('past');
    for (const button of this.choices?.children ?? []) button.setAttribute('aria-disabled', 'true');
    this.choices = undefined;
  }

  private drawEdit(text: string): HTMLElement {
    const button = make('button', { type: 'button', class: 'quiet' }, labels.edit);
    button.addEventListener('click', () => {
      button.remove();
      this.hands.edit(text);
    });
    return button;
  }

  private add(speaker: Speaker, { at, content, text, toEnd }: Said): Message {
    const head = drawHead(speaker, at);
    const node = make('div', { class: `message ${speaker.kind}` }, head, ...content);
    const message = { node, head, line: { name: speaker.name, at, text }, isMine: speaker.kind === 'me', day: undefined };
    this.put(message, toEnd);
    return message;
  }

  /** Puts a message in its place. One that stands in it already is not moved: it would be announced again. */
  private put(message: Message, toEnd: boolean): void {
    const { before } = this;
    const { node, head, line, isMine } = message;
    this.retireChoices();
    message.day?.remove();
    message.day = drawDay(line.at, this.lastAt, new Date());
    if (message.day !== undefined) this.place.add(message.day, { toEnd, before: node.parentNode === null ? before : node });
    head.classList.toggle('unseen', message.day === undefined && head.textContent === this.lastHead);
    [this.lastHead, this.lastAt] = [head.textContent, line.at];
    this.lines.push(line);
    if (node.parentNode === null) this.place.add(node, { toEnd, anchor: isMine, before });
    this.moved ||= isMine;
  }

  /** What the server does not have yet will stand after all that it has, so that the order is that of its list. */
  private liftWaiting(): readonly Message[] {
    const waiting = [...this.waiting.values()];
    if (waiting.length === 0) return [];
    this.lines = this.lines.filter((line) => waiting.every((message) => message.line !== line));
    [this.lastHead, this.lastAt] = ['', this.lines.at(-1)?.at];
    return waiting;
  }

  private press(text: string): void {
    this.place.park();
    this.hands.say(text);
  }
}

interface Said {
  readonly at: Date;
  readonly content: readonly Node[];
  /** As it is exported. */
  readonly text: string;
  readonly toEnd: boolean;
}

/** What a reply says; a form says it by itself. */
function textOf({ text = '' }: Activity, card: CardModel | undefined): string {
  return text === '' && card === undefined ? labels.unreadable : text;
}
