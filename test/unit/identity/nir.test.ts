import fc from 'fast-check';
import { nirKey, readNir } from '../../../src/identity/nir.js';

/** Published test values of the Assurance Maladie's own validator (fact base, section 6). */
const VALID: readonly (readonly [string, string])[] = [
  ['2 55 08 14 168 025 38', '2550814168025'],
  ['2 94 03 75 120 005 91', '2940375120005'],
  ['1 53 12 45 007 231 60', '1531245007231'],
  ['2 84 05 88 321 025 32', '2840588321025'],
  ['2 84 05 2A 321 025 52', '284052A321025'],
  ['2 84 05 2a 321 025 52', '284052A321025'],
  ['2 84 05 2B 321 025 79', '284052B321025'],
  ['2 84 20 2B 321 025 28', '284202B321025'],
  ['2 84 99 2B 321 025 31', '284992B321025'],
];

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['nothing', '', 'empty'],
  ['spaces only', '  \u00a0 ', 'empty'],
  ['a wrong key', '2 55 08 14 168 025 00', 'key'],
  ['a swapped digit', '2 55 08 14 168 052 38', 'key'],
  ['no key', '2 55 08 14 168 025', 'length'],
  ['too short', '2 84 05 88 321 30', 'length'],
  ['a provisional number that starts with 8', '8 84 05 88 321 025 23', 'provisional'],
  ['a provisional number without a key', '7112312345678', 'provisional'],
  ['letters', 'mon numero', 'letters'],
  ['an emoji', '2 55 08 14 168 025 3😀', 'letters'],
  ['a letter out of its place', '2 5A 08 14 168 025 38', 'letters'],
  ['month 13', '2 55 13 14 168 025 38', 'month'],
  ['month 00', '2 55 00 14 168 025 38', 'month'],
  ['department 00', '2 55 08 00 168 025 38', 'place'],
  ['first digit 9', '9 55 08 14 168 025 38', 'sex'],
  ['two numbers on one line', '2 55 08 14 168 025 38 et 1 53 12 45 007 231 60', 'several'],
  ['two numbers in a row', '255081416802538 153124500723160', 'several'],
  ['ten thousand characters', '1'.repeat(10_000), 'length'],
];

describe('the reader of the NIR', () => {
  it.each(VALID)('reads %s', (typed, value) => {
    expect(readNir(typed)).toEqual({ ok: true, value });
  });

  it.each(['2.55.08.14.168.025.38', '2-55-08-14-168-025-38', '255081416802538', ' 2\u202f55 08\u00a014 168 025 38 ', '２５５０８１４１６８０２５３８'])(
    'reads the same number typed as %s',
    (typed) => {
      expect(readNir(typed)).toEqual({ ok: true, value: '2550814168025' });
    },
  );

  it.each(REFUSED)('refuses %s', (_what, typed, reason) => {
    expect(readNir(typed)).toEqual({ ok: false, reason });
  });

  it('finds every slip of one digit', () => {
    const digit = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), digit, (place, other) => {
        const nir = '2550814168025';
        const slipped = `${nir.slice(0, place)}${String(other)}${nir.slice(place + 1)}`;
        fc.pre(slipped !== nir);
        expect(readNir(`${slipped}38`).ok).toBe(false);
      }),
    );
  });

  it('reads back whatever it would write', () => {
    const valid = fc
      .tuple(
        fc.constantFrom('1', '2'),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('01', '2A', '2B', '75', '95', '97', '99'),
        fc.integer({ min: 0, max: 999_999 }),
      )
      .map(([sex, year, month, place, order]) => `${sex}${pad(year, 2)}${pad(month, 2)}${place}${pad(order, 6)}`);
    fc.assert(
      fc.property(valid, (nir) => {
        expect(readNir(`${nir}${pad(nirKey(nir), 2)}`)).toEqual({ ok: true, value: nir });
      }),
    );
  });

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
        expect(typeof readNir(typed).ok).toBe('boolean');
      }),
    );
  });
});

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
