// Takes the pictures of docs/screenshots: starts the compiled server on made-up people, tells the unlock story in a real
// browser and photographs it at 320, 768 and 1280 px, light and dark, in the widget and on the page without JavaScript;
// then an adviser and a person, side by side. Usage: npm run screenshots
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

/** Starts a script of ours; resolves with it and the addresses that it prints. */
function start(script, folder) {
  const program = spawn(process.execPath, [script], {
    env: { ...process.env, PORT: '0', REFERENCE_PORT: '0', TEAMS_CLIENT_PORT: '0', DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const found = {};
  return new Promise((resolve, reject) => {
    program.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
    createInterface(program.stdout).on('line', (line) => {
      const [, label, url] = /^ {2}(\S.*?) +(http\S+)$/.exec(line) ?? [];
      if (label) found[label] = url;
      if (/^Ctrl\+C/.test(line)) resolve({ program, addresses: found });
    });
  });
}

async function end(program) {
  program.kill('SIGTERM');
  await new Promise((resolve) => program.once('exit', resolve));
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });

/** A code that was mailed and not used yet: only one story runs at a time. */
async function lastCode(place) {
  const folder = join(place, 'mailbox');
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

/** A made-up person whose account is locked after too many attempts. */
async function person(demo) {
  const people = await (await fetch(`${demo}/people`)).json();
  return people.find(({ cause, email }) => cause === 'too-many-attempts' && email);
}

/** Lets a script see into the widget. */
const opened = () => {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function open(init) {
    return attach.call(this, { ...init, mode: 'open' });
  };
};

const WORDS = 'jarive plus a me connecté jai mis 5 fois un mauvai mdp';
const frenchDate = (date) => date.split('-').reverse().join('/');

/** The whole story at one size and in one theme, on a server of its own: an account is unlocked once. */
async function story(width, height, colorScheme) {
  const name = `${width}-${colorScheme}`;
  const place = join(data, name);
  const { program, addresses } = await start('dist/main.js', place);
  const view = { viewport: { width, height }, colorScheme, locale: 'fr-FR', timezoneId: 'Europe/Paris' };
  const { nir, key, birthDate } = await person(addresses['The made-up people to try it with']);
  const home = addresses['The assistant'];
  const shot = (page, state, more = {}) => page.screenshot({ path: `${out}/${state}-${width}${colorScheme === 'dark' ? '-dark' : ''}.png`, ...more });
  await help(await browser.newContext({ ...view, javaScriptEnabled: false }), home, shot);
  await chat(await browser.newContext(view), { home, place, nir: `${nir}${key}`, birthDate: frenchDate(birthDate), shot });
  await end(program);
}

async function chat(context, { home, place, nir, birthDate, shot }) {
  await context.addInitScript(opened);
  const page = await context.newPage();
  const hear = (words) => page.getByRole('log').getByText(words).first().waitFor();
  await page.goto(home);
  await hear('Bonjour, je suis Sésame');
  await shot(page, 'welcome');
  if (page.viewportSize().width < 480) await page.getByRole('button', { name: 'Agrandir' }).click();
  await page.getByLabel('Votre message').fill(WORDS);
  await page.getByRole('button', { name: 'Envoyer', exact: true }).click();
  await hear('Que souhaitez-vous faire');
  await shot(page, 'understood');
  await page.getByRole('button', { name: 'Débloquer mon compte' }).click();
  await hear('Vérifions que c');
  await page.getByLabel('Numéro de sécurité sociale').fill(nir.replace(/..$/, '00'));
  await page.getByLabel('Date de naissance').fill(birthDate);
  await page.getByRole('button', { name: 'Recevoir mon code' }).click();
  await hear('la clé');
  await shot(page, 'mistake');
  await page.getByLabel('Numéro de sécurité sociale').last().fill(nir);
  await page.getByRole('button', { name: 'Recevoir mon code' }).last().click();
  await hear('Votre code à 8 chiffres');
  await page.getByLabel('Code reçu par e-mail').fill(await lastCode(place));
  await shot(page, 'code');
  await page.getByRole('button', { name: 'Valider le code' }).click();
  await hear('Puis-je vous aider pour autre chose');
  await shot(page, 'unlocked');
  await page.getByRole('button', { name: 'Options' }).click();
  await shot(page, 'options');
  await context.close();
}

async function help(context, home, shot) {
  const page = await context.newPage();
  await page.goto(`${home}aide`);
  await shot(page, 'help');
  await page.getByRole('button', { name: 'Mon compte est bloqué' }).click();
  await page.getByRole('button', { name: /attempts|essais|mot de passe/i }).first().waitFor();
  await shot(page, 'help-conversation', { fullPage: true });
  await page.goto(`${home}aide/fiche/compte-bloque-tentatives`);
  await shot(page, 'help-entry');
  await context.close();
}

/** A person and an adviser of the local Teams client, in the middle of their exchange, in one picture 1280 px wide. */
async function adviserAndWidget() {
  const { program, addresses: both } = await start('scripts/teams.mjs', join(data, 'teams'));
  const [home = '', client = ''] = ['The assistant', 'The local Teams client'].map((label) => Object.entries(both).find(([name]) => name.startsWith(label))?.[1]);
  const french = { locale: 'fr-FR', timezoneId: 'Europe/Paris' };
  const person = await browser.newPage({ viewport: { width: 1280, height: 1060 }, ...french });
  const teams = await browser.newPage({ viewport: { width: 1300, height: 1500 }, ...french });
  await person.addInitScript(opened);
  await teams.route(({ hostname }) => hostname !== 'localhost', (route) => route.abort());
  await Promise.all([person.goto(home), teams.goto(client)]);
  const hear = (words) => person.getByRole('log').getByText(words).first().waitFor();
  const write = async (words) => {
    await person.getByLabel('Votre message').fill(words);
    await person.getByRole('button', { name: 'Envoyer', exact: true }).click();
  };
  await teams.getByRole('treeitem', { name: 'Personal Chat' }).click();
  await teams.getByRole('textbox').last().click();
  await teams.keyboard.type('disponible');
  await teams.getByRole('button', { name: 'Send Message' }).click();
  await teams.getByText('on peut compter sur vous').first().waitFor();
  await teams.getByRole('treeitem', { name: 'équipe nationale' }).click();
  await hear('Bonjour, je suis Sésame');
  await write('je voudrais parler à un conseiller');
  await person.getByRole('button', { name: 'Je préfère ne pas le dire' }).click();
  await hear('en position 1');
  await teams.getByRole('button', { name: 'Prendre' }).click();
  await hear('vous répond maintenant');
  await teams.getByRole('textbox').last().click();
  await teams.keyboard.type('@S', { delay: 20 });
  await teams.getByRole('menuitem', { name: 'Sésame' }).first().click();
  await teams.keyboard.type(' Bonjour, que se passe-t-il ?');
  await teams.getByRole('button', { name: 'Send Message' }).last().click();
  await hear('Bonjour, que se passe-t-il');
  await write('mon code n’arrive pas depuis hier');
  await teams.getByText('mon code n’arrive pas depuis hier').last().waitFor();
  await teams.getByRole('button', { name: 'Hide log panel' }).click();
  const [left, right] = (await Promise.all([person.locator('sesame-chat').screenshot(), teams.screenshot()])).map((picture) => `data:image/png;base64,${picture.toString('base64')}`);
  const sheet = await browser.newPage({ viewport: { width: 1280, height: 930 } });
  await sheet.setContent(`<body style="margin:0;display:flex;align-items:center;background:#fbfaf7"><img src="${left}" width="460" style="margin:7px"><img src="${right}" width="806">`);
  await sheet.screenshot({ path: `${out}/adviser-and-widget.png` });
  await end(program);
}

async function demonstration() {
  const { program, addresses } = await start('dist/main.js', join(data, 'demonstration'));
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'fr-FR' });
  await page.goto(`${addresses['The assistant']}demo/courrier`);
  await page.screenshot({ path: `${out}/mailbox-1280.png` });
  await page.goto(addresses['The made-up people to try it with']);
  await page.screenshot({ path: `${out}/people-1280.png` });
  await end(program);
}

try {
  for (const theme of ['light', 'dark']) {
    await story(320, 640, theme);
    await story(768, 1024, theme);
    await story(1280, 900, theme);
  }
  await demonstration();
  await adviserAndWidget();
} finally {
  await browser.close();
  rmSync(data, { recursive: true, force: true });
}
