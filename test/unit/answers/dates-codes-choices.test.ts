import fc from 'fast-check';
import { birthDateReader } from '../../../src/answers/birth-date.js';
import { chosenOption } from '../../../src/answers/closed.js';
import { codeReader } from '../../../src/answers/details.js';

const birthDate = birthDateReader(() => '2026-11-23');

describe('the reader of birth dates', () => {
  it.each([
    ['12/03/1985', '1985-03-12'],
    ['12.3.1985', '1985-03-12'],
    ['12-03-1985', '1985-03-12'],
    ['12 03 1985', '1985-03-12'],
    ['12031985', '1985-03-12'],
    ['12/03/85', '1985-03-12'],
    ['12 mars 1985', '1985-03-12'],
    ['le 12 mars 1985', '1985-03-12'],
    ['1er mars 1985', '1985-03-01'],
    ['1ER MARS 1985', '1985-03-01'],
    ['15 aout 1962', '1962-08-15'],
    ['15 août 1962', '1962-08-15'],
    ['3 févr. 1970', '1970-02-03'],
    ['29/02/2000', '2000-02-29'],
    ['١٢/٠٣/١٩٨٥', '1985-03-12'],
    ['１２/０３/１９８５', '1985-03-12'],
  ])('reads « %s » as %s', (typed, value) => {
    expect(birthDate.read(typed)).toEqual({ ok: true, value });
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['hier', 'format'],
    ['1985-03', 'format'],
    ['12 brumaire 1985', 'format'],
    ['12/03/1985/7', 'format'],
    ['😀😀😀', 'format'],
    ['1'.repeat(10_000), 'format'],
    ['03/13/1985', 'impossible'],
    ['31/02/1990', 'impossible'],
    ['29/02/2001', 'impossible'],
    ['00/01/1990', 'impossible'],
    ['24/11/2026', 'future'],
    ['12/03/1890', 'too-old'],
    ['12/03/20', 'year'],
  ])('refuses « %s »: %s', (typed, reason) => {
    expect(birthDate.read(typed)).toEqual({ ok: false, reason });
  });

  it('reads back every day that it would write', () => {
    const days = fc.date({ min: new Date('1900-01-01'), max: new Date('2026-11-22'), noInvalidDate: true });
    fc.assert(
      fc.property(days, (date) => {
        const iso = date.toISOString().slice(0, 10);
        const typed = iso.split('-').reverse().join('/');
        expect(birthDate.read(typed)).toEqual({ ok: true, value: iso });
      }),
    );
  });
});

describe('the reader of codes', () => {
  it.each(['73190462', '7319 0462', ' 7319-0462 ', '7319\u00a00462', '7319\u200b0462', '７３１９０４６２', '٧٣١٩٠٤٦٢'])('reads « %s »', (typed) => {
    expect(codeReader.read(typed)).toEqual({ ok: true, value: '73190462' });
  });

  it.each([
    ['', 'empty'],
    ['7319046', 'length'],
    ['731904622', 'length'],
    ['ooooOOOO', 'letters'],
    ['7319A462', 'letters'],
    ['code', 'letters'],
    ['9'.repeat(10_000), 'length'],
  ])('refuses « %s »: %s', (typed, reason) => {
    expect(codeReader.read(typed)).toEqual({ ok: false, reason });
  });
});

describe('the reader of choices', () => {
  const options = [
    { label: 'Débloquer mon compte', also: ['débloquer', 'oui'], next: 'a' },
    { label: "J'ai aussi oublié mon mot de passe", also: [], next: 'b' },
    { label: "Rien pour l'instant", also: ['non', 'plus tard'], next: 'c' },
  ];

  it.each([
    ['Débloquer mon compte', 'a'],
    ['debloquer mon compte', 'a'],
    ['DEBLOQUER', 'a'],
    ['debloqué mon compte', 'a'],
    ['oui !', 'a'],
    ['1', 'a'],
    ['le premier', 'a'],
    ['la deuxième', 'b'],
    ['j’ai aussi oublié mon mot de passe', 'b'],
    ['3', 'c'],
    ['Non.', 'c'],
    ['rien pour linstant', 'c'],
  ])('takes « %s » as %s', (typed, next) => {
    expect(chosenOption(options, typed)?.next).toBe(next);
  });

  it.each(['', '4', '0', 'peut-être', 'mon compte', 'oui mais non', 'débloquer '.repeat(20)])('takes « %s » as none of them', (typed) => {
    expect(chosenOption(options, typed)).toBeUndefined();
  });
});
