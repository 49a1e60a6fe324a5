/** Nothing lost, nothing doubled: the unlock story through reloads, tabs, crashes and dead networks, to one account unlocked once. */
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.js';
import { HostSite } from '../support/host-site.js';
import { CAMILLE, MARIUS, ODILE, spellings, type Locked } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';
import { Widget } from '../support/widget.js';

const BLOCKED = 'mon compte est bloqué après plusieurs essais';
const FORM = 'Vérifions que c’est bien vous';

let site: HostSite;
let sesame: RunningSesame;
let browser: Browser;
beforeAll(async () => {
  site = await HostSite.open();
  sesame = await RunningSesame.start({ ALLOWED_ORIGINS: site.url });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await sesame.stop();
  await site.close();
});

async function unlocksOf({ subject }: Locked): Promise<number> {
  const ledger = (await sesame.askBackend('/_ledger')) as { action: string; subject: string; count: number }[];
  return ledger.filter((effect) => effect.subject === subject && effect.action === 'unlock').reduce((sum, { count }) => sum + count, 0);
}

const times = (list: readonly string[], text: string): number => list.filter((one) => one === text).length;

async function askToUnlock(widget: Widget): Promise<void> {
  await widget.hear('Bonjour, je suis Sésame');
  await widget.say(BLOCKED);
  await widget.button('Débloquer mon compte').click();
  await widget.hear(FORM);
}

/** What this tab tells the others leaves it half a second late, as from an old telephone. */
function answerLate({ page }: Widget): Promise<void> {
  return page.evaluate(() => {
    const { prototype } = BroadcastChannel;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its channel below
    const { postMessage } = prototype;
    prototype.postMessage = function (message: unknown) {
      setTimeout(() => { postMessage.call(this, message); }, 500);
    };
  });
}

describe('in the middle of the unlock story', () => {
  it('goes on over a reload, the next page, a crash of the server and half a minute without network', async () => {
    const widget = await Widget.open(browser, sesame.url);
    const { page, context } = widget;
    await widget.hear('Bonjour, je suis Sésame');
    await widget.say(BLOCKED);
    await widget.hear('Que souhaitez-vous faire');
    await page.reload();
    await widget.button('Débloquer mon compte').click();
    await widget.hear(FORM);
    await page.clock.install();
    await page.goto(`${sesame.url}/discussion`);
    await widget.hear(FORM);

    await sesame.kill();
    await widget.say('à quoi sert le compte ameli');
    await page.getByText('La connexion est coupée').waitFor();
    await sesame.startServer();
    await widget.agrees(sesame.url);

    await context.setOffline(true);
    await widget.say('merci');
    await widget.say('une question de plus');
    await page.getByText('La connexion est coupée').waitFor();
    await widget.identify(CAMILLE);
    await page.clock.fastForward(30_000);
    await page.getByText('La connexion est coupée').waitFor();
    const kept = await widget.kept();
    expect(kept).toContain('une question de plus');
    expect(spellings(CAMILLE, 'no code yet').filter((secret) => kept.includes(secret))).toEqual([]);
    await context.setOffline(false);
    await widget.hear('Votre code à 8 chiffres');

    await widget.giveCode(await eventually(() => sesame.lastCode(CAMILLE.email)));
    await widget.hear('Puis-je vous aider pour autre chose');
    const said = await widget.agrees(sesame.url);
    for (const words of [BLOCKED, 'à quoi sert le compte ameli', 'merci', 'une question de plus']) expect([words, times(said, words)]).toEqual([words, 1]);
    expect(await widget.kept()).not.toContain('une question de plus');
    expect(await unlocksOf(CAMILLE)).toBe(1);
    await context.close();
  });

  it('is the same conversation in a second tab, where a form that was sent is no longer asked', async () => {
    const first = await Widget.open(browser, sesame.url);
    await askToUnlock(first);
    await answerLate(first);
    const second = await first.sibling(sesame.url);
    await second.hear(FORM);
    expect(await second.shown()).toEqual(await first.shown());

    await first.page.getByLabel('Numéro de sécurité sociale').fill(ODILE.nir);
    await second.say('à quoi sert le compte ameli');
    await first.log.getByText(FORM).nth(1).waitFor();
    // Asked again after the answer, with what was being typed still in it.
    expect((await first.page.getByLabel('Numéro de sécurité sociale').inputValue()).replaceAll(' ', '')).toBe(ODILE.nir.replaceAll(' ', ''));
    await first.identify(ODILE);
    await second.hear('Votre code à 8 chiffres');
    await second.hear('Ce formulaire n’est plus utilisé.');
    expect(await second.page.getByLabel('Numéro de sécurité sociale').count()).toBe(0);
    await second.giveCode(await eventually(() => sesame.lastCode(ODILE.email)));
    await first.hear('Puis-je vous aider pour autre chose');

    expect(await first.page.getByLabel('Code reçu par e-mail').count()).toBe(0);
    const said = await first.agrees(sesame.url);
    expect(await second.agrees(sesame.url)).toEqual(said);
    expect(times(said, 'à quoi sert le compte ameli')).toBe(1);
    expect(await unlocksOf(ODILE)).toBe(1);
    await first.context.close();
  });
});

describe('words written while the server cannot be reached', () => {
  const written = ['à quoi sert le compte ameli', 'merci', 'répéter'] as const;

  it('survive a reload in the meantime, and stand where the server has them', async () => {
    const widget = await Widget.open(browser, sesame.url);
    const { page, context } = widget;
    const api = /\/(api|v3)\//;
    await askToUnlock(widget);
    await context.route(api, (route) => route.abort());
    await widget.say(written[0]);
    await page.getByText('La connexion est coupée').waitFor();
    await widget.identify(CAMILLE);
    await widget.say(written[1]);
    const kept = await widget.kept();
    expect(spellings(CAMILLE, 'no code yet').filter((secret) => kept.includes(secret))).toEqual([]);
    await page.reload();
    await page.getByText('La connexion est coupée').waitFor();
    await widget.say(written[2]);
    await context.unroute(api);
    await widget.button('Réessayer maintenant').click();

    await eventually(async () => (times(await widget.shown(), written[2]) === 1 && !(await widget.kept()).includes('letters') ? true : undefined));
    const said = await widget.agrees(sesame.url);
    expect(said.filter((text) => written.some((words) => words === text))).toEqual(written);
    // Its values are gone with the page: it can be filled in again.
    expect(await page.getByLabel('Numéro de sécurité sociale').count()).toBe(1);
    await context.close();
  });
});

describe('a site where sockets are forbidden', () => {
  it('has the first half of the story all the same', async () => {
    site.body = `<script src="${sesame.url}/public/sesame-chat.js"></script><sesame-chat open endpoint="${sesame.url}"></sesame-chat>`;
    site.headers = { 'Content-Security-Policy': `connect-src ${sesame.url}` };
    const widget = await Widget.open(browser, site.url);
    const opened: string[] = [];
    widget.page.on('websocket', (socket) => opened.push(socket.url()));
    await askToUnlock(widget);
    await widget.identify(MARIUS);
    await widget.hear('Votre code à 8 chiffres');
    expect(opened).toEqual([]);
    await widget.agrees(sesame.url);
    await widget.context.close();
  });
});
