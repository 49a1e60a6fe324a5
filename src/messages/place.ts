/**
 * Where the reader is in the log: new messages bring the end into sight for someone who reads at the end, and wait below
 * for someone who reads higher up. History comes in without being announced.
 */
import { labels } from './labels.js';
import { make } from './markup.js';

/** Pixels from the end within which a reader counts as being at the end. */
const NEAR_END = 48;
/** Milliseconds for which history stays unannounced. */
const QUIET = 1_000;

export class Place {
  private readonly list = make('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', tabindex: '0', 'aria-label': labels.log });
  private readonly newer = make('button', { type: 'button', class: 'newer', hidden: '', title: labels.newest }, make('span', { 'aria-hidden': 'true' }, '↓'), make('span', { class: 'unseen' }, labels.newest));
  readonly node = make('div', { class: 'talk' }, this.list, this.newer);
  private anchor: HTMLElement | undefined;
  private stuck = true;
  private loud: number | undefined;

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
  add(element: HTMLElement, { toEnd = false, anchor = false } = {}): void {
    const { stuck } = this;
    this.list.append(element);
    if (anchor) this.anchor = element;
    if (toEnd) this.toEnd();
    else if (stuck) this.showFrom(this.anchor ?? element);
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

  /** History is coming. */
  hush(): void {
    this.list.setAttribute('aria-live', 'off');
    window.clearTimeout(this.loud);
    this.loud = window.setTimeout(() => {
      this.list.setAttribute('aria-live', 'polite');
    }, QUIET);
  }

  /** Brings the end into sight, but never pushes the question that is being answered out of it. */
  private showFrom(anchor: HTMLElement): void {
    const end = this.list.scrollHeight - this.list.clientHeight;
    this.list.scrollTop = Math.min(end, anchor.offsetTop - 8);
  }

  private atEnd(): boolean {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END;
  }
}
