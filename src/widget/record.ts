/** The conversation leaves the page only where its owner asks: copied, kept as a file, or printed. */
import { labels } from '../messages/labels.js';
import type { Line } from '../messages/message.js';
import { clean, make } from '../messages/markup.js';

/** The whole conversation as plain text, one message a paragraph. */
export function writeRecord(lines: readonly Line[]): string {
  const said = lines.map(({ name, at, text }) => `${name}, ${at.toLocaleString('fr-FR', { dateStyle: 'short', timeStyle: 'short' })}\n${text}`);
  return clean(`${[labels.recordTitle, ...said].join('\n\n')}\n`);
}

/** False where the browser does not let it. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function download(text: string, at: Date): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  make('a', { href: url, download: `${labels.recordName}-${at.toISOString().slice(0, 10)}.txt` }).click();
  // The browser has read it by then, however slow the disk.
  window.setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}

/** Prints from a frame of its own, so that neither the page of the host nor our buttons come along. */
export function print(text: string): void {
  const frame = make('iframe', { title: labels.recordTitle, 'aria-hidden': 'true', tabindex: '-1' });
  Object.assign(frame.style, { position: 'fixed', width: '0', height: '0', border: '0' });
  document.body.append(frame);
  const { contentDocument: sheet, contentWindow: view } = frame;
  if (sheet === null || view === null) return;
  sheet.title = labels.recordTitle;
  sheet.documentElement.lang = 'fr';
  const words = make('pre', {}, text);
  Object.assign(words.style, { font: '12pt/1.5 sans-serif', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' });
  sheet.body.append(words);
  view.addEventListener('afterprint', () => {
    frame.remove();
  });
  view.print();
}
