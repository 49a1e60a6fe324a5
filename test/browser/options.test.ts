/** What the discussion offers beside talking: each option pressed as a person would, to what it really does. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { eventually, RunningSesame } from '../support/running.js';
import { letters, Widget } from '../support/widget.js';

const QUESTION = 'à quoi sert le compte ameli';

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

/** A tab where the question was answered. `prepare` runs in the page before anything of ours. */
async function answered(prepare?: () => void): Promise<Widget> {
  const { page } = await openPage(browser);
  if (prepare !== undefined) await page.addInitScript(prepare);
  await page.goto(sesame.url);
  const widget = new Widget(page);
  await widget.hear('Bonjour, je suis Sésame');
  await widget.say(QUESTION);
  await widget.button('Non').waitFor();
  return widget;
}

async function choose(widget: Widget, option: string): Promise<void> {
  const opened = await widget.button('Options').getAttribute('aria-expanded');
  if (opened !== 'true') await widget.button('Options').click();
  await widget.button(option).click();
}

const fontOf = (widget: Widget): Promise<number> => widget.log.locator('.bubble').first().evaluate((bubble) => parseFloat(getComputedStyle(bubble).fontSize));

/** The text without the addresses that an export writes out. */
const wordsOf = (exported: string): string => letters(exported.replace(/ \((https|tel|mailto):[^)]*\)/g, ''));

describe('comfort', () => {
  it('makes the text larger, and keeps that over a reload', async () => {
    const widget = await answered();
    const usual = await fontOf(widget);
    await choose(widget, 'Très grande');
    expect((await fontOf(widget)) / usual).toBeCloseTo(1.5, 1);
    await widget.page.reload();
    await widget.hear(QUESTION);
    expect((await fontOf(widget)) / usual).toBeCloseTo(1.5, 1);
    await widget.button('Options').click();
    expect(await widget.button('Très grande').getAttribute('aria-pressed')).toBe('true');
    await choose(widget, 'Normale');
    expect(await fontOf(widget)).toBe(usual);
    await widget.context.close();
  });

  it('takes the whole page and gives it back', async () => {
    const widget = await answered();
    const panel = widget.page.getByRole('region', { name: 'Discussion avec Sésame' });
    const before = await panel.boundingBox();
    await widget.page.getByRole('button', { name: 'Agrandir la discussion à toute la page' }).click();
    expect(await panel.boundingBox()).toEqual({ x: 0, y: 0, width: 1280, height: 800 });
    await widget.page.getByRole('button', { name: 'Revenir à la taille normale' }).click();
    expect(await panel.boundingBox()).toEqual(before);
    await widget.context.close();
  });

  it('reads new answers aloud in French, and falls silent when told to', async () => {
    const widget = await answered(() => {
      const spoken: string[] = [];
      const speech = {
        speak: ({ lang, text }: SpeechSynthesisUtterance) => spoken.push(`${lang}: ${text}`),
        cancel: () => spoken.push('silence'),
      };
      Object.defineProperty(window, 'speechSynthesis', { value: speech });
      Object.assign(window, { spoken });
    });
    const spoken = (): Promise<string[]> => widget.page.evaluate(() => (window as unknown as { spoken: string[] }).spoken);
    const before = await spoken();
    expect(before.filter((said) => said !== 'silence')).toEqual([]);
    await choose(widget, 'Lire les réponses à voix haute');
    const [first = ''] = (await spoken()).filter((said) => said !== 'silence');
    expect(first.startsWith('fr-FR: ')).toBe(true);
    expect(first).not.toContain(QUESTION);
    await widget.say('merci');
    const aloud = await eventually(async () => (await spoken()).filter((said) => said.startsWith('fr-FR: '))[1]);
    expect(letters(aloud)).toBe(`fr FR ${(await widget.shown()).at(-1) ?? ''}`);
    await choose(widget, 'Lire les réponses à voix haute');
    expect((await spoken()).at(-1)).toBe('silence');
    const shown = (await widget.shown()).length;
    await widget.say('bonjour');
    await eventually(async () => ((await widget.shown()).length >= shown + 2 ? true : undefined));
    expect((await spoken()).filter((said) => said.startsWith('fr-FR: '))).toHaveLength(2);
    await widget.context.close();
  });
});

describe('taking the discussion along', () => {
  it('copies, downloads and prints the same words, which are those that were said', async () => {
    const widget = await answered(() => {
      window.print = () => {
        Object.assign(window.parent, { printed: document.body.innerText });
      };
    });
    await widget.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: sesame.url });
    await choose(widget, 'Copier la discussion');
    await widget.page.getByText('La discussion est copiée.').waitFor();
    const copied = await widget.page.evaluate(() => navigator.clipboard.readText());
    expect(copied.startsWith('Discussion avec Sésame\n\nSésame, ')).toBe(true);
    const places = (await widget.shown()).map((message) => wordsOf(copied).indexOf(message));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);

    const begun = widget.page.waitForEvent('download');
    await choose(widget, 'Télécharger la discussion');
    const file = await begun;
    expect(file.suggestedFilename()).toMatch(/^discussion-sesame-\d{4}-\d\d-\d\d\.txt$/);
    expect(readFileSync(await file.path(), 'utf8')).toBe(copied);

    await choose(widget, 'Imprimer la discussion');
    const printed = await eventually(() => widget.page.evaluate(() => (window as unknown as { printed?: string }).printed));
    expect(letters(printed)).toBe(letters(copied));
    await widget.context.close();
  });
});

