/**
 * Where the reader is in the log: new messages bring the end into sight for someone who reads at the end, and wait below
 * for someone who reads higher up. History comes in without being announced.
 */
import { labels } from './labels.js';
import { make } from './markup.js';

/** Pixels from the end within which a reader counts as being at the end. */
const NEAR_END = 48;
/** Pixels of an answer that show that it is there. */
const BEGUN = 40;

/** `before`: what it comes before, where that is not the end. */
interface Where {
  readonly toEnd?: boolean;
  readonly anchor?: boolean;
  readonly before?: Element | null | undefined;
}

export class Place {
  private readonly list = make('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', tabindex: '0', 'aria-label': labels.log });
  private readonly newer = make('button', { type: 'button', class: 'newer', hidden: '', title: labels.newest }, make('span', { 'aria-hidden': 'true' }, '↓'), make('span', { class: 'unseen' }, labels.newest));
  readonly node = make('div', { class: 'talk' }, this.list, this.newer);
  private anchor: HTMLElement | undefined;
  private stuck = true;
  private isHistory = false;

  constructor() {
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

  /** Puts an element at the end, without moving anyone higher up. `anchor`: what the reader wants to keep seeing from then on. */
  add(element: HTMLElement, { toEnd = false, anchor = false, before = null }: Where = {}): void {
    const { stuck } = this;
    if (this.isHistory) this.silent(before).append(element);
    else this.list.insertBefore(element, before);
    if (anchor) this.anchor = element;
    if (toEnd) this.toEnd();
    else if (stuck) this.showFrom(this.anchor ?? element, element);
    // Known before the button shortens the log, which would otherwise look like a reader at the end.
    this.stuck = this.atEnd();
    this.newer.hidden = this.stuck;
  }

  empty(): void {
    this.list.replaceChildren();
    this.anchor = undefined;
    this.stuck = true;
    this.newer.hidden = true;
  }

  toEnd(): void {
    this.list.scrollTop = this.list.scrollHeight;
    this.newer.hidden = true;
  }

  /** What was pressed is about to go: the focus waits in the log, where the answer will come. */
  park(): void {
    this.list.focus({ preventScroll: true });
  }

  /** What is added from now on is history, which is not announced, or it is news. */
  hush(isHistory: boolean): void {
    this.isHistory = isHistory;
  }

  /** A part of the log that says nothing by itself. News beside it is announced, however soon it comes. */
  private silent(before: Element | null): Element {
    const last = before === null ? this.list.lastElementChild : before.previousElementSibling;
    if (last?.classList.contains('history') === true) return last;
    const part = make('div', { class: 'history', 'aria-live': 'off' });
    this.list.insertBefore(part, before);
    return part;
  }

  /** Brings the end into sight, but never pushes the question that is being answered out of it. */
  private showFrom(anchor: HTMLElement, added: HTMLElement): void {
    const end = this.list.scrollHeight - this.list.clientHeight;
    // A question so high that its answer would not even begin in sight goes up a little.
    const begun = added.previousElementSibling === anchor ? added.offsetTop + BEGUN - this.list.clientHeight : 0;
    this.list.scrollTop = Math.min(end, Math.max(begun, anchor.offsetTop - 8));
  }

  private atEnd(): boolean {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END;
  }
}
