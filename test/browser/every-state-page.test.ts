/**
 * Every screen of the self-help page as a machine can check it, at 320 px in both themes: each distinct screen that the
 * dialogs reach, each text, form and error, and the pages around the conversation. A sample here; all by `npm run axe`.
 */
import type { Browser } from 'playwright-core';
import { renderCode, renderCodeRefused, renderEnd, renderEntry, renderHome, renderRefused, renderSearch, renderSummary, renderWarning } from '../../src/aide/library.js';
import { renderBefore, renderTalk, type Talk } from '../../src/aide/talk.js';
import { aideTexts } from '../../src/aide/words.js';
import { isWaiting } from '../../src/dialog/definition.js';
import { stepsOf } from '../../src/exploration/texts.js';
import { audit, measure, NARROW } from '../support/axe.js';
import { openBrowser, openPage } from '../support/browser.js';
import { calledFrom, contentScreens, dialogScreens, formScreens, markedBy, sampleOf, type Screen } from '../support/screens.js';
import { StageDoor } from '../support/stage-door.js';
import { ALL, fieldsOf, PATIENCE, SAMPLED, tell, tour, TURNS, type Stop } from '../support/tour.js';
import { content } from '../support/world.js';

/** What axe cannot tell, and why it holds. */
const REVIEWED: Readonly<Record<string, string>> = {};

/** A public terminal must not keep what somebody left on it, and without JavaScript only a refresh can see to that. */
const LEAVES = { 'meta-refresh': 'WCAG 2.2.1, « extend »: the first refresh goes to a warning, where one link within 60 s goes on' };

const texts = aideTexts.parse(content().aide);
const setting = { texts, kiosk: false, talking: true };
const marks = { token: 'a-token', answerId: 'an-answer' };
const talkOf = (screen: Screen, more: Partial<Talk> = {}): string => renderTalk(setting, { entries: screen.entries, before: [], marks, ...more });

/** The whole page, served under its own headers; it must say what the screen has to say. */
function stopAt(name: string, page: string, { marks: said, fields = [] }: { marks: readonly string[]; fields?: Stop['fields'] }): Stop {
  return {
    name,
    fields,
    async draw(browserPage, door) {
      door.page = page;
      await browserPage.goto(`${door.url}/aide/conversation`);
      const read = squeeze((await browserPage.locator('body').textContent()) ?? '');
      for (const words of said) if (!read.includes(squeeze(words))) throw new Error(`${name}: « ${words} » is not on the page`);
    },
  };
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}

function stopsAt(screens: readonly Screen[]): readonly Stop[] {
  return screens.map((screen) => stopAt(screen.name, talkOf(screen), { marks: markedBy(screen).map((words) => words.slice(0, 1_000)), fields: fieldsOf(screen) }));
}

/** Everything around the conversation, and the conversation in its other states. */
function ownPages(screens: readonly Screen[]): readonly Stop[] {
  const entries = [...content().entries.values()];
  const kiosk = { ...setting, kiosk: true };
  const idle = { ...setting, talking: false };
  const code = { code: 'ABCD-2345', expiresAt: Date.UTC(2026, 10, 30) };
  const said = screens.slice(0, 40).flatMap((screen) => screen.entries).map((entry, at) => ({ ...entry, seq: at + 1 }));
  const one = screens[0]!;
  const answered = contentScreens().find(({ name }) => name.startsWith('entry '))!;
  const drawn: Readonly<Record<string, string>> = {
    'home': renderHome(idle, entries, 'a-ticket'),
    'home, a conversation open': renderHome(setting, entries, 'a-ticket'),
    'home of a kiosk': renderHome({ ...idle, kiosk: true }, entries, 'a-ticket'),
    'search, nothing asked': renderSearch(idle, '', []),
    'search, found': renderSearch(setting, 'code', entries),
    'search, nothing found': renderSearch(kiosk, 'gloubi boulga', []),
    'summary of nothing': renderSummary(setting, [], content().entries),
    'summary': renderSummary(kiosk, said, content().entries),
    'code': renderCode(setting, code),
    'code, wrong': renderCodeRefused(idle, 'wrong', 'a-ticket'),
    'code, too many tries': renderCodeRefused(idle, 'tooMany', 'a-ticket'),
    'kiosk warning': renderWarning(kiosk),
    'kiosk warning, nobody talks': renderWarning({ ...idle, kiosk: true }),
    'end': renderEnd(idle, false),
    'end, all erased': renderEnd(idle, true),
    'end of a kiosk': renderEnd({ ...idle, kiosk: true }, true),
    'a demonstration': renderTalk({ ...setting, demo: 'Ceci est une démonstration. Toutes les personnes sont inventées.' }, { entries: one.entries, before: [], marks }),
    'an answer that did not help': renderTalk(setting, { entries: answered.entries, before: [], marks, opinion: 'asks-why' }),
    'an answer judged': renderTalk(setting, { entries: answered.entries, before: [], marks, opinion: 'given' }),
    'a conversation of a kiosk': renderTalk(kiosk, { entries: one.entries, before: [], marks }),
    'a long conversation': renderTalk(setting, { entries: said, before: [], marks }),
    'its beginning': renderTalk(setting, { entries: said, before: [], marks, upTo: 20 }),
    'a conversation taken up by a code': renderTalk(setting, { entries: one.entries, before: said, marks }),
    'the conversation before': renderBefore(setting, said),
    ...Object.fromEntries((['lost', 'foreign', 'missing', 'unread', 'trouble', 'crowd'] as const).map((why) => [`refused: ${why}`, renderRefused(idle, why)])),
    ...Object.fromEntries(entries.map((entry) => [`entry ${entry.id}`, renderEntry(setting, entry)])),
  };
  return Object.entries(drawn).map(([name, page]) => {
    const stop = stopAt(name, page, { marks: [texts.site.name] });
    return page.includes('http-equiv="refresh"') && page.includes('borne=1"') ? { ...stop, excused: LEAVES } : stop;
  });
}