describe('ending and erasing', () => {
  it('asks twice, then nothing is left in any tab or on the server, and one can begin again', async () => {
    const widget = await answered();
    const other = await widget.sibling(sesame.url);
    await other.hear(QUESTION);
    // A browser lets a tab behind another one wait.
    await widget.page.bringToFront();
    const { token, conversationId } = await widget.session(sesame.url);
    const ask = async (): Promise<number> =>
      (await fetch(`${sesame.url}/v3/directline/conversations/${conversationId}/activities`, { headers: { authorization: `Bearer ${token}` } })).status;
    await choose(widget, 'Terminer et effacer mes messages');
    await widget.button('Non, garder la discussion').click();
    expect([await ask(), (await widget.shown()).includes(QUESTION)]).toEqual([200, true]);

    await choose(widget, 'Terminer et effacer mes messages');
    await widget.button('Oui, tout effacer').click();
    for (const tab of [widget, other]) {
      await tab.hear('La discussion est terminée. Vos messages sont effacés.');
      expect([await tab.shown(), await tab.kept()]).toEqual([[], '[[],[],""]']);
    }
    expect(await ask()).toBe(404);

    await widget.button('Commencer une nouvelle discussion').click();
    await widget.hear('Bonjour, je suis Sésame');
    expect((await widget.session(sesame.url)).conversationId).not.toBe(conversationId);
    await widget.context.close();
  });
});

describe('an opinion on an answer', () => {
  const kept = (): string => sesame.filesLeft().find(({ name }) => name.endsWith('opinions.jsonl'))?.content.toString() ?? '';

  it('is a yes, or a no with its reason, and is asked about answers only', async () => {
    const happy = await answered();
    expect(await happy.button('Oui').count()).toBe(1);
    await happy.button('Oui').click();
    await happy.hear('Merci, c’est noté.');
    const { conversationId } = await happy.session(sesame.url);
    await happy.context.close();

    const other = await answered();
    await other.button('Non').click();
    await other.button('Elle n’est pas claire').click();
    await other.hear('Merci, c’est noté.');
    await other.say('merci');
    await other.agrees(sesame.url);
    expect(await other.button('Oui').count()).toBe(0);
    await other.context.close();

    const lines = kept().trim().split('\n').map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([{ verdict: 'up' }, { verdict: 'down', reason: 'not-clear' }]);
    expect(kept()).not.toContain(conversationId);
  });

  it('says so when it could not be sent', async () => {
    const widget = await answered();
    await widget.page.route('**/activities', (route) => route.fulfill({ status: 500, json: {} }));
    await widget.button('Oui').click();
    await widget.hear('Votre avis n’a pas pu être envoyé.');
    await widget.context.close();
  });
});

describe('a message that is refused', () => {
  it('comes back to be mended, once', async () => {
    const widget = await answered();
    const mended = 'merci beaucoup';
    await widget.page.route('**/activities', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 413, json: {} }) : route.continue()), { times: 1 });
    await widget.say('un message bien trop long');
    await widget.button('Modifier ce message').click();
    const field = widget.page.getByLabel('Votre message');
    expect(await field.inputValue()).toBe('un message bien trop long');
    expect(await widget.button('Modifier ce message').count()).toBe(0);
    await widget.say(mended);
    await eventually(async () => ((await widget.shown()).at(-2) === mended ? true : undefined));
    await widget.context.close();
  });
});

describe('a discussion of several days', () => {
  it('says where each begins', async () => {
    const widget = await answered();
    const days = ['2026-11-20T12:00:00', '2026-11-22T12:00:00', '2026-11-22T12:05:00'];
    await widget.page.clock.install({ time: '2026-11-23T12:00:00' });
    await widget.page.route('**/activities?*', async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { activities: object[] };
      await route.fulfill({ response, json: { ...body, activities: body.activities.map((one, at) => ({ ...one, timestamp: new Date(days[at] ?? '').toISOString() })) } });
    });
    await widget.page.reload();
    await widget.hear(QUESTION);
    await widget.say('merci');
    const marks = widget.log.locator('.day');
    await marks.nth(2).waitFor();
    expect(await marks.allTextContents()).toEqual(['vendredi 20 novembre', 'Hier', 'Aujourd’hui']);
    await widget.context.close();
  });
});
