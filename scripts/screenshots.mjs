// Takes the pictures of the README: starts the compiled server on made-up people, tells the unlock story in a real
// browser and photographs it at 1280 and 320 px. Usage: npm run screenshots
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const out = 'docs/screenshots';
const data = mkdtempSync(join(tmpdir(), 'sesame-screenshots-'));
const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = places.find((place) => place && existsSync(place));
if (!executablePath) throw new Error('no Chromium: install it, or set CHROMIUM to its path');
mkdirSync(out, { recursive: true });

const server = spawn(process.execPath, ['dist/main.js'], {
  env: { ...process.env, PORT: '0', REFERENCE_PORT: '0', DATA_DIR: data },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const addresses = await new Promise((resolve) => {
  const found = {};
  createInterface(server.stdout).on('line', (line) => {
    const [, label, url] = /^ {2}(\S.*?) {2,}(http\S+)$/.exec(line) ?? [];
    if (label) found[label] = url;
    if (/Ctrl\+C/.test(line)) resolve(found);
  });
});
const home = addresses['The assistant'];
const demo = addresses['The made-up people to try it with'];
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });

/** The last code mailed to anyone: only this story runs here. */
async function lastCode() {
  const folder = join(data, 'mailbox');
  for (;;) {
    const mails = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))) : [];
    const code = /\d{4} \d{4}/.exec(mails.sort((a, b) => a.at - b.at).at(-1)?.text ?? '')?.[0];
    if (code && !used.has(code)) {
      used.add(code);
      return code;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const used = new Set();

/** A person of the demonstration page whose account is locked after too many attempts. */
async function person(index) {
  const people = await (await fetch(`${demo}/people`)).json();
  return people.filter(({ cause, email }) => cause === 'too-many-attempts' && email)[index];
}

async function story(width, height, index, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'fr-FR' });
  await context.addInitScript(() => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function open(init) {
      return attach.call(this, { ...init, mode: 'open' });
    };
  });
  const page = await context.newPage();
  const shot = (name) => page.screenshot({ path: `${out}/${name}-${width}${colorScheme === 'dark' ? '-dark' : ''}.png` });
  const hear = (words) => page.getByRole('log').getByText(words).first().waitFor();
  const { nir, key, birthDate } = await person(index);
  await page.goto(home);
  await hear('Bonjour, je suis Sésame');
  await shot('welcome');
  await page.getByLabel('Votre message').fill('jarive plus a me connecté jai mis 5 fois un mauvai mdp');
  await page.getByRole('button', { name: 'Envoyer', exact: true }).click();
  await hear('Que souhaitez-vous faire');
  await shot('understood');
  await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
  await hear('Vérifions que c');
  await page.getByLabel('Numéro de sécurité sociale').fill(`${nir}${key}`);
  await page.getByLabel('Date de naissance').fill(birthDate.split('-').reverse().join('/'));
  await shot('identity');
  await page.getByRole('button', { name: 'Recevoir mon code' }).click();
  await hear('Votre code à 8 chiffres');
  await page.getByLabel('Code reçu par e-mail').fill(await lastCode());
  await shot('code');
  await page.getByRole('button', { name: 'Valider le code' }).click();
  await hear('Puis-je vous aider pour autre chose');
  await shot('unlocked');
  await context.close();
}

try {
  await story(1280, 960, 0, 'light');
  await story(320, 640, 1, 'light');
  await story(1280, 960, 2, 'dark');
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${home}demo/courrier`);
  await page.screenshot({ path: `${out}/mailbox-1280.png` });
  await page.goto(demo);
  await page.screenshot({ path: `${out}/people-1280.png` });
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
  rmSync(data, { recursive: true, force: true });
}
