import fc from 'fast-check';
import { territoryOf } from '../../../src/staff/holidays.js';
import { closingOf, isOpen, nextOpening, type Closure, type Opening, type Timetable } from '../../../src/staff/hours.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const OFFICE: readonly Opening[] = [
  { from: 510, to: 750 },
  { from: 810, to: 1_020 },
];

function office(department: string, closures: readonly Closure[] = []): Timetable {
  return { territory: territoryOf(department), week: [[], OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, []], closures };
}

const at = (iso: string): number => Date.parse(iso);
const iso = (moment: number | undefined): string | undefined => (moment === undefined ? undefined : new Date(moment).toISOString().slice(0, 16));

describe('opening hours', () => {
  it.each([
    ['Paris in winter', '69', '2026-11-23T07:30Z', '2026-11-23T07:29Z'],
    ['Paris in summer', '69', '2026-07-20T06:30Z', '2026-07-20T06:29Z'],
    ['Pointe-à-Pitre', '971', '2026-11-23T12:30Z', '2026-11-23T12:29Z'],
    ['Cayenne', '973', '2026-11-23T11:30Z', '2026-11-23T11:29Z'],
    ['Saint-Denis', '974', '2026-11-23T04:30Z', '2026-11-23T04:29Z'],
    ['Mamoudzou', '976', '2026-11-23T05:30Z', '2026-11-23T05:29Z'],
  ])('follow the clock of %s', (_place, department, open, before) => {
    expect(isOpen(office(department), at(open))).toBe(true);
    expect(isOpen(office(department), at(before))).toBe(false);
  });

  it('open at the same hour before and after clocks change', () => {
    // Clocks change in the night to Sunday 29 March and to Sunday 25 October 2026.
    expect(iso(nextOpening(office('69'), at('2026-03-27T20:00Z')))).toBe('2026-03-30T06:30');
    expect(iso(nextOpening(office('69'), at('2026-10-23T20:00Z')))).toBe('2026-10-26T07:30');
    const sundays: Timetable = { ...office('69'), week: [[{ from: 300, to: 600 }], [], [], [], [], [], []] };
    expect(iso(nextOpening(sundays, at('2026-03-28T20:00Z')))).toBe('2026-03-29T03:00');
    expect(iso(nextOpening(sundays, at('2026-10-24T20:00Z')))).toBe('2026-10-25T04:00');
  });

  it('open on time far west of Greenwich too, on the day when clocks change', () => {
    const west: Timetable = { territory: { zone: 'America/New_York' }, week: Array<Opening[]>(7).fill([{ from: 300, to: 600 }]), closures: [] };
    expect(iso(nextOpening(west, at('2026-03-08T02:00Z')))).toBe('2026-03-08T09:00');
    expect(iso(nextOpening(west, at('2027-11-07T02:00Z')))).toBe('2027-11-07T10:00');
  });

  it('close at the minute when they close', () => {
    expect(isOpen(office('69'), at('2026-11-23T11:29Z'))).toBe(true);
    expect(isOpen(office('69'), at('2026-11-23T11:30Z'))).toBe(false);
  });

  it('close for a holiday where it is one, and only there', () => {
    const goodFriday = at('2026-04-03T10:00Z');
    expect(isOpen(office('67'), goodFriday)).toBe(false);
    expect(isOpen(office('69'), goodFriday)).toBe(true);
    expect(isOpen(office('971'), at('2026-04-03T14:00Z'))).toBe(true);
    expect(isOpen(office('973'), at('2026-06-10T14:00Z'))).toBe(false);
    expect(isOpen(office('972'), at('2026-06-10T14:00Z'))).toBe(true);
  });

  it('count a holiday by the day it is there', () => {
    const evenings: Timetable = { ...office('972'), week: Array<Opening[]>(7).fill([{ from: 18 * 60, to: 23 * 60 }]) };
    // Eight in the evening of 22 May in Martinique is 23 May in Paris.
    expect(isOpen(evenings, at('2026-05-23T00:00Z'))).toBe(false);
    expect(isOpen(evenings, at('2026-05-24T00:00Z'))).toBe(true);
  });

  it('close for the whole of an exceptional closure', () => {
    const closed = office('69', [{ from: '2026-11-24', to: '2026-11-26', reason: 'travaux' }]);
    expect(iso(nextOpening(closed, at('2026-11-23T17:00Z')))).toBe('2026-11-27T07:30');
  });

  it('are every hour of every day for a team that never closes, but for its closures', () => {
    const always = { ...office('69', [{ from: '2026-11-24', to: '2026-11-24', reason: 'travaux' }]), always: true };
    expect(['2026-11-22T03:00Z', '2026-12-25T12:00Z', '2026-10-25T01:30Z'].map((moment) => isOpen(always, at(moment)))).toEqual([true, true, true]);
    expect(iso(nextOpening(always, at('2026-11-24T10:00Z')))).toBe('2026-11-24T23:00');
  });

  it('never open where nothing is open', () => {
    expect(nextOpening({ ...office('69'), week: [[], [], [], [], [], [], []] }, at('2026-11-23T10:00Z'))).toBeUndefined();
  });

  it('say when the opening under way ends', () => {
    expect(iso(closingOf(office('69'), at('2026-11-23T08:00Z')))).toBe('2026-11-23T11:30');
    expect(closingOf(office('69'), at('2026-11-23T12:00Z'))).toBeUndefined();
  });
});

