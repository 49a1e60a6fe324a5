/**
 * Finds what is written with letters: e-mail addresses, bank details, codes sent by post. Numbers made of figures
 * alone are figures.ts.
 */
import { GAP, matchesOf, type Finder, type Found } from './shadow.js';

const AT = String.raw`(?: ?@ ?| ?[(\[](?:at|arobase)[)\]] ?| (?:arobase|arobas|arrobase) )`;
const DOT = String.raw`(?: ?\. ?(?=[a-z]{2})|\.| ?[(\[](?:dot|point)[)\]] ?| point )`;
const EMAIL = new RegExp(String.raw`[\p{L}\p{N}._%+\-]{1,64}${AT}[\p{L}\p{N}\-]{1,63}(?:${DOT}[\p{L}\p{N}\-]{1,63}){1,4}`, 'giu');

export const emails: Finder = (text) => matchesOf(text, EMAIL, () => 'email');

const IBAN = new RegExp(String.raw`(?<![\p{L}\p{N}])[A-Z]{2}${GAP}\d${GAP}\d(?:${GAP}[A-Z0-9]){11,30}`, 'giu');
const GROUPED_IBAN = /^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?(?=[A-Z]{0,2}\d)[A-Z0-9]{1,3})?/i;
const FRENCH_IBAN = 27;
/** An ordinary sentence has no such run. */
const LEAST_FIGURES = 12;

/** Bank details of any country: as far as their check holds, or as far as they look like some. */
export const ibans: Finder = (text) =>
  matchesOf(text, IBAN, () => 'iban').flatMap(({ from, to }): readonly Found[] => {
    const length = ibanIn(text.slice(from, to));
    return length === undefined ? [] : [{ kind: 'iban', from, to: from + length }];
  });

function ibanIn(run: string): number | undefined {
  const places = Array.from(run.matchAll(/[A-Z0-9]/gi), ({ index }) => index);
  const bare = places.map((at) => run.charAt(at)).join('').toUpperCase();
  // The longest: one beginning in a hundred meets the check by chance.
  const checked = Array.from(bare).findLastIndex((_, last) => last >= 14 && meetsItsCheck(bare.slice(0, last + 1)));
  const count = checked >= 0 ? checked + 1 : bare.startsWith('FR') && bare.length >= FRENCH_IBAN ? FRENCH_IBAN : 0;
  if (count > 0 && bare.slice(0, count).replace(/\D/g, '').length >= LEAST_FIGURES) return (places[count - 1] ?? 0) + 1;
  const looks = GROUPED_IBAN.exec(run)?.[0] ?? '';
  return looks.replace(/\D/g, '').length >= LEAST_FIGURES ? looks.length : undefined;
}

/** The check of ISO 13616. */
function meetsItsCheck(bare: string): boolean {
  let rest = 0;
  for (const one of bare.slice(4) + bare.slice(0, 4)) {
    const value = Number.parseInt(one, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Ten letters and figures in one piece or in groups; eight in two groups, as resumption codes are. */
const POSTAL = /(?<![\p{L}\p{N}\-])(?:[A-Z0-9]{10}|[A-Z0-9]{5}-[A-Z0-9]{5}|[A-Z0-9]{5} [A-Z0-9]{5}|[A-Z0-9]{2}(?:[ -][A-Z0-9]{2}){4}|[A-Z0-9]{4}[ -][A-Z0-9]{3}[ -][A-Z0-9]{3}|[A-Z0-9]{3}[ -][A-Z0-9]{3}[ -][A-Z0-9]{4}|[A-Z0-9]{4}[ -][A-Z0-9]{4}[ -][A-Z0-9]{2}|[A-Z0-9]{4}-[A-Z0-9]{4})(?![\p{L}\p{N}\-])/giu;
const ANNOUNCED = /\bcode[^.!?\n]{0,40}$/iu;

export const writtenCodes: Finder = (text) =>
  matchesOf(text, POSTAL, ({ 0: run, index }) => {
    const announced = ANNOUNCED.test(text.slice(Math.max(0, index - 60), index));
    if (!/\d/.test(run)) return isCodeInCapitals(run, announced) ? 'code' : undefined;
    return /[a-z]/i.test(run) && isMixedCode(run, announced) ? 'code' : undefined;
  });

function isMixedCode(run: string, announced: boolean): boolean {
  const inCapitals = run === run.toUpperCase();
  // Small letters and spaces are ordinary words with a number among them.
  if (run.includes(' ') && !inCapitals && !announced) return false;
  return inCapitals || run.replace(/[ -]/g, '').length === 10;
}

/** No figure among ten letters: then no word either. */
function isCodeInCapitals(run: string, announced: boolean): boolean {
  const letters = run.replace(/[ -]/g, '').length;
  return letters === 10 && run === run.toUpperCase() && (announced || run.includes('-')) && !/[AEIOUY][^AEIOUY]*[AEIOUY][^AEIOUY]*[AEIOUY]/.test(run);
}

/** A code of figures that is announced as one, shorter than ours. */
const ANNOUNCED_CODE = /\bcodes?(?! ?(?:postal|barre|erreur|d.erreur|de l.erreur|commune|insee))(?![^.!?\n]{0,30}erreur)[^\d.!?\n]{0,30}?(?: est|:|=|c.est|re[cç]u|disant|suivant)[ :«"]{0,3}(?<secret>\d[\d ]{2,8}\d)(?![\d\p{L}])/dgiu;

export const announcedCodes: Finder = (text) => matchesOf(text, ANNOUNCED_CODE, () => 'code');
