/** P03 over HTTP, in the whole house: what is done with one's data is one link away before anything is asked, at every door. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApp, type Running } from '../../src/app.js';
import { LIMITS } from '../../src/attempts/limits.js';
import { readConfig } from '../../src/config.js';
import { readKeys } from '../../src/keys.js';
import { createMask } from '../../src/redaction/mask.js';
import { RETENTION } from '../../src/retention.js';
import { SimulatedClock } from '../support/clock.js';
import { PlainBrowser } from '../support/self-help.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sesame-privacy-'));
const quiet = (): void => undefined;
let app: Running;
let url: string;
beforeAll(async () => {
  const clock = new SimulatedClock();
  const config = { ...readConfig({ DATA_DIR: folder }), port: 0 };
  // Nobody answers there: no account is needed to be told this.
  const backend = { url: 'http://127.0.0.1:9', token: 'none' };
  app = await createApp({ config, keys: await readKeys(folder), backend, clock, mask: createMask(() => clock.now()), log: { info: quiet, warn: quiet, error: quiet } });
  await app.listen();
  url = app.url();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (where: string): Promise<{ status: number; html: string }> => {
  const response = await fetch(url + where);
  return { status: response.status, html: await response.text() };
};

interface Said {
  readonly activities: readonly { readonly attachments?: readonly { readonly content: { readonly body: readonly { text?: string }[] } }[] }[];
}

/** Asks to have an account unlocked, and gives back the texts of the first form that comes. */
async function firstForm(): Promise<readonly string[]> {
  const begun = (await (await fetch(`${url}/api/conversation`, { method: 'POST', headers: { origin: url } })).json()) as { token: string; conversationId: string };
  const at = `${url}/v3/directline/conversations/${begun.conversationId}/activities`;
  const headers = { authorization: `Bearer ${begun.token}`, 'content-type': 'application/json' };
  for (const text of ['mon compte est bloqué après plusieurs essais', 'Débloquer mon compte']) await fetch(at, { method: 'POST', headers, body: JSON.stringify({ type: 'message', text }) });
  for (;;) {
    const { activities } = (await (await fetch(at, { headers })).json()) as Said;
    const [form] = activities.flatMap(({ attachments = [] }) => attachments);
    if (form) return form.content.body.flatMap(({ text }) => text ?? []);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('P03: the page is there for whoever has no script, and tells the limits that the house keeps to', async () => {
  const { status, html } = await get('/confidentialite');
  expect(status).toBe(200);
  const days = (ms: number): string => `${String(ms / 86_400_000)} jours`;
  const text = html.replace(/\s/g, ' ');
  for (const said of [`${String(LIMITS.codeLifeMs / 60_000)} minutes`, days(LIMITS.letterLifeMs), days(RETENTION.messages), days(RETENTION.withAdviser)]) expect(text).toContain(said);
});

it.each(['/', '/nulle-part', '/confidentialite'])('P03: the foot of %s leads there', async (where) => {
  const html = await (await fetch(url + where, { headers: { accept: 'text/html' } })).text();
  expect(/<footer.*<\/footer>/s.exec(html)?.[0]).toContain('href="/confidentialite"');
});

it('P03: the card that asks for identity leads there by its whole address, before its fields', async () => {
  const texts = await firstForm();
  const link = texts.findIndex((text) => text.includes(`](${url}/confidentialite)`));
  expect(texts[0]).toBe('Vérifions que c’est bien vous');
  expect(link).toBeGreaterThan(0);
});

it('P03: the self-help page leads there from its foot and from the form, without leaving the conversation or the kiosk', async () => {
  const browser = new PlainBrowser({ url });
  expect((await browser.look('/aide')).html).toContain('<a href="/aide/confidentialite">');
  await browser.press('Mon compte est bloqué');
  for (let turn = 0; turn < 4 && !browser.seen.html.includes('champ-nir'); turn += 1) await browser.press(browser.seen.html.includes('>Débloquer mon compte<') ? 'Débloquer mon compte' : /name="dit" value="([^"]+)"/.exec(browser.seen.html)![1]!);
  const form = /<form class="bubble card"[^]*?<\/form>/.exec(browser.seen.html)?.[0] ?? '';
  expect(form.indexOf('href="/aide/confidentialite"')).toBeGreaterThan(0);
  expect(form.indexOf('href="/aide/confidentialite"')).toBeLessThan(form.indexOf('champ-nir'));
  const page = await browser.look('/aide/confidentialite');
  expect([page.status, page.html.includes('href="/aide/conversation#reponse"')]).toEqual([200, true]);
  expect((await new PlainBrowser({ url }).look('/aide/confidentialite?borne=1')).html).toContain('http-equiv="refresh"');
});
