/**
 * The day of something that happened, told in full (`3 mai 2024`), in part (« le 3 mai ») or from today (« hier »,
 * « lundi dernier »). Periods are refused as `vague`: a reader gives one day or none.
 */
import { calendarDay, dateParts, monthNamed, type DateParts } from './birth-date.js';
import { saysUnknown } from './closed.js';
import { countingWords, numberAt } from './numbers.js';
import { got, longestAnswer, no, type Reader, type Reading } from './reading.js';

const dayMs = 86_400_000;
const weekdays = ['dimanche', 'lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi'];
const weekday = `(${weekdays.join('|')})`;

/** Words around an answer that change nothing: « c'était », « depuis », « dans la matinée ». */
const around =
  /^(?:(?:c|ce|cest|est|etait|s|passe|date|depuis|euh|ben|oui|je crois|je pense|il me semble|que|de|d|le jour) )+|(?:(?<!\by) (?:je crois|je pense|il me semble|environ|a peu pres|dans la (?:matinee|soiree|journee)|(?:vers|a) \d{1,2}(?: h(?: \d\d)?| heures)|merci))+$/g;

const daysBack: ReadonlyMap<string, number> = new Map([
  ...['aujourd hui', 'aujourdhui', 'auj', 'ajd', 'ce matin', 'cet apres midi', 'cet aprem', 'ce midi', 'ce soir', 'tout de suite', 'tout a l heure', 'tantot', 'a l instant', 'maintenant', 'il y a un instant'].map(
    (words) => [words, 0] as const,
  ),
  ...['hier', 'hier matin', 'hier midi', 'hier soir', 'hier apres midi', 'hier aprem', 'la veille'].map((words) => [words, 1] as const),
  ...['avant hier', 'avanthier', 'avant hier soir', 'avant hier matin', 'avt hier'].map((words) => [words, 2] as const),
]);

const elapsed = /^(?:(?:il )?y a|ca fait|cela fait|voila|depuis)(?: environ| a peu pres| deja)? (.{1,40}) (minutes?|mn|min|heures?|h|jours?|j|semaines?|sem|mois|ans?|annees?)$/;
const lastWeekday = new RegExp(`^(?:le |ce )?${weekday}(?: dernier| passe)?(?: (?:matin|midi|soir|apres midi))?(?<before> de la semaine (?:derniere|passee))?$`);
const datedWeekday = new RegExp(`^(?:le )?${weekday} (?:le )?(?=[\\da-z])`);
const vague =
  /\b(?:semaine|mois|annee|an|debut|fin|mi|courant|ete|hiver|automne|printemps|noel|vacances|plusieurs|quelques|longtemps|week end|weekend|recemment|dernierement|toujours|moment|nuit)\b/;
const coming = /\b(?:demain|prochaine?|dans (?!la))\b/;

/**
 * Reads a day up to today. « Lundi » is the last one that is over; a day without its year is the last that was. Reasons:
 * `vague` for a period, `future`, `impossible` for a day that no calendar has, `format`, `unknown`, `empty`.
 *
 * @param now tells the local time as `YYYY-MM-DDTHH:MM`. With the day alone, « il y a deux heures » is refused.
 */
export function pastDateReader(now: () => string): Reader {
  return {
    recognises: 'date',
    reasons: ['empty', 'format', 'vague', 'impossible', 'future', 'unknown'],
    read(text) {
      if (text.trim() === '') return no('empty');
      if (text.length > longestAnswer) return no('format');
      return saysUnknown(text) ? no('unknown') : readPast(text, now());
    },
  };
}

function readPast(text: string, now: string): Reading {
  const today = now.slice(0, 10);
  const words = countingWords(text).join(' ');
  const bare = words.replace(around, '').trim();
  const named = daysBack.get(words.replace(/^depuis /, '')) ?? daysBack.get(bare);
  if (named !== undefined) return got(back(today, named));
  return sinceThen(bare, now) ?? sinceThen(`depuis ${bare}`, now) ?? lastNamedDay(bare, today) ?? written(text, bare, today) ?? notADay(bare);
}

