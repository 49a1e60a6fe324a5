/** How much room the discussion takes: the size of its text, the whole page on demand, and what a keyboard on screen leaves. */
import { labels } from '../messages/labels.js';
import { make } from '../messages/markup.js';

/** How many times the usual size. */
const SIZES = [1, 1.25, 1.5];
const KEPT = 'sesame size';

export class Fit {
  readonly button = make('button', { type: 'button', class: 'quiet fit', 'aria-label': labels.fullLong }, labels.full);

  constructor(private readonly panel: HTMLElement) {
    this.size(this.sizeNow);
    this.button.addEventListener('click', () => {
      if (!this.shrink()) this.grow(true);
    });
  }

  /** 0, 1 or 2: what the reader chose in this tab. */
  get sizeNow(): number {
    try {
      const kept = Number(window.sessionStorage.getItem(KEPT));
      return kept in SIZES ? kept : 0;
    } catch {
      return 0;
    }
  }

  size(step: number): void {
    this.panel.style.setProperty('--z', String(SIZES[step] ?? 1));
    try {
      if (step > 0 || this.sizeNow > 0) window.sessionStorage.setItem(KEPT, String(step));
    } catch {
      // A browser that keeps nothing forgets the size as well.
    }
  }

  /** Back to its place in the page; false when it was there. */
  shrink(): boolean {
    const wasFull = this.panel.classList.contains('full');
    this.grow(false);
    return wasFull;
  }

  start(): void {
    window.visualViewport?.addEventListener('resize', this.follow);
    window.visualViewport?.addEventListener('scroll', this.follow);
    this.follow();
  }

  stop(): void {
    window.visualViewport?.removeEventListener('resize', this.follow);
    window.visualViewport?.removeEventListener('scroll', this.follow);
  }

  private grow(isFull: boolean): void {
    this.panel.classList.toggle('full', isFull);
    this.button.textContent = isFull ? labels.small : labels.full;
    this.button.setAttribute('aria-label', isFull ? labels.smallLong : labels.fullLong);
  }

  /** A keyboard on screen covers the page without making it smaller: what is left is known here only. */
  private readonly follow = (): void => {
    const view = window.visualViewport;
    // While someone zooms in, what they see is a part of the page, and the discussion must not follow it.
    if (view === null || view.scale > 1.01) return;
    this.panel.style.setProperty('--view', `${String(Math.round(view.height))}px`);
    this.panel.style.setProperty('--view-top', `${String(Math.round(view.offsetTop))}px`);
  };
}
