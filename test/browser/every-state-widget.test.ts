/**
 * Every screen of the widget as a machine can check it, at 320 px in both themes, over the real Direct Line: each distinct
 * screen that the dialogs reach, each text, form and error, and the pages around it. A sample here; all by `npm run axe`.
 */
import type { Browser, Page } from 'playwright-core';
import { inspect, NARROW } from '../support/axe.js';
import { openBrowser, openPage } from '../support/browser.js';
import { contentScreens, dialogScreens, formScreens, markedBy, sampleOf, type Screen } from '../support/screens.js';
import { StageDoor } from '../support/stage-door.js';
import { ALL, fieldsOf, PATIENCE, SAMPLED, tell, tour, TURNS, type Stop } from '../support/tour.js';

const WIDGET = 'sesame-chat';

/** What axe cannot tell, and why it holds. */
const REVIEWED: Readonly<Record<string, string>> = {
  'color-contrast color-contrast nonBmp': 'an arrow or a cross that is no letter, in the colours of the other buttons; its button has a name',
  'color-contrast color-contrast elmPartiallyObscured': 'the same arrow lies over the end of what is in sight; at full height, where colours are looked at again, nothing does',
};

/** A widget in the place of the one before, with no conversation kept: it opens the one that the stage has ready. */
async function drawAnew(page: Page, door: StageDoor, screen: Screen): Promise<void> {
  door.set(screen.entries);
  const where = `${door.url}/discussion`;
  if (page.url() !== where) await page.goto(where);
  await page.evaluate((selector) => {
    sessionStorage.clear();
    localStorage.clear();
    const old = document.querySelector(selector)!;
    const fresh = old.cloneNode(true) as Element;
    old.replaceWith(fresh);
  }, WIDGET);
  await page.waitForFunction(
    ({ selector, marks }) => {
      const drawn = document.querySelector(selector)?.shadowRoot?.querySelector('[role=log]')?.textContent.replace(/\s+/g, '') ?? '';
      return marks.every((mark) => drawn.includes(mark));
    },
    { selector: WIDGET, marks: markedBy(screen).map((mark) => mark.replace(/\s+/g, '')) },
    { timeout: 20_000 },
  ).catch((error: unknown) => {
    throw new Error(`${screen.name}: « ${markedBy(screen).join(' », « ')} » is not in the discussion`, { cause: error });
  });
}

function stopsAt(screens: readonly Screen[]): readonly Stop[] {
  return screens.map((screen) => ({ name: screen.name, within: WIDGET, fields: fieldsOf(screen), draw: (page, door) => drawAnew(page, door, screen) }));
}

/** The pages that the widget stands on, whole, and those beside them. */
function pagesAround(): readonly Stop[] {
  const mail = { at: Date.UTC(2026, 10, 23, 9), to: 'martin@exemple.fr', subject: 'Votre code', text: 'Votre code est 1234 5678.\n\nNe le donnez à personne.' };
  const [greeting] = contentScreens();
  const at = (name: string, route: string, mails: StageDoor['mails'] = []): Stop => ({
    name,
    async draw(page, door) {
      door.mails = mails;
      door.set(greeting!.entries);
      await page.goto(door.url + route);
      if (route === '/' || route === '/discussion') await page.getByRole('log').getByText('Bonjour, je suis Sésame').waitFor();
    },
  });
  return [at('home', '/'), at('the discussion alone', '/discussion'), at('empty mailbox', '/demo/courrier'), at('mailbox', '/demo/courrier', [mail, mail]), at('not found', '/nulle-part')];
}

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

describe('the widget, on an old phone by day and by night', () => {
  it('breaks none with any message, text of the knowledge, form or error', async () => {
    const looked = ALL ? contentScreens() : sampleOf(contentScreens(), 24);
    const report = await tour(browser, stopsAt(looked), REVIEWED);
    tell('widget, texts and forms', report);
    expect(report).toEqual({ broken: { light: [], dark: [] }, unreviewed: [], excused: [], screens: looked.length });
  }, PATIENCE);

  it('breaks none on the pages around it', async () => {
    const looked = pagesAround();
    const report = await tour(browser, looked, REVIEWED);
    tell('pages around the widget', report);
    expect(report).toEqual({ broken: { light: [], dark: [] }, unreviewed: [], excused: [], screens: looked.length });
  }, PATIENCE);

  // After the others: the screens may be made by the suite of the page meanwhile.
  it('breaks no rule that a machine can check, in any state of any dialog', async () => {
    const screens = await dialogScreens({ turns: TURNS, ...(ALL ? {} : { of: SAMPLED }) });
    const looked = ALL ? screens : sampleOf(screens, 60);
    const report = await tour(browser, stopsAt(looked), REVIEWED);
    tell('widget, dialogs', report, looked);
    expect(report).toEqual({ broken: { light: [], dark: [] }, unreviewed: [], excused: [], screens: looked.length });
  }, PATIENCE);

  it('is looked into: a fault inside it, even out of sight above, is found', async () => {
    const door = await StageDoor.open();
    const { page } = await openPage(browser, NARROW);
    const look = { within: WIDGET };
    await drawAnew(page, door, formScreens()[0]!);
    const before = await inspect(page, look);
    await page.evaluate((selector) => {
      const log = document.querySelector(selector)!.shadowRoot!.querySelector<HTMLElement>('[role=log]')!;
      const pale = document.createElement('p');
      pale.textContent = 'Presque invisible';
      pale.style.color = 'rgb(200,200,200)';
      pale.style.background = 'rgb(255,255,255)';
      log.prepend(pale);
      log.scrollTop = log.scrollHeight;
      log.querySelector('label')?.remove();
      log.querySelector('button')!.style.minHeight = '20px';
      log.querySelector('button')!.style.padding = '0';
    }, WIDGET);
    const { light, dark } = await inspect(page, look);
    await page.context().close();
    await door.close();
    expect([before.light.broken, before.dark.broken]).toEqual([[], []]);
    const kinds = ['color-contrast:', 'label:', 'less than 44', 'no label'];
    expect(kinds.filter((kind) => !light.broken.some((fault) => fault.includes(kind)))).toEqual([]);
    expect(dark.broken.some((fault) => fault.startsWith('color-contrast:'))).toBe(true);
  });
});
