/** What a page shows of hostile words, and what is wrong with it: not read, not clean, or too wide. */
import type { Page } from 'playwright-core';
import { bare, strangersIn } from './hostile.js';

/** Whether they are the same words, whatever the way they are drawn. */
export function isRead(shown: string, wanted: string): boolean {
  const [one, other] = [shown, wanted].map((text) => bare(text.replaceAll('(nouvelle fenêtre)', '')));
  return one === other && one !== '';
}

export interface Sight {
  readonly wide: number;
  /** What stands in each place, by its selector. */
  readonly read: Readonly<Record<string, readonly string[]>>;
}

/** The last thing that each selector finds, and how many pixels anything is too wide. */
export function sightOf(page: Page, selectors: readonly string[], within?: string): Promise<Sight> {
  return page.evaluate(
    ({ wanted, host }) => {
      const root = host === undefined ? document : (document.querySelector(host)?.shadowRoot ?? document);
      const boxes = [document.documentElement, ...root.querySelectorAll('[role=log], .panel, main')];
      const wide = Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth));
      return { wide, read: Object.fromEntries(wanted.map((selector) => [selector, [...root.querySelectorAll<HTMLElement>(selector)].slice(-8).map((one) => one.textContent)])) };
    },
    { wanted: selectors, host: within },
  );
}

/** What is wrong with a sight in which each of these places must show the text. */
export function faultsOf(name: string, { wide, read }: Sight, wanted: Readonly<Record<string, string>>): string[] {
  const unread = Object.entries(wanted).filter(([place, text]) => !(read[place] ?? []).some((shown) => isRead(shown, text)));
  const strangers = Object.values(read).flat().flatMap(strangersIn);
  return [
    ...unread.map(([place]) => `${name}: not read in ${place}`),
    ...(strangers.length > 0 ? [`${name}: ${[...new Set(strangers)].join(' ')} is in the page`] : []),
    ...(wide > 0 ? [`${name}: ${String(wide)} px too wide`] : []),
  ];
}
