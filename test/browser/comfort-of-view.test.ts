/** The discussion as people set it to be able to read: narrow, enlarged, spaced out, by night, in their own colours. */
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.js';
import { openDoor } from '../support/open-door.js';
import { openIn, VIEWS, wrong } from '../support/views.js';
import type { WebDoor } from '../support/web-door.js';

let browser: Browser;
let door: WebDoor;
beforeAll(async () => {
  [browser, { door }] = await Promise.all([openBrowser(), openDoor()]);
});
afterAll(async () => {
  await browser.close();
  await door.close();
});

const reads = (page: Page, words: string): Promise<void> => page.getByRole('log').getByText(words, { exact: true }).first().waitFor({ state: 'attached' });

async function says(page: Page, words: string): Promise<void> {
  await page.getByLabel('Votre message').fill(words);
  await page.keyboard.press('Enter');
}

describe.each(VIEWS)('the discussion, $name', (view) => {
  it('is whole: nothing cut, no two-way scroll, what one needs in sight, clear edges and words, nothing that moves', async () => {
    const { page, faults } = await openIn(browser, view, `${door.url}/discussion`, (page) => reads(page, 'Bonjour.'));
    const needed = ['.composer textarea', '.message', ...(view.tight === true ? [] : ['.composer button'])];
    expect(await wrong(page, view, needed)).toEqual([]);
    await says(page, 'formulaire');
    await page.getByLabel('Date de naissance').waitFor();
    expect(await wrong(page, view, needed)).toEqual([]);
    await page.getByRole('button', { name: 'Options' }).click();
    expect(await wrong(page, view, ['.options'])).toEqual([]);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
