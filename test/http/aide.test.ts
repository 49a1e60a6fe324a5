/** The self-help page without JavaScript, over plain HTTP: the whole story, and what is believed of a request. */
import { MARTIN } from '../support/world.js';
import { PlainBrowser, SelfHelp } from '../support/self-help.js';

let help: SelfHelp;
beforeEach(async () => {
  help = await SelfHelp.open();
});
afterEach(() => help.close());

const IDENTITY = { 'champ-nir': MARTIN.nir, 'champ-birthDate': MARTIN.typedDate };

const FIRST = 'mon compte est bloqué après plusieurs essais';

async function begun(): Promise<PlainBrowser> {
  const browser = new PlainBrowser(help);
  await browser.look('/aide');
  await browser.press('Commencer', { dit: FIRST });
  return browser;
}

describe('a conversation without JavaScript', () => {
  it('goes from the first button to the account unlocked, with light pages and nothing personal left', async () => {
    const browser = await begun();
    const pages = [browser.seen];
    pages.push(await browser.press('Débloquer mon compte'));
    expect(browser.seen.text).toContain('Vérifions que c’est bien vous');
    pages.push(await browser.press('Recevoir mon code', { 'champ-nir': '123', 'champ-birthDate': 'hier' }));
    expect(browser.seen.html).toMatch(/aria-describedby="champ-nir-aide champ-nir-erreur" aria-invalid="true"/);
    expect(browser.seen.html).toMatch(/<title>Erreur/);
    expect(browser.seen.html).not.toContain('value="123"');
    pages.push(await browser.press('Recevoir mon code', IDENTITY));
    await help.world.calm();
    pages.push(await browser.press('Valider le code', { 'champ-code': help.world.lastCode() }));
    expect(browser.seen.text).toContain('il n’est plus bloqué');
    expect(help.world.people.get('s_martin')?.status.kind).toBe('open');
    expect(help.world.backend.effects.size).toBe(1);
    pages.push(await browser.look('/aide/resume'));
    expect(browser.seen.text).toContain('Débloquer mon compte');
    const style = await browser.look(/href="(\/aide\/style[^"]*)"/.exec(browser.seen.html)?.[1] ?? '');
    expect(style.status).toBe(200);
    expect(pages.map(({ html }) => Buffer.byteLength(html) + style.html.length).filter((size) => size > 20_000)).toEqual([]);
    const written = JSON.stringify([pages.map(({ html }) => html), help.logged]);
    // As typed it is also the example beside the field: searched for as the house reads it.
    expect([MARTIN.nir.replaceAll(' ', ''), MARTIN.bare, MARTIN.typedDate, help.world.lastCode()].filter((secret) => written.includes(secret))).toEqual([]);
    expect(help.faults).toEqual([]);
  });

  it('hears the same post once', async () => {
    const browser = new PlainBrowser(help);
    await browser.look('/aide');
    const start = browser.form('Commencer');
    await browser.post(start.action, { ...start.values, dit: FIRST });
    await browser.post(start.action, { ...start.values, dit: FIRST });
    expect(browser.seen.text.match(/Vous mon compte est bloqué/g)).toHaveLength(1);
    const answer = browser.form('Débloquer mon compte');
    await browser.post(answer.action, answer.values);
    const after = browser.seen.text;
    await browser.post(answer.action, answer.values);
    expect(browser.seen.text).toBe(after);
  });

  it('shows hostile words as words', async () => {
    const browser = await begun();
    await browser.press('Envoyer', { dit: '<script>alert(1)</script>"><img src=x onerror=alert(1)> [a](javascript:alert(1))' });
    expect(browser.seen.text).toContain('<script>alert(1)</script>"><img src=x onerror=alert(1)>');
    expect(browser.seen.html).not.toMatch(/<script|<img|href="javascript/i);
    await browser.look(`/aide/recherche?q=${encodeURIComponent('"><script>x</script>')}`);
    expect(browser.seen.html).not.toMatch(/<script/i);
  });

  it('gives a way back to the messages that are too many for one light page', async () => {
    const browser = await begun();
    for (let turn = 0; turn < 12; turn += 1) await browser.press('Envoyer', { dit: `message numéro ${String(turn)} ${'mot '.repeat(200)}` });
    expect(Buffer.byteLength(browser.seen.html)).toBeLessThan(15_500);
    expect(browser.seen.text).not.toContain('Bonjour, je suis Sésame');
    while (browser.seen.text.includes('Voir les messages précédents')) await browser.look(/href="(\/aide\/conversation\?avant=\d+)"/.exec(browser.seen.html)?.[1] ?? '');
    expect(browser.seen.text).toContain('Bonjour, je suis Sésame');
  });
});

