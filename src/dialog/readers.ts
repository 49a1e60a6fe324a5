/**
 * Readers of French answers that need nothing but the answer: choices, birth dates and one-time codes. The reader of
 * the NIR lives with identity. Each is linear in the length of what is typed, and refuses rather than guesses: an
 * answer may start an action.
 */
import { fold } from '../matching/normalise.js';
import type { Option, Reader, Reading } from './definition.js';

const MONTHS = [
  'janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre',
  'janv fevr mars avr mai juin juil aout sept oct nov dec',
  'jan fev mar avr mai jui jul aou sep octo nove dece',
].map((row) => row.split(' '));

/** Longest answer read, in characters; a form field is shorter, and nothing longer can be a date or a code. */
const LONGEST = 60;

const OLDEST_YEARS = 130;

/**
 * Reads a date of birth, day first: `12/03/1985`, `12.3.85`, `12031985`, `12 mars 1985`, `1er mars 1985`.
 * The value is `YYYY-MM-DD`. Two-digit years are read only when a single century is possible.
 *
 * @param today tells the current day as `YYYY-MM-DD`.
 */
export function birthDateReader(today: () => string): Reader {
  return {
    reasons: ['empty', 'format', 'impossible', 'future', 'too-old', 'year'],
    read: (text) => readBirthDate(text, today()),
  };
}

function readBirthDate(text: string, today: string): Reading {
  if (text.trim() === '') return no('empty');
  if (text.length > LONGEST) return no('format');
  const parts = splitDate(digitsFolded(fold(text)));
  if (!parts) return no('format');
  const year = fullYear(parts.year, Number(today.slice(0, 4)));
  if (year === undefined) return no('year');
  const date = new Date(Date.UTC(year, parts.month - 1, parts.day));
  if (date.getUTCMonth() !== parts.month - 1 || date.getUTCDate() !== parts.day) return no('impossible');
  const iso = date.toISOString().slice(0, 10);
  if (iso > today) return no('future');
  if (year < Number(today.slice(0, 4)) - OLDEST_YEARS) return no('too-old');
  return { ok: true, value: iso };
}

interface DateParts {
  readonly day: number;
  readonly month: number;
  /** As typed: two or four digits. */
  readonly year: string;
}

/** Eight digits in a row, or day, month (in figures or in words) and year. */
const DATE_SHAPES = [/^(\d{2})(\d{2})(\d{4})$/, /^(\d{1,2})(?:er)? ([a-z]+|\d{1,2}) (\d{4}|\d{2})$/];

function splitDate(text: string): DateParts | undefined {
  const words = text.split(/[^a-z0-9]+/).filter((word) => !['', 'le', 'du'].includes(word)).join(' ');
  const [, day = '', month = '', year = ''] = DATE_SHAPES.map((shape) => shape.exec(words)).find((found) => found !== null) ?? [];
  const monthNumber = monthOf(month);
  return monthNumber === undefined ? undefined : { day: Number(day), month: monthNumber, year };
}

function monthOf(word: string): number | undefined {
  if (/^\d{1,2}$/.test(word)) return Number(word);
  const index = MONTHS.map((row) => row.indexOf(word)).find((i) => i >= 0);
  return index === undefined ? undefined : index + 1;
}

/** `85` can only be 1985, but `12` may be 1912 or 2012: then we ask. */
function fullYear(year: string, thisYear: number): number | undefined {
  if (year.length === 4) return Number(year);
  const centuries = [1900, 2000].map((century) => century + Number(year));
  const possible = centuries.filter((full) => full <= thisYear && full >= thisYear - OLDEST_YEARS);
  return possible.length === 1 ? possible[0] : undefined;
}

/** Reads a one-time code of eight digits, whatever the spaces and the script of its digits. The value is the digits. */
export const codeReader: Reader = {
  reasons: ['empty', 'letters', 'length'],
  read(text) {
    const bare = digitsFolded(text.normalize('NFKC')).replace(/[\s\u200b-\u200f\u2060\ufeff.\-_]+/g, '');
    if (bare === '') return no('empty');
    if (!/^\d+$/.test(bare)) return no('letters');
    return bare.length === 8 ? { ok: true, value: bare } : no('length');
  },
};

/** Digits of any script as 0 to 9; phones set to Arabic or Hindi type their own. */
export function digitsFolded(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    // Every decimal script is a run of ten code points in order of value.
    let zero = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && code - zero < 9) zero -= 1;
    return code < 128 ? digit : String(code - zero);
  });
}

function no(reason: string): Reading {
  return { ok: false, reason };
}

const ORDINALS: readonly (readonly string[])[] = [
  ['1', 'un', 'une', 'le premier', 'la premiere', 'premier', 'premiere', 'le 1', 'la 1'],
  ['2', 'deux', 'le deuxieme', 'la deuxieme', 'deuxieme', 'le second', 'la seconde', 'second', 'le 2', 'la 2'],
  ['3', 'trois', 'le troisieme', 'la troisieme', 'troisieme', 'le 3', 'la 3'],
  ['4', 'quatre', 'le quatrieme', 'la quatrieme', 'quatrieme', 'le 4', 'la 4'],
  ['5', 'cinq', 'le cinquieme', 'la cinquieme', 'cinquieme', 'le 5', 'la 5'],
];

/** Longest answer that can be a choice, in characters: past it, it is a sentence and not a button's label. */
const LONGEST_CHOICE = 100;

/** The option that an answer chooses: by its label, its number, its other words, or a near spelling of one only. */
export function chosenOption(options: readonly Option[], text: string): Option | undefined {
  if (options.length === 0 || text.length > LONGEST_CHOICE) return undefined;
  const said = plain(text);
  if (said === '') return undefined;
  const named = options.filter((option) => [option.label, ...option.also].some((words) => plain(words) === said));
  if (named.length === 1) return named[0];
  const index = ORDINALS.findIndex((words) => words.includes(said));
  if (index >= 0) return options[index];
  const near = options.filter((option) => [option.label, ...option.also].some((words) => isNear(plain(words), said)));
  return near.length === 1 ? near[0] : undefined;
}

function plain(text: string): string {
  return fold(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** One slip in a word of five letters or more, two from ten on. */
function isNear(expected: string, said: string): boolean {
  if (expected.length < 5) return false;
  const allowed = expected.length < 10 ? 1 : 2;
  return Math.abs(expected.length - said.length) <= allowed && distance(expected, said) <= allowed;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
