/** Asks, under an answer, whether it helped, and why not. It is asked once; not answering is an answer too. */
import type { Opinion } from '../line/wire.js';
import { labels } from './labels.js';
import { make } from './markup.js';

const REASONS = ['not-my-case', 'not-clear', 'did-not-work', 'other'] as const;

export class OpinionAsk {
  /** Silent for screen readers by itself: only the thanks are said. */
  readonly node = make('div', { class: 'opinion', 'aria-live': 'off' });
  private readonly said = make('p', { role: 'status' });
  private readonly ask = make('div', { role: 'group', 'aria-label': labels.opinion });

  /** `about`: the activity that is judged. `park` takes the focus when the buttons go. */
  constructor(
    private readonly about: string,
    private readonly tell: (opinion: Opinion) => Promise<boolean>,
    private readonly park: () => void,
  ) {
    this.ask.append(make('span', { 'aria-hidden': 'true' }, labels.opinion), this.drawButton(labels.opinionUp, () => this.settle({ about, verdict: 'up' })), this.drawButton(labels.opinionDown, () => { this.askWhy(); }));
    this.node.append(this.ask, this.said);
  }

  /** Another answer came: what was not judged by then is not asked about any more. */
  retire(): void {
    if (!this.node.matches(':focus-within')) this.ask.remove();
  }

  private askWhy(): void {
    const reasons = REASONS.map((reason) => this.drawButton(labels.opinionReasons[reason], () => this.settle({ about: this.about, verdict: 'down', reason })));
    this.ask.setAttribute('aria-label', labels.opinionWhy);
    this.ask.replaceChildren(make('span', { 'aria-hidden': 'true' }, labels.opinionWhy), ...reasons);
    reasons[0]?.focus();
  }

  private async settle(opinion: Opinion): Promise<void> {
    this.park();
    this.ask.remove();
    this.said.textContent = (await this.tell(opinion)) ? labels.opinionThanks : labels.opinionLost;
  }

  private drawButton(text: string, press: () => unknown): HTMLButtonElement {
    const button = make('button', { type: 'button', class: 'quiet' }, text);
    button.addEventListener('click', () => void press());
    return button;
  }
}
