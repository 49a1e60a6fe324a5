/** Sésame on other people's sites, in a real browser: the button of the widget, the discussion in a frame, and who may not. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { readScript } from '../../src/site/files.js';
import { renderDiscussion, renderHome, renderNotFound } from '../../src/site/pages.js';
import { pageTexts } from '../../src/site/texts.js';
import { openBrowser, openPage } from '../support/browser.js';
import { built } from '../support/built.js';
import { HostSite } from '../support/host-site.js';
import { WebDoor } from '../support/web-door.js';
import { content } from '../support/world.js';

const GUIDE = readFileSync(path.join(__dirname, '..', '..', 'docs', 'integration.md'), 'utf8');

let browser: Browser;
let allowed: HostSite;
let stranger: HostSite;
let door: WebDoor;

beforeAll(async () => {
  [browser, allowed, stranger] = await Promise.all([openBrowser(), HostSite.open(), HostSite.open()]);
  const publicFolder = path.dirname(built('public/sesame-chat.js'));
  const parts = { texts: pageTexts.parse(content().pages), script: readScript(publicFolder) };
  const pages = { home: renderHome(parts), discussion: renderDiscussion(parts), notFound: renderNotFound(parts), mailbox: () => Promise.resolve(renderNotFound(parts)) };
  door = await WebDoor.open({ pages, publicFolder }, { origins: [allowed.url] });
});
afterAll(async () => {
  await browser.close();
  await Promise.all([door.close(), allowed.close(), stranger.close()]);
});
beforeEach(() => {
  for (const site of [allowed, stranger]) Object.assign(site, { headers: {}, body: '' });
});

/** The lines of the guide that follow a title, for the server of this test. */
function example(title: string): string {
  const block = new RegExp(`^#+ ${title}$[^]*?\\n\`\`\`\\w*\\n([^]*?)\`\`\``, 'm').exec(GUIDE)?.[1] ?? '';
  expect(block).toContain('sesame.example');
  return block.replaceAll('https://sesame.example', door.url).replaceAll('wss://sesame.example', door.url.replace('http', 'ws')).trim();
}

const launcher = (page: Page) => page.locator('sesame-chat').getByRole('button').first();

interface Kept {
  readonly cookies: number;
  readonly stored: number;
}

async function keptBy(context: BrowserContext, page: Page): Promise<Kept> {
  const stored = await page.evaluate(async () => localStorage.length + sessionStorage.length + (await indexedDB.databases()).length + (await caches.keys()).length);
  return { cookies: (await context.cookies()).length, stored };
}

describe('the button of the widget on another site', () => {
  it('asks for nothing and keeps nothing before it is pressed', async () => {
    allowed.body = example('Le bouton de discussion');
    const { page, faults } = await openPage(browser);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(allowed.url);
    await launcher(page).waitFor();
    await page.waitForLoadState('networkidle');
    expect(asked).toEqual([`${allowed.url}/`, `${door.url}/public/sesame-chat.js`]);
    expect(await keptBy(page.context(), page)).toEqual({ cookies: 0, stored: 0 });
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('opens the discussion under the content policy that the guide tells, and sets no cookie', async () => {
    allowed.body = example('Le bouton de discussion');
    allowed.headers = { 'Content-Security-Policy': `default-src 'none'; img-src data:; ${example('La politique de contenu de votre site')}` };
    const { page, faults } = await openPage(browser);
    await page.goto(allowed.url);
    await launcher(page).click();
    await page.getByRole('log').getByText('Bonjour.').waitFor();
    expect(faults).toEqual([]);
    expect((await keptBy(page.context(), page)).cookies).toBe(0);
    await page.context().close();
  });

  it('is not run where its file is not what its digest says, and the link inside stays', async () => {
    const digest = `sha384-${'A'.repeat(64)}`;
    allowed.body = `<script src="${door.url}/public/sesame-chat.js" integrity="${digest}" crossorigin="anonymous"></script><sesame-chat><a href="/aide">Aide simple</a></sesame-chat>`;
    const { page, faults } = await openPage(browser);
    await page.goto(allowed.url);
    await page.getByRole('link', { name: 'Aide simple' }).waitFor();
    expect(await page.evaluate(() => customElements.get('sesame-chat') === undefined)).toBe(true);
    expect(faults.join()).toContain('integrity');
    await page.context().close();
  });
});

/** A page of ours in the frame of a site: the addresses that a browser then shows, and what it says against it. */
async function frameOn(site: HostSite, where: string): Promise<{ page: Page; faults: string[]; shown: () => string[] }> {
  site.body = `<iframe title="Assistant compte ameli" src="${door.url}${where}" width="400" height="640"></iframe>`;
  const { page, faults } = await openPage(browser);
  await page.goto(site.url);
  return { page, faults, shown: () => page.frames().map((frame) => frame.url()) };
}

describe('a frame on another site', () => {
  it('holds the discussion where the site is allowed', async () => {
    const { page, faults, shown } = await frameOn(allowed, '/discussion');
    const inside = page.frameLocator('iframe');
    await inside.getByRole('log').getByText('Bonjour.').waitFor();
    await inside.getByLabel('Votre message').fill('Mon compte est bloqué');
    await inside.getByRole('button', { name: 'Envoyer', exact: true }).click();
    await inside.getByRole('log').getByText('Écho : Mon compte est bloqué').waitFor();
    expect(shown()).toContain(`${door.url}/discussion`);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('stays empty where the site is not', async () => {
    const { page, faults, shown } = await frameOn(stranger, '/discussion');
    expect(faults.join()).toContain('frame-ancestors');
    expect(shown()).not.toContain(`${door.url}/discussion`);
    expect(await page.frameLocator('iframe').locator('sesame-chat').count()).toBe(0);
    await page.context().close();
  });

  it.each(['/', '/demo/courrier', '/nulle-part', '/health'])('never holds %s, allowed or not', async (where) => {
    for (const site of [allowed, stranger]) {
      const { page, faults, shown } = await frameOn(site, where);
      expect([where, faults.join()]).toEqual([where, expect.stringContaining('frame-ancestors')]);
      expect(shown()).not.toContain(`${door.url}${where}`);
      await page.context().close();
    }
  });
});

describe('the discussion alone', () => {
  it.each([[320, 568], [1280, 800]])('fills a window of %d by %d, and nothing around it scrolls', async (width, height) => {
    const { page, faults } = await openPage(browser, { width, height });
    await page.goto(`${door.url}/discussion`);
    await page.getByRole('log').getByText('Bonjour.').waitFor();
    const box = await page.locator('sesame-chat').boundingBox();
    expect([box?.y, box?.height]).toEqual([0, height]);
    const over = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
    expect(over.filter((pixels) => pixels > 0)).toEqual([]);
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