function notADay(bare: string): Reading {
  if (coming.test(bare)) return no('future');
  const month = bare.split(' ').some((word) => monthNamed(word) > 0);
  return no(month || vague.test(bare) || /^(?:en )?(?:19|20)\d\d$/.test(bare) ? 'vague' : 'format');
}

/** « il y a deux jours »; months and years go back by the calendar, to its last day where the month is shorter. */
function sinceThen(words: string, now: string): Reading | undefined {
  const [, amount = '', unit = ''] = elapsed.exec(words) ?? [];
  const row = amount.split(' ');
  const count = numberAt(row, 0);
  if (count?.next !== row.length || row[0]?.startsWith('premier')) return undefined;
  return goneBy(count.value, unit, now);
}

function goneBy(count: number, unit: string, now: string): Reading {
  const today = now.slice(0, 10);
  if (/^(?:m(?:in|n)|h)/.test(unit)) return hoursBack(now, unit.startsWith('h') ? count * 60 : count);
  if (unit.startsWith('j')) return ago(today, count);
  if (unit.startsWith('s')) return ago(today, count * 7);
  return monthsBack(today, unit === 'mois' ? count : count * 12);
}

function hoursBack(now: string, minutes: number): Reading {
  const time = Date.parse(`${now}:00Z`);
  return now.length < 16 || Number.isNaN(time) || minutes > 6_000 ? no('format') : got(new Date(time - minutes * 60_000).toISOString().slice(0, 10));
}

function ago(today: string, days: number): Reading {
  return days > 36_500 ? no('format') : got(back(today, days));
}

function monthsBack(today: string, months: number): Reading {
  if (months > 1_200) return no('format');
  const [year = 0, month = 1, day = 1] = today.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 - months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return got(new Date(first.getTime() + (Math.min(day, last) - 1) * dayMs).toISOString().slice(0, 10));
}

function lastNamedDay(bare: string, today: string): Reading | undefined {
  const found = lastWeekday.exec(bare);
  if (!found) return undefined;
  const now = new Date(today).getUTCDay();
  const named = weekdays.indexOf(found[1] ?? '');
  // The week before goes from its Monday to its Sunday.
  if (found.groups?.['before'] !== undefined) return got(back(today, ((now + 6) % 7) + 7 - ((named + 6) % 7)));
  return got(back(today, (now - named + 7) % 7 || 7));
}

/** A day in full or in part; a weekday beside it must agree. */
function written(text: string, bare: string, today: string): Reading | undefined {
  const alone = /^le (\d{1,2})$/.exec(bare.replace(datedWeekday, 'le '));
  const said = dateParts(bare) ?? dateParts(text);
  if (!said && !alone) return undefined;
  const found = said ? fullDay(said, today) : lastDay(Number(alone?.[1]), today);
  if (found === undefined) return no('impossible');
  if (!agrees(found, datedWeekday.exec(bare)?.[1])) return no('impossible');
  return found > today ? no('future') : got(found);
}

function agrees(day: string, named: string | undefined): boolean {
  return named === undefined || weekdays[new Date(day).getUTCDay()] === named;
}

function fullDay({ day, month, year }: DateParts, today: string): string | undefined {
  const thisYear = Number(today.slice(0, 4));
  if (year?.digits === 4) return calendarDay(year.value, month, day);
  if (year) return calendarDay(year.value + (year.value <= thisYear % 100 ? 2_000 : 1_900), month, day);
  const years = Array.from({ length: 9 }, (_, i) => thisYear - i);
  return years.map((tried) => calendarDay(tried, month, day)).find((found) => found !== undefined && found <= today);
}

/** « le 5 »: the last fifth of a month. */
function lastDay(day: number, today: string): string | undefined {
  const [year = 0, month = 1] = today.split('-').map(Number);
  const tries = Array.from({ length: 3 }, (_, i) => new Date(Date.UTC(year, month - 1 - i, 1)));
  return tries.map((first) => calendarDay(first.getUTCFullYear(), first.getUTCMonth() + 1, day)).find((found) => found !== undefined && found <= today);
}

function back(today: string, days: number): string {
  return new Date(Date.parse(today) - days * dayMs).toISOString().slice(0, 10);
}
