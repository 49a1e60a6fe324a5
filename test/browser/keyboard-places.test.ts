/** Where the focus goes when parts of the discussion come and go: the button, the options, the whole page, the end. By keyboard alone. */
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { Hands } from '../support/hands.js';
import { HostSite } from '../support/host-site.js';
import { openDoor } from '../support/open-door.js';
import type { WebDoor } from '../support/web-door.js';

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 568 };
const BUTTON = 'Compte bloqué ? Sésame vous aide';
const LINK = '<p><a href="#avant">Un lien avant</a></p>';

let browser: Browser;
let site: HostSite;
let door: WebDoor;
beforeAll(async () => {
  [browser, site] = await Promise.all([openBrowser(), HostSite.open()]);
  ({ door } = await openDoor([site.url]));
  // Before and behind the discussion in the order of keys, so that there is somewhere to go on to.
  site.body = `${LINK}<script src="${door.url}/public/sesame-chat.js"></script><sesame-chat></sesame-chat><p><a href="#apres">Un lien après</a></p>`;
});
afterAll(async () => {
  await browser.close();
  await Promise.all([door.close(), site.close()]);
});

/** The button pressed, the discussion open and greeted. */
async function openDiscussion(size: { width: number; height: number }): Promise<{ page: Page; hands: Hands; faults: string[]; close: () => Promise<void> }> {
  const { page, faults } = await openPage(browser, size);
  const hands = new Hands(page);
  await page.goto(site.url);
  await page.getByRole('button', { name: BUTTON }).waitFor();
  await hands.goTo(BUTTON);
  await hands.press('Enter');
  await page.getByRole('log').getByText('Bonjour.').waitFor();
  return { page, hands, faults, close: () => page.context().close() };
}

const panel = (page: Page) => page.getByRole('region', { name: 'Discussion avec Sésame' });

describe('the discussion that a button opens', () => {
  it('opens on the field, closes on Escape, and gives the focus back to the button', async () => {
    const { page, hands, faults, close } = await openDiscussion(WIDE);
    expect((await hands.look()).name).toBe('Votre message');
    expect(await hands.press('Escape')).toMatchObject({ name: BUTTON, faults: [] });
    expect(await panel(page).isVisible()).toBe(false);
    await hands.press('Space');
    expect((await hands.look()).name).toBe('Votre message');
    await hands.goTo('Fermer la discussion', { back: true });
    expect(await hands.press('Enter')).toMatchObject({ name: BUTTON, faults: [] });
    expect(hands.faults()).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  it('opens on its title on a touch screen, where the field would bring the keyboard over the first words', async () => {
    const { page } = await openPage(browser, NARROW);
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 });
    const hands = new Hands(page);
    await page.goto(site.url);
    expect(await page.evaluate(() => matchMedia('(pointer: coarse)').matches)).toBe(true);
    await page.getByRole('button', { name: BUTTON }).tap({ timeout: 5_000 }).catch(() => page.getByRole('button', { name: BUTTON }).click());
    await page.getByRole('log').getByText('Bonjour.').waitFor();
    expect(await hands.look()).toMatchObject({ what: 'h2', name: 'Sésame', faults: [] });
    await page.context().close();
  });

  it('traps nobody: Tab goes through all of it and on into the page, and Shift+Tab back', async () => {
    const { page, hands, close } = await openDiscussion(WIDE);
    await hands.goTo('Un lien après');
    expect(await panel(page).isVisible()).toBe(true);
    await hands.goTo('Votre message', { back: true });
    await hands.goTo('Un lien avant', { back: true });
    expect(hands.faults()).toEqual([]);
    await close();
  });

  it.each(['Un lien avant', 'Un lien après'])('gives way on a small screen, which it covers, when the keyboard goes on to « %s »', async (link) => {
    const { page, hands, close } = await openDiscussion(NARROW);
    const focus = await hands.goTo(link, { back: link.endsWith('avant') });
    expect(focus.faults).toEqual([]);
    expect(await panel(page).isVisible()).toBe(false);
    await hands.goTo(BUTTON, { back: link.endsWith('après') });
    await hands.press('Enter');
    expect((await hands.look()).name).toBe('Votre message');
    expect(hands.faults()).toEqual([]);
    await close();
  });
});