const range = fc
  .uniqueArray(fc.integer({ min: 20, max: 95 }), { minLength: 2, maxLength: 4 })
  .map((quarters) => quarters.sort((a, b) => a - b))
  .map((q) => Array.from({ length: Math.floor(q.length / 2) }, (_, i): Opening => ({ from: q[2 * i]! * 15, to: q[2 * i + 1]! * 15 })));
const day = fc.oneof({ weight: 2, arbitrary: range }, { weight: 1, arbitrary: fc.constant<Opening[]>([]) });
const timetable = fc
  .record({
    department: fc.constantFrom('69', '67', '971', '972', '973', '974', '976'),
    week: fc.array(day, { minLength: 7, maxLength: 7 }),
    closed: fc.array(fc.integer({ min: 0, max: 2_500 }), { maxLength: 5 }),
  })
  .map(({ department, week, closed }): Timetable => {
    const days = closed.map((n) => new Date(at('2024-01-01') + n * DAY).toISOString().slice(0, 10));
    return { territory: territoryOf(department), week, closures: days.map((one) => ({ from: one, to: one, reason: 'x' })) };
  });
/** Any quarter of an hour of 2024 to 2030, the days when clocks change more often than their share. */
const moment = fc.oneof(
  fc.integer({ min: at('2024-01-01'), max: at('2030-12-20') }),
  fc
    .tuple(fc.constantFrom('2024-03-31', '2025-03-30', '2026-03-29', '2024-10-27', '2025-10-26', '2026-10-25'), fc.integer({ min: -DAY, max: DAY }))
    .map(([change, off]) => at(change) + off),
);

describe('the next opening', () => {
  it('is open, is not before what was asked, and nothing between is open', () => {
    let found = 0;
    fc.assert(
      fc.property(timetable, moment, (one, now) => {
        const opens = nextOpening(one, now);
        if (opens === undefined) return one.week.every((openings) => openings.length === 0);
        found += 1;
        if (opens < now || !isOpen(one, opens)) return false;
        // Openings begin on quarters of an hour: looking every five minutes misses none.
        for (let between = now; between < opens; between += 5 * MINUTE) if (isOpen(one, between)) return false;
        return opens === now || !isOpen(one, opens - 1);
      }),
      { numRuns: 400 },
    );
    expect(found).toBeGreaterThan(200);
  });

  it('ends when it is said to', () => {
    fc.assert(
      fc.property(timetable, moment, (one, now) => {
        const opens = nextOpening(one, now);
        const closes = opens === undefined ? undefined : closingOf(one, opens);
        return closes === undefined ? opens === undefined : isOpen(one, closes - 1);
      }),
      { numRuns: 200 },
    );
  });
});
