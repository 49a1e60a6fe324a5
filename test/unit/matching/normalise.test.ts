import { createNormaliser, fold, foldedWords, stem, tokenise } from '../../../src/matching/normalise.js';
import { lexicon } from '../understanding/fixtures.js';

const normalise = createNormaliser(lexicon);
const read = (text: string): string => normalise(text).words.map(({ surface }) => surface).join(' ');

describe('fold', () => {
  test.each([
    ['Où est l’Élève ?', "ou est l'eleve ?"],
    ['cœur  ÆGINE\u00A0là', 'coeur aegine la'],
    ['d´accord', "d'accord"],
    ['e\u0301te\u0301', 'ete'],
    ['sé\u200Bsame', 'sesame'],
  ])('reads %j as %j', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  test('changes nothing when applied twice', () => {
    const once = fold("L’Œuvre  d'Été");
    expect(fold(once)).toBe(once);
  });
});

describe('tokenise', () => {
  test('parts elisions, drops emoji and punctuation, keeps accents and digits', () => {
    expect(tokenise("J'ai reçu 2 codes 😡!!! (l’autre)")).toEqual(['j', 'ai', 'reçu', '2', 'codes', 'l', 'autre']);
  });

  test('reads a letter held down as one letter, and leaves doubles and digits alone', () => {
    expect(tokenise('bloquééé noooon arrivée 1000')).toEqual(['bloqué', 'non', 'arrivée', '1000']);
  });

  test('reads a long message fast, and no more than its first 2,000 characters', () => {
    const long = `${'abcd '.repeat(1_999)}fin`;
    const before = performance.now();
    const words = tokenise(long);
    // Ten milliseconds are promised; ten times that is a fault whatever else the machine is doing.
    expect(performance.now() - before).toBeLessThan(100);
    expect(words).toHaveLength(400);
  });

  test('cuts a word that never ends', () => {
    expect(tokenise('ab'.repeat(500))[0]?.length).toBeLessThan(50);
  });

  test('gives no word for a text without letters or digits', () => {
    expect(tokenise(' …!? 😀😀 ')).toEqual([]);
    expect(foldedWords('')).toBe('');
  });
});

describe('stem', () => {
  test.each([
    ['oublié', 'oubliée'],
    ['oubliée', 'oubliee'],
    ['bloqués', 'bloquées'],
    ['bloquees', 'bloquée'],
    ['connexion', 'connexions'],
  ])('gives %s and %s one stem', (one, other) => {
    expect(stem(one)).toBe(stem(other));
  });

  test('keeps different words apart', () => {
    expect(stem('compte')).not.toBe(stem('code'));
  });
});

describe('the normaliser', () => {
  test('writes abbreviations out and says which', () => {
    expect(read('mdp perdu')).toBe('mot de passe perdu');
    expect(normalise('mdp perdu').expanded).toEqual([{ typed: 'mdp', read: 'mot de passe' }]);
  });

  test('writes out an abbreviation of several words', () => {
    expect(read('pb co ce matin')).toBe('problème de connexion ce matin');
  });

  test('minds the accents of an abbreviation, so that « je » is not read as « jé »', () => {
    expect(read('jé mal')).toBe('j ai mal');
    expect(read('je suis là')).toBe('je suis là');
  });

  test('makes function words and fillers light, and nothing else', () => {
    const light = normalise("Bonjour je voudrais le code s'il vous plaît").words.filter((word) => !word.light);
    expect(light.map(({ surface }) => surface)).toEqual(['code']);
  });
});
