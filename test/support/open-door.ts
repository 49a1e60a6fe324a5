/** The real pages and widget in front of an assistant that lives in memory: no dialog to go through, and words said at will. */
import path from 'node:path';
import type { Page } from 'playwright-core';
import { readScript } from '../../src/site/files.js';
import { renderDiscussion, renderHome, renderNotFound } from '../../src/site/pages.js';
import { pageTexts } from '../../src/site/texts.js';
import { createSignals, type SignalBoard } from '../../src/signals.js';
import { built } from './built.js';
import { SimulatedClock } from './clock.js';
import { eventually } from './running.js';
import { WebDoor } from './web-door.js';
import { content } from './world.js';

/** `origins`: sites that may embed the widget. */
export async function openDoor(origins: readonly string[] = []): Promise<{ door: WebDoor; signals: SignalBoard; clock: SimulatedClock }> {
  const clock = new SimulatedClock();
  const signals = createSignals(clock);
  const publicFolder = path.dirname(built('public/sesame-chat.js'));
  const parts = { texts: pageTexts.parse(content().pages), script: readScript(publicFolder) };
  const notFound = renderNotFound(parts);
  const pages = { home: renderHome(parts), discussion: renderDiscussion(parts), notFound, mailbox: () => Promise.resolve(notFound) };
  return { door: await WebDoor.open({ pages, publicFolder, signals }, { origins: [...origins], local: true }), signals, clock };
}

/** The conversation that a page has open. */
export function conversationOf(page: Page): Promise<string> {
  return eventually(() =>
    page.evaluate(() => {
      const kept = Object.values(sessionStorage as unknown as Record<string, string>).join(' ');
      return /"conversationId":"([^"]+)"/.exec(kept)?.[1];
    }),
  );
}
