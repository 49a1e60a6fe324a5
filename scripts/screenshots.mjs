// Takes the pictures of the README: starts the compiled server on made-up people, tells the unlock story in a real
// browser and photographs it at 1280 and 320 px; then an adviser and a person, side by side. Usage: npm run screenshots
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

const { program: server, addresses } = await start('dist/main.js', data);
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

/** Lets a script see into the widget. */
const opened = () => {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function open(init) {
    return attach.call(this, { ...init, mode: 'open' });
  };
};

async function story(width, height, index, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'fr-FR' });
  await context.addInitScript(opened);
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

try {
  await adviserAndWidget();
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
  await end(server);
  rmSync(data, { recursive: true, force: true });
}
