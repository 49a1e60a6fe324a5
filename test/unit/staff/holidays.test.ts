import { holidaysOf, territoryOf } from '../../../src/staff/holidays.js';

/** Article L3133-1 of the Code du travail: the days that do not move. */
const FIXED = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];
/** The same article: Easter Monday, Ascension, Whit Monday, in days after Easter Sunday. */
const MOVING = [1, 39, 50];
const GOOD_FRIDAY = -2;

/** What each territory adds: L3134-13 for Alsace-Moselle, L3422-2 overseas. */
const ADDED: readonly (readonly [string, string, readonly string[], readonly number[]])[] = [
  ['mainland', '69', [], []],
  ['Moselle', '57', ['12-26'], [GOOD_FRIDAY]],
  ['Bas-Rhin', '67', ['12-26'], [GOOD_FRIDAY]],
  ['Haut-Rhin', '68', ['12-26'], [GOOD_FRIDAY]],
  ['Guadeloupe', '971', ['05-27'], []],
  ['Martinique', '972', ['05-22'], []],
  ['Guyane', '973', ['06-10'], []],
  ['La Réunion', '974', ['12-20'], []],
  ['Mayotte', '976', ['04-27'], []],
];

/** Easter Sundays as calendars print them. */
const EASTER: Readonly<Record<number, string>> = {
  2024: '2024-03-31',
  2025: '2025-04-20',
  2026: '2026-04-05',
  2027: '2027-03-28',
  2028: '2028-04-16',
  2029: '2029-04-01',
  2030: '2030-04-21',
};

/** Easter by the method of Butcher: no table, no library. */
function easter(year: number): string {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return new Date(Date.UTC(year, Math.floor(f / 31) - 1, (f % 31) + 1)).toISOString().slice(0, 10);
}

function after(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

describe('French public holidays', () => {
  it('rests on the Easter of printed calendars', () => {
    expect(Object.fromEntries(Object.keys(EASTER).map((year) => [year, easter(Number(year))]))).toEqual(EASTER);
  });

  it.each(ADDED)('are those of the law in %s, from 2024 to 2030 and far beyond', (_name, department, days, moves) => {
    for (const year of [...Object.keys(EASTER).map(Number), 2031, 2038, 2049]) {
      const fixed = [...FIXED, ...days].map((day) => `${String(year)}-${day}`);
      const moving = [...MOVING, ...moves].map((days_) => after(easter(year), days_));
      expect([...holidaysOf(territoryOf(department), year)].sort()).toEqual([...new Set([...fixed, ...moving])].sort());
    }
  });

  it('keeps the clock of each territory', () => {
    const zones = ['69', '67', '971', '972', '973', '974', '976', ''].map((department) => territoryOf(department).zone);
    expect(zones).toEqual(['Europe/Paris', 'Europe/Paris', 'America/Guadeloupe', 'America/Martinique', 'America/Cayenne', 'Indian/Reunion', 'Indian/Mayotte', 'Europe/Paris']);
  });
});
