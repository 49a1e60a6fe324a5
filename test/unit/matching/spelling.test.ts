import { fold, tokenise, type Word } from '../../../src/matching/normalise.js';
import { createSpeller, gatherWords, usualErrors } from '../../../src/matching/spelling.js';

const words = (text: string): Word[] => tokenise(text).map((surface) => ({ surface, folded: fold(surface), light: false, courtesy: false }));
const vocabulary = words("mon compte est bloqué mauvais mot de passe oublié j ai arrivé arriver connexion réinitialiser téléphone conseiller reçu cinq fois quoi");
const spell = createSpeller(gatherWords(vocabulary), { ...usualErrors, keep: new Set(), inflections: true });
const read = (text: string): string[] => spell(words(text)).map(({ folded }) => folded);

test.each([
  ['conexion', 'connexion'],
  ['connexoin', 'connexion'],
  ['telefone', 'telephone'],
  ['mauvias', 'mauvais'],
  ['reinitailiser', 'reinitialiser'],
  ['bloker', 'bloque'],
  ['koi', 'quoi'],
])('reads « %s » as « %s »', (typed, meant) => {
  expect(read(typed)).toEqual([meant]);
});

test('reads an elision typed without its apostrophe', () => {
  expect(read('jai')).toEqual(['ai']);
  expect(read('jarive')).toEqual(['arrive']);
});

test('gives a word typed without accents the stem that the authors meant', () => {
  const [bare, accented] = spell(words('oublie oublié'));
  expect(bare?.stem).toBe(accented?.stem);
  expect(bare?.how).toBe('known');
});

test('takes an inflected form of a known word as known, and leaves it as typed', () => {
  expect(spell(words('bloquées'))[0]).toMatchObject({ folded: 'bloquees', how: 'known' });
});

test.each(['zorglub', 'pizza', 'tu', '06', '3646x'])('leaves « %s » alone, as nothing is close', (typed) => {
  expect(spell(words(typed))[0]).toMatchObject({ folded: fold(typed), how: 'unknown' });
});

test('leaves alone a real word that it is told to keep', () => {
  const rules = { ...usualErrors, inflections: true };
  expect(createSpeller(gatherWords(vocabulary), { ...rules, keep: new Set() })(words('comète'))[0]?.folded).toBe('compte');
  expect(createSpeller(gatherWords(vocabulary), { ...rules, keep: new Set(['comete']) })(words('comète'))[0]?.folded).toBe('comete');
});

test('reads another form of a known word as the known form, when asked to', () => {
  const strict = createSpeller(gatherWords(vocabulary), { ...usualErrors, keep: new Set(), inflections: false });
  expect(strict(words('conseillé'))[0]).toMatchObject({ folded: 'conseiller', how: 'corrected' });
});

test('corrects a dozen unknown words and no more, whatever was asked before', () => {
  const text = `${'xqzvw '.repeat(12)}conexion`;
  expect(read(text).at(-1)).toBe('conexion');
  expect(read('conexion')).toEqual(['connexion']);
  expect(read(text).at(-1)).toBe('conexion');
});

test('tells what was typed beside what was read', () => {
  expect(spell(words('conexion'))[0]).toMatchObject({ typed: 'conexion', folded: 'connexion', how: 'corrected' });
});
