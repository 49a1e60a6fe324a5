/**
 * Details that a question asks for and that are right or wrong to the letter: a whole number, a postcode, an e-mail
 * address, a code. What they are used for, and whether they exist, is not here.
 */
import { fold } from '../matching/normalise.js';
import { saysUnknown } from './closed.js';
import { countingWords, numberAt } from './numbers.js';
import { digitsFolded, got, longestAnswer, no, wordsOf, type Reader, type Reading } from './reading.js';

const largest = 9_999;
const before = /^(?:(?:j ai|j en ai|il y en a|y en a|c est|cest|environ|a peu pres|peut etre|euh|ben|alors|a|oui) )+/;
const after = /(?: (?:ans?|fois|jours?|semaines?|mois|personnes?|enfants?|environ|a peu pres|merci|svp))+$/;

/**
 * Reads a whole number from 0 to 9999, in figures, in words or as « 1 234 »; « aucun » is 0. Refuses what holds two
 * numbers or a decimal: `format`; what is larger or negative: `range`.
 */
export const numberReader: Reader = {
  reasons: ['empty', 'format', 'range', 'unknown'],
  read(text) {
    if (text.trim() === '') return no('empty');
    if (text.length > longestAnswer) return no('format');
    return saysUnknown(text) ? no('unknown') : readNumber(digitsFolded(text.normalize('NFKC')));
  },
};

function readNumber(text: string): Reading {
  if (/\d[.,]\d/.test(text)) return no('format');
  if (/^\s*(?:[-−]\s*\d|moins\s)/i.test(text)) return no('range');
  const said = countingWords(text).join(' ').replace(/(?<=^| )(\d{1,3}) (\d{3})(?= |$)/, '$1$2');
  const bare = said.replace(before, '').replace(after, '');
  if (/^(?:aucune?|pas une? seule?)$/.test(bare)) return got(0);
  const words = bare.split(' ');
  const found = /^\d{5,}$/.test(bare) ? { value: Infinity, next: words.length } : numberAt(words, 0);
  if (found?.next !== words.length || /^premiere?$/.test(bare)) return no('format');
  return found.value > largest ? no('range') : got(found.value);
}

const department = /^(?:0[1-9]|[1-8]\d|9[0-5]|97[1-8]|98[0-8])/;

/**
 * Reads the postcode of a French department, overseas and Corsica included, spaced or with its town beside it. The
 * value is its five digits; five digits of no department are `place`, another count is `length`.
 */
export const postcodeReader: Reader = {
  reasons: ['empty', 'format', 'length', 'place', 'unknown'],
  read(text) {
    if (text.trim() === '') return no('empty');
    if (text.length > longestAnswer) return no('format');
    if (saysUnknown(text)) return no('unknown');
    const groups = wordsOf(text).filter((word) => /\d/.test(word));
    const digits = groups.join('');
    if (groups.length === 0 || groups.length > 3 || /\d[^\d\s\u2000-\u200f-]\d/.test(text)) return no('format');
    if (digits.length !== 5) return no('length');
    return department.test(digits) ? got(digits) : no('place');
  },
};

/** Longest address that the mail can carry, with room for a few words around it. */
const longestEmail = 300;
const address = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}){0,20}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}$/i;
const dictated: readonly (readonly [RegExp, string])[] = [
  [/ ?(?:\(at\)|\[at\]|\b(?:arobase?s?|arrobase|a commercial)\b) ?/g, '@'],
  [/ ?\b(?:point|dot)\b ?/g, '.'],
  [/ ?\b(?:tiret (?:du )?(?:bas|8)|underscore|souligne)\b ?/g, '_'],
  [/ ?\btiret(?: du (?:6|milieu))?\b ?/g, '-'],
];
const opening = /^(?:(?:oui|alors|euh|voici|mon|ma|l'adresse|adresse|e-?mail|mail|courriel|electronique|est|c'?est)(?: ?: ?| ))+/;

/**
 * Reads one e-mail address, typed or dictated (« arobase », « point »), without the dot that ends a sentence. The
 * value keeps the letters before the @ as they are typed; its domain is in lower case. Whether it receives is not known.
 */
