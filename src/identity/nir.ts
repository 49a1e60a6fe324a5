/**
 * The numéro de sécurité sociale (NIR): its form and its key. A number that reads well proves its form only, never
 * that the person exists or is the one typing.
 *
 * Rules from the fact base, section 6: INSEE's structure, and the Assurance Maladie's own validator for months
 * (01 to 12, 20 to 99), departments (01 to 95, 2A, 2B, 97x, 98x, 99) and key (97 minus the number modulo 97, with 2A
 * read as 19 and 2B as 18).
 */

export type NirReason =
  | 'empty'
  | 'letters'
  | 'length'
  | 'several'
  | 'sex'
  | 'month'
  | 'place'
  | 'key'
  | 'provisional';

export const NIR_REASONS: readonly NirReason[] = [
  'empty',
  'letters',
  'length',
  'several',
  'sex',
  'month',
  'place',
  'key',
  'provisional',
];

export type NirReading = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: NirReason };

/** Longest text read, in characters. */
const LONGEST = 200;

/** What a number may hold besides digits: the letter of Corsica, in its place. */
const ALPHABET = /^\d{0,6}[AB]?\d*$/;

const SHAPE = /^(\d)(\d{2})(\d{2})(\d{2}|2[AB])(\d{3})(\d{3})(\d{2})$/;

/**
 * Reads a NIR as people type it: spaces, dots, dashes, lower-case Corsica, digits of any width. The key is asked for,
 * because it is what catches a slip of the finger.
 *
 * @returns the 13 characters without the key, or the first reason why not.
 */
export function readNir(text: string): NirReading {
  const typed = text.normalize('NFKC').toUpperCase();
  const bare = typed.replace(/[\s.\-_/\u200b-\u200f\u2060\ufeff]+/g, '');
  if (bare === '') return no('empty');
  if (text.length > LONGEST) return no('length');
  if (severalNumbers(typed)) return no('several');
  if (!ALPHABET.test(bare)) return no('letters');
  if (/^[3-8]/.test(bare) && (bare.length === 13 || bare.length === 15)) return no('provisional');
  if (bare.length !== 15) return no('length');
  const parts = SHAPE.exec(bare);
  if (!parts) return no('letters');
  return judge(parts, bare.slice(0, 13));
}

function judge(parts: readonly string[], nir: string): NirReading {
  const [sex, month, department, key] = [parts[1] ?? '', parts[3] ?? '', parts[4] ?? '', parts[7] ?? ''];
  if (!/[12]/.test(sex)) return no('sex');
  if (/^(00|1[3-9])$/.test(month)) return no('month');
  if (!/^(0[1-9]|[1-8]\d|9[0-5]|2[AB]|9[6-9])$/.test(department)) return no('place');
  return Number(key) === nirKey(nir) ? { ok: true, value: nir } : no('key');
}

/** The key of 13 characters, 1 to 97. */
export function nirKey(nir: string): number {
  const digits = nir.replace('2A', '19').replace('2B', '18');
  return 97 - Number(BigInt(digits) % 97n);
}

/** Two numbers of thirteen digits or more, or words like « et » between two runs of digits. */
function severalNumbers(text: string): boolean {
  const runs = text.split(/[^0-9AB\s.\-_/]+|\n/).map((run) => run.replace(/[^0-9AB]/g, ''));
  const long = runs.filter((run) => run.length >= 13);
  return long.length > 1 || long.some((run) => run.length >= 26);
}

function no(reason: NirReason): NirReading {
  return { ok: false, reason };
}
