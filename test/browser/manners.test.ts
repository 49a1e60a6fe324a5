/** How the discussion behaves towards whoever uses it: it moves nobody, hides nothing, takes what is pasted, and keeps its help in one place. */
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { allIn, readTree } from '../support/listening.js';
import { conversationOf, openDoor } from '../support/open-door.js';
import { PHONE } from '../support/views.js';
import { adviserSays, type WebDoor } from '../support/web-door.js';

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

describe('someone who reads higher up', () => {
  it('keeps their place and their focus when messages come, is shown the way on, and finds it', async () => {
    const { page } = await openPage(browser, PHONE);
    await page.goto(`${door.url}/discussion`);
    await reads(page, 'Bonjour.');
    for (let time = 0; time < 6; time += 1) {
      await says(page, `message ${String(time)}`);
      await reads(page, `Écho : message ${String(time)}`);
    }
    const log = page.getByRole('log');
    await log.evaluate((list) => { list.scrollTop = 60; });
    const more = page.getByRole('button', { name: 'Voir la suite' });
    await log.focus();
    await page.getByRole('button', { name: 'Options' }).focus();
    for (const words of ['première', 'deuxième']) {
      door.assistant.say(await conversationOf(page), adviserSays(words));
      await reads(page, words);
    }
    expect(await log.evaluate((list) => list.scrollTop)).toBe(60);
    expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent)).toBe('Options');
    await more.click();
    expect(await log.evaluate((list) => list.scrollHeight - list.clientHeight - list.scrollTop)).toBeLessThan(2);
    expect(await more.isVisible()).toBe(false);
    await page.context().close();
  });
});

describe('the fields of a form', () => {
  it('say what they are for, take what is pasted, and show a number in groups', async () => {
    const { page } = await openPage(browser, PHONE);
    await page.goto(`${door.url}/discussion`);
    await reads(page, 'Bonjour.');
    await says(page, 'formulaire');
    const [nir, birth] = [page.getByLabel('Numéro de sécurité sociale'), page.getByLabel('Date de naissance')];
    const told = (name: string): Promise<(string | null)[]> => Promise.all([nir, birth].map((field) => field.getAttribute(name)));
    expect([await told('inputmode'), await told('autocomplete')]).toEqual([['numeric', 'text'], ['off', 'bday']]);
    await nir.focus();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => navigator.clipboard.writeText('255081416802538'));
    await page.keyboard.press('ControlOrMeta+V');
    expect(await nir.inputValue()).toBe('2 55 08 14 168 025 38');
    await page.context().close();
  });
});

describe('the discussion', () => {
  it('has no shortcut of one key: letters pressed outside a field do nothing', async () => {
    const { page } = await openPage(browser, PHONE);
    await page.goto(`${door.url}/discussion`);
    await reads(page, 'Bonjour.');
    await page.getByRole('log').focus();
    const before = await page.locator('sesame-chat').evaluate((chat) => chat.shadowRoot?.textContent);
    for (const key of 'abcdefghijklmnopqrstuvwxyz0123456789?/.') await page.keyboard.press(key);
    expect(await page.locator('sesame-chat').evaluate((chat) => chat.shadowRoot?.textContent)).toBe(before);
    expect(await page.getByRole('log').evaluate((log) => log.matches(':focus'))).toBe(true);
    await page.context().close();
  });

  it('shows nothing on hover only: a pointer over a thing changes its colour or its line, and no more', async () => {
    const { page } = await openPage(browser, PHONE);
    await page.goto(`${door.url}/discussion`);
    await reads(page, 'Bonjour.');
    const changed = await page.locator('sesame-chat').evaluate((chat) => {
      const sheets = [...(chat.shadowRoot?.adoptedStyleSheets ?? []), ...document.styleSheets];
      const rules = (list: CSSRuleList): CSSStyleRule[] => [...list].flatMap((rule) => (rule instanceof CSSStyleRule ? [rule] : rule instanceof CSSMediaRule ? rules(rule.cssRules) : []));
      return sheets.flatMap(({ cssRules }) => rules(cssRules)).filter(({ selectorText }) => selectorText.includes(':hover')).flatMap(({ style }) => [...style]);
    });
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((property) => !/^(background|text-decoration|text-underline|color$)/.test(property))).toEqual([]);
    await page.context().close();
  });

  it('keeps a person within reach at the same place: greeted, in a form, ended', async () => {
    const { page } = await openPage(browser, PHONE);
    await page.goto(`${door.url}/discussion`);
    await reads(page, 'Bonjour.');
    const places: unknown[] = [];
    const look = async (): Promise<void> => {
      const help = allIn(await readTree(page), 'group').find(({ name }) => name === 'Toujours disponible');
      const box = await page.getByRole('group', { name: 'Toujours disponible' }).getByRole('button', { name: 'Parler à un conseiller' }).boundingBox();
      places.push([help && allIn(help, 'button').map(({ name }) => name), box?.x, box && box.y + box.height]);
    };
    await look();
    await says(page, 'formulaire');
    await page.getByLabel('Date de naissance').waitFor();
    await look();
    await door.assistant.erase(await conversationOf(page));
    await page.getByRole('button', { name: 'Commencer une nouvelle discussion' }).waitFor();
    await look();
    expect(places[0]).toEqual([['Parler à un conseiller', 'Recommencer'], expect.any(Number), expect.any(Number)]);
    expect(places).toEqual([places[0], places[0], places[0]]);
    await page.context().close();
  });
});
