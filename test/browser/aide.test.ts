/** The self-help page in a real browser: the story with JavaScript turned off, and what a machine can check of accessibility. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.js';
import { SelfHelp } from '../support/self-help.js';
import { MARTIN } from '../support/world.js';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice', 'RGAAv4'];
/** What a theme may change. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

let help: SelfHelp;
let browser: Browser;
beforeEach(async () => {
  help = await SelfHelp.open();
});
afterEach(() => help.close());
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

async function openPage(size: { width: number; height: number }, colorScheme: 'light' | 'dark'): Promise<Page> {
  const context = await browser.newContext({ viewport: size, colorScheme, locale: 'fr-FR', javaScriptEnabled: false });
  return context.newPage();
}

/** The same HTML where scripts may run, so that axe can, in one page for a whole story: rules broken, and pixels too wide. */
async function openTwin(size: { width: number; height: number }, colorScheme: 'light' | 'dark') {
  const context = await browser.newContext({ viewport: size, colorScheme, bypassCSP: true });
  const twin = await context.newPage();
  await twin.goto(`${help.url}/aide`);
  // The other rules see the same page by night as by day.
  const runOnly = colorScheme === 'light' ? TAGS : COLOURS;
  const violations = async (page: Page): Promise<string[]> => {
    await twin.setContent(await page.content());
    if (!(await twin.evaluate(() => 'axe' in window))) await twin.evaluate(AXE);
    return twin.evaluate(async (rules) => {
      const { axe } = window as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
      const { violations: found } = await axe.run({ runOnly: rules, resultTypes: ['violations'], preload: false });
      const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      const styled = getComputedStyle(document.querySelector('main')!).maxWidth;
      return [...found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`), ...(wide > 0 ? [`${String(wide)} pixels too wide`] : []), ...(styled === 'none' ? ['the style sheet is missing'] : [])];
    }, runOnly);
  };
  return { violations, close: () => context.close() };
}

describe.each([
  ['on an old phone', { width: 320, height: 568 }, 'light' as const],
  ['on an old phone at night', { width: 320, height: 568 }, 'dark' as const],
  ['on a desk', { width: 1280, height: 800 }, 'light' as const],
  ['on a desk at night', { width: 1280, height: 800 }, 'dark' as const],
])('without JavaScript, %s', (_where, size, colorScheme) => {
  it('unlocks the account, and breaks no rule that axe can check on the way', async () => {
    const page = await openPage(size, colorScheme);
    const twin = await openTwin(size, colorScheme);
    const broken: Record<string, string[]> = {};
    const look = async (state: string): Promise<void> => {
      const shots = process.env['SCREENSHOTS'];
      if (shots !== undefined) await page.screenshot({ path: `${shots}/${state}-${String(size.width)}-${colorScheme}.png`, fullPage: true });
      broken[state] = await twin.violations(page);
    };
    await page.goto(`${help.url}/aide`);
    await look('home');
    await page.getByLabel('Ou dites-le avec vos mots').fill('mon compte est bloqué après plusieurs essais');
    await page.getByRole('button', { name: 'Commencer' }).click();
    await look('answer');
    await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
    await page.getByLabel('Numéro de sécurité sociale').fill('123');
    await page.getByLabel('Date de naissance').fill('hier');
    await page.getByRole('button', { name: 'Recevoir mon code' }).click();
    await look('form');
    await page.getByLabel('Numéro de sécurité sociale').fill(MARTIN.nir);
    await page.getByLabel('Date de naissance').fill(MARTIN.typedDate);
    await page.getByRole('button', { name: 'Recevoir mon code' }).click();
    await help.world.calm();
    await page.getByLabel('Code reçu par e-mail').fill(help.world.lastCode());
    await page.getByRole('button', { name: 'Valider le code' }).click();
    await page.getByText('il n’est plus bloqué').waitFor();
    expect(help.world.people.get('s_martin')?.status.kind).toBe('open');
    expect(page.url()).toBe(`${help.url}/aide/conversation#last`);
    await look('unlocked');
    await page.getByRole('link', { name: 'Résumé à imprimer' }).click();
    await look('summary');
    await page.goBack();
    await page.getByRole('button', { name: 'Reprendre plus tard' }).click();
    await look('code');
    for (const [name, route] of [['search', '/recherche?q=code'], ['entry', '/fiche/compte-bloque-tentatives'], ['missing', '/nulle-part']] as const) {
      await page.goto(`${help.url}/aide${route}`);
      await look(name);
    }
    expect(broken).toEqual(Object.fromEntries(Object.keys(broken).map((state) => [state, []])));
    await twin.close();
    await page.context().close();
  });
});

describe('on a public terminal without JavaScript', () => {
  it('shows nothing of the conversation to whoever goes back after its end', async () => {
    const page = await openPage({ width: 1280, height: 800 }, 'light');
    await page.goto(`${help.url}/aide?borne=1`);
    await page.getByLabel('Ou dites-le avec vos mots').fill('mon compte est bloqué depuis hier');
    await page.getByRole('button', { name: 'Commencer' }).click();
    await page.getByText('depuis hier').waitFor();
    await page.getByRole('button', { name: 'Terminer et tout fermer' }).click();
    await page.getByText('La discussion est fermée').waitFor();
    for (let step = 0; step < 3; step += 1) {
      await page.goBack();
      expect(await page.getByText('depuis hier').count()).toBe(0);
    }
    await page.context().close();
  });
});
