/**
 * French public holidays, and the territories whose calendar or clock differs. The only home of date-holidays; our own
 * corrections to it stand here with the law they follow. Closures of a single caisse are in the roster.
 */
import { createRequire } from 'node:module';
import type Holidays from 'date-holidays';

/** Where the law or the clock is not that of Paris. */
export interface Territory {
  /** IANA name. */
  readonly zone: string;
  /** State of `FR` in date-holidays; none: the list of article L3133-1 of the Code du travail alone. */
  readonly state?: string;
}

const MAINLAND: Territory = { zone: 'Europe/Paris' };
const ALSACE_MOSELLE = ['57', '67', '68'] as const;

const ELSEWHERE: Readonly<Record<string, Territory>> = {
  ...Object.fromEntries(ALSACE_MOSELLE.map((state) => [state, { zone: 'Europe/Paris', state }])),
  '971': { zone: 'America/Guadeloupe', state: 'GP' },
  '972': { zone: 'America/Martinique', state: 'MQ' },
  '973': { zone: 'America/Cayenne', state: 'GF' },
  '974': { zone: 'Indian/Reunion', state: 'RE' },
  '976': { zone: 'Indian/Mayotte', state: 'YT' },
};

/**
 * The library holds Good Friday a public holiday in Guadeloupe and Martinique. The law does not: article L3422-2 of the
 * Code du travail adds the abolition day to L3133-1 and nothing else, and L3134-13 gives Good Friday to Alsace-Moselle
 * only. A caisse that closes on that day by custom says so in the roster.
 */
const NOT_BY_LAW: Readonly<Record<string, readonly string[]>> = { GP: ['easter -2'], MQ: ['easter -2'] };

/** The territory of a department; mainland for every other code, and for the national queue. */
export function territoryOf(department: string): Territory {
  return ELSEWHERE[department] ?? MAINLAND;
}

// Loaded at the first question: a process without advisers never asks, and loading costs its start.
const load = createRequire(__filename);
let loaded: typeof Holidays | undefined;

function calendarOf(state: string | undefined): Holidays {
  loaded ??= load('date-holidays') as typeof Holidays;
  return state === undefined ? new loaded('FR') : new loaded('FR', state);
}

const years = new Map<string, ReadonlySet<string>>();

/** Whether a local day, `YYYY-MM-DD`, is a public holiday there. */
export function isHoliday(territory: Territory, day: string): boolean {
  return holidaysOf(territory, Number(day.slice(0, 4))).has(day);
}

/** The public holidays of a year, as local days `YYYY-MM-DD`. */
export function holidaysOf({ state }: Territory, year: number): ReadonlySet<string> {
  const key = `${state ?? ''} ${String(year)}`;
  const known = years.get(key);
  if (known !== undefined) return known;
  const refused = NOT_BY_LAW[state ?? ''] ?? [];
  const days = calendarOf(state).getHolidays(year).filter(({ type, rule }) => type === 'public' && !refused.includes(rule));
  const made = new Set(days.map(({ date }) => date.slice(0, 10)));
  years.set(key, made);
  return made;
}
