/**
 * Words that try to be more than words, from the person, from an adviser and from a poisoned knowledge, on the real widget
 * and on the page without JavaScript, where a browser with JavaScript would show what runs. Nothing runs, nothing breaks.
 */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { bare, CLOBBERING, HOSTILE, LONGEST_SAID, strangersIn, type Hostile } from '../support/hostile.js';
import { adviserEntry, AT, formEntry, HostileDoor, plainEntry, replyEntry } from '../support/hostile-door.js';
import { watch, type Watch } from '../support/hostile-watch.js';
import { until } from '../support/web-door.js';

const OLD_PHONE = { width: 320, height: 568 };
const PATIENCE = 400_000;
/** Tall enough, drawn as it is, to hide everything above. */
const PILE = `Zut${'\u0301'.repeat(400)}`;

let browser: Browser;
let door: HostileDoor;
beforeAll(async () => {
  browser = await openBrowser();
  door = await HostileDoor.open(HOSTILE);
});
afterAll(async () => {
  await door.close();
  await browser.close();
});

async function openWatched(): Promise<{ page: Page; watched: Watch }> {
  const { page } = await openPage(browser, OLD_PHONE);
  const watched = await watch(page, door.url);
  return { page, watched };
}

/** The same words, whatever the way they are drawn. `cut`: as many as there are. */
function isRead(shown: string, wanted: string): boolean {
  const [one, other] = [shown, wanted].map((text) => bare(text.replaceAll('(nouvelle fenêtre)', '')));
  return one === other && one !== '';
}

interface Sight {
  readonly wide: number;
  /** What stands in each place, by its selector. */
  readonly read: Readonly<Record<string, readonly string[]>>;
}

/** The last thing that each selector finds, and how many pixels anything is too wide. */
function sightOf(page: Page, selectors: readonly string[], within?: string): Promise<Sight> {
  return page.evaluate(
    ({ wanted, host }) => {
      const root = host === undefined ? document : (document.querySelector(host)?.shadowRoot ?? document);
      const boxes = [document.documentElement, ...root.querySelectorAll('[role=log], .panel, main')];
      const wide = Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth));
      return { wide, read: Object.fromEntries(wanted.map((selector) => [selector, [...root.querySelectorAll<HTMLElement>(selector)].slice(-8).map((one) => one.textContent)])) };
    },
    { wanted: selectors, host: within },
  );
}

/** What is wrong with a sight in which each of these places must show the text. */
function faultsOf(name: string, { wide, read }: Sight, wanted: Readonly<Record<string, string>>): string[] {
  const unread = Object.entries(wanted).filter(([place, text]) => !(read[place] ?? []).some((shown) => isRead(shown, text)));
  const strangers = Object.values(read).flat().flatMap(strangersIn);
  return [
    ...unread.map(([place]) => `${name}: not read in ${place}`),
    ...(strangers.length > 0 ? [`${name}: ${[...new Set(strangers)].join(' ')} is in the page`] : []),
    ...(wide > 0 ? [`${name}: ${String(wide)} px too wide`] : []),
  ];
}

describe('the hooks', () => {
  it('see what runs where a page is careless', async () => {
    const { page, watched } = await openWatched();
    await page.route('**/careless', (route) => route.fulfill({ contentType: 'text/html', body: '<!DOCTYPE html><html lang="fr"><body><div></div></body></html>' }));
    await page.goto(`${door.url}/careless`);
    const alive: string[] = [];
    // What makes the page go elsewhere would take the test along.
    for (const { name, text } of HOSTILE.filter(({ text: one }) => !/<(meta|base)/.test(one))) {
      await page.evaluate(async (html) => {
        document.querySelector('div')!.innerHTML = html;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }, text);
      if (watched.seen.splice(0).some((what) => /^(executed|dialog)/.test(what))) alive.push(name);
    }
    expect(alive.length).toBeGreaterThan(25);
    await page.context().close();
  }, PATIENCE);

  it('see what the policy of our own page refuses, and each kind of thing that is none of ours', async () => {
    const { page, watched } = await openWatched();
    await page.goto(`${door.url}/aide`);
    await page.evaluate(() => {
      const put = (tag: string, attribute: string, value: string): void => {
        const element = document.createElement(tag);
        element.setAttribute(attribute, value);
        document.body.append(element);
      };
      put('img', 'onerror', '__pwned()');
      put('a', 'href', 'javascript:__pwned()');
      put('form', 'action', 'https://evil.example/');
      put('base', 'href', 'https://evil.example/');
      put('p', 'style', 'position:fixed');
    });
    await until(() => watched.seen.length >= 7);
    for (const kind of [/^violation: script-src/, /^element: <img/, /^attribute: onerror/, /^attribute: href=javascript/, /^element: <base/, /^attribute: style/]) {
      expect(watched.seen).toContainEqual(expect.stringMatching(kind));
    }
    await page.context().close();
  });
});