let browser: Browser;
let screens: readonly Screen[];
beforeAll(async () => {
  browser = await openBrowser();
  screens = await dialogScreens({ turns: TURNS, ...(ALL ? {} : { of: SAMPLED }) });
}, PATIENCE);
afterAll(() => browser.close());

describe('the self-help page, on an old phone by day and by night', () => {
  it('has a screen for every question of every dialog', () => {
    const places = new Set(screens.flatMap((screen) => [...screen.places]));
    const { dialogs } = content();
    const questions = stepsOf(ALL ? dialogs : calledFrom(SAMPLED, dialogs)).filter(({ step }) => isWaiting(step));
    expect(questions.length).toBeGreaterThan(ALL ? 100 : 10);
    expect(questions.map(({ place }) => place).filter((place) => !places.has(place))).toEqual([]);
  });

  it('breaks no rule that a machine can check, in any state of any dialog', async () => {
    const looked = ALL ? screens : sampleOf(screens, 60);
    const report = await tour(browser, stopsAt(looked), REVIEWED);
    tell('page without JavaScript, dialogs', report, looked);
    expect(report).toEqual({ broken: { light: [], dark: [] }, unreviewed: [], excused: [], screens: looked.length });
  }, PATIENCE);

  it('breaks none with any message, text of the knowledge, form or error', async () => {
    const looked = ALL ? contentScreens() : sampleOf(contentScreens(), 24);
    const report = await tour(browser, stopsAt(looked), REVIEWED);
    tell('page without JavaScript, texts and forms', report);
    expect(report).toEqual({ broken: { light: [], dark: [] }, unreviewed: [], excused: [], screens: looked.length });
  }, PATIENCE);

  it('breaks none on any page around the conversation', async () => {
    const looked = ownPages(screens).filter(({ name }, at) => ALL || at % 5 === 0 || !name.startsWith('entry '));
    const report = await tour(browser, looked, REVIEWED);
    tell('page without JavaScript, other pages', report);
    const excused = looked.filter((stop) => stop.excused).map(({ name }) => `${name}: meta-refresh`).sort();
    expect(report).toEqual({ broken: { light: [], dark: [] }, unreviewed: [], excused, screens: looked.length });
  }, PATIENCE);

  it('would be told of each kind of fault', async () => {
    const [form] = formScreens();
    const door = await StageDoor.open();
    const { page } = await openPage(browser, NARROW);
    door.page = talkOf(form!);
    await page.goto(`${door.url}/aide/conversation`);
    await page.evaluate(() => {
      const at = <T extends HTMLElement>(selector: string): T => document.querySelector<T>(selector)!;
      // The last one, far below what is in sight.
      [...document.querySelectorAll<HTMLElement>('button')].at(-1)!.style.color = 'rgb(200,200,200)';
      at('main button').style.minHeight = '30px';
      at('legend').style.width = '400px';
      at('textarea').previousElementSibling!.previousElementSibling!.remove();
      document.documentElement.lang = 'en';
    });
    const { broken } = await audit(page);
    const measured = await measure(page, { fields: [{ label: 'Numéro de sécurité sociale', error: 'Il faut 15 chiffres.' }] });
    await page.context().close();
    await door.close();
    expect(broken.map((fault) => fault.split(':')[0])).toEqual(expect.arrayContaining(['color-contrast', 'label']));
    const kinds = ['px too wide', 'less than 44', 'no label', 'not marked wrong', 'is not told', 'not in French'];
    expect(kinds.filter((kind) => !measured.some((fault) => fault.includes(kind)))).toEqual([]);
  });
});
