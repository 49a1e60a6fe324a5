import { createCommands } from '../../../src/understanding/commands.js';
import { lexicon } from './fixtures.js';

const commands = createCommands(
  [
    { command: 'back', phrases: ['retour', 'revenir en arrière', "l'étape d'avant"] },
    { command: 'cancel', phrases: ['annuler', 'annule', 'annule tout', 'stop'] },
    { command: 'adviser', phrases: ['conseiller', 'parler à un conseiller', 'je veux parler à quelqu’un'], entry: 'contact-cpam' },
    { command: 'thanks', phrases: ['merci'] },
  ],
  lexicon,
);

test.each([
  ['retour', 'back'],
  ['RETOUR !', 'back'],
  ['bonjour, retour svp', 'back'],
  ['revenir en arriere', 'back'],
  ["l’etape d'avant", 'back'],
  ['anuler', 'cancel'],
  ['annulé', 'cancel'],
  ['svp je voudrais parler a un conseillé', 'adviser'],
  ['conseillère', 'adviser'],
  ['parler a un consseiller', 'adviser'],
  ['merci', 'thanks'],
])('reads « %s » as %s', (text, command) => {
  expect(commands(text)?.command).toBe(command);
});

test.each([
  'retour de courrier',
  "j'attends le retour de mon dossier",
  'comment annuler un rendez-vous',
  'stopper',
  'un conseil',
  'conseil',
  'mon conseiller ne répond pas',
  'contour',
  '',
  '😀',
  'bonjour',
])('does not take « %s » for a command', (text) => {
  expect(commands(text)).toBeUndefined();
});

test('gives the entry that a command opens, and only where it has one', () => {
  expect(commands('conseiller')).toEqual({ command: 'adviser', entry: 'contact-cpam' });
  expect(commands('retour')).toEqual({ command: 'back' });
});

test('takes no text over 12 words, even if all but one are fillers', () => {
  expect(commands('bonjour bonjour bonjour merci merci merci bonjour bonjour bonjour merci merci retour')?.command).toBe('back');
  expect(commands('bonjour bonjour bonjour merci merci merci bonjour bonjour bonjour merci merci merci retour')).toBeUndefined();
});

test('leaves alone words that the lexicon keeps', () => {
  const strict = createCommands([{ command: 'back', phrases: ['retour'] }], { ...lexicon, keep: ['retours'] });
  expect(commands('retoure')?.command).toBe('back');
  expect(createCommands([{ command: 'back', phrases: ['carottes'] }], { ...lexicon, keep: ['carotta'] })('carotta')).toBeUndefined();
  expect(strict('retour')?.command).toBe('back');
});
