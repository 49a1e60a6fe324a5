/** What is told to someone who cannot see the discussion: each message once, nothing twice, and what happens beside the messages. */
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import type { SimulatedClock } from '../support/clock.js';
import { HostSite } from '../support/host-site.js';
import { allIn, listenTo, readTree, wordsIn, type Told } from '../support/listening.js';
import { conversationOf, openDoor } from '../support/open-door.js';
import { eventually } from '../support/running.js';
import { adviserSays, type WebDoor } from '../support/web-door.js';

let browser: Browser;
let site: HostSite;
let door: WebDoor;
let signals: Awaited<ReturnType<typeof openDoor>>['signals'];
let clock: SimulatedClock;
beforeAll(async () => {
  [browser, site] = await Promise.all([openBrowser(), HostSite.open()]);
  ({ door, signals, clock } = await openDoor([site.url]));
  site.body = `<script src="${door.url}/public/sesame-chat.js"></script>`;
});
afterAll(async () => {
  await browser.close();
  await Promise.all([door.close(), site.close()]);
});

const reads = (page: Page, words: string): Promise<void> => page.getByRole('log').getByText(words, { exact: true }).first().waitFor({ state: 'attached' });

async function says(page: Page, words: string): Promise<void> {
  await page.getByLabel('Votre message').fill(words);
  await page.keyboard.press('Enter');
  await reads(page, `Écho : ${words}`);
}

/** A discussion that is open and greeted, and everything that is told of it. */
async function openTalk(): Promise<{ page: Page; told: Told[]; close: () => Promise<void> }> {
  const { page } = await openPage(browser, { width: 320, height: 568 });
  const told = await listenTo(page);
  await page.goto(`${door.url}/discussion`);
  await reads(page, 'Bonjour.');
  return { page, told, close: () => page.context().close() };
}

/** What a region of the widget told, in order, without who and when. */
const toldBy = (told: readonly Told[], region: string): string[] => told.filter((one) => one.region === region).map(({ text }) => text.replace(/^.*? \d\d:\d\d /, ''));

describe('the messages', () => {
  it('are each told once in a run of more than twenty, with a reload and a lost connection on the way', async () => {
    const { page } = await openPage(browser);
    const told = await listenTo(page);
    let cut = (): Promise<void> => Promise.resolve();
    await page.routeWebSocket(/stream/, (socket) => {
      const server = socket.connectToServer();
      cut = async () => {
        await server.close();
        await socket.close();
      };
    });
    await page.goto(`${door.url}/discussion`);
    await reads(page, 'Bonjour.');
    const conversation = await conversationOf(page);
    const adviser = (words: string): void => void door.assistant.say(conversation, adviserSays(words));
    for (const words of ['un', 'deux', 'trois', 'quatre']) await says(page, words);
    adviser('avant le rechargement');
    await reads(page, 'avant le rechargement');

    await page.reload();
    await reads(page, 'avant le rechargement');
    // Right behind the history, in the same second.
    adviser('juste après le rechargement');
    await reads(page, 'juste après le rechargement');
    for (const words of ['cinq', 'six', 'sept']) await says(page, words);

    await cut();
    adviser('pendant la coupure');
    await reads(page, 'pendant la coupure');
    for (const words of ['huit', 'neuf']) await says(page, words);

    const said = (await door.assistant.transcript(conversation, 0)).map((entry) => (entry.author === 'assistant' && entry.reply.kind === 'text' ? entry.reply.text : (entry as { text?: string }).text ?? ''));
    expect(said.length).toBeGreaterThanOrEqual(20);
    const heard = toldBy(told, 'log').map((text) => text.replace(/ Réponses proposées .*/, ''));
    expect(heard).toEqual(said);
    await page.context().close();
  });

  it('are told once each where a form is asked, left empty, sent with a mistake and asked again', async () => {
    const { page, told, close } = await openTalk();
    await page.getByLabel('Votre message').fill('formulaire');
    await page.keyboard.press('Enter');
    const form = page.getByRole('group', { name: 'Vérifier votre identité' });
    await form.getByRole('button', { name: 'Continuer' }).click();
    await form.getByText('Erreur : Remplissez ce champ').first().waitFor();
    await form.getByLabel('Numéro de sécurité sociale').fill('2 55 08 14 168 025 38');
    await form.getByLabel('Date de naissance').fill('19/08/1955');
    await form.getByRole('button', { name: 'Continuer' }).click();
    await reads(page, 'Merci.');
    // The third is the person's own: what the form was, and nothing of what stood in it.
    const starts = toldBy(told, 'log').map((text) => text.split(' ').slice(0, 3).join(' '));
    expect(starts).toEqual(['Bonjour. Réponses proposées', 'formulaire', 'Vérifier votre identité', 'Vérifier votre identité', 'Merci.']);
    expect(toldBy(told, 'log').filter((text) => text.includes('Remplissez ce champ'))).toEqual([]);
    await close();
  });

  it('stand in one polite log, each with who said it and when in words, and choices in a group with a name', async () => {
    const { page, close } = await openTalk();
    const conversation = await conversationOf(page);
    for (const words of ['un', 'deux', 'trois']) await says(page, words);
    door.assistant.say(conversation, adviserSays('Bonjour, je regarde.'));
    await reads(page, 'Bonjour, je regarde.');
    const tree = await readTree(page);
    const logs = allIn(tree, 'log');
    expect(logs.map(({ name, described }) => [name, described['live'], described['relevant']])).toEqual([['Messages de la discussion', 'polite', 'additions']]);
    const words = wordsIn(logs[0]!).join(' ');
    const heads = words.match(/(Sésame|Vous|Camille, de l’Assurance Maladie) \d\d:\d\d/g) ?? [];
    expect(heads.map((head) => head.split(/,? /)[0])).toEqual(['Sésame', 'Vous', 'Sésame', 'Vous', 'Sésame', 'Vous', 'Sésame', 'Camille']);
    await page.reload();
    await reads(page, 'Bonjour, je regarde.');
    expect((wordsIn(allIn(await readTree(page), 'log')[0]!).join(' ').match(/\d\d:\d\d/g) ?? []).length).toBe(heads.length);
    await close();
  });

  it('offer their choices as real buttons of a group with a name, and tell which one was pressed', async () => {
    const { page, told, close } = await openTalk();
    const group = allIn(await readTree(page), 'group').find(({ name }) => name === 'Réponses proposées');
    expect(group && allIn(group, 'button').map(({ name }) => name)).toEqual(['Mon compte est bloqué', 'Autre chose']);
    await page.getByRole('button', { name: 'Autre chose' }).click();
    await reads(page, 'Écho : Autre chose');
    expect(toldBy(told, 'log').filter((text) => text === 'Autre chose')).toHaveLength(1);
    expect(allIn(await readTree(page), 'group').some(({ name }) => name === 'Réponses proposées')).toBe(false);
    await close();
  });
});

