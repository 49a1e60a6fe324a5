/** The ways in which people set a page to be able to read it: narrow, enlarged, spaced out, by night, in their own colours. */
import type { Browser, Page } from 'playwright-core';
import { audit } from './axe.js';
import { openPage } from './browser.js';
import { lookAt, moving, spaceOut } from './sight.js';

export interface View {
  readonly name: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly media?: Exclude<Parameters<Page['emulateMedia']>[0], undefined>;
  readonly theme?: 'light' | 'dark';
  readonly prepare?: (page: Page) => Promise<unknown>;
  /** So little room that one scrolls down to send: more than WCAG asks for, which has either the width or the size. */
  readonly tight?: boolean;
}

/** The narrowest that is seen to. */
export const PHONE = { width: 320, height: 568 };
const ENLARGED = { width: 320, height: 256 };
const DESK = { width: 1280, height: 800 };
const largest = (page: Page): Promise<unknown> => page.getByRole('button', { name: 'Options' }).click().then(() => page.getByRole('button', { name: 'Très grande' }).click()).then(() => page.keyboard.press('Escape'));

/** The first part is for any page; what stands after it is the widget's own. */
export const PAGE_VIEWS: readonly View[] = [
  { name: 'on a narrow phone', size: PHONE },
  { name: 'on a phone by night', size: PHONE, media: { colorScheme: 'dark' } },
  { name: 'on a phone that lies down', size: { width: 568, height: 320 } },
  { name: 'enlarged four times', size: ENLARGED },
  { name: 'with text of twice the size, spaced out, on a desk', size: DESK, prepare: spaceOut },
  { name: 'with text of twice the size, spaced out, on a phone', size: { width: 360, height: 640 }, prepare: spaceOut, tight: true },
  { name: 'in forced colours', size: PHONE, media: { forcedColors: 'active' } },
  { name: 'in forced colours by night', size: PHONE, media: { forcedColors: 'active', colorScheme: 'dark' } },
  { name: 'with less motion', size: DESK, media: { reducedMotion: 'reduce' } },
];
export const VIEWS: readonly View[] = [
  ...PAGE_VIEWS,
  { name: 'with very large text on a phone', size: PHONE, prepare: largest },
  { name: 'with very large text, enlarged four times', size: ENLARGED, prepare: largest },
  { name: 'dark where the device is light', size: PHONE, theme: 'dark', media: { colorScheme: 'light' } },
  { name: 'light where the device is dark', size: PHONE, theme: 'light', media: { colorScheme: 'dark' } },
];

/** A page as someone set it, once what `isThere` waits for is there. */
export async function openIn(browser: Browser, { size, media, theme, prepare }: View, url: string, isThere: (page: Page) => Promise<unknown>): Promise<{ page: Page; faults: string[] }> {
  const { page, faults } = await openPage(browser, size);
  if (media) await page.emulateMedia(media);
  await page.goto(url);
  await isThere(page);
  if (theme) await page.locator('sesame-chat').evaluate((chat, wanted) => { chat.setAttribute('theme', wanted); }, theme);
  await prepare?.(page);
  return { page, faults };
}

/** Everything wrong that can be seen now: in forced colours, colours are not ours. */
export async function wrong(page: Page, { media }: View, inSight: readonly string[]): Promise<readonly string[]> {
  const forced = media?.forcedColors === 'active';
  const { broken } = forced ? { broken: [] } : await audit(page, undefined, ['color-contrast', 'link-in-text-block']);
  return [...(await lookAt(page, { inSight, forced })), ...broken, ...((await moving(page)) > 0 ? ['something moves'] : [])];
}
