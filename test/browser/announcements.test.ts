/** scratch */
import type { Browser } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { listenTo, readTree, allIn, wordsIn } from '../support/listening.js';
import { CAMILLE } from '../support/people.js';
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
it('scratch', async () => {
    const { page, faults } = await openPage(browser);
    const told = await listenTo(page);
    const hears = (words: string): Promise<void> => page.getByRole('log').getByText(words).last().waitFor({ state: 'attached' });
    await page.goto(sesame.url);
    await hears('Bonjour, je suis Sésame');
    await page.getByLabel('Votre message').fill('mon compte est bloqué après plusieurs essais');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
    await page.getByLabel('Numéro de sécurité sociale').fill('');
    await page.getByRole('button', { name: 'Recevoir mon code' }).click();
    await page.getByLabel('Numéro de sécurité sociale').fill('123');
    await page.getByLabel('Date de naissance').fill(CAMILLE.birthDate);
    await page.getByRole('button', { name: 'Recevoir mon code' }).click();
    await hears('Il faut 15 chiffres');
    await page.getByLabel('Numéro de sécurité sociale').fill(CAMILLE.nir);
    await page.getByRole('button', { name: 'Recevoir mon code' }).click();
    await hears('Votre code à 8 chiffres');
    const code = await eventually(() => sesame.lastCode(CAMILLE.email));
    await page.getByLabel('Code reçu par e-mail').fill(code);
    await page.getByRole('button', { name: 'Valider le code' }).click();
    await hears('Puis-je vous aider pour autre chose');
    console.log(told, faults);
    const tree = await readTree(page);
    console.log(JSON.stringify(allIn(tree, 'log')[0]!.described), wordsIn(allIn(tree,'log')[0]!).join('|'));
    await page.screenshot({path:'/tmp/k1.png'});
}, 60000);
