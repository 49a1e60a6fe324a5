/** The page about privacy in a real browser: on an old phone, by day and by night, without a script, and on paper. */
import type { Browser } from 'playwright-core';
import { renderHome, renderNotFound } from '../../src/site/pages.js';
import { renderPrivacy, type Periods } from '../../src/site/privacy.js';
import { pageTexts } from '../../src/site/texts.js';
import { inspect, NARROW } from '../support/axe.js';
import { openBrowser, openPage } from '../support/browser.js';
import { WebDoor } from '../support/web-door.js';
import { content } from '../support/world.js';

const DAY = 86_400_000;
const periods: Periods = { trace: DAY, letterTrace: 30 * DAY, code: 600_000, letter: 21 * DAY, messages: 7 * DAY, resumption: 7 * DAY, withAdviser: 30 * DAY, audit: { months: 12 } };

let browser: Browser;
let door: WebDoor;
beforeAll(async () => {
  browser = await openBrowser();
  const texts = pageTexts.parse(content().pages);
  const notFound = renderNotFound({ texts });
  const home = renderHome({ texts, script: { src: '/public/none.js' } });
  // Its own sheet, whatever was built.
  door = await WebDoor.open({ pages: { home, discussion: notFound, notFound, privacy: renderPrivacy({ texts, periods }) }, publicFolder: 'src/site' });
});
afterAll(async () => {
  await browser.close();
  await door.close();
});

it('P03: breaks no rule that a machine can check, in both themes, and fits an old phone', async () => {
  const { page, faults } = await openPage(browser, NARROW);
  await page.goto(`${door.url}/confidentialite`);
  for (const { broken } of Object.values(await inspect(page, {}))) expect(broken).toEqual([]);
  expect(faults).toEqual([]);
});

it('P03: is found by keyboard from the first page, without a script', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${door.url}/`);
  const link = page.getByRole('contentinfo').getByRole('link', { name: 'Vos données et vos droits' });
  await link.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/confidentialite');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Vos données et vos droits');
  await context.close();
});

it('P03: on paper, what it says is there and what can only be clicked is not', async () => {
  const { page } = await openPage(browser);
  await page.goto(`${door.url}/confidentialite`);
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByText('Ce qui est gardé, et combien de temps').isVisible()).toBe(true);
  expect(await page.locator('footer').isVisible()).toBe(false);
});
