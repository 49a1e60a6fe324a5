/**
 * When a caisse can be reached: weekly hours, public holidays, closures, on its own clock. It knows nothing of
 * advisers: an open caisse may still have nobody there.
 */
import { isHoliday, type Territory } from './holidays.js';

/** Minutes after local midnight; `to` is excluded. */
export interface Opening {
  readonly from: number;
  readonly to: number;
}

/** Local days, `YYYY-MM-DD`, both included. */
export interface Closure {
  readonly from: string;
  readonly to: string;
  /** Why, in the words that advisers read. */
  readonly reason: string;
}

export interface Timetable {
  readonly territory: Territory;
  /** Openings in order, Sunday first, as `Date` counts. */
  readonly week: readonly (readonly Opening[])[];
  readonly closures: readonly Closure[];
  /** Open at every hour, holidays included; closures still count. */
  readonly always?: boolean;
}

/**
 * Clocks of French territories change between one and four in the morning: openings later than that exist once a day,
 * every day. The roster refuses earlier ones.
 */
export const EARLIEST_OPENING = 5 * 60;

/** Days looked ahead for an opening. */
const HORIZON = 120;
const DAY = 86_400_000;

/** Whether the caisse serves at this moment, epoch milliseconds. */
export function isOpen(timetable: Timetable, at: number): boolean {
  return openingAt(timetable, at) !== undefined;
}

/** The earliest moment from `at` on when the caisse is open: `at` itself while it is; undefined when none is in sight. */
export function nextOpening(timetable: Timetable, at: number): number | undefined {
  if (isOpen(timetable, at)) return at;
  const today = Date.parse(localDay(timetable, at));
  for (let ahead = 0; ahead <= HORIZON; ahead += 1) {
    const day = new Date(today + ahead * DAY).toISOString().slice(0, 10);
    for (const { from } of openingsOf(timetable, day)) {
      const opens = instant(timetable.territory.zone, day, from);
      if (opens > at) return opens;
    }
  }
  return undefined;
}

/** When the opening under way ends; undefined while closed. */
export function closingOf(timetable: Timetable, at: number): number | undefined {
  const opening = openingAt(timetable, at);
  return opening && instant(timetable.territory.zone, localDay(timetable, at), opening.to);
}

/** The day it is there, `YYYY-MM-DD`. */
export function localDay({ territory }: Timetable, at: number): string {
  return wallClock(territory.zone, at).toISOString().slice(0, 10);
}

function openingAt(timetable: Timetable, at: number): Opening | undefined {
  const wall = wallClock(timetable.territory.zone, at);
  const minute = wall.getUTCHours() * 60 + wall.getUTCMinutes();
  return openingsOf(timetable, wall.toISOString().slice(0, 10)).find(({ from, to }) => from <= minute && minute < to);
}

const WHOLE_DAY: readonly Opening[] = [{ from: 0, to: 24 * 60 }];

function openingsOf({ territory, week, closures, always }: Timetable, day: string): readonly Opening[] {
  if (closures.some(({ from, to }) => from <= day && day <= to)) return [];
  if (always === true) return WHOLE_DAY;
  return isHoliday(territory, day) ? [] : (week[new Date(day).getUTCDay()] ?? []);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks show there, as a date whose UTC fields are to be read. */
function wallClock(zone: string, at: number): Date {
  let format = formats.get(zone);
  if (format === undefined) {
    const fields = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
    // Swedish writes dates as ISO does.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hourCycle: 'h23', ...fields });
    formats.set(zone, format);
  }
  return new Date(`${format.format(at).replace(' ', 'T')}Z`);
}

/** The moment when clocks there show this. The correction is for zones so far west that their clocks change in between. */
function instant(zone: string, day: string, minute: number): number {
  const shown = Date.parse(day) + minute * 60_000;
  const near = shown - (wallClock(zone, shown).getTime() - shown);
  return near - (wallClock(zone, near).getTime() - shown);
}
