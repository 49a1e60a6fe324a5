/**
 * Words that try to be more than words, from the person, from an adviser and from a poisoned knowledge, on the page without
 * JavaScript: in a browser that has it, so that what runs would be seen. Nothing runs, nothing breaks. One string in four
 * here; all 170 with SESAME_HOSTILE=all (`npm run hostile`).
 */
import type { Browser } from 'playwright-core';
import type { NewEntry } from '../../src/conversation/transcript.js';
import { openBrowser } from '../support/browser.js';
import { bare, hostileFor, LONGEST_SAID, type Hostile } from '../support/hostile.js';
import { adviserEntry, formEntry, HostileDoor, replyEntry } from '../support/hostile-door.js';
import { faultsOf, isRead, sightOf } from '../support/hostile-sight.js';
import { openWatched } from '../support/hostile-watch.js';

const PATIENCE = 400_000;
const HOSTILE = hostileFor('page');

let browser: Browser;
let door: HostileDoor;
beforeAll(async () => {
  browser = await openBrowser();
  door = await HostileDoor.open(HOSTILE);
});
afterAll(async () => {
  await door.close();
  await browser.close();
});

describe('the page without JavaScript', () => {
  const AT_TALK = '/aide/conversation';

  /** A conversation that was opened; `look` tells what is wrong with the page that is there. */
  async function begin() {
    const { page, watched } = await openWatched(browser, door.url);
    await page.goto(`${door.url}/aide`);
    await page.getByRole('button', { name: 'Commencer', exact: true }).click();
    await page.waitForURL(`**${AT_TALK}*`);
    const { conversation } = door;
    const look = async (name: string, wanted: Readonly<Record<string, string>>): Promise<string[]> => {
      const faults = faultsOf(name, await sightOf(page, Object.keys(wanted)), wanted);
      return [...faults, ...watched.seen.splice(0).map((what) => `${name}: ${what}`)];
    };
    return { page, look, say: (entry: NewEntry): unknown => door.web.assistant.say(conversation, entry) };
  }

  /** The shorter strings, as many to a search as it takes. */
  function queries(): readonly string[] {
    const short = HOSTILE.map(({ text }) => text).filter((text) => text.length < 190);
    return short.reduce<string[]>((all, text) => {
      const longer = `${all.at(-1) ?? ''} ${text}`;
      return longer.length <= 200 ? [...all.slice(0, -1), longer] : [...all, text];
    }, []);
  }

  /** Has everyone say it, on as many pages as it takes for all to be shown, then the person; gives what is wrong. */
  async function exchange({ page, look, say }: Awaited<ReturnType<typeof begin>>, { name, text, drawn = text }: Hostile): Promise<string[]> {
    const broken: string[] = [];
    const shown = async (wanted: Readonly<Record<string, string>>): Promise<void> => {
      await page.goto(door.url + AT_TALK);
      broken.push(...(await look(name, wanted)));
    };
    const ofAdviser = { '.turn .who': `${text}, de l’Assurance Maladie`, '.turn .bubble': text };
    const ofReply = { '.turn .bubble': drawn, '.row button': text };
    const ofForm = { 'legend': text, '.card .text': drawn, 'label': text, '.hint': text, '.fault': `Erreur : ${text}`, '.card .main': text, '.row button': text };
    const isShort = text.length < 50;
    say(adviserEntry(text));
    if (!isShort) await shown(ofAdviser);
    say(replyEntry(text, String(HOSTILE.findIndex((one) => one.name === name))));
    if (!isShort) await shown(ofReply);
    say(formEntry(text));
    await shown(isShort ? { ...ofAdviser, ...ofReply, ...ofForm } : ofForm);
    await page.getByLabel('Votre message', { exact: true }).evaluate((field: HTMLTextAreaElement, value) => { field.value = value; }, text);
    await page.getByRole('button', { name: 'Envoyer', exact: true }).click();
    if (text.length > LONGEST_SAID) return [...broken, ...(await look(name, { h1: 'Votre réponse n’a pas pu être lue' }))];
    await page.waitForURL(/#last$/);
    // Of one's own words, the page shows the first thousand characters.
    return [...broken, ...(await look(name, text.length > 900 ? {} : { '.me .bubble': text, '.turn .bubble': `Écho : ${drawn}` }))];
  }

  it('shows every string from everyone as text, takes it back, and goes on answering', async () => {
    const talk = async (half: readonly Hostile[], begun: Awaited<ReturnType<typeof begin>>): Promise<void> => {
      const broken: string[] = [];
      for (const hostile of half) broken.push(...(await exchange(begun, hostile)));
      await begun.page.goto(`${door.url}/aide/resume`);
      broken.push(...(await begun.look('summary', {})));
      const listed = (await begun.page.locator('main li').allTextContents()).map(bare);
      // A browser sends line ends in its own way, and half a character as none.
      const chosen = half.filter(({ text }) => text.length <= LONGEST_SAID && text === Buffer.from(text.trim()).toString() && !text.includes('\n'));
      expect(chosen.length).toBeGreaterThan(half.length / 2);
      // As a subject, and as what was chosen.
      expect(chosen.filter(({ text }) => listed.filter((one) => one === bare(text)).length < 2).map(({ name }) => name)).toEqual([]);
      expect(broken).toEqual([]);
      await begun.page.context().close();
    };
    const pages = [await begin(), await begin()] as const;
    await Promise.all(pages.map((begun, parity) => talk(HOSTILE.filter((_one, at) => at % 2 === parity), begun)));
  }, PATIENCE);

  it('shows a poisoned knowledge, a search and a mailbox as text', async () => {
    const { page, look } = await begin();
    const broken: string[] = [];
    for (const [at, { name, text, drawn = text }] of HOSTILE.entries()) {
      await page.goto(`${door.url}/aide/fiche/${String(at)}`);
      broken.push(...(await look(name, { h1: text, '.text': drawn + drawn })));
    }
    for (const query of queries()) {
      await page.goto(`${door.url}/aide/recherche?${new URLSearchParams({ q: query }).toString()}`);
      const asked = await page.getByRole('searchbox').inputValue();
      broken.push(...(await look(query, {})), ...(isRead(asked, query) ? [] : [`${query}: not asked`]));
    }
    for (const where of ['/aide', '/demo/courrier']) {
      await page.goto(door.url + where);
      broken.push(...(await look(where, {})));
      const titles = (await page.locator('.subjects a, .mail h2').allTextContents()).map(bare);
      expect(titles.sort()).toEqual(HOSTILE.map(({ text }) => bare(text)).sort());
    }
    expect(broken).toEqual([]);
    await page.context().close();
  }, PATIENCE);
});
