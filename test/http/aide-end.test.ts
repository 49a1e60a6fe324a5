/** The self-help page: ending with and without a trace, opinions by plain forms, the crowd at one address, the demonstration. */
import { existsSync, readFileSync } from 'node:fs';
import { PlainBrowser, SelfHelp } from '../support/self-help.js';

let help: SelfHelp;
beforeEach(async () => {
  help = await SelfHelp.open();
});
afterEach(() => help.close());

const ASKED = 'à quoi sert le compte ameli';
const ERASE = 'Terminer et effacer mes messages';

async function begun(home = '/aide'): Promise<PlainBrowser> {
  const browser = new PlainBrowser(help);
  await browser.look(home);
  await browser.press('Commencer', { dit: ASKED });
  return browser;
}

/** The conversation that the last turn was of. */
function lastId(): string {
  return String(help.world.log.findLast(({ event }) => event === 'turn.closed')?.fields['conversation']);
}

async function codeOf(browser: PlainBrowser): Promise<string> {
  await browser.press('Reprendre plus tard');
  const code = /[2-9A-Z]{4}-[2-9A-Z]{4}/.exec(browser.seen.text)?.[0] ?? '';
  await browser.look('/aide/conversation');
  return code;
}

describe('the end', () => {
  it('erases where the person says so, and keeps the messages where not', async () => {
    const kept = await begun();
    const keptId = lastId();
    await kept.press('Terminer');
    expect(await help.world.assistant.knows(keptId)).toBe(true);
    expect(kept.seen.text).not.toContain('effacés');
    const erased = await begun();
    const id = lastId();
    const held = erased.cookie;
    await erased.press(ERASE);
    expect(erased.seen.text).toContain('Vos messages sont effacés');
    expect(erased.cookie).toBeUndefined();
    expect([await help.world.assistant.knows(id), await help.world.said(id)]).toEqual([false, []]);
    erased.cookie = held;
    expect((await erased.look('/aide/conversation')).text).toContain('De quoi avez-vous besoin');
    expect(help.faults).toEqual([]);
  });

  it('erases the conversation that a code brought as well, and the code with it', async () => {
    const browser = await begun();
    const first = lastId();
    const code = await codeOf(browser);
    const elsewhere = new PlainBrowser(help);
    await elsewhere.look('/aide');
    await elsewhere.press('Reprendre ma discussion', { code });
    expect(elsewhere.seen.text).toContain(ASKED);
    await elsewhere.press(ERASE);
    expect(await help.world.assistant.knows(first)).toBe(false);
    // The first device still shows its page, and is told kindly on its next step.
    await browser.press('Envoyer', { dit: 'je reviens' });
    expect([browser.seen.status, browser.cookie]).toEqual([404, undefined]);
    expect(browser.seen.text).toContain('Votre discussion n’est plus ouverte ici');
    await elsewhere.look('/aide');
    expect((await elsewhere.press('Reprendre ma discussion', { code })).status).toBe(400);
    expect(help.faults).toEqual([]);
  });

  it('takes a form of the session’s own, and no address alone', async () => {
    const browser = await begun();
    const id = lastId();
    const { action, values } = browser.form(ERASE);
    expect((await browser.post(action, values, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await browser.post(action, { ...values, jeton: 'x' })).status).toBe(403);
    await browser.look('/aide/fin?effacer=1&efface=1');
    expect(await help.world.assistant.knows(id)).toBe(true);
  });
});

describe('a public terminal', () => {
  it.each([
    ['when it leaves by itself', (browser: PlainBrowser) => browser.look('/aide/fin?borne=1')],
    ['when the person ends it', (browser: PlainBrowser) => browser.press('Terminer et tout fermer')],
  ])('keeps nothing %s', async (_when, leave) => {
    const browser = await begun('/aide?borne=1');
    const id = lastId();
    expect(browser.seen.text).not.toContain(ERASE);
    await leave(browser);
    expect(browser.seen.text).toContain('La discussion est fermée');
    expect(browser.seen.text).toContain('Vos messages sont effacés');
    expect(await help.world.assistant.knows(id)).toBe(false);
  });

  it('keeps the messages of whoever was given a code, until the code ends', async () => {
    const browser = await begun('/aide?borne=1');
    const id = lastId();
    const code = await codeOf(browser);
    await browser.look('/aide/fin?borne=1');
    expect(browser.seen.text).not.toContain('effacés');
    expect(await help.world.assistant.knows(id)).toBe(true);
    const home = new PlainBrowser(help);
    await home.look('/aide');
    expect((await home.press('Reprendre ma discussion', { code })).text).toContain(ASKED);
  });

  it('keeps what a code brought there, and nothing of what was said there', async () => {
    const own = await begun();
    const first = lastId();
    const code = await codeOf(own);
    const browser = new PlainBrowser(help);
    await browser.look('/aide?borne=1');
    await browser.press('Reprendre ma discussion', { code });
    const second = lastId();
    await browser.look('/aide/fin?borne=1');
    expect([await help.world.assistant.knows(first), await help.world.assistant.knows(second)]).toEqual([true, false]);
  });
});

describe('an opinion', () => {
  const kept = (): readonly object[] => (existsSync(help.opinions) ? readFileSync(help.opinions, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as object) : []);

  it('is one press for a yes, thanked for, and asked no more', async () => {
    const browser = await begun();
    await browser.press('Oui');
    expect(browser.seen.text).toContain('Merci pour votre avis');
    expect(browser.seen.text).not.toContain('Cette réponse vous aide-t-elle');
    expect(kept()).toEqual([{ day: '2026-11-23', about: 'role-du-compte', verdict: 'up' }]);
  });

  it('asks for the reason of a no, and is sent with it', async () => {
    const browser = await begun();
    const answer = browser.form('Non');
    await browser.press('Non');
    expect(kept()).toEqual([]);
    await browser.press('Ce n’est pas clair');
    expect(browser.seen.text).toContain('Merci pour votre avis');
    await browser.post(answer.action, { ...answer.values, avis: 'up' });
    expect(kept()).toEqual([{ day: '2026-11-23', about: 'role-du-compte', verdict: 'down', reason: 'not-clear' }]);
  });

  it('is asked under the newest answer of the knowledge only, and never under a greeting or a question', async () => {
    const browser = new PlainBrowser(help);
    await browser.look('/aide');
    await browser.press('Commencer', { dit: '' });
    expect(browser.seen.text).not.toContain('Cette réponse vous aide-t-elle');
    for (let times = 0; times < 2; times += 1) await browser.press('Envoyer', { dit: ASKED });
    expect(browser.seen.text.match(/Cette réponse vous aide-t-elle/g)).toHaveLength(1);
    await browser.press('Oui');
    await browser.press('Envoyer', { dit: ASKED });
    expect(browser.seen.text).toContain('Cette réponse vous aide-t-elle');
  });

  it('is refused from another page, with another token, or of no such message', async () => {
    const browser = await begun();
    const { action, values } = browser.form('Oui');
    expect((await browser.post(action, values, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await browser.post(action, { ...values, jeton: 'x' })).status).toBe(403);
    for (const wrong of [{ sur: '99' }, { sur: 'x' }, { avis: 'meh' }, { raison: 'mes mots' }]) expect((await browser.post(action, { ...values, ...wrong })).status).toBe(400);
    expect(kept()).toEqual([]);
  });
});

describe('a crowd', () => {
  it('I05: at one address opens ten conversations in a minute, and is told kindly when to come back', async () => {
    const browser = new PlainBrowser(help);
    const open = async () => {
      browser.cookie = undefined;
      await browser.look('/aide');
      return browser.press('Commencer', { dit: '' });
    };
    for (let times = 0; times < 10; times += 1) expect((await open()).status).toBe(200);
    const refused = await open();
    expect(refused.status).toBe(429);
    expect(refused.text).toContain('Attendez quelques minutes');
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    help.world.clock.pass(seconds * 1_000);
    expect((await open()).status).toBe(200);
  });

  it('is not made by the same form posted again and again', async () => {
    const browser = new PlainBrowser(help);
    await browser.look('/aide');
    const { action, values } = browser.form('Commencer');
    for (let times = 0; times < 35; times += 1) expect((await browser.post(action, { ...values, dit: '' })).status).toBe(200);
  });
});

describe('a demonstration', () => {
  it('says so on every page, before anything else', async () => {
    const told = 'Ceci est une démonstration. N’écrivez aucune vraie donnée.';
    await help.close();
    help = await SelfHelp.open({ demo: told });
    const browser = await begun();
    const pages = [browser.seen];
    for (const where of ['/aide', '/aide/recherche?q=code', '/aide/fiche/mot-de-passe-oublie', '/aide/resume', '/aide/nulle-part']) pages.push(await browser.look(where));
    await browser.look('/aide/conversation');
    pages.push(await browser.press('Terminer'));
    expect(pages.map(({ text }) => text.indexOf(told) >= 0 && text.indexOf(told) < 200)).toEqual(pages.map(() => true));
  });

  it('is the only one to say so', async () => {
    expect((await begun()).seen.html).not.toContain('<aside');
  });
});