describe('what is believed', () => {
  it('gives a cookie only once a conversation is begun, out of reach of scripts and of other sites', async () => {
    const browser = new PlainBrowser(help);
    const home = await browser.look('/aide');
    expect(browser.cookie).toBeUndefined();
    expect(home.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/);
    expect(home.headers.get('cache-control')).toBe('no-store');
    const { action, values } = browser.form('Mon compte est bloqué');
    const begin = await fetch(help.url + action, { method: 'POST', redirect: 'manual', body: new URLSearchParams(values), headers: { origin: help.url } });
    expect(begin.status).toBe(303);
    expect(begin.headers.get('set-cookie')).toMatch(/; Path=\/aide; HttpOnly; SameSite=Strict$/);
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a site that may show the widget', { origin: 'https://site.example' }],
    ['a page that hides where it is', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ])('refuses a post from %s', async (_who, headers) => {
    const browser = await begun();
    const { action, values } = browser.form('Débloquer mon compte');
    expect((await browser.post(action, values, headers)).status).toBe(403);
    await browser.look('/aide/conversation');
    expect(browser.seen.text).not.toContain('Vous Débloquer mon compte');
  });

  it('refuses the form of another session, a cookie that is not ours, and one that is over', async () => {
    const [browser, other] = [await begun(), await begun()];
    const { action, values } = other.form('Débloquer mon compte');
    expect((await browser.post(action, values)).status).toBe(403);
    const mine = browser.cookie ?? '';
    browser.cookie = `${mine.slice(0, -2)}xx`;
    expect((await browser.look('/aide/conversation')).text).toContain('De quoi avez-vous besoin');
    browser.cookie = mine;
    await browser.look('/aide/conversation');
    await browser.press('Terminer');
    expect(browser.seen.text).toContain('La discussion est fermée');
    expect(help.left).toHaveLength(1);
    browser.cookie = mine;
    expect((await browser.look('/aide/conversation')).text).toContain('De quoi avez-vous besoin');
  });

  it('answers what it cannot read, or does not have, kindly', async () => {
    const browser = await begun();
    const raw = await fetch(`${help.url}/aide/dire`, { method: 'POST', body: '{}', headers: { origin: help.url, 'content-type': 'application/json' } });
    expect(raw.status).toBe(400);
    expect(await raw.text()).toContain('n’a pas pu être lue');
    expect((await browser.post('/aide/dire', { dit: 'x'.repeat(40_000) })).status).toBe(400);
    expect((await browser.look('/aide/fiche/nulle-part')).status).toBe(404);
    expect((await browser.look('/aide/constructor')).status).toBe(404);
  });

  it('marks the cookie for https where browsers come by it', async () => {
    const secure = await SelfHelp.open({ secure: true });
    const browser = new PlainBrowser(secure);
    await browser.look('/aide');
    await browser.press('Mon compte est bloqué');
    expect(browser.seen.headers.get('set-cookie')).toMatch(/; Secure$/);
    await secure.close();
  });
});

describe('the knowledge', () => {
  it('is searched without keeping a number that was typed, and shown with its sources', async () => {
    const browser = new PlainBrowser(help);
    await browser.look('/aide/recherche?q=mot+de+passe+oubli%C3%A9');
    expect(browser.seen.text).toContain('Mot de passe oublié');
    const masked = await fetch(`${help.url}/aide/recherche?q=${encodeURIComponent(`bloqué ${MARTIN.nir}`)}`, { redirect: 'manual' });
    expect(masked.status).toBe(303);
    expect(masked.headers.get('location')).not.toContain('168');
    await browser.look('/aide/fiche/mot-de-passe-oublie');
    expect(browser.seen.text).toMatch(/D’où viennent ces informations .* À relire avant le \d+/);
    expect(browser.cookie).toBeUndefined();
  });
});

describe('a resumption code', () => {
  it('brings the messages to another device, and no proof: identity is asked again there', async () => {
    const browser = await begun();
    await browser.press('Débloquer mon compte');
    await browser.press('Recevoir mon code', IDENTITY);
    await browser.press('Reprendre plus tard');
    const code = /[2-9A-Z]{4}-[2-9A-Z]{4}/.exec(browser.seen.text)?.[0] ?? '';
    const elsewhere = new PlainBrowser(help);
    await elsewhere.look('/aide');
    await elsewhere.press('Reprendre ma discussion', { code: code.toLowerCase().replace('-', ' ') });
    expect(elsewhere.seen.text).toContain('Vous Débloquer mon compte');
    expect(elsewhere.seen.text).toContain('ne suit pas d’un appareil à l’autre');
    expect(elsewhere.seen.html).not.toContain('champ-code');
    await elsewhere.press(`Reprendre : ${FIRST}`);
    await elsewhere.press('Débloquer mon compte');
    expect(elsewhere.seen.html).toContain('champ-nir');
    expect(elsewhere.cookie).not.toBe(browser.cookie);
  });

  it('is not to be guessed: five wrong ones an hour from one place', async () => {
    const browser = await begun();
    await browser.press('Reprendre plus tard');
    const code = /[2-9A-Z]{4}-[2-9A-Z]{4}/.exec(browser.seen.text)?.[0] ?? '';
    const guesser = new PlainBrowser(help);
    for (let guess = 0; guess < 5; guess += 1) {
      await guesser.look('/aide');
      expect((await guesser.press('Reprendre ma discussion', { code: 'ABCD-2345' })).status).toBe(400);
    }
    expect((await guesser.press('Reprendre ma discussion', { code })).status).toBe(429);
    help.world.clock.pass(3_600_000);
    expect((await guesser.press('Reprendre ma discussion', { code })).text).toContain('Votre discussion précédente');
    help.world.clock.pass(7 * 24 * 3_600_000);
    await guesser.look('/aide');
    expect((await guesser.press('Reprendre ma discussion', { code })).status).toBe(400);
  });
});

describe('a public terminal', () => {
  it('asks whether someone is there, then ends and leaves nothing to go back to', async () => {
    const browser = new PlainBrowser(help);
    await browser.look('/aide?borne=1');
    await browser.press('Mon compte est bloqué');
    const held = browser.cookie;
    expect(browser.seen.html).toContain('http-equiv="refresh" content="180;url=/aide/encore?borne=1"');
    help.world.clock.pass(180_000);
    await browser.look('/aide/encore?borne=1');
    expect(browser.seen.html).toContain('content="60;url=/aide/fin?borne=1"');
    help.world.clock.pass(60_000);
    await browser.look('/aide/fin?borne=1');
    expect(browser.cookie).toBeUndefined();
    browser.cookie = held;
    expect((await browser.look('/aide/conversation')).text).not.toContain('Mon compte est bloqué Sésame');
    expect(browser.seen.headers.get('cache-control')).toBe('no-store');
  });

  it('has its browser keep nothing of what is typed in a form', async () => {
    const browser = new PlainBrowser(help);
    for (const [from, named] of [['/aide', 1], ['/aide?borne=1', 0]] as const) {
      await browser.look(from);
      await browser.press('Mon compte est bloqué');
      await browser.press('Débloquer mon compte');
      expect(browser.seen.html).toContain('action="/aide/formulaire"');
      expect(browser.seen.html.match(/autocomplete="(?!off")/g)?.length ?? 0).toBe(named);
      browser.cookie = undefined;
    }
  });

  it('forgets whoever walks away, even where its pages do not move by themselves', async () => {
    const browser = new PlainBrowser(help);
    await browser.look('/aide?borne=1');
    await browser.press('Mon compte est bloqué');
    help.world.clock.pass(260_000);
    expect((await browser.look('/aide/conversation')).text).toContain('De quoi avez-vous besoin');
  });

  it('lets no address close a conversation of somebody’s own', async () => {
    const browser = await begun();
    await browser.look('/aide/fin');
    expect(browser.seen.text).toContain('Votre discussion avec Sésame');
  });
});
