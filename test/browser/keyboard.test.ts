/** The unlock story by keyboard alone, with scripts and without: real keys, and after each of them a look at where the focus is. */
import type { Browser } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { Hands } from '../support/hands.js';
import { CAMILLE, ODILE } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';
import { SelfHelp } from '../support/self-help.js';
import { MARTIN } from '../support/world.js';

/** Keys to the button that unlocks; the letters of one's words are not counted. */
const MOST = 40;
const WORDS = 'mon compte est bloqué après plusieurs essais';

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

describe('someone who has only a keyboard', () => {
  it.each([
    ['on a desk', CAMILLE, { width: 1280, height: 800 }],
    ['on a screen enlarged four times, 320 by 256', ODILE, { width: 320, height: 256 }],
  ])('unlocks the account in the widget, is soon at the button, and sees at each key where they are, %s', async (_where, person, size) => {
    const { page, faults } = await openPage(browser, size);
    const hands = new Hands(page);
    const hears = (words: string): Promise<void> => page.getByRole('log').getByText(words).last().waitFor({ state: 'attached' });
    await page.goto(sesame.url);
    await hears('Bonjour, je suis Sésame');
    await hands.goTo('Votre message');
    await hands.type(WORDS);
    await hands.press('Enter');
    await hears('Que souhaitez-vous faire');
    await hands.goTo('Débloquer mon compte', { back: true });
    expect(hands.pressed).toBeLessThanOrEqual(MOST);

    await hands.press('Enter');
    await hears('Vérifions que c’est bien vous');
    await hands.goTo('Numéro de sécurité sociale');
    await hands.type(person.bareNir);
    await hands.press('Tab');
    await hands.press('Enter');
    // The first thing that is missing has the focus, and says so.
    expect((await hands.look()).name).toBe('Date de naissance');
    await hands.type(person.birthDate);
    await hands.goTo('Numéro de sécurité sociale', { back: true });
    await hands.press('End');
    await hands.type(person.nir.slice(-2));
    await hands.goTo('Recevoir mon code');
    await hands.press('Space');
    await hears('Votre code à 8 chiffres');
    await hands.goTo('Code reçu par e-mail');
    const field = page.getByLabel('Code reçu par e-mail');
    expect([await field.getAttribute('autocomplete'), await field.getAttribute('inputmode')]).toEqual(['one-time-code', 'numeric']);
    // Pasted, with its space, from wherever it was read.
    const code = await eventually(() => sesame.lastCode(person.email));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate((text) => navigator.clipboard.writeText(text), code);
    await hands.press('ControlOrMeta+V');
    await hands.press('Enter');
    await hears('il n’est plus bloqué');
    expect(await sesame.askBackend(`/v1/accounts/${person.subject}`)).toMatchObject({ state: 'open' });
    expect((await hands.look()).name).toBe('Messages de la discussion');
    expect(hands.faults()).toEqual([]);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['on a desk', { width: 1280, height: 800 }],
    ['on a screen enlarged four times, 320 by 256', { width: 320, height: 256 }],
  ])('unlocks the account on the page without JavaScript, %s', async (_where, size) => {
    const help = await SelfHelp.open();
    const context = await browser.newContext({ viewport: size, locale: 'fr-FR', javaScriptEnabled: false });
    const page = await context.newPage();
    const hands = new Hands(page);
    const sees = (words: string): Promise<void> => page.getByText(words).last().waitFor({ state: 'attached' });
    await page.goto(`${help.url}/aide`);
    await hands.goTo('Aller au contenu');
    await hands.press('Enter');
    await hands.goTo('Ou dites-le avec vos mots');
    await hands.type(WORDS);
    await hands.goTo('Commencer');
    await hands.press('Enter');
    await sees('Que souhaitez-vous faire');
    await hands.goTo('Débloquer mon compte');
    expect(hands.pressed).toBeLessThanOrEqual(MOST);
    await hands.press('Space');
    await sees('Vérifions que c’est bien vous');
    await hands.goTo('Numéro de sécurité sociale');
    await hands.type(MARTIN.nir);
    await hands.goTo('Date de naissance');
    await hands.type(MARTIN.typedDate);
    await hands.press('Enter');
    await sees('Votre code à 8 chiffres');
    await help.world.calm();
    await hands.goTo('Code reçu par e-mail');
    await hands.type(help.world.lastCode());
    await hands.goTo('Valider le code');
    await hands.press('Enter');
    await sees('il n’est plus bloqué');
    expect(help.world.people.get('s_martin')?.status.kind).toBe('open');
    expect(hands.faults()).toEqual([]);
    await context.close();
    await help.close();
  });
});
