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

describe('dictated punctuation', () => {
  const dictating = createNormaliser({
    ...lexicon,
    dictated: {
      marks: ['virgule', "point d'interrogation", 'à la ligne'], loose: ['point', 'deux points'],
      unlessAfter: ['un', 'une', 'quel'], unlessBefore: ['d', 'relais'],
    },
  });
  const heard = (text: string): string => dictating(text).words.map(({ surface }) => surface).join(' ');

  test.each([
    ["bonjour virgule mon compte est bloqué point comment faire point d'interrogation à la ligne merci", 'bonjour mon compte est bloqué comment faire merci'],
    ['mon compte est bloqué point', 'mon compte est bloqué'],
    ['Voici deux points compte bloqué VIRGULE aidez-moi', 'voici compte bloqué aidez moi'],
    ['compte bloque a la ligne merci', 'compte bloque merci'],
  ])('leaves the marks of %j out', (text, left) => {
    expect(heard(text)).toBe(left);
  });

  test.each([
    "un point d'accueil virgule vite", 'le point relais est fermé', 'à quel point je suis perdue', 'une virgule dans mon nom',
    '3 virgule 50 euros', "point d'accueil", 'il me reste deux points à régler',
  ])('keeps the words of %j that name a thing', (text) => {
    expect(heard(text)).toBe(tokenise(text).join(' ').replace(' virgule vite', ' vite'));
  });

  test('does without the list', () => {
    expect(read('bonjour virgule merci point')).toBe('bonjour virgule merci point');
  });
});

describe('emoji', () => {
  const drawn = createNormaliser({ ...lexicon, emoji: { '🔒': 'bloqué', '☎️': 'téléphone' } });
  const seen = (text: string): string => drawn(text).words.map(({ surface }) => surface).join(' ');

  test.each([
    ['mon compte🔒🔒😡', 'mon compte bloqué bloqué'],
    ['nouveau ☎️ 👩🏽‍💻 merci', 'nouveau téléphone merci'],
    ['mon Telephone ☎ est cassé', 'mon telephone est cassé'],
  ])('reads %j as %j', (text, words) => {
    expect(seen(text)).toBe(words);
  });

  test('reads a page of them no slower than a page of words', () => {
    const before = performance.now();
    expect(drawn('🔒'.repeat(10_000)).words.length).toBeLessThanOrEqual(400);
    expect(performance.now() - before).toBeLessThan(100);
  });
});

describe('denials', () => {
  const denying = createNormaliser({ ...lexicon, negations: { denials: ['pas', 'pas du tout', 'jamais'], words: ['bloqué', 'oublié'] } });
  const foldedOf = (text: string): string[] => denying(text).words.filter(({ light }) => !light).map(({ folded }) => folded);

  test.each([
    ["mon compte n'est pas bloqué", ['compte', 'PAS BLOQUE']],
    ['compte PAS DU TOUT bloque', ['compte', 'PAS BLOQUE']],
    ["j'ai jamais oublié", ['PAS OUBLIE']],
  ])('joins in %j the denial and the word', (text, words) => {
    expect(foldedOf(text)).toEqual(words);
  });

  test('keeps what was typed, for those who read the explanation', () => {
    expect(denying('pas du tout bloqué').words.map(({ surface }) => surface)).toEqual(['pas du tout bloqué']);
  });

  test.each(['compte bloqué pas ouvert', 'pas reçu', 'le compte bloqué', 'pas'])('leaves %j as it is', (text) => {
    expect(denying(text).words).toEqual(normalise(text).words);
  });
});
