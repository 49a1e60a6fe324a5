/** What a person may take with them, over Direct Line and from the self-help page; and that page while nothing can be written down. */
import { SesameError } from '../../src/conversation/errors.js';
import { PlainBrowser, SelfHelp } from '../support/self-help.js';
import { WebDoor } from '../support/web-door.js';
import { World } from '../support/world.js';

const ASKED = 'à quoi sert le compte ameli';

describe('over Direct Line', () => {
  let world: World;
  let door: WebDoor;
  beforeEach(async () => {
    world = await World.open();
    door = await WebDoor.open({ assistant: world.assistant });
  });
  afterEach(async () => {
    await door.close();
    await world.close();
  });

  it('gives the whole conversation of the token at once, however long it is, and no other', async () => {
    const { conversationId, token } = (await door.call('POST', '/api/token', { headers: { 'sec-fetch-site': 'same-origin' } })).json as { conversationId: string; token: string };
    expect((await door.call('GET', '/api/conversation', { token })).status).toBe(404);
    await door.call('POST', '/v3/directline/conversations', { token });
    for (let n = 0; n < 60; n += 1) await door.call('POST', `/v3/directline/conversations/${conversationId}/activities`, { token, body: { type: 'message', text: ASKED } });
    await world.calm();
    const { status, json } = await door.call('GET', '/api/conversation', { token });
    const { activities, watermark } = json;
    const said = await world.said(conversationId);
    expect([status, activities.length, watermark]).toEqual([200, said.length, String(said.length)]);
    expect(said.length).toBeGreaterThan(101);
    expect(new Set(activities.map(({ conversation }) => conversation.id))).toEqual(new Set([conversationId]));
    expect((await door.call('GET', '/api/conversation')).status).toBe(401);
  });
});

describe('from the self-help page', () => {
  let help: SelfHelp;
  beforeEach(async () => { help = await SelfHelp.open(); });
  afterEach(() => help.close());

  const begun = async (home = '/aide'): Promise<PlainBrowser> => {
    const browser = new PlainBrowser(help);
    await browser.look(home);
    await browser.press('Commencer', { dit: ASKED });
    return browser;
  };
  const fail = (): jest.SpyInstance => jest.spyOn(help.world.store, 'accept').mockRejectedValue(new SesameError('store-unavailable', 'the disk refused'));

  it('is a file of plain words, who said them and when', async () => {
    const browser = await begun();
    expect(browser.seen.html).toContain('<a href="/aide/messages">Télécharger mes messages</a>');
    const { status, headers, html } = await browser.look('/aide/messages');
    expect([status, headers.get('content-type'), headers.get('content-disposition')]).toEqual([200, 'text/plain; charset=utf-8', 'attachment; filename="discussion-sesame.txt"']);
    expect(html).toMatch(/^Discussion du 23 novembre 2026\n\n/);
    expect(html).toContain(`– Vous\n${ASKED}\n`);
    expect(html).toContain('– Sésame\nBonjour, je suis Sésame');
    expect(html).not.toMatch(/\*\*|\]\(/);
  });

  it('is not offered on a public terminal, nor to whoever has no conversation', async () => {
    const kiosk = await begun('/aide?borne=1');
    expect(kiosk.seen.html).not.toContain('/aide/messages');
    expect((await kiosk.look('/aide/messages')).headers.get('content-disposition')).toBeNull();
    const nobody = new PlainBrowser(help);
    expect((await nobody.look('/aide/messages')).headers.get('content-disposition')).toBeNull();
  });

  it('gives words back that could not be taken, to be sent again, once', async () => {
    const browser = await begun();
    const refuses = fail();
    const typed = 'je ne reçois « pas » <mon> code';
    const { status, headers, text } = await browser.press('Envoyer', { dit: typed });
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([503, true]);
    expect(text).toContain('Ce que vous aviez déjà envoyé est conservé');
    const kept = /<textarea[^>]*>([^<]*)<\/textarea>/.exec(browser.seen.html)?.[1]?.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));
    expect(kept).toBe(typed);
    refuses.mockRestore();
    await browser.press('Envoyer à nouveau', { dit: typed });
    const id = String(help.world.log.findLast(({ event }) => event === 'turn.closed')?.fields['conversation']);
    expect((await help.world.said(id)).filter((entry) => entry.author === 'person' && entry.text === typed)).toHaveLength(1);
  });

  it('still shows what is known and what was said', async () => {
    const browser = await begun();
    fail();
    jest.spyOn(help.world.store, 'write').mockRejectedValue(new SesameError('store-unavailable', 'the disk refused'));
    for (const [where, words] of [['/aide', 'De quoi avez-vous besoin'], ['/aide/recherche?q=code', 'Ce que nous avons trouvé'], ['/aide/conversation', ASKED], ['/aide/messages', ASKED]] as const) {
      const { status, html, text } = await browser.look(where);
      expect([where, status, (html + text).includes(words)]).toEqual([where, 200, true]);
    }
  });

  it('shows what is known even where the store cannot be read', async () => {
    const browser = await begun();
    jest.spyOn(help.world.store, 'read').mockRejectedValue(new SesameError('store-unavailable', 'redis does not answer'));
    expect((await browser.look('/aide/recherche?q=code')).text).toContain('Ce que nous avons trouvé');
    expect((await browser.look('/aide/conversation')).status).toBe(503);
    expect(browser.seen.text).toContain('Ce que vous aviez déjà envoyé est conservé');
  });
});
