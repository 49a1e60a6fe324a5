/** Sentences, syllables and the figures made of them. */
import { measure } from '../../../src/reading/measure.js';
import { sentencesOf } from '../../../src/reading/sentences.js';
import { syllablesOf } from '../../../src/reading/syllables.js';

const lengths = (text: string): number[] => sentencesOf(text).map(({ words }) => words.length);

describe('sentences', () => {
  test('end at a full stop, a question mark, a colon, and not inside an address or a number', () => {
    expect(lengths('Allez sur ameli.fr. Vous voyez un message ? Notez-le : il compte 3,5 lignes.')).toEqual([3, 4, 1, 4]);
  });

  test('are the items of a list, each for itself, and the line before them', () => {
    expect(lengths('Il faut\n\n- votre carte Vitale\n- une adresse e-mail à vous')).toEqual([2, 3, 5]);
  });

  test('are read without markup: bold is taken off, and of a link the label is read', () => {
    expect(sentencesOf('**Un doute ?** Voyez [ce site](https://exemple.fr/a/b).').map(({ text }) => text)).toEqual(['Un doute ?', 'Voyez ce site.']);
  });

  test('keep a closing quotation mark with what it closes', () => {
    expect(sentencesOf('Il dit « c’est fini. » Fermez.').map(({ text }) => text)).toEqual(['Il dit « c’est fini. »', 'Fermez.']);
  });

  test('tell how many lines are above them', () => {
    expect(sentencesOf('Un.\n\n- Deux.\n- Trois. Quatre.').map(({ above }) => above)).toEqual([0, 2, 3, 3]);
  });

  test('count an elision, a compound, a slot and a telephone number as one word each', () => {
    expect(lengths('l’accueil rendez-vous {prénom} 36 46')).toEqual([4]);
  });

  test('are none where there is nothing to read', () => {
    expect(sentencesOf('\n - … \n')).toEqual([]);
    expect(measure(' … ')).toBeUndefined();
  });
});

describe('syllables', () => {
  test.each([
    [1, ['le', 'caisse', 'vie', 'page', 'oui', 'guide', 'SMS', 'pays']],
    [2, ['accueil', 'l’accueil', 'guichet', 'année', 'créer', 'famille', 'client', 'Noël', 'maïs']],
    [3, ['essayez', 'oublier', 'création', 'société', 'rendez-vous', 'provisoire', 'aérien']],
    [4, ['identité', 'définitif', 'indisponible']],
    [7, ['réinitialisation']],
  ])('%i in each of %j', (count, words) => {
    expect(words.map((word) => [word, syllablesOf(word)])).toEqual(words.map((word) => [word, count]));
  });

  test('of a number are near what is said', () => {
    expect(syllablesOf('36 46')).toBe(4);
  });
});

describe('the figures', () => {
  test('are those of the formula, on a text counted by hand', () => {
    // 3 sentences, 10 words, 16 syllables: le-chat-dort, l’i-den-ti-té-est-là, vous-ve-nez-de-main-ma-tin.
    const found = measure('Le chat dort. L’identité est là. Vous venez demain matin.');
    expect(found).toMatchObject({ words: 10, longWords: ['L’identité'], longShare: 0.1 });
    expect(found?.wordsPerSentence).toBeCloseTo(10 / 3);
    expect(found?.ease).toBeCloseTo(207 - 1.015 * (10 / 3) - 73.6 * 1.6);
  });

  test('tell a plain text from an official one', () => {
    const plain = measure('Vous avez oublié le mot de passe ? Ce n’est pas grave. Allez sur la page de connexion. Demandez un lien.');
    const official = measure('La réinitialisation de l’authentifiant nécessite la transmission préalable des informations administratives correspondantes.');
    expect(plain?.ease).toBeGreaterThan(80);
    expect(official?.ease).toBeLessThan(20);
    expect(official?.lix).toBeGreaterThan(plain?.lix ?? Infinity);
  });
});
