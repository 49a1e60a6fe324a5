/** FranceConnect as a person lives it: the real page in a real browser, against a real OpenID provider, to the account unlocked. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.js';
import { OidcProvider, pivotOf } from '../support/oidc.js';
import { CAMILLE, MARIUS, ODILE, type Locked } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';
import { Widget } from '../support/widget.js';

let provider: OidcProvider;
let sesame: RunningSesame;
let browser: Browser;
beforeAll(async () => {
  provider = await OidcProvider.start();
  // The least is asked for, so that one server shows what each level is worth.
  sesame = await RunningSesame.start(provider.settings('eidas1'));
  await provider.register(sesame.url, { camille: pivotOf(CAMILLE), odile: pivotOf(ODILE), marius: pivotOf(MARIUS), inconnu: { ...pivotOf(MARIUS), family_name: 'Personne-Essai' } });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await sesame.stop();
  await provider.stop();
});

/** A discussion that waits for FranceConnect, and the link that it gave. */
async function begin(number?: Locked): Promise<{ widget: Widget; link: string }> {
  const widget = await Widget.open(browser, sesame.url);
  await widget.say('mon compte est bloqué après plusieurs essais');
  await widget.button('Débloquer mon compte').click();
  if (number) {
    await widget.identify(number);
    await widget.hear('Votre code à 8 chiffres');
  }
  await widget.button('Continuer avec FranceConnect').last().click();
  const link = widget.log.getByRole('link', { name: /Ouvrir FranceConnect/ }).last();
  return { widget, link: (await link.getAttribute('href')) ?? '' };
}

/** Opens the link as pressing it would, and goes on to the provider. */
async function leave(context: BrowserContext, link: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('link', { name: 'Continuer vers FranceConnect' }).click();
  await page.getByRole('heading', { name: 'Qui êtes-vous ?' }).waitFor();
  return page;
}

async function choose(page: Page, who: string): Promise<void> {
  await page.getByRole('link', { name: who, exact: true }).click();
}

/** The address that the provider sends the browser to, which does not go there yet. */
async function answerHeldBack(page: Page, who: string): Promise<string> {
  let next = new URL((await page.getByRole('link', { name: who, exact: true }).getAttribute('href')) ?? '', page.url());
  while (next.pathname !== '/franceconnect/retour') {
    const answer = await page.context().request.get(next.href, { maxRedirects: 0 });
    next = new URL(answer.headers()['location'] ?? 'about:blank', next);
  }
  return next.href;
}

const state = async (person: Locked): Promise<unknown> => ((await sesame.askBackend(`/v1/accounts/${person.subject}`)) as { state: unknown }).state;

describe('FranceConnect in a browser', () => {
  it('B06: says the same of an identity that nobody has and of one that is not whose number was given', async () => {
    const said: string[] = [];
    for (const [number, who] of [[undefined, 'inconnu.eidas2'], [CAMILLE, 'odile.eidas2']] as const) {
      const { widget, link } = await begin(number);
      await choose(await leave(widget.context, link), who);
      await widget.hear('je ne peux pas continuer en ligne avec cette identité');
      const shown = await widget.shown();
      said.push(shown.slice(shown.findLastIndex((text) => text.includes('J ai terminé sur FranceConnect'))).join('\n'));
      await widget.context.close();
    }
    expect(said[0]).toBe(said[1]);
    expect([await state(CAMILLE), await state(ODILE)]).toEqual(['locked', 'locked']);
  });

  it('goes from the link to the account unlocked, and the discussion goes on by itself', async () => {
    const { widget, link } = await begin();
    const page = await widget.context.newPage();
    await page.goto(link);
    const number = /\d{4}/.exec((await page.getByText('Numéro de votre demande').textContent()) ?? '')?.[0] ?? 'none';
    await widget.hear(number);
    await page.getByRole('link', { name: 'Continuer vers FranceConnect' }).click();
    await choose(page, 'camille.eidas2');
    await page.getByRole('heading', { name: 'Vous pouvez revenir à votre discussion' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/franceconnect/fin');
    await widget.hear('votre identité est vérifiée');
    await widget.hear('Je viens de relire l’état de votre compte');
    expect(await state(CAMILLE)).toBe('open');
    const left = [...sesame.filesLeft().map(({ content }) => content.toString('latin1')), ...sesame.output].join('\n');
    const { given_name: first = '', family_name: last = '' } = pivotOf(CAMILLE);
    expect([`${first} ${last}`, CAMILLE.isoBirthDate, `"${last}"`, 'made-up-client-secret'].filter((name) => left.includes(name))).toEqual([]);
    await widget.context.close();
  });

  it('O08: takes a refusal as an answer, and offers another way', async () => {
    const { widget, link } = await begin();
    await choose(await leave(widget.context, link), 'refuser');
    await widget.hear('Vous n’avez pas souhaité continuer sur FranceConnect');
    await widget.button('Recevoir un code par e-mail').last().click();
    await widget.hear('Vérifions que c’est bien vous');
    await widget.context.close();
  });

  it('O01: refuses a made-up state, a return into another browser and a code that comes twice', async () => {
    const { widget, link } = await begin();
    const page = await leave(widget.context, link);
    const back = await answerHeldBack(page, 'odile.eidas2');
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(back);
    await stranger.getByRole('heading', { name: 'Nous ne pouvons pas continuer dans ce navigateur' }).waitFor();
    await stranger.goto(back.replace(/state=[^&]+/, `state=${'x'.repeat(43)}`));
    await stranger.getByRole('heading', { name: 'Nous n’avons pas retrouvé votre demande' }).waitFor();
    expect(await state(ODILE)).toBe('locked');
    await page.goto(back);
    await widget.hear('votre identité est vérifiée');
    await page.goto(back);
    await page.getByRole('heading', { name: 'Ce lien a déjà servi' }).waitFor();
    await stranger.context().close();
    await widget.context.close();
  });

  it('O03: asks for the code as well where the identity is of the lowest level', async () => {
    const { widget, link } = await begin();
    await choose(await leave(widget.context, link), 'marius.eidas1');
    await widget.hear('FranceConnect vous a reconnu');
    await widget.button('Recevoir mon code').last().click();
    await widget.giveCode(await eventually(() => sesame.lastCode(MARIUS.email)));
    await widget.hear('Je viens de relire l’état de votre compte');
    expect(await state(MARIUS)).toBe('open');
    await widget.context.close();
  });

  it('leads whoever came from the page without JavaScript back to it', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'fr-FR' });
    const page = await context.newPage();
    await page.goto(`${sesame.url}/aide`);
    await page.getByRole('button').first().click();
    const say = async (words: string): Promise<void> => {
      await page.locator('input[name=dit], textarea[name=dit]').first().fill(words);
      await page.getByRole('button', { name: 'Envoyer' }).click();
    };
    await say('mon compte est bloqué après plusieurs essais');
    await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
    await page.getByRole('button', { name: 'Continuer avec FranceConnect' }).last().click();
    await page.getByRole('link', { name: 'Ouvrir FranceConnect' }).last().click();
    await page.getByRole('link', { name: 'Continuer vers FranceConnect' }).click();
    await choose(page, 'refuser');
    await page.getByRole('link', { name: 'Revenir à la discussion' }).click();
    await page.getByText('Vous n’avez pas souhaité continuer sur FranceConnect').waitFor();
    await context.close();
  });
});
