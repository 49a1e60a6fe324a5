/** Some of the reference backend's made-up people, locked after too many attempts, and every way to spell their data. */
import { keyOf, people } from '../../src/reference/people.js';

export interface Locked {
  readonly subject: string;
  readonly email: string;
  /** As the person types it, with the key. */
  readonly nir: string;
  readonly bareNir: string;
  readonly birthDate: string;
  readonly isoBirthDate: string;
}

const locked: readonly Locked[] = people
  .filter(({ cause, email }) => cause === 'too-many-attempts' && email !== null)
  .map(({ subject, email, nir, birthDate }) => ({
    subject,
    email: email ?? '',
    nir: `${nir.replace(/^(.)(..)(..)(..)(...)(...)$/, '$1 $2 $3 $4 $5 $6')} ${keyOf(nir)}`,
    bareNir: nir,
    birthDate: birthDate.split('-').reverse().join('/'),
    isoBirthDate: birthDate,
  }));

export const CAMILLE = locked[0]!;
export const ODILE = locked[1]!;
export const MARIUS = locked[2]!;

/** Every way in which somebody's number and date, or a code, could have been written down. */
export function spellings(person: Locked, code: string): readonly string[] {
  const { nir, bareNir, birthDate, isoBirthDate } = person;
  const plain = [nir, bareNir, nir.replaceAll(' ', ''), birthDate, isoBirthDate, birthDate.replaceAll('/', ''), code, code.replace(' ', '')];
  const coded = plain.flatMap((text) => [encodeURIComponent(text), Buffer.from(text).toString('base64'), Buffer.from(text).toString('hex')]);
  return [...new Set([...plain, ...coded])];
}
