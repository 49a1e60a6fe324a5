import fc from 'fast-check';
import { birthDateReader } from '../../../src/answers/birth-date.js';
import { chosenOption, saysUnknown, yesNoReader } from '../../../src/answers/closed.js';
import { codeReader, emailReader, errorCodeReader, numberReader, postcodeReader } from '../../../src/answers/details.js';
import { pastDateReader } from '../../../src/answers/past-date.js';

const today = '2026-11-23';
const birth = birthDateReader(() => today);
const past = pastDateReader(() => `${today}T10:30`);
const readers = [birth, past, yesNoReader, numberReader, postcodeReader, emailReader, codeReader, errorCodeReader];

const days = fc.date({ min: new Date('1900-01-01'), max: new Date('2026-11-23'), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10));

/** French as the platform writes it, so that the readers are not measured against themselves. */
const written = new Intl.DateTimeFormat('fr-FR', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const withWeekday = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'full', timeZone: 'UTC' });

function shapes(iso: string): string[] {
  const [year = '', month = '', day = ''] = iso.split('-');
  const date = new Date(iso);
  return [
    `${day}/${month}/${year}`,
    `${String(Number(day))}.${String(Number(month))}.${year}`,
    `${day} ${month} ${year}`,
    `${day}${month}${year}`,
    iso,
    written.format(date),
    withWeekday.format(date).toUpperCase(),
    `né le ${written.format(date)}`,
  ];
}

describe('the readers of dates', () => {
  it('read back every day since 1900, in each of eight shapes', () => {
    fc.assert(
      fc.property(days, (iso) => {
        expect(shapes(iso).map((typed) => birth.read(typed))).toEqual(shapes(iso).map(() => ({ ok: true, value: iso })));
      }),
    );
  });

  it('read a past day in full as the reader of birth dates does', () => {
    fc.assert(
      fc.property(days, (iso) => {
        const typed = shapes(iso).slice(0, -1);
        expect(typed.map((each) => past.read(each))).toEqual(typed.map(() => ({ ok: true, value: iso })));
      }),
    );
  });

  it('give a real day that is over, or a reason', () => {
    const words = fc.constantFrom('le', '12', '31', '2', 'mars', 'février', 'vingt', 'quatre', 'cent', 'mille', 'et', 'un', 'il y a', 'jours', 'lundi', 'dernier', 'hier', '1985', '/');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (row) => {
        for (const reader of [birth, past]) {
          const reading = reader.read(row.join(' '));
          if (!reading.ok) expect(reader.reasons).toContain(reading.reason);
          else expect([new Date(String(reading.value)).toISOString().slice(0, 10), String(reading.value) <= today]).toEqual([reading.value, true]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

const units = 'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf'.split(' ');
const tens = ['', '', 'vingt', 'trente', 'quarante', 'cinquante', 'soixante', 'soixante', 'quatre-vingt', 'quatre-vingt'];

/** Numbers written out by the rules of spelling, as schools teach them. */
function spell(n: number): string {
  if (n < 20) return units[n]!;
  if (n < 100) return spellTens(Math.floor(n / 10), n % 10);
  const [size, name] = n < 1_000 ? [100, 'cent'] : [1_000, 'mille'];
  const head = Math.floor(n / size);
  return [head === 1 ? '' : spell(head), name, n % size === 0 ? '' : spell(n % size)].filter((word) => word !== '').join(' ');
}

function spellTens(ten: number, unit: number): string {
  const rest = ten === 7 || ten === 9 ? unit + 10 : unit;
  if (rest === 0) return ten === 8 ? 'quatre-vingts' : tens[ten]!;
  return `${tens[ten]!}${unit === 1 && ten < 8 ? ' et ' : '-'}${units[rest]!}`;
}

describe('the reader of numbers', () => {
  it('reads every number from 0 to 9999, with spaces or hyphens', () => {
    const wrong = Array.from({ length: 10_000 }, (_, n) => n).filter((n) =>
      [spell(n), spell(n).replace(/-/g, ' '), spell(n).replace(/ /g, '-')].some((words) => {
        const reading = numberReader.read(words);
        return !reading.ok || reading.value !== n;
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe('every reader', () => {
  const options = [{ label: 'Débloquer mon compte', also: ['oui'] }];

  it('gives a value or one of its reasons, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), (text) => {
        for (const reader of readers) {
          const reading = reader.read(text);
          if (!reading.ok) expect(reader.reasons).toContain(reading.reason);
        }
        expect(typeof saysUnknown(text)).toBe('boolean');
        chosenOption(options, text);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['cent ', '1.1.', '1 1 ', 'quatre ', 'oui ', 'je ', 'a@', ' ', 'o0', 'point ', 'il y a un ', '@. ', 'mon ', '-_', 'c est '])('takes no time over « %s » again and again', (piece) => {
    const hostile = [100, 300, 20_000].map((length) => piece.repeat(length).slice(0, length));
    const begun = performance.now();
    for (const reader of readers) for (const text of hostile) reader.read(text);
    for (const text of hostile) chosenOption(options, text);
    // A hundredth of a second is what it takes; a reader that backtracks takes seconds.
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
