/** What is said beside the messages: the state of the connection, and who is writing. Short, and never twice at once. */
import { labels } from '../messages/labels.js';
import { clean, make } from '../messages/markup.js';
import type { Connection } from '../line/wire.js';

/** Milliseconds: a quick connection goes without saying, and a connection that is made again even more, good news is said for a while, typing is not announced twice at once. */
const TIMES = { slow: 1_000, again: 5_000, news: 4_000, busy: 5_000, typing: 8_000, typingAgain: 10_000, answerSlow: 1_000 };

export class News {
  private readonly words = make('span', { role: 'status' });
  private readonly retry = make('button', { type: 'button', class: 'quiet', hidden: '' }, labels.retry);
  readonly state = make('p', { class: 'state idle' }, this.words, this.retry);
  readonly typing = make('p', { class: 'typing', role: 'status' });
  private before: Connection = 'idle';
  private isWaiting = false;
  private stateTimer = 0;
  private typingTimer = 0;
  private typedAt = -Infinity;

  /** `again`: the person does not want to wait for the next try. `park` takes the focus when its button goes. */
  constructor(
    again: () => void,
    private readonly park: () => void,
  ) {
    this.retry.addEventListener('click', again);
  }

  connection(state: Connection): void {
    const { before } = this;
    this.before = state;
    if (state !== 'offline' && this.retry.matches(':focus')) this.park();
    this.retry.hidden = state !== 'offline';
    if (state === 'connecting') this.say('', before === 'online' ? TIMES.again : TIMES.slow, labels.connecting);
    else if (state === 'offline') this.say(labels.offline);
    else if (state === 'busy') this.say('', TIMES.busy, labels.busy);
    else if (state === 'online' && before === 'offline') this.say(labels.back, TIMES.news);
    else this.say('');
  }

  /** A message is to be sent again: that goes without saying unless it lasts. */
  waits(): void {
    if (!this.isWaiting) this.say('', TIMES.busy, labels.busy);
    this.isWaiting = true;
  }

  /** A message has arrived. */
  arrived(): void {
    if (this.isWaiting) this.say('');
    this.isWaiting = false;
  }

  refused(): void {
    this.say(labels.refused, TIMES.news);
  }

  /** Words have arrived: whoever answers is at work, and it shows when that takes long. */
  awaitAnswer(): void {
    window.clearTimeout(this.typingTimer);
    this.typingTimer = window.setTimeout(() => {
      this.writes();
    }, TIMES.answerSlow);
  }

  writes(name: string = labels.assistant): void {
    window.clearTimeout(this.typingTimer);
    const now = performance.now();
    if (this.typing.textContent === '' && now - this.typedAt > TIMES.typingAgain) {
      this.typedAt = now;
      this.typing.textContent = labels.typing.replace('{name}', () => clean(name));
    }
    this.typingTimer = window.setTimeout(() => {
      this.rests();
    }, TIMES.typing);
  }

  rests(): void {
    window.clearTimeout(this.typingTimer);
    this.typing.textContent = '';
  }

  /** Says `text`, for `ms` where given; then says `next`. */
  private say(text: string, ms = 0, next = ''): void {
    window.clearTimeout(this.stateTimer);
    this.show(text);
    if (ms === 0) return;
    this.stateTimer = window.setTimeout(() => {
      this.show(next);
    }, ms);
  }

  /** The bar is never taken away, only flat: a screen reader hears no words that come along with their place. */
  private show(text: string): void {
    this.state.classList.toggle('idle', text === '');
    this.words.textContent = text;
  }
}
