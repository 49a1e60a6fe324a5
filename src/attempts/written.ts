/**
 * Codes that people copy by hand from paper: 32 characters that no one takes for another, 5 bits each. What a code
 * opens is not known here.
 */

/** Digits and letters without I, L, O and U. */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code of `length` characters from random bytes, of which it takes one for each character. */
export function writtenCode(bytes: Uint8Array, length: number): string {
  // 256 is a multiple of 32: no character comes more often than another.
  return [...bytes.subarray(0, length)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}

/** In groups, as it is printed: « 7K3M-9QWX ». */
export function inGroups(code: string, size: number): string {
  return (code.match(new RegExp(`.{1,${String(size)}}`, 'g')) ?? []).join('-');
}
