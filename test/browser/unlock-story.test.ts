/** The main story as a person lives it: the real page, in a real browser, to the account unlocked in the backend. */
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { CAMILLE, ODILE, spellings, type Locked } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';

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

async function say(page: Page, words: string): Promise<void> {
  await page.getByLabel('Votre message').fill(words);
  await page.getByRole('button', { name: 'Envoyer', exact: true }).click();
}

async function hear(page: Page, words: string): Promise<void> {
  await page.getByRole('log').getByText(words).first().waitFor();
}

async function proveIdentity(page: Page, person: Locked): Promise<string> {
  await page.getByLabel('Numéro de sécurité sociale').fill(person.nir);
  await page.getByLabel('Date de naissance').fill(person.birthDate);
  await page.getByRole('button', { name: 'Recevoir mon code' }).click();
  await hear(page, 'Votre code à 8 chiffres');
  const code = await eventually(() => sesame.lastCode(person.email));
  await page.getByLabel('Code reçu par e-mail').fill(code);
  await page.getByRole('button', { name: 'Valider le code' }).click();
  return code;
}

describe('the unlock story in a browser', () => {
  it('goes from the first misspelt words to the account unlocked in the backend', async () => {
    const { page, faults } = await openPage(browser);
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await page.goto(sesame.url);
    await hear(page, 'Bonjour, je suis Sésame');
    expect(await sesame.askBackend(`/v1/accounts/${CAMILLE.subject}`)).toMatchObject({ state: 'locked' });

    await say(page, 'jarive plus a me connecté jai mis 5 fois un mauvai mdp');
    await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
    await hear(page, 'Ces deux informations servent à retrouver votre dossier');
    const code = await proveIdentity(page, CAMILLE);
    await hear(page, 'Je viens de relire l’état de votre compte');
    await hear(page, 'Puis-je vous aider pour autre chose');

    expect(await sesame.askBackend(`/v1/accounts/${CAMILLE.subject}`)).toMatchObject({ state: 'open', cause: null });
    expect(faults).toEqual([]);
    const secrets = spellings(CAMILLE, code);
    expect(urls.filter((url) => secrets.some((secret) => url.includes(secret)))).toEqual([]);
    expect(new Set(urls.filter((url) => url.startsWith('http')).map((url) => new URL(url).origin))).toEqual(new Set([sesame.url]));
    const shown = await page.locator('sesame-chat').evaluate((chat) => `${chat.shadowRoot?.textContent ?? ''}${JSON.stringify(sessionStorage)}${JSON.stringify(localStorage)}${document.cookie}`);
    expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
    await page.context().close();
  });

  it('says what is wrong beside its field, keeps what was typed, and goes on', async () => {
    const { page } = await openPage(browser, { width: 320, height: 640 });
    await page.goto(sesame.url);
    await say(page, 'compte bloqué après plusieurs essais');
    await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
    await page.getByLabel('Numéro de sécurité sociale').fill(`${ODILE.nir.slice(0, -2)}00`);
    await page.getByLabel('Date de naissance').fill('31/02/1972');
    await page.getByRole('button', { name: 'Recevoir mon code' }).click();
    await hear(page, 'Les deux derniers chiffres (la clé)');
    await hear(page, 'Cette date n’existe pas dans le calendrier');
    const field = page.getByLabel('Date de naissance').last();
    await eventually(async () => ((await field.inputValue()) === '31/02/1972' ? true : undefined));
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await page.context().close();
  });

  it('goes on where it was after a reload and after the server was killed', async () => {
    const { page } = await openPage(browser);
    await page.goto(sesame.url);
    await say(page, 'mon compte est bloqué après plusieurs essais');
    await hear(page, 'Que souhaitez-vous faire');
    await sesame.kill();
    await say(page, 'Débloquer mon compte');
    await sesame.startServer();
    await hear(page, 'Vérifions que c’est bien vous');
    await page.reload();
    await hear(page, 'mon compte est bloqué après plusieurs essais');
    await proveIdentity(page, ODILE);
    await hear(page, 'il n’est plus bloqué');
    expect(await page.getByRole('log').getByText('Débloquer mon compte', { exact: true }).count()).toBeGreaterThanOrEqual(1);
    expect(await sesame.askBackend(`/v1/accounts/${ODILE.subject}`)).toMatchObject({ state: 'open' });
    await page.context().close();
  });

  it('lets a person be asked for, a step be taken back and everything be cancelled, at any point', async () => {
    const { page } = await openPage(browser);
    await page.goto(sesame.url);
    await say(page, 'mon compte est bloqué après plusieurs essais');
    await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
    await hear(page, 'Vérifions que c’est bien vous');
    await say(page, 'retour');
    await hear(page, 'Nous revenons à la question précédente.');
    await page.getByRole('button', { name: 'Parler à un conseiller' }).last().click();
    await hear(page, 'Aucun conseiller ne peut vous répondre dans cette fenêtre');
    await say(page, 'annuler');
    await hear(page, 'C’est annulé.');
    await page.context().close();
  });
});