describe('what happens beside the messages', () => {
  it('has its place in the page before it has words, or a screen reader might miss them', async () => {
    const { page, close } = await openTalk();
    const places = await page.locator('sesame-chat').evaluate((chat) =>
      [...(chat.shadowRoot?.querySelectorAll('[role=status]') ?? [])].filter((place) => place.closest('.options, [role=log]') === null).map((place) => [place.textContent, place.checkVisibility()]),
    );
    expect(places.length).toBeGreaterThanOrEqual(3);
    expect(places).toEqual(places.map(() => ['', true]));
    await close();
  });

  it('says that an adviser writes at most once in ten seconds', async () => {
    const { page } = await openPage(browser);
    await page.clock.install();
    const told = await listenTo(page);
    await page.goto(`${door.url}/discussion`);
    await reads(page, 'Bonjour.');
    const conversation = await conversationOf(page);
    const writing = (): string[] => toldBy(told, 'status').filter((text) => text.endsWith('écrit…'));
    const types = (): void => {
      // Past what the server itself lets through.
      clock.pass(4_000);
      signals.adviserTypes(conversation, 'Camille');
    };
    types();
    await eventually(() => writing()[0]);
    for (let time = 0; time < 5; time += 1) {
      const words = `message ${String(time)}`;
      door.assistant.say(conversation, adviserSays(words));
      await reads(page, words);
      types();
    }
    expect(writing()).toEqual(['Camille écrit…']);
    await page.clock.fastForward(11_000);
    types();
    await eventually(() => writing()[1]);
    expect(writing()).toEqual(['Camille écrit…', 'Camille écrit…']);
    await page.context().close();
  });

  it('says once that the connection is lost, that it is back, and that a message could not be sent', async () => {
    const { page } = await openPage(browser);
    const told = await listenTo(page);
    let [down, cut] = [false, (): Promise<void> => Promise.resolve()];
    await page.route(/directline/, (route) => (down ? route.abort() : route.fallback()));
    await page.routeWebSocket(/stream/, (socket) => {
      const server = socket.connectToServer();
      cut = async () => {
        await server.close();
        await socket.close();
      };
    });
    await page.goto(`${door.url}/discussion`);
    await reads(page, 'Bonjour.');
    const news = (): string[] => toldBy(told, 'status').filter((text) => !text.endsWith('écrit…'));
    down = true;
    await cut();
    await eventually(() => news()[0]);
    down = false;
    await page.getByRole('button', { name: 'Réessayer maintenant' }).click();
    await eventually(() => news()[1]);
    await page.route(/activities$/, (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 400, body: '{}' }) : route.fallback()));
    await page.getByLabel('Votre message').fill('ne passera pas');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Modifier ce message' }).waitFor();
    expect(news()).toEqual(['La connexion est coupée. Vos messages partiront dès son retour.', 'La connexion est rétablie.', 'Ce message n’a pas pu être envoyé.']);
    expect(toldBy(told, 'log').filter((text) => text.includes('pu être envoyé'))).toEqual([]);
    await page.context().close();
  });

  it('tells of an answer that comes while the discussion is closed', async () => {
    const { page } = await openPage(browser);
    const told = await listenTo(page);
    await page.goto(site.url);
    await page.getByRole('button', { name: 'Compte bloqué ? Sésame vous aide' }).click();
    await reads(page, 'Bonjour.');
    await page.keyboard.press('Escape');
    door.assistant.say(await conversationOf(page), adviserSays('Me voici.'));
    await page.getByRole('button', { name: 'Sésame vous a répondu' }).waitFor();
    expect(toldBy(told, 'status')).toEqual(['Sésame vous a répondu']);
    await page.context().close();
  });
});
