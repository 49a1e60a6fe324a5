/**
 * Finds what hides in runs of figures: social security numbers, cards, telephone numbers, codes, birth dates. A run is
 * taken whole and told by its length and shape, so that no grouping escapes.
 */
import { isAnnounced, wholeDate, type DateJudge } from './dates.js';
import { GAP, matchesOf, type Finder, type Found } from './shadow.js';

const RUN = new RegExp(String.raw`\+?\d(?:${GAP}\d)*`, 'g');
/** Corsica has a letter. */
const CORSICAN = new RegExp(String.raw`(?<!\d)[1-478](?:${GAP}\d){4}${GAP}2${GAP}[ABab](?:${GAP}\d){2,8}(?!\d)`, 'g');

/** Public numbers that answers and people may quote (fact base, section 5). */
const PUBLIC_NUMBERS = new Set(['0553356237', '0187520070', '0974757678', '0033184903646', '33184903646']);
/** « 2024-2025 » and the like. */
const YEARS = /^(?:19|20)\d\d(?:[ ,/\-\u2010-\u2015]{1,3}(?:19|20)\d\d)+$/;
/** From how many figures on nothing ordinary is so long. */
const NUMBER_OF_A_PERSON = 13;
const LONG = 9;
const CODE = 8;
/** The head of a number, cut before its end: sex, year, a month that exists, a department. */
const HEAD_OF_A_NIR = /^[1-478]\d\d(?:0[1-9]|1[0-2])\d{2,8}$/;

export const corsicanNumbers: Finder = (text) => matchesOf(text, CORSICAN, () => 'nir');

/** Every run of figures that is not told as harmless. Marked dates are to be looked for before. */
export function figures(judge: DateJudge): Finder {
  return (text) =>
    matchesOf(text, RUN, ({ 0: run, index }) => {
      const date = wholeDate(run, isAnnounced(text, index), judge);
      if (date !== undefined) return date;
      return YEARS.test(run) ? undefined : kindOf(run);
    });
}

function kindOf(run: string): Found['kind'] | undefined {
  const digits = run.replace(/\D/g, '');
  if (isPublic(digits)) return undefined;
  if (isPhone(digits, run)) return 'phone';
  if (digits.length >= NUMBER_OF_A_PERSON) return isCard(digits) ? 'card' : 'nir';
  return shorter(digits, run);
}

function shorter(digits: string, run: string): Found['kind'] | undefined {
  if (HEAD_OF_A_NIR.test(digits) && (digits.length >= LONG || isGrouped(run))) return 'nir';
  if (digits.length >= LONG) return 'code';
  // Not across a slash: that is a date that does not exist, or a fraction.
  return digits.length === CODE && !/\//.test(run) ? 'code' : undefined;
}

function isPublic(digits: string): boolean {
  // 08 numbers are services' own.
  return PUBLIC_NUMBERS.has(digits) || /^08\d{8}$/.test(digits);
}

function isPhone(digits: string, run: string): boolean {
  if (run.startsWith('+')) return digits.length >= 8 && digits.length <= 15;
  return /^(?:(?:00)?330?|0)[1-79]\d{8}$/.test(digits) || /^[67](?:\d{8}|(?:[ .-]\d\d){4})$/.test(run) || /^00(?!33)[1-9]\d{7,12}$/.test(digits);
}

/** « 2 55 08 14 »: as the number is printed on the card, or in one piece. */
function isGrouped(run: string): boolean {
  return /^\d{7,8}$/.test(run) || /^\d\D+\d\d\D+\d\d\D+\d\d/.test(run);
}

/** Sixteen figures or more that meet the check of bank cards, or are grouped as on one. */
function isCard(digits: string): boolean {
  return digits.length >= 14 && digits.length <= 19 && /^[2-6]/.test(digits) && (digits.length === 16 || passesLuhn(digits)) && digits.length !== 15;
}

function passesLuhn(digits: string): boolean {
  const values = Array.from(digits, Number).reverse();
  const sum = values.reduce((total, digit, i) => total + (i % 2 === 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9), 0);
  return sum % 10 === 0;
}
