/**
 * Days of the calendar written in full, in figures or in words, day first, and the reader of birth dates. Days told
 * from today (« hier ») are in past-date.ts.
 */
import { countingWords, numberAt, type Counted } from './numbers.js';
import { isNear, longestAnswer, no, type Reader, type Reading } from './reading.js';

const months = ['janvier', 'fevrier', 'mars', 'avril', 'mai', 'juin', 'juillet', 'aout', 'septembre', 'octobre', 'novembre', 'decembre'];
/** « sept » is not here: it is a month only after a day in figures. « jui » is no month: it may be two. */
const short = ['jan janv', 'fev fevr', 'mar', 'avr', '', '', 'jul juil juill', 'aou', 'septe', 'oct octo', 'nov nove', 'dec dece'].map((row) => row.split(' '));

const oldestYears = 130;

/** Words around a date that say nothing of it. */
const light = new Set(
  'le la l du de d au en an annee mois je suis ne nee ma mon date naissance est c cest ca jour er ere merci svp voila alors euh bonjour lundi mardi mercredi jeudi vendredi samedi dimanche'.split(' '),
);

export interface Year {
  readonly value: number;
  readonly digits: 2 | 4;
}

/** A day as it was told: what is missing was not said. */
export interface DateParts {
  readonly day: number;
  readonly month: number;
  readonly year?: Year;
}

/** The day, month and year of an answer, and nothing else; unchecked against the calendar. */
export function dateParts(text: string): DateParts | undefined {
  // A letter O beside a figure is a zero: old phones' keyboards make them look the same.
  const words = countingWords(text.replace(/(?<=\d)o|o(?=\d)/gi, '0')).filter((word) => !light.has(word));
  return compact(words) ?? named(words) ?? counted(words);
}

/** « 12031985 » and « 120385 ». */
function compact(words: readonly string[]): DateParts | undefined {
  const found = words.length === 1 ? /^(\d\d)(\d\d)(\d{4}|\d\d)$/.exec(words[0] ?? '') : null;
  return found ? parts(Number(found[1]), Number(found[2]), found[3]) : undefined;
}

/** A month by its name, with the day before it and, maybe, the year after it. */
function named(words: readonly string[]): DateParts | undefined {
  const at = words.findIndex((word, i) => monthNamed(word) > 0 || (word === 'sept' && i === 1 && /^\d+$/.test(words[0] ?? '')));
  const day = numberAt(words, 0);
  if (at < 1 || day?.next !== at) return undefined;
  const month = words[at] === 'sept' ? 9 : monthNamed(words[at] ?? '');
  const year = yearAt(words, at + 1);
  return year === undefined ? undefined : parts(day.value, month, year);
}

/** Day, month and year as three numbers, or the year first with four digits, as machines write it. */
function counted(words: readonly string[]): DateParts | undefined {
  const iso = /^(\d{4}) (\d\d?) (\d\d?)$/.exec(words.join(' '));
  if (iso) return parts(Number(iso[3]), Number(iso[2]), iso[1]);
  const day = zeroLed(words, 0);
  const month = day && zeroLed(words, day.next);
  if (!month || day.value > 99 || month.value > 99) return undefined;
  const year = yearAt(words, month.next);
  return year === undefined ? undefined : parts(day.value, month.value, year);
}

/** « zéro trois » is three, as people read figures aloud. */
function zeroLed(words: readonly string[], at: number): Counted | undefined {
  return numberAt(words, words[at] === 'zero' && at < words.length - 1 ? at + 1 : at);
}

/** The year that the words from here on say, as digits; empty when there are none, undefined when they say something else. */
function yearAt(words: readonly string[], at: number): string | undefined {
  const [first = '', ...more] = words.slice(at);
  if (/^\d*$/.test(first)) return more.length === 0 && /^(?:\d{4}|\d\d|)$/.test(first) ? first : undefined;
  const year = zeroLed(words, at);
  if (year?.next !== words.length || (year.value > 99 && year.value < 1_000)) return undefined;
  return String(year.value).padStart(2, '0');
}

function parts(day: number, month: number, year = ''): DateParts {
  if (year === '') return { day, month };
  return { day, month, year: { value: Number(year), digits: year.length === 4 ? 4 : 2 } };
}

/** 1 to 12, or 0 for a word that names no month; one slip is forgiven in a long name. */
export function monthNamed(word: string): number {
  const exact = months.findIndex((name, i) => name === word || (word !== '' && (short[i] ?? []).includes(word)));
  if (exact >= 0) return exact + 1;
  const near = months.filter((name) => isNear(name, word));
  return near.length === 1 ? months.indexOf(near[0] ?? '') + 1 : 0;
}

/** The day as `YYYY-MM-DD`, or nothing when the calendar has no such day. Years from 1000 on. */
export function calendarDay(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = year >= 1_000 && year <= 9_999 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.toISOString().slice(0, 10) : undefined;
}

/**
 * Reads a date of birth, day first: `12/03/1985`, `12031985`, `1er mars 1985`, « douze mars quatre-vingt-cinq ».
 * The value is `YYYY-MM-DD`. A year of two digits is read only when a single century is possible: otherwise `year`.
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
  const said = text.length > longestAnswer ? undefined : dateParts(text);
  return said?.year ? birthDay(said.day, said.month, said.year, today) : no('format');
}

function birthDay(day: number, month: number, said: Year, today: string): Reading {
  const thisYear = Number(today.slice(0, 4));
  const year = said.digits === 4 ? said.value : onlyCentury(said.value, thisYear);
  if (year === undefined) return no(calendarDay(2000, month, day) === undefined ? 'impossible' : 'year');
  // Bounds first: the calendar has no opinion on the year 203.
  if (year < thisYear - oldestYears) return no('too-old');
  const value = calendarDay(year, month, day);
  if (value === undefined) return no('impossible');
  return value > today ? no('future') : { ok: true, value };
}

/** `85` can only be 1985, but `12` may be 1912 or 2012: then we ask. */
function onlyCentury(year: number, thisYear: number): number | undefined {
  const possible = [1_900 + year, 2_000 + year].filter((full) => full <= thisYear && full >= thisYear - oldestYears);
  return possible.length === 1 ? possible[0] : undefined;
}
