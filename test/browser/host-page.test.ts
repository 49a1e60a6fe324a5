/** The element in somebody else's page: what it tells the page, what it leaves alone, and browsers that allow it little. */
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { built } from '../support/built.js';
import { HostSite } from '../support/host-site.js';
import { eventually } from '../support/running.js';
import { adviserSays, WebDoor } from '../support/web-door.js';
import { letters } from '../support/widget.js';

let browser: Browser;
let site: HostSite;
let door: WebDoor;
let second: WebDoor;
beforeAll(async () => {
  [browser, site] = await Promise.all([openBrowser(), HostSite.open()]);
  const options = { publicFolder: path.dirname(built('public/sesame-chat.js')) };
  [door, second] = await Promise.all([WebDoor.open(options, { origins: [site.url] }), WebDoor.open(options, { origins: [site.url] })]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([door.close(), second.close(), site.close()]);
});

const SCRIPT = (): string => `<script src="${door.url}/public/sesame-chat.js"></script>`;

interface Opened {
  readonly page: Page;
  readonly chat: Locator;
  readonly faults: string[];
}

/** The site's page with this body. `prepare` runs in it before anything of ours. */
async function visit(body: string, prepare?: () => void): Promise<Opened> {
  site.body = SCRIPT() + body;
  const { page, faults } = await openPage(browser);
  page.setDefaultTimeout(20_000);
  if (prepare !== undefined) await page.addInitScript(prepare);
  await page.goto(site.url);
  return { page, faults, chat: page.locator('sesame-chat') };
}

async function say(chat: Locator, words: string): Promise<void> {
  await chat.getByLabel('Votre message').fill(words);
  await chat.getByRole('button', { name: 'Envoyer', exact: true }).click();
  await chat.getByRole('log').getByText(`Écho : ${words}`).waitFor();
}

const greeting = (chat: Locator): Promise<void> => chat.getByRole('log').getByText('Bonjour.').waitFor();
const bubbles = async (chat: Locator): Promise<string[]> => (await chat.locator('.bubble').allTextContents()).map(letters);
const conversationIn = (page: Page, server = door.url): Promise<string> =>
  page.evaluate((name) => (JSON.parse(sessionStorage.getItem(name) ?? '{}') as { conversationId: string }).conversationId, `sesame ${server}`);

describe('the page around the element', () => {
  it('is told what happens, never what is said, and the button tells of news while it is closed', async () => {
    const { page, chat, faults } = await visit('<sesame-chat></sesame-chat>', () => {
      const told: string[] = [];
      Object.assign(window, { told });
      for (const name of ['open', 'close', 'message', 'adviser', 'end']) {
        document.addEventListener(`sesame:${name}`, (event) => {
          const { detail } = event as CustomEvent<unknown>;
          told.push([name, ...(detail === null ? [] : ['detail']), ...Object.keys(event).filter((key) => key !== 'isTrusted')].join());
        });
      }
    });
    const told = (): Promise<string[]> => page.evaluate(() => (window as unknown as { told: string[] }).told);
    const launcher = chat.getByRole('button').first();
    await launcher.click();
    await greeting(chat);
    expect(await told()).toEqual(['open', 'message']);
    await chat.getByRole('button', { name: 'Fermer la discussion' }).click();
    const name = await launcher.innerText();
    door.assistant.say(await conversationIn(page), adviserSays('Je prends la suite.'));
    await eventually(async () => ((await launcher.innerText()) === 'Sésame vous a répondu' ? true : undefined));
    expect(await told()).toEqual(['open', 'message', 'close', 'adviser', 'message']);
    await launcher.click();
    await chat.getByRole('log').getByText('Je prends la suite.').waitFor();
    await page.keyboard.press('Escape');
    expect(await launcher.innerText()).toBe(name);
    await door.assistant.erase(await conversationIn(page));
    await eventually(async () => ((await told()).at(-1) === 'end' ? true : undefined));
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('has a say in the theme, the colours, the corners and the font', async () => {
    const style = '<style>sesame-chat { --sesame-accent: #780050; --sesame-accent-dark: #ffb0e0; --sesame-radius: 3px; --sesame-font: monospace }</style>';
    const { page, chat } = await visit(`${style}<sesame-chat theme="dark"></sesame-chat>`);
    await page.emulateMedia({ colorScheme: 'light' });
    await chat.getByRole('button').first().click();
    await greeting(chat);
    const look = () =>
      chat.getByRole('region').evaluate((panel) => {
        const [{ backgroundColor, borderRadius, fontFamily }, main] = [getComputedStyle(panel), panel.querySelector('button.main')];
        const dark = (backgroundColor.match(/\d+/g) ?? []).every((part) => Number(part) < 64);
        return { dark, borderRadius, fontFamily, accent: main && getComputedStyle(main).backgroundColor };
      });
    const own = { borderRadius: '3px', fontFamily: 'monospace' };
    expect(await look()).toEqual({ ...own, dark: true, accent: 'rgb(255, 176, 224)' });
    await page.emulateMedia({ colorScheme: 'dark' });
    await chat.evaluate((element) => { element.setAttribute('theme', 'light'); });
    expect(await look()).toEqual({ ...own, dark: false, accent: 'rgb(120, 0, 80)' });
    await chat.evaluate((element) => { element.removeAttribute('theme'); });
    expect((await look()).dark).toBe(true);
    await page.context().close();
  });
});

describe('the element taken out of the page', () => {
  it('asks for nothing more, and goes on where it was when it is put back', async () => {
    const { page, chat } = await visit('<sesame-chat open></sesame-chat>');
    await greeting(chat);
    await say(chat, 'avant');
    const conversation = await conversationIn(page);
    await page.clock.install();
    await page.evaluate(() => {
      const element = document.querySelector('sesame-chat');
      Object.assign(window, { element });
      element?.remove();
    });
    await eventually(() => (door.assistant.followers(conversation) === 0 ? true : undefined));
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.clock.fastForward(3_600_000);
    expect(asked).toEqual([]);
    await page.evaluate(() => { document.body.append((window as unknown as { element: Element }).element); });
    await chat.getByRole('log').getByText('Écho : avant').waitFor();
    expect(await bubbles(chat)).toEqual(['Bonjour', 'avant', 'Écho avant']);
    expect(await conversationIn(page)).toBe(conversation);
    await page.context().close();
  });

  it('begins nothing when it goes while the discussion is on its way', async () => {
    const { page, chat } = await visit('<sesame-chat></sesame-chat>');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    let letGo = (): void => undefined;
    const gone = new Promise<void>((resolve) => { letGo = resolve; });
    await page.route('**/sesame-panel-*.js', async (route) => {
      await gone;
      await route.continue();
    });
    await chat.getByRole('button').first().click();
    const arrived = page.waitForResponse('**/sesame-panel-*.js');
    await chat.evaluate((element) => { element.remove(); });
    letGo();
    await (await arrived).finished();
    await page.waitForFunction(() => document.querySelector('head script[src*="sesame-panel"]') === null);
    await page.waitForLoadState('networkidle');
    expect(asked.filter((where) => !where.startsWith('/public/'))).toEqual([]);
    await page.context().close();
  });
});

describe('a discussion that could not be brought', () => {
  it('says so on the button and is brought at the next press, even where scripts pass by a policy', async () => {
    site.headers = { 'Content-Security-Policy': "require-trusted-types-for 'script'; trusted-types sesame dompurify" };
    const { page, chat } = await visit('<sesame-chat></sesame-chat>');
    site.headers = {};
    await page.route('**/sesame-panel-*.js', (route) => route.abort(), { times: 1 });
    await chat.getByRole('button').first().click();
    await chat.getByRole('button', { name: 'La discussion n’a pas pu s’ouvrir. Réessayer' }).click();
    await greeting(chat);
    await page.context().close();
  });
});

describe('two servers on one site', () => {
  it('keep apart, before and after a reload', async () => {
    const { page, chat } = await visit(`<sesame-chat open endpoint="${door.url}"></sesame-chat><sesame-chat open endpoint="${second.url}"></sesame-chat>`);
    const [one, two] = [chat.nth(0), chat.nth(1)];
    await say(one, 'pour le premier');
    await say(two, 'pour le second');
    await page.reload();
    await one.getByText('Écho : pour le premier').waitFor();
    await two.getByText('Écho : pour le second').waitFor();
    expect([await bubbles(one), await bubbles(two)]).toEqual([
      ['Bonjour', 'pour le premier', 'Écho pour le premier'],
      ['Bonjour', 'pour le second', 'Écho pour le second'],
    ]);
    expect(await conversationIn(page, second.url)).not.toBe(await conversationIn(page));
    const heard = (assistant: WebDoor['assistant']): number => assistant.heard.filter((utterance) => utterance.kind === 'words' && utterance.text.startsWith('pour le')).length;
    expect([heard(door.assistant), heard(second.assistant)]).toEqual([1, 1]);
    await page.context().close();
  });
});

describe('a browser that keeps nothing', () => {
  it.each<[string, () => void]>([
    ['refuses its storage', () => { Object.defineProperty(window, 'sessionStorage', { get: () => { throw new DOMException('no', 'SecurityError'); } }); }],
    ['has a storage that takes nothing', () => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; }],
  ])('and %s talks all the same, and begins anew after a reload', async (_how, prepare) => {
    const { page, chat, faults } = await visit('<sesame-chat open></sesame-chat>', prepare);
    await greeting(chat);
    await say(chat, 'bonjour');
    await chat.getByRole('button', { name: 'Options' }).click();
    await chat.getByRole('button', { name: 'Très grande' }).click();
    await say(chat, 'encore');
    await page.reload();
    await greeting(chat);
    expect(await bubbles(chat)).toEqual(['Bonjour']);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it.each<[string, () => void]>([
    ['has no channel between tabs', () => { Reflect.deleteProperty(window, 'BroadcastChannel'); }],
    ['refuses it', () => { Object.assign(window, { BroadcastChannel: function refuse() { throw new DOMException('no', 'SecurityError'); } }); }],
  ])('of other tabs because it %s talks all the same', async (_how, prepare) => {
    const { page, chat, faults } = await visit('<sesame-chat open></sesame-chat>', prepare);
    await greeting(chat);
    await say(chat, 'bonjour');
    await page.reload();
    await chat.getByRole('log').getByText('Écho : bonjour').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
