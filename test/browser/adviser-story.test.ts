/**
 * The whole way to a human, in two real windows: the widget, and the official local Teams client that `npm run teams`
 * starts. Everything is pressed and typed as people do; nothing is sent behind the client's back. The client, as Teams
 * without a permission of the team, passes on what mentions the bot: so the adviser mentions it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { built } from '../support/built.js';

const ROOT = path.join(__dirname, '..', '..');
const data = mkdtempSync(path.join(tmpdir(), 'sesame-teams-'));
let windows: ChildProcess;
let browser: Browser;
const output: string[] = [];
let person: { page: Page; faults: string[] };
let teams: Page;

/** Starts both windows on free ports; resolves with their addresses. */
async function startBoth(): Promise<{ home: string; client: string }> {
  built('main.js');
  windows = spawn(process.execPath, ['scripts/teams.mjs'], { cwd: ROOT, env: { PATH: process.env['PATH'] ?? '', PORT: '0', REFERENCE_PORT: '0', TEAMS_CLIENT_PORT: '0', DATA_DIR: data } });
  return new Promise((resolve, reject) => {
    const read = (line: string): void => {
      output.push(line);
      const [home, client] = ['The assistant', 'The local Teams client'].map((name) => /http\S+/.exec(output.find((said) => said.includes(name)) ?? '')?.[0]);
      if (line.startsWith('Ctrl+C') && home !== undefined && client !== undefined) resolve({ home, client });
    };
    if (windows.stdout) createInterface(windows.stdout).on('line', read);
    if (windows.stderr) createInterface(windows.stderr).on('line', read);
    windows.once('exit', (code) => { reject(new Error(`ended with ${String(code)}: ${output.join('\n')}`)); });
  });
}

beforeAll(async () => {
  const { home, client } = await startBoth();
  browser = await openBrowser();
  person = await openPage(browser);
  ({ page: teams } = await openPage(browser, { width: 1280, height: 1000 }));
  // Its fonts come from elsewhere; tests go nowhere.
  await teams.route(({ hostname }) => hostname !== 'localhost', (route) => route.abort());
  for (const page of [person.page, teams]) page.setDefaultTimeout(15_000);
  await Promise.all([person.page.goto(home), teams.goto(client)]);
});

afterAll(async () => {
  await browser.close();
  const ended = new Promise((resolve) => windows.once('exit', resolve));
  windows.kill('SIGINT');
  await ended;
  rmSync(data, { recursive: true, force: true });
});

const hears = (words: string | RegExp): Promise<void> => person.page.getByRole('log').getByText(words).first().waitFor();

async function writes(words: string): Promise<void> {
  await person.page.getByLabel('Votre message').fill(words);
  await person.page.getByRole('button', { name: 'Envoyer', exact: true }).click();
}

/** The post that holds the request's card, with its thread. */
const post = (): Locator => teams.getByRole('group').filter({ hasText: 'Demande' }).last();

/** Types below the card, after a mention chosen from the client's own list. */
async function answers(words: string): Promise<void> {
  await post().getByRole('textbox').last().click();
  await teams.keyboard.type('@S', { delay: 20 });
  await teams.getByRole('menuitem', { name: 'Sésame' }).first().click();
  await teams.keyboard.type(` ${words}`);
  await post().getByRole('button', { name: 'Send Message' }).last().click();
}

it('brings a person from the question to an adviser and back, in two windows', async () => {
  await teams.getByRole('treeitem', { name: 'Personal Chat' }).click();
  await teams.getByRole('textbox').last().click();
  await teams.keyboard.type('disponible');
  await teams.getByRole('button', { name: 'Send Message' }).click();
  await teams.getByText('on peut compter sur vous').first().waitFor();
  await teams.getByRole('treeitem', { name: 'équipe nationale' }).click();

  await hears('Bonjour, je suis Sésame');
  await writes('je voudrais parler à un conseiller');
  await hears('quel est votre code postal');
  await person.page.getByRole('button', { name: 'Je préfère ne pas le dire' }).click();
  await hears(/position 1 .* de \d+ à \d+ minutes/);

  await teams.getByRole('button', { name: 'Prendre' }).click();
  await post().getByText('Suivie par Nadia').waitFor();
  await hears('Nadia, de l’équipe nationale');
  const told = await person.page.getByRole('log').getByText('le code de cet échange').innerText();
  const code = /: c’est (\w+)/.exec(told)?.[1] ?? 'no code was told';
  await post().getByText(code, { exact: true }).waitFor();

  await answers('Bonjour, que se passe-t-il ?');
  await hears('Bonjour, que se passe-t-il ?');
  await writes('mon code n’arrive pas depuis hier');
  await post().getByText('mon code n’arrive pas depuis hier').last().waitFor();
  await answers('Je regarde avec vous.');
  await hears('Je regarde avec vous.');
  await writes('merci beaucoup');
  await post().getByText('merci beaucoup').last().waitFor();

  await teams.getByRole('button', { name: 'Clore' }).click();
  await teams.getByRole('combobox').last().click();
  await teams.getByText('Problème résolu').last().click();
  await teams.getByRole('button', { name: 'Confirmer' }).click();
  await post().getByText('Close.', { exact: true }).waitFor();
  await hears('L’échange avec votre conseiller est terminé');

  const log = await person.page.getByRole('log').innerText();
  expect(log.match(/que se passe-t-il|depuis hier|Je regarde|merci beaucoup/g)).toEqual(['que se passe-t-il', 'depuis hier', 'Je regarde', 'merci beaucoup']);
  const thread = await post().innerText();
  expect(thread.match(/que se passe-t-il|depuis hier|Je regarde|merci beaucoup/g)).toEqual(['que se passe-t-il', 'depuis hier', 'Je regarde', 'merci beaucoup']);
  expect(person.faults).toEqual([]);
});