export const emailReader: Reader = {
  reasons: ['empty', 'format', 'unknown'],
  read(text) {
    if (text.trim() === '') return no('empty');
    if (text.length > longestEmail) return no('format');
    if (saysUnknown(text)) return no('unknown');
    const found = text.includes('@') ? typedAddress(text) : dictatedAddress(text);
    if (found === undefined || found.length > 254 || !address.test(found)) return no('format');
    const at = found.lastIndexOf('@');
    return at > 64 ? no('format') : got(found.slice(0, at) + found.slice(at).toLowerCase());
  },
};

function typedAddress(text: string): string | undefined {
  const tight = text.normalize('NFKC').replace(/[\u200b-\u200f\u2060\ufeff]/g, '').trim().replace(/\s+/g, ' ').replace(/ ?@ ?/g, '@').replace(/: ?(?=[^ ]*@)/, ' ');
  // A space slipped in before the last dot only: further on, a space starts another sentence.
  const found = tight.replace(/@([a-z0-9-]+) ?\. ?([a-z]{2,6})\.?$/i, '@$1.$2').split(' ').filter((word) => word.includes('@'));
  return found.length === 1 ? found[0]?.replace(/^[<("'«]+|[>)"'».,;:!]+$/gi, '') : undefined;
}

function dictatedAddress(text: string): string | undefined {
  const words = fold(text).replace(/[.,;!]+$/, '').replace(opening, '');
  const spelt = dictated.reduce((row, [pattern, sign]) => row.replace(pattern, sign), words).replace(/ (?:tout attache|en un mot)\b/g, '');
  // Names are spelt in pieces, but a sentence is no address.
  return spelt.includes('@') && spelt.split(' ').length <= 4 ? spelt.replace(/ /g, '') : undefined;
}

/**
 * Reads a one-time code of eight digits, whatever the spaces and the script of its digits; a letter O among them is a
 * zero. The value is the digits.
 */
export const codeReader: Reader = {
  reasons: ['empty', 'letters', 'length'],
  read(text) {
    const bare = digitsFolded(text.normalize('NFKC')).replace(/[\s\u200b-\u200f\u2060\ufeff.\-_]+/g, '');
    if (bare === '') return no('empty');
    const digits = /\d/.test(bare) ? bare.replace(/o/gi, '0') : bare;
    if (!/^\d+$/.test(digits)) return no('letters');
    return digits.length === 8 ? got(digits) : no('length');
  },
};

/**
 * Reads a code copied from paper, of `length` digits and letters without I, L, O and U: these are read as what they were
 * taken for. The value is in upper case, without spaces or dashes.
 */
export function writtenCodeReader(length: number): Reader {
  return {
    reasons: ['empty', 'signs', 'length'],
    read(text) {
      const bare = digitsFolded(text.slice(0, longestAnswer).normalize('NFKC')).toUpperCase().replace(/[\s\u200b-\u200f\u2010-\u2015\u2060\ufeff.\-_]+/g, '');
      if (bare === '') return no('empty');
      const read = bare.replace(/O/g, '0').replace(/[IL]/g, '1').replace(/U/g, 'V');
      if (!/^[0-9A-Z]+$/.test(read)) return no('signs');
      return read.length === length ? got(read) : no('length');
    },
  };
}

const spoken: ReadonlyMap<string, string> = new Map(
  ['zero', 'un', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf', 'dix'].map((word, digit) => [word, String(digit)]),
);

/**
 * Reads an error code of FranceConnect: six digits, after a letter or not (`Y010004`, `y 010 004`). The value is in
 * upper case; a code typed without its letter stays without.
 */
export const errorCodeReader: Reader = {
  reasons: ['empty', 'format', 'length', 'unknown'],
  read(text) {
    if (text.trim() === '') return no('empty');
    if (text.length > longestAnswer) return no('format');
    if (saysUnknown(text)) return no('unknown');
    const words = wordsOf(text.replace(/(?<=[\dy])o+(?=\d|o|$)|o(?=\d)/gi, (zeros) => '0'.repeat(zeros.length)));
    const bare = words.map((word) => spoken.get(word) ?? word).join(' ').replace(/^(?:(?:le|l|un|une|c|est|code|erreur|message|numero|franceconnect|france|connect|d) )+/, '').replace(/ /g, '');
    const found = /^([a-z]?)(\d+)$/.exec(bare);
    if (!found) return no('format');
    return found[2]?.length === 6 ? got(bare.toUpperCase()) : no('length');
  },
};