describe('the widget', () => {
  const CHAT = 'sesame-chat';
  const AFTER = 'Êtes-vous là ?';

  /** Says it in the field for messages, and waits until all that was said is answered. A person may take off its limit. */
  async function say(page: Page, text: string): Promise<void> {
    const field = page.getByLabel('Votre message', { exact: true });
    await field.evaluate((input: HTMLTextAreaElement, value) => { input.value = value; }, text);
    await field.press('Enter');
  }

  async function settled(page: Page, count: number, selector = '.message'): Promise<void> {
    await page.waitForFunction(({ host, wanted, least }) => (document.querySelector(host)?.shadowRoot?.querySelectorAll(wanted).length ?? 0) >= least, { host: CHAT, wanted: selector, least: count }, { timeout: 60_000 });
  }

  /** A conversation that was greeted; `look` gives what is wrong once there are `more` messages. */
  async function begin() {
    const { page, watched } = await openWatched();
    await page.goto(`${door.url}/discussion`);
    await settled(page, 1);
    let count = 1;
    const look = async (name: string, more: number, wanted: Readonly<Record<string, string>>): Promise<string[]> => {
      await settled(page, (count += more));
      const faults = faultsOf(name, await sightOf(page, Object.keys(wanted), CHAT), wanted);
      return [...faults, ...watched.seen.splice(0).map((what) => `${name}: ${what}`)];
    };
    return { page, watched, look };
  }

  /** What all messages say. */
  function allRead(page: Page): Promise<string[]> {
    return page.evaluate((host) => [...(document.querySelector(host)?.shadowRoot?.querySelectorAll('.bubble, legend') ?? [])].map((one) => one.textContent), CHAT);
  }

  it('shows every string from everyone as text, answers after each, shows them again after a reload, and lets them be taken along', async () => {
    const { page, watched, look } = await begin();
    const broken: string[] = [];
    for (const { name, text, drawn = text } of HOSTILE) {
      const isTaken = text.length <= LONGEST_SAID;
      await say(page, text);
      if (!isTaken) await settled(page, HOSTILE.slice(0, HOSTILE.findIndex((one) => one.name === name) + 1).filter((one) => one.text.length > LONGEST_SAID).length, '.me[data-fate=refused]');
      broken.push(...(await look(name, isTaken ? 2 : 1, isTaken ? { '.me .bubble': text, '.bot .bubble': `Écho : ${drawn}` } : { '.me .bubble': text })));
      door.say(adviserEntry(text));
      door.say(replyEntry(text, 'any'));
      broken.push(...(await look(name, 2, { '.adviser .meta strong': `${text}, de l’Assurance Maladie`, '.adviser .bubble': text, '.bot .bubble': drawn, '.choices:not(.past) button': text })));
      door.say(formEntry(text));
      broken.push(...(await look(name, 1, { 'legend': text, '.why': text, '.field label': text, '.field .hint': text, '.field .fault': `Erreur : ${text}`, 'button[type=submit].main': text, '.card button.quiet': text })));
    }
    await say(page, AFTER);
    broken.push(...(await look('after all', 2, { '.bot .bubble': `Écho : ${AFTER}` })));
    expect(broken).toEqual([]);

    const said = (await allRead(page)).filter((text) => HOSTILE.every((one) => one.text.length <= LONGEST_SAID || !isRead(text, one.text)));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByRole('button', { name: 'Copier la discussion' }).click();
    await page.getByText('La discussion est copiée.').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Télécharger la discussion' }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toMatch(/^discussion-sesame-[\d-]+\.txt$/);
    const kept = readFileSync(await file.path(), 'utf8');
    for (const record of [copied, kept]) {
      expect(strangersIn(record)).toEqual([]);
      const flat = bare(record);
      expect(HOSTILE.filter(({ text }) => !flat.includes(bare(text))).map(({ name }) => name)).toEqual([]);
    }

    await page.reload();
    await page.getByText(`Écho : ${AFTER}`).waitFor({ timeout: 60_000 });
    const again = await allRead(page);
    expect(said.filter((text) => !again.includes(text))).toEqual([]);
    expect(again.length).toBeGreaterThan(4 * HOSTILE.length);
    expect(watched.seen).toEqual([]);
    await page.context().close();
  }, PATIENCE);

  it('is named by no adviser but with their name', async () => {
    const { page, look } = await begin();
    const name = "$& $` $' \u202Eellimac <img src=x onerror=__pwned()>";
    await until(() => {
      door.signals.adviserTypes(door.conversation, name);
      return page.getByText('écrit…').isVisible();
    });
    expect(await look('typing', 0, { '.typing': `${name} écrit…` })).toEqual([]);
    await page.context().close();
  });

  it('sends a form whose fields have the names of what a form element does', async () => {
    const { page, look, watched } = await begin();
    const fields = CLOBBERING.map((name) => ({ name, label: `Champ ${name}`, inputMode: 'text', autocomplete: 'off', maxLength: 20 }) as const);
    door.say({ author: 'assistant', at: AT, reply: { kind: 'form', place: 'clobbering#1', title: 'Un titre', why: 'Pourquoi', fields, submit: 'Continuer' } });
    await settled(page, 2);
    // Such a form confuses the test's own way of finding things, too.
    await page.evaluate((host) => {
      const root = document.querySelector(host)!.shadowRoot!;
      for (const input of root.querySelectorAll<HTMLInputElement>('.field input')) input.value = input.name;
      root.querySelector<HTMLButtonElement>('.card button.main')!.click();
    }, CHAT);
    const sent = () => door.web.assistant.heard.find(({ kind, conversationId }) => kind === 'form' && conversationId === door.conversation);
    await until(() => sent() !== undefined);
    const heard = sent();
    expect(heard?.kind === 'form' && heard.values).toEqual(Object.fromEntries(CLOBBERING.map((name) => [name, name])));
    await page.getByText('Formulaire envoyé.').waitFor();
    await say(page, AFTER);
    expect(await look('clobbering', 5, { '.bot .bubble': `Écho : ${AFTER}` })).toEqual([]);
    expect(watched.seen).toEqual([]);
    await page.context().close();
  });

  it('lets no pile of marks cover the message before', async () => {
    const pictures: string[] = [];
    for (const text of ['Zut', PILE]) {
      const { page } = await begin();
      door.say(plainEntry('Ce message doit rester lisible.'));
      door.say(plainEntry(text));
      await settled(page, 3);
      pictures.push((await page.getByText('Ce message doit rester lisible.').screenshot()).toString('base64'));
      await page.context().close();
    }
    expect(pictures[1]).toBe(pictures[0]);
  });

  it('is printed as text', async () => {
    const { page } = await begin();
    const wanted = HOSTILE.filter(({ text }) => text.length < 400);
    for (const { text } of wanted) door.say(adviserEntry(text));
    await settled(page, 1 + wanted.length);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByRole('button', { name: 'Imprimer la discussion' }).click();
    const sheet = page.frameLocator('iframe');
    const printed = (await sheet.locator('pre').textContent()) ?? '';
    expect(strangersIn(printed)).toEqual([]);
    expect(wanted.filter(({ text }) => !bare(printed).includes(bare(text))).map(({ name }) => name)).toEqual([]);
    expect(await sheet.locator('body *').count()).toBe(1);
    await page.context().close();
  });
});

