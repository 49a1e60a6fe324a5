/**
 * What the tries, the sends and the letters of one person are counted by, whichever way they come. Limits themselves are
 * in attempts/; here are only the names.
 */
import type { Counted } from '../attempts/guard.js';
import type { Subject } from './ports.js';
import { keyedHash } from './proof.js';

/**
 * Stands for a number where somebody else, such as FranceConnect, vouched for the person. What is asked under this name
 * is counted by the person alone; what is asked with a number, by both.
 */
export const namedBy = (subject: Subject): string => `franceconnect/${subject}`;

/** `account`: keyed hash of the number, or of the name that stands for it. Numbers of nobody cost the same work. */
export function countedBy({ account, subject }: { readonly account: string; readonly subject: Subject | null }, key: Uint8Array): Counted {
  return { account, person: keyedHash(key, 'account', subject === null ? `nobody/${account}` : namedBy(subject)) };
}
