/** Microsoft's own client, unmodified and on another site, against our door: what we say must be understood by all who speak Direct Line. */
import type { Browser } from 'playwright-core';
import type { Site } from '../../bench/web-chat-site.mjs';
import { createSignals } from '../../src/signals.js';
import { openBrowser } from '../support/browser.js';
import { SimulatedClock } from '../support/clock.js';
import { CAMILLE, ODILE, spellings } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';
import { openWebChatSite, WebChat } from '../support/web-chat.js';
import { adviserSays, WebDoor } from '../support/web-door.js';

const IDENTITY = 'Vérifions que c’est bien vous';
const CODE = 'Votre code à 8 chiffres';

let site: Site;
let browser: Browser;
beforeAll(async () => {
  site = await openWebChatSite();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

describe('Web Chat with the whole house', () => {
  let sesame: RunningSesame;
  beforeAll(async () => {
    sesame = await RunningSesame.start({ ALLOWED_ORIGINS: site.origin });
  });
  afterAll(() => sesame.stop());
  const openChat = () => {
    site.serve(sesame.url);
    return WebChat.open(browser, site);
  };
  const askToUnlock = async (chat: WebChat) => {
    await chat.see('Bonjour, je suis Sésame');
    await chat.say('jarive plus a me connecté jai mis 5 fois un mauvai mdp');
    await chat.choose('Débloquer mon compte');
    return chat.form(IDENTITY);
  };

  it('goes from the first misspelt words to the account unlocked in the backend, and asks nothing of anyone else', async () => {
    const chat = await openChat();
    expect(await sesame.askBackend(`/v1/accounts/${CAMILLE.subject}`)).toMatchObject({ state: 'locked' });
    const identity = await askToUnlock(chat);
    await identity.getByLabel('Numéro de sécurité sociale').fill(CAMILLE.nir);
    await identity.getByLabel('Date de naissance').fill(CAMILLE.birthDate);
    await identity.getByRole('button', { name: 'Recevoir mon code' }).click();
    await chat.form(CODE).waitFor();
    const code = await eventually(() => sesame.lastCode(CAMILLE.email));
    await chat.form(CODE).getByLabel('Code reçu par e-mail').fill(code);
    await chat.form(CODE).getByRole('button', { name: 'Valider le code' }).click();
    const good = await chat.see('il n’est plus bloqué');
    // Markup is drawn, not shown.
    expect(await good.evaluate((element) => element.tagName)).toBe('STRONG');
    await chat.see('Puis-je vous aider pour autre chose');

    expect(await sesame.askBackend(`/v1/accounts/${CAMILLE.subject}`)).toMatchObject({ state: 'open', cause: null });
    expect(chat.faults).toEqual([]);
    const secrets = spellings(CAMILLE, code);
    const sent = chat.messages.filter({ hasText: 'Formulaire envoyé' });
    expect(await sent.count()).toBe(2);
    expect((await chat.messages.allTextContents()).filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
    expect(chat.asked.filter((url) => secrets.some((secret) => url.includes(secret)))).toEqual([]);
    const hosts = chat.asked.filter((url) => !/^(data|blob):/.test(url)).map((url) => new URL(url).host);
    expect(new Set(hosts)).toEqual(new Set([site.origin, sesame.url].map((url) => new URL(url).host)));
    await chat.close();
  });

  it('says what is wrong by its field, to the eye and to the ear, and takes what is mended', async () => {
    const chat = await openChat();
    const identity = await askToUnlock(chat);
    await identity.getByLabel('Numéro de sécurité sociale').fill(`${ODILE.nir.slice(0, -2)}00`);
    await identity.getByLabel('Date de naissance').fill('31/02/1972');
    await identity.getByRole('button', { name: 'Recevoir mon code' }).click();
    const mend = chat.form('Cette date n’existe pas dans le calendrier');
    await mend.waitFor();
    const lines = (await mend.innerText()).split(/\n+/);
    expect(lines[lines.findIndex((line) => line.startsWith('Cette date n’existe pas')) + 1]).toContain('Date de naissance');
    const field = mend.getByLabel('Date de naissance');
    await eventually(() => chat.announced.find((text) => text.includes('Les deux derniers chiffres (la clé)') && text.includes('Cette date n’existe pas')));

    await mend.getByLabel('Numéro de sécurité sociale').fill(ODILE.nir);
    await mend.getByRole('button', { name: 'Recevoir mon code' }).click();
    expect(await mend.getByText('Ce champ est nécessaire').count()).toBe(1);
    await field.fill(ODILE.birthDate);
    await mend.getByRole('button', { name: 'Recevoir mon code' }).click();
    await chat.form(CODE).waitFor();
    expect(chat.faults).toEqual([]);
    await chat.close();
  });

  it('lets someone out of a half-filled form, without a value of it', async () => {
    const chat = await openChat();
    const identity = await askToUnlock(chat);
    await identity.getByLabel('Numéro de sécurité sociale').fill(ODILE.nir);
    const posted = chat.page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/activities'));
    await identity.getByRole('button', { name: 'Je n’ai pas ces informations' }).click();
    const body = (await posted).postData() ?? '';
    expect(body).toContain('Je n’ai pas ces informations');
    expect(spellings(ODILE, '0000 0000').filter((secret) => body.includes(secret))).toEqual([]);
    await chat.see('Comment voulez-vous continuer');
    await chat.close();
  });

  it('is refused a token on a site that is not allowed', async () => {
    const stranger = await openWebChatSite();
    stranger.serve(sesame.url);
    const chat = await WebChat.open(browser, stranger);
    await eventually(() => chat.faults.find((fault) => fault.includes('/api/token')));
    expect(await chat.messages.count()).toBe(0);
    await chat.close();
    await stranger.close();
  });
});

describe('Web Chat with an adviser', () => {
  it('shows that the adviser is writing, then what they say, as they wrote it', async () => {
    const signals = createSignals(new SimulatedClock());
    const door = await WebDoor.open({ signals }, { origins: [site.origin] });
    site.serve(door.url);
    const chat = await WebChat.open(browser, site);
    await chat.see('Bonjour.');
    const conversation = await eventually(() => chat.asked.map((url) => /conversations\/([^/]+)\/stream/.exec(url)?.[1]).find((id) => id !== undefined));
    const typing = chat.page.locator('.webchat__typing-indicator, .webchat__typingIndicator');
    expect(await typing.count()).toBe(0);
    signals.adviserTypes(conversation, 'Camille');
    await typing.waitFor();
    door.assistant.say(conversation, adviserSays('Que dit **exactement** l’écran ?'));
    await chat.see('Que dit **exactement** l’écran ?');
    await eventually(async () => ((await typing.count()) === 0 ? true : undefined));
    expect(chat.faults).toEqual([]);
    await chat.close();
    await door.close();
  });
});
