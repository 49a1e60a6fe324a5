/** What a machine can check of accessibility, on the real page, in its main states, narrow and wide, light and dark. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { RunningSesame } from '../support/running.js';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice', 'RGAAv4'];

let sesame: RunningSesame;
let browser: Browser;
beforeAll(async () => {
  sesame = await RunningSesame.start();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await sesame.stop();
});

/** Ids of the rules broken, each with the first element that breaks it. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async (tags) => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    const { violations: found } = await axe.run({ runOnly: tags });
    return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  }, TAGS);
}

async function widerThanScreen(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

describe.each([
  ['on an old phone', { width: 320, height: 568 }, 'light' as const],
  ['on an old phone at night', { width: 320, height: 568 }, 'dark' as const],
  ['on a desk', { width: 1280, height: 800 }, 'light' as const],
])('the page %s', (_where, size, colorScheme) => {
  it('breaks no rule that axe can check, from the greeting to an error in the form', async () => {
    const { page, faults } = await openPage(browser, size);
    await page.emulateMedia({ colorScheme });
    const log = page.getByRole('log');
    const states: [string, string[], number][] = [];
    const look = async (state: string): Promise<void> => void states.push([state, await violations(page), await widerThanScreen(page)]);
    await page.goto(sesame.url);
    await log.getByText('Bonjour, je suis Sésame').waitFor();
    await look('greeting');
    await page.getByLabel('Votre message').fill('mon compte est bloqué après plusieurs essais');
    await page.keyboard.press('Enter');
    await log.getByText('Que souhaitez-vous faire').waitFor();
    await look('answer and choices');
    await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
    await log.getByText('Vérifions que c’est bien vous').waitFor();
    await look('form');
    await page.getByLabel('Numéro de sécurité sociale').fill('123');
    await page.getByLabel('Date de naissance').fill('hier');
    await page.getByRole('button', { name: 'Recevoir mon code' }).click();
    await log.getByText('Il faut 15 chiffres').waitFor();
    await look('form with an error');
    expect(states).toEqual(states.map(([state]) => [state, [], 0]));
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('breaks none on the mailbox and on a page that does not exist', async () => {
    const { page } = await openPage(browser, size);
    await page.emulateMedia({ colorScheme });
    for (const route of ['/demo/courrier', '/nulle-part']) {
      await page.goto(`${sesame.url}${route}`);
      expect([route, await violations(page), await widerThanScreen(page)]).toEqual([route, [], 0]);
    }
    await page.context().close();
  });
});