describe('the options', () => {
  it('open on a key, close on Escape from wherever one is in them, and give the focus back; then only does Escape close the discussion', async () => {
    const { page, hands, close } = await openDiscussion(WIDE);
    const options = page.getByRole('group', { name: 'Options', exact: true });
    await hands.goTo('Options', { back: true });
    await hands.press('Enter');
    expect(await options.isVisible()).toBe(true);
    await hands.press('Escape');
    expect([await options.isVisible(), await panel(page).isVisible()]).toEqual([false, true]);
    expect((await hands.look()).name).toBe('Options');
    await hands.press('Enter');
    await hands.goTo('Très grande');
    await hands.press('Space');
    await hands.press('Escape');
    expect([await options.isVisible(), (await hands.look()).name]).toEqual([false, 'Options']);
    expect((await hands.press('Escape')).name).toBe(BUTTON);
    expect(hands.faults()).toEqual([]);
    await close();
  });

  it('ask twice before they erase, with the focus on the safe answer; what is erased leaves the focus on a way on', async () => {
    const { page, hands, close } = await openDiscussion(WIDE);
    await hands.type('un message à garder');
    await hands.press('Enter');
    await page.getByRole('log').getByText('Écho : un message à garder').waitFor();
    await hands.goTo('Options', { back: true });
    await hands.press('Enter');
    await hands.goTo('Terminer et effacer mes messages');
    expect((await hands.press('Enter')).name).toBe('Non, garder la discussion');
    expect((await hands.press('Enter')).name).toBe('Terminer et effacer mes messages');
    expect(await page.getByRole('log').getByText('Écho : un message à garder').count()).toBe(1);
    await hands.press('Enter');
    await hands.goTo('Oui, tout effacer');
    await hands.press('Enter');
    await page.getByText('Vos messages sont effacés').waitFor();
    expect((await hands.look()).name).toBe('Commencer une nouvelle discussion');
    await hands.press('Enter');
    await page.getByRole('log').getByText('Bonjour.').waitFor();
    expect((await hands.look()).name).toBe('Votre message');
    expect(hands.faults()).toEqual([]);
    await close();
  });
});

describe('the discussion as large as the page', () => {
  it('goes back to its size on Escape, then closes on another', async () => {
    const { page, hands, close } = await openDiscussion(WIDE);
    const before = await panel(page).boundingBox();
    await hands.goTo('Agrandir la discussion à toute la page', { back: true });
    await hands.press('Enter');
    expect((await panel(page).boundingBox())?.width).toBe(WIDE.width);
    expect(await hands.press('Escape')).toMatchObject({ name: 'Agrandir la discussion à toute la page', faults: [] });
    expect(await panel(page).boundingBox()).toEqual(before);
    expect((await hands.press('Escape')).name).toBe(BUTTON);
    await close();
  });

  it('gives way when the keyboard goes on to the page behind', async () => {
    const { page, hands, close } = await openDiscussion(WIDE);
    await hands.goTo('Agrandir la discussion à toute la page', { back: true });
    await hands.press('Enter');
    await hands.goTo('Un lien avant', { back: true });
    expect(hands.faults()).toEqual([]);
    expect((await panel(page).boundingBox())?.width).toBeLessThan(WIDE.width / 2);
    await close();
  });
});

describe('what goes away by itself', () => {
  it('leaves the focus in the discussion: the conversation ends elsewhere while one writes', async () => {
    const { page, hands, close } = await openDiscussion(WIDE);
    await hands.type('je n’ai pas fini de');
    const kept = await page.evaluate(() => Object.values(sessionStorage as unknown as Record<string, string>).join(' '));
    await door.assistant.erase(/"conversationId":"([^"]+)"/.exec(kept)?.[1] ?? 'none');
    await page.getByText('La discussion est terminée').waitFor();
    expect(await hands.look()).toMatchObject({ name: 'Commencer une nouvelle discussion', faults: [] });
    await close();
  });

  it('leaves it there too: the network comes back while the focus is on the button that tries again', async () => {
    const { page, hands, close } = await openDiscussion(WIDE);
    let down = true;
    await page.route(/directline/, (route) => (down ? route.abort() : route.fallback()));
    await page.routeWebSocket(/stream/, (socket) => { if (down) void socket.close(); else socket.connectToServer(); });
    await page.reload();
    await hands.goTo(BUTTON);
    await hands.press('Enter');
    await page.getByRole('button', { name: 'Réessayer maintenant' }).waitFor();
    await hands.goTo('Réessayer maintenant', { back: true });
    down = false;
    await hands.press('Enter');
    await page.getByRole('log').getByText('Bonjour.').waitFor();
    await page.getByRole('button', { name: 'Réessayer maintenant' }).waitFor({ state: 'hidden' });
    expect((await hands.look()).name).toBe('Messages de la discussion');
    expect(hands.faults()).toEqual([]);
    await close();
  });
});
