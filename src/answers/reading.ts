/**
 * What a reader is, and what readers share: the words of an answer, figures of any script, near spellings. It knows
 * no type of answer.
 */
import type { SlotValue } from '../conversation/state.js';
import { fold } from '../matching/normalise.js';

/** Turns an answer into a slot value, or says why not, by a reason from a list that authors write words for. */
export interface Reader {
  readonly reasons: readonly string[];
  /** What the recognisers may be asked where this reader does not understand. */
  readonly recognises?: 'date' | 'number';
  /** Never throws, and takes a time that is linear in the length of the answer. */
  read(text: string): Reading;
}

export type Reading = { readonly ok: true; readonly value: SlotValue } | { readonly ok: false; readonly reason: string };

export type Readers = Readonly<Record<string, Reader>>;

/** Longest answer that is read, in characters: nothing longer is a date, a number or a plain yes. */
export const longestAnswer = 100;

export function got(value: SlotValue): Reading {
  return { ok: true, value };
}

export function no(reason: string): Reading {
  return { ok: false, reason };
}

/** Folded runs of letters and digits, in order; figures and letters typed together are parted, as in « 12mars85 ». */
export function wordsOf(text: string): string[] {
  const parted = digitsFolded(fold(text)).replace(/(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)/g, ' ');
  return parted.split(/[^a-z0-9]+/).filter((word) => word !== '');
}

/** Digits of any script as 0 to 9; phones set to Arabic or Hindi type their own. */
export function digitsFolded(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    // Every decimal script is a run of ten code points in order of value.
    let zero = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && code - zero < 9) zero -= 1;
    return code < 128 ? digit : String(code - zero);
  });
}

/** One slip in a word of five letters or more, two from ten on; two neighbours swapped are one slip. */
export function isNear(expected: string, said: string): boolean {
  if (expected.length < 5) return false;
  const allowed = expected.length < 10 ? 1 : 2;
  return Math.abs(expected.length - said.length) <= allowed && distance(expected, said, allowed) <= allowed;
}

/** Slips between two words; where there are more than `most`, some number above it. */
function distance(a: string, b: string, most: number): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, i) => i);
  const at = (line: readonly number[], j: number) => line[j] ?? Infinity;
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const change = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(before, j - 2) + 1 : Infinity;
      const slips = Math.min(change, swapped, at(row, j) + 1, at(next, j - 1) + 1);
      next.push(slips);
      least = Math.min(least, slips);
    }
    if (least > most) return least;
    [before, row] = [row, next];
  }
  return at(row, b.length);
}
