/**
 * Case G11 of the threat model: the whole story is played in a browser that keeps what browsers keep, and then everything
 * that it kept is searched: its history, its forms, every storage of the page, the clipboard and the files of its profile.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { openProfile, openRoots } from '../support/browser.js';
import { CAMILLE, ODILE, spellings, type Locked } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';

let sesame: RunningSesame;
let folder: string;
let profile: BrowserContext;
beforeAll(async () => { sesame = await RunningSesame.start(); });
afterAll(() => sesame.stop());
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-profile-'));
  profile = await openProfile(folder);
  await openRoots(profile);
  await profile.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: sesame.url });
});
afterEach(async () => {
  await profile.close();
  rmSync(folder, { recursive: true, force: true });
});

/** From the form of identity to the account unlocked; the code that was given. */
async function unlock(page: Page, { nir, birthDate, email }: Locked): Promise<string> {
  await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
  await page.getByLabel('Numéro de sécurité sociale').fill(nir);
  await page.getByLabel('Date de naissance').fill(birthDate);
  await page.getByRole('button', { name: 'Recevoir mon code' }).click();
  const code = await eventually(() => sesame.lastCode(email));
  await page.getByLabel('Code reçu par e-mail').fill(code);
  await page.getByRole('button', { name: 'Valider le code' }).click();
  await page.getByText('il n’est plus bloqué').first().waitFor();
  return code;
}

/** All that the page itself may read again, in this browser, of what it left there. */
function storages(page: Page): Promise<Record<'session' | 'local' | 'databases' | 'caches' | 'workers' | 'cookies' | 'clipboard', string>> {
  return page.evaluate(async () => ({
    session: JSON.stringify(sessionStorage),
    local: JSON.stringify(localStorage),
    databases: JSON.stringify(await indexedDB.databases()),
    // A page without https may have none.
    caches: JSON.stringify('caches' in window ? await caches.keys() : []),
    workers: String((await navigator.serviceWorker.getRegistrations()).length),
    cookies: document.cookie,
    clipboard: await navigator.clipboard.readText(),
  }));
}

/** Addresses that one could go back to. */
async function wentThrough(page: Page): Promise<readonly string[]> {
  const { entries } = await (await profile.newCDPSession(page)).send('Page.getNavigationHistory');
  return entries.map(({ url, title }) => `${url} ${title}`);
}

/** Files of the profile, once it is closed, in which one of these was found, in the bytes of any way to write it down. */
function keptOnDisk(secrets: readonly string[]): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile() === true);
  const wanted = secrets.flatMap((secret) => [Buffer.from(secret), Buffer.from(secret, 'utf16le').subarray(0, -1)]);
  return files.filter((name) => {
    const content = readFileSync(path.join(folder, name));
    return wanted.some((bytes) => content.includes(bytes));
  });
}

const fill = async (page: Page, label: string, words: string, button: string): Promise<void> => {
  await page.getByLabel(label).fill(words);
  await page.getByRole('button', { name: button, exact: true }).click();
};

/**
 * What must be nowhere on the disk. Browsers keep a birth date as it is typed, for the next form that asks for one:
 * RGAA 11.13 has its field say that it is one. Nothing shorter than a code is searched for: megabytes hold it by chance.
 */
function unwanted({ birthDate, ...person }: Locked, code: string): readonly string[] {
  const kept = [birthDate, encodeURIComponent(birthDate)];
  return ['après plusieurs essais', ...spellings({ birthDate, ...person }, code).filter((secret) => secret.length >= 8 && !kept.includes(secret))];
}

it('G11: the widget leaves the mark of its session alone, and writes to the clipboard only where it is asked to', async () => {
  const [page = await profile.newPage()] = profile.pages();
  await page.goto(sesame.url);
  await page.evaluate(() => navigator.clipboard.writeText('what was there'));
  await fill(page, 'Votre message', 'mon compte est bloqué après plusieurs essais', 'Envoyer');
  const code = await unlock(page, CAMILLE);
  const left = await storages(page);
  expect(left).toMatchObject({ local: '{}', databases: '[]', caches: '[]', workers: '0', cookies: '', clipboard: 'what was there' });
  expect(Object.keys(JSON.parse(left.session) as object).every((name) => name.startsWith('sesame'))).toBe(true);
  expect(await wentThrough(page)).toEqual([expect.stringMatching(/^about:blank/), expect.stringMatching(`^${sesame.url}/ `)]);
  const secrets = spellings(CAMILLE, code);
  expect(secrets.filter((secret) => JSON.stringify(left).includes(secret))).toEqual([]);
  await page.getByRole('button', { name: 'Options' }).click();
  await page.getByText('Copier la discussion').click();
  await eventually(async () => ((await storages(page)).clipboard.includes('après plusieurs essais') ? true : undefined));
  await profile.close();
  expect(keptOnDisk(unwanted(CAMILLE, code))).toEqual([]);
  expect(keptOnDisk([CAMILLE.birthDate])).toEqual([path.join('Default', 'Web Data')]);
}, 30_000);

it('G11: the page without JavaScript leaves no address, no form and no storage behind', async () => {
  const [page = await profile.newPage()] = profile.pages();
  await page.goto(`${sesame.url}/aide`);
  await page.evaluate(() => navigator.clipboard.writeText('what was there'));
  await fill(page, 'Ou dites-le avec vos mots', 'mon compte est bloqué après plusieurs essais', 'Commencer');
  const code = await unlock(page, ODILE);
  const left = await storages(page);
  expect(left).toEqual({ session: '{}', local: '{}', databases: '[]', caches: '[]', workers: '0', cookies: '', clipboard: 'what was there' });
  for (const where of await wentThrough(page)) expect(where).toMatch(new RegExp(`^(about:blank|${sesame.url}/aide(/conversation(#\\w+)?)? )`));
  await profile.close();
  expect(keptOnDisk(unwanted(ODILE, code))).toEqual([]);
  expect(keptOnDisk([ODILE.birthDate])).toEqual([path.join('Default', 'Web Data')]);
}, 30_000);

it('would find what is kept: in an address, in a storage, in a database', async () => {
  const [page = await profile.newPage()] = profile.pages();
  await page.goto(`${sesame.url}/aide?canari=kept-in-history`);
  await page.evaluate(async () => {
    localStorage.setItem('canari', 'kept-in-local-storage');
    await new Promise((resolve) => {
      const asked = indexedDB.open('canari');
      asked.onupgradeneeded = () => asked.result.createObjectStore('kept-in-a-database');
      asked.onsuccess = resolve;
    });
  });
  expect(await storages(page)).toMatchObject({ local: expect.stringContaining('kept-in-local-storage'), databases: expect.stringContaining('canari') });
  expect(await wentThrough(page)).toContainEqual(expect.stringContaining('kept-in-history'));
  await profile.close();
  for (const secret of ['kept-in-history', 'kept-in-local-storage', 'kept-in-a-database']) expect(keptOnDisk([secret])).not.toEqual([]);
}, 30_000);