describe('the page without JavaScript', () => {
  const AT_TALK = '/aide/conversation';

  async function begin() {
    const { page, watched } = await openWatched();
    await page.goto(`${door.url}/aide`);
    await page.getByRole('button', { name: 'Commencer', exact: true }).click();
    await page.waitForURL(`**${AT_TALK}*`);
    /** What is wrong with the page that is there. */
    const look = async (name: string, wanted: Readonly<Record<string, string>>): Promise<string[]> => {
      const faults = faultsOf(name, await sightOf(page, Object.keys(wanted)), wanted);
      return [...faults, ...watched.seen.splice(0).map((what) => `${name}: ${what}`)];
    };
    return { page, look };
  }

  it('shows every string from everyone as text, takes it back, and goes on answering', async () => {
    const { page, look } = await begin();
    const broken: string[] = [];
    for (const [at, { name, text, drawn = text }] of HOSTILE.entries()) {
      const [isTaken, isLong] = [text.length <= LONGEST_SAID, text.length > 250];
      const shown = async (wanted: Readonly<Record<string, string>>): Promise<void> => {
        await page.goto(door.url + AT_TALK);
        broken.push(...(await look(name, wanted)));
      };
      const ofAdviser = { '.turn .who': `${text}, de l’Assurance Maladie`, '.turn .bubble': text };
      const ofReply = { '.turn .text, .turn .bubble': drawn, '.row button': text };
      door.say(adviserEntry(text));
      if (isLong) await shown(ofAdviser);
      door.say(replyEntry(text, String(at)));
      await shown(isLong ? ofReply : { ...ofAdviser, ...ofReply });
      door.say(formEntry(text));
      await shown({ 'legend': text, '.card .text': drawn, 'label': text, '.hint': text, '.fault': `Erreur : ${text}`, '.card .main': text, '.row button': text });
      await page.getByLabel('Votre message', { exact: true }).evaluate((field: HTMLTextAreaElement, value) => { field.value = value; }, text);
      await page.getByRole('button', { name: 'Envoyer', exact: true }).click();
      if (isTaken) {
        await page.waitForURL(/#last$/);
        broken.push(...(await look(name, text.length > 900 ? {} : { '.me .bubble': text, '.turn .bubble': `Écho : ${drawn}` })));
      } else broken.push(...(await look(name, { h1: 'Votre réponse n’a pas pu être lue' })));
    }
    await page.goto(`${door.url}/aide/resume`);
    broken.push(...(await look('summary', {})));
    const listed = (await page.locator('main li').allTextContents()).map(bare);
    const chosen = HOSTILE.filter(({ text }) => text.length <= LONGEST_SAID && text === text.trim());
    expect(chosen.filter(({ text }) => listed.filter((one) => one === bare(text)).length < 2).map(({ name }) => name)).toEqual([]);
    expect(broken).toEqual([]);
    await page.context().close();
  }, PATIENCE);

  it('shows a poisoned knowledge, a search and a mailbox as text', async () => {
    const { page, look } = await begin();
    const broken: string[] = [];
    for (const [at, { name, text, drawn = text }] of HOSTILE.entries()) {
      await page.goto(`${door.url}/aide/fiche/${String(at)}`);
      broken.push(...(await look(name, { h1: text, '.text': drawn + drawn })));
      if (text.length > 200) continue;
      await page.goto(`${door.url}/aide/recherche?${new URLSearchParams({ q: text.toWellFormed() }).toString()}`);
      const asked = await page.getByRole('searchbox').inputValue();
      broken.push(...(await look(name, {})), ...(isRead(asked, text) ? [] : [`${name}: not asked`]));
    }
    for (const where of ['/aide', '/demo/courrier']) {
      await page.goto(door.url + where);
      broken.push(...(await look(where, {})));
      const titles = (await page.locator('.subjects a, .mail h2').allTextContents()).map(bare);
      expect(titles.sort()).toEqual(HOSTILE.map(({ text }) => bare(text)).sort());
    }
    expect(broken).toEqual([]);
    await page.context().close();
  }, PATIENCE);

  it('lets no pile of marks cover the message before', async () => {
    const { page } = await begin();
    const pictures: string[] = [];
    for (const text of ['Zut', PILE]) {
      await page.goto(`${door.url}/aide`);
      await page.getByRole('button', { name: 'Commencer', exact: true }).click();
      await page.waitForURL(`**${AT_TALK}*`);
      door.say(plainEntry('Ce message doit rester lisible.'));
      door.say(plainEntry(text));
      await page.goto(door.url + AT_TALK);
      pictures.push((await page.getByText('Ce message doit rester lisible.').screenshot()).toString('base64'));
    }
    expect(pictures[1]).toBe(pictures[0]);
    await page.context().close();
  });
});
