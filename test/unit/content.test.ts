import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ACCOUNT_OUTCOMES } from '../../src/account/actions.js';
import { loadContent, type Content } from '../../src/content.js';
import { describeFault, FaultsError } from '../../src/conversation/errors.js';
import { FRANCECONNECT_OUTCOMES } from '../../src/franceconnect/actions.js';
import { HANDOFF_OUTCOMES } from '../../src/handoff/desk.js';
import { createReaders } from '../../src/house.js';
import { IDENTITY_OUTCOMES } from '../../src/identity/actions.js';
import { measure } from '../../src/reading/measure.js';

const PROJECT = path.join(__dirname, '..', '..');
let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'sesame-content-'));
  for (const folder of ['knowledge', 'dialogs']) cpSync(path.join(PROJECT, folder), path.join(root, folder), { recursive: true });
});
afterEach(() => { rmSync(root, { recursive: true, force: true }); });

function load(): Content {
  const outcomes = { ...ACCOUNT_OUTCOMES, ...IDENTITY_OUTCOMES, ...FRANCECONNECT_OUTCOMES, ...HANDOFF_OUTCOMES };
  return loadContent({ root, readers: createReaders(Date.now), outcomes, today: '' });
}

function faults(): string[] {
  try {
    load();
    return [];
  } catch (error) {
    return error instanceof FaultsError ? error.faults.map(describeFault) : [String(error)];
  }
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(path.join(root, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(path.join(root, file), text.replace(from, to));
}

describe('the content', () => {
  it('is whole as it is kept in the project', () => {
    const { entries, dialogs } = load();
    expect(entries.size).toBe(19);
    expect([...dialogs.keys()]).toEqual(expect.arrayContaining(['talk-to-adviser', 'unlock-account', 'verify-identity']));
    // Every entry but those that only explain has a way out of its own.
    const explaining = [...entries.values()].filter(({ dialog }) => dialog === undefined).map(({ id }) => id);
    expect(explaining.sort()).toEqual(['contact-cpam', 'prevention', 'role-du-compte']);
  });

  it('stops the start with all faults of all files at once, each with its file', () => {
    edit('knowledge/inactivite.md', 'owner:', 'propriétaire:');
    edit('knowledge/compte-bloque-tentatives.md', 'dialog: unlock-account', 'dialog: unlock-acount');
    edit('dialogs/unlock-account.yaml', 'do: account.unlock', 'do: account.open');
    edit('dialogs/messages.yaml', 'greeting:', 'salutation:');
    edit('dialogs/mails.yaml', 'subject:', 'sujet:');
    const found = faults();
    for (const wanted of [/knowledge\/inactivite\.md/, /« unlock-acount » n'existe pas/, /dialogs\/unlock-account\.yaml:\d+: .*« account\.open »/, /« greeting »/, /dialogs\/mails\.yaml/]) {
      expect(found.filter((line) => wanted.test(line))).not.toEqual([]);
    }
  });

  it('tells of bubbles that are hard to read, each with its file, its line and its place', () => {
    const endless = `${'puis encore '.repeat(16)}fini.`;
    edit('dialogs/messages.yaml', 'text: C’est annulé.', `text: C’est ${endless}`);
    edit('dialogs/unlock-account.yaml', 'say: La vérification n’a de nouveau', `say: Elle ${endless} La vérification n’a de nouveau`);
    edit('dialogs/lost-phone.yaml', 'why: Un vol demande', `why: ${'Un vol demande. '.repeat(35)}Un vol demande`);
    const lineOf = (file: string, text: string): number => readFileSync(path.join(root, file), 'utf8').split('\n').findIndex((line) => line.includes(text)) + 1;
    expect(faults()).toEqual([
      expect.stringMatching(new RegExp(`^dialogs/messages\\.yaml:${String(lineOf('dialogs/messages.yaml', 'C’est puis'))}: message « cancelled » : une phrase de 34 mots`)),
      expect.stringMatching(new RegExp(`^dialogs/lost-phone\\.yaml:${String(lineOf('dialogs/lost-phone.yaml', 'Un vol demande. '))}: étape « \\S+ » : un texte de \\d+ caractères`)),
      expect.stringMatching(new RegExp(`^dialogs/unlock-account\\.yaml:${String(lineOf('dialogs/unlock-account.yaml', 'puis encore'))}: étape « \\S+ » : une phrase de 34 mots`)),
    ]);
  });

  it('has a plain variant of every answer, shorter in its sentences than the answer is', () => {
    const { entries } = load();
    const mean = (text: string): number => measure(text)?.wordsPerSentence ?? 0;
    for (const { id, answer, plain } of entries.values()) expect([id, mean(plain) > 0 && mean(plain) < mean(answer)]).toEqual([id, true]);
  });

  it('tells of a file that is missing, and of one that is not YAML', () => {
    rmSync(path.join(root, 'dialogs', 'commands.yaml'));
    writeFileSync(path.join(root, 'dialogs', 'emergency.yaml'), '- "ouvert');
    expect(faults().filter((line) => /commands\.yaml|emergency\.yaml/.test(line))).toHaveLength(2);
  });
});
