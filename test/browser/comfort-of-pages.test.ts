/** The pages around the discussion, and the one without JavaScript, as people set them to be able to read. */
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.js';
import { openDoor } from '../support/open-door.js';
import { SelfHelp } from '../support/self-help.js';
import { spaceOut } from '../support/sight.js';
import { openIn, PAGE_VIEWS, wrong } from '../support/views.js';
import type { WebDoor } from '../support/web-door.js';

let browser: Browser;
let door: WebDoor;
let help: SelfHelp;
beforeAll(async () => {
  [browser, { door }, help] = await Promise.all([openBrowser(), openDoor(), SelfHelp.open()]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([door.close(), help.close()]);
});

describe.each(PAGE_VIEWS)('the pages, $name', (view) => {
  it('are whole as well, with scripts and without', async () => {
    const home = await openIn(browser, view, door.url, (page) => page.getByRole('log').getByText('Bonjour.').waitFor());
    expect(await wrong(home.page, view, ['h1'])).toEqual([]);
    await home.page.context().close();
    const { page } = await openIn(browser, view, `${help.url}/aide`, (page) => page.getByRole('button', { name: 'Commencer' }).waitFor());
    expect(await wrong(page, view, ['h1'])).toEqual([]);
    await page.getByLabel('Ou dites-le avec vos mots').fill('mon compte est bloqué après plusieurs essais');
    await page.getByRole('button', { name: 'Commencer' }).click();
    await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
    await page.getByLabel('Date de naissance').fill('hier');
    await page.getByRole('button', { name: 'Recevoir mon code' }).click();
    await page.getByText('Erreur').first().waitFor();
    if (view.prepare === spaceOut) await spaceOut(page);
    expect(await wrong(page, view, [])).toEqual([]);
    await page.context().close();
  });
});
