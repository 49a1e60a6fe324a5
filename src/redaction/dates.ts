/**
 * Finds birth dates: whole dates that lie too far back to be when something happened, or that are announced as such.
 * Recent dates stay, since people tell when their trouble began.
 */
import { matchesOf, type Finder, type Found } from './shadow.js';

/** Nobody younger has an account of their own; nobody tells of a trouble that old. In years. */
const AGE_OF_A_BIRTH_DATE = 14;
const OLDEST = 130;
/** Appointments and ends of rights lie ahead. */
const SOONEST = 10;

const MONTHS = 'janv(?:ier)?|f[eé]v(?:r(?:ier)?)?|mars|avr(?:il)?|mai|juin|juil(?:l(?:et)?)?|ao[uû]t|sept(?:embre)?|oct(?:obre)?|nov(?:embre)?|d[eé]c(?:embre)?';
const NAMED = new RegExp(String.raw`(?<!\d)(?<day>[0-2]?\d|3[01])(?:er|ᵉʳ)?[ .\-/]{0,2}(?:${MONTHS})(?!\p{L})[ .,\-/]{0,2}(?:(?:de |en )?(?:l.an(?:n[eé]e)? )?)(?<year>\d{4}|\d\d)(?!\d)`, 'giu');
/** Before the figures, within so many characters. */
const ANNOUNCED = /(?:\bn[eé]+e?s?\b|naissance|naiss|anniversaire|ddn)[^.!?\n]{0,25}$/iu;
const ANNOUNCED_WITHIN = 40;

/** Tells a date from when something happened; `year` is the current one. */
export type DateJudge = (told: { readonly day: string; readonly month: string; readonly year: string }, announced: boolean) => 'birth-date' | 'harmless' | undefined;

export function createDateJudge(thisYear: () => number): DateJudge {
  return ({ day, month, year }, announced) => {
    const now = thisYear();
    const full = year.length > 2 ? Number(year) : Number(year) + (Number(year) > now % 100 ? 1_900 : 2_000);
    if (!isWithin(Number(day), 1, 31) || !isWithin(Number(month), 1, 12) || !isWithin(full, now - OLDEST, now + SOONEST)) return undefined;
    return announced || full <= now - AGE_OF_A_BIRTH_DATE ? 'birth-date' : 'harmless';
  };
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

/** Days whose month is named: « 12 mars 1955 ». */
export function namedDates(judge: DateJudge): Finder {
  return (text) =>
    matchesOf(text, NAMED, ({ groups = {}, index }) => judge({ day: groups['day'] ?? '', month: '1', year: groups['year'] ?? '' }, isAnnounced(text, index)));
}

export function isAnnounced(text: string, at: number): boolean {
  return ANNOUNCED.test(text.slice(Math.max(0, at - ANNOUNCED_WITHIN), at));
}

const SEP = String.raw`[ ]?([ ./\-\u2010-\u2015,_])[ ]?`;
/** Day first or year first, the same mark between; figures alone around it. */
const MARKED = new RegExp(String.raw`(?<!\d)(?:(?<day>[0-3]?\d)${SEP}(?<month>[01]?\d)[ ]?\2[ ]?(?<year>(?:19|20)\d\d)|(?<isoYear>(?:19|20)\d\d)${SEP}(?<isoMonth>[01]?\d)[ ]?\6[ ]?(?<isoDay>[0-3]?\d))(?!\d)`, 'g');
const SHORT = /^(?<day>[0-3]?\d) ?[./\-\u2010-\u2015] ?(?<month>[01]?\d) ?[./\-\u2010-\u2015] ?(?<year>\d\d)$|^(?<day2>[0-3]\d)[ _](?<month2>[01]\d)[ _](?<year2>\d\d)$/;
const COMPACT = /^(?:(?<day>[0-3]\d)(?<month>[01]\d)(?<year>(?:19|20)\d\d)|(?<isoYear>(?:19|20)\d\d)(?<isoMonth>[01]\d)(?<isoDay>[0-3]\d))$/;
const TINY = /^(?<day>[0-3]\d)(?<month>[01]\d)(?<year>\d\d)$/;

type Groups = Readonly<Record<string, string | undefined>>;

function toldBy(groups: Groups): Parameters<DateJudge>[0] {
  const given = (...names: readonly string[]): string => names.map((name) => groups[name]).find((one) => one !== undefined) ?? '';
  return { day: given('day', 'isoDay', 'day2'), month: given('month', 'isoMonth', 'month2'), year: given('year', 'isoYear', 'year2') };
}

/** Days in figures with a year of four, wherever they stand among other figures. */
export function markedDates(judge: DateJudge): Finder {
  return (text) => matchesOf(text, MARKED, ({ groups = {}, index }) => judge(toldBy(groups), isAnnounced(text, index)));
}

/** What a run of figures is, where all of it is one date: `12/03/55`, `12031955`, and `120355` where announced. */
export function wholeDate(run: string, announced: boolean, judge: DateJudge): Found['kind'] | undefined {
  const groups = SHORT.exec(run)?.groups ?? COMPACT.exec(run)?.groups ?? (announced ? TINY.exec(run)?.groups : undefined);
  return groups && judge(toldBy(groups), announced);
}
