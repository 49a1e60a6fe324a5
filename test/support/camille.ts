/** Camille Exemple, one of the reference backend's made-up people: locked after too many attempts. */
import { people } from '../../src/account/reference-people.js';
import { nirKey } from '../../src/identity/nir.js';

const person = people.find(({ cause, email }) => cause === 'too-many-attempts' && email !== null)!;
const key = String(nirKey(person.nir)).padStart(2, '0');

export const CAMILLE = {
  subject: person.subject,
  email: person.email ?? '',
  /** As Camille types it, and bare, for the search of what must be nowhere. */
  nir: `${person.nir.replace(/^(.)(..)(..)(..)(...)(...)$/, '$1 $2 $3 $4 $5 $6')} ${key}`,
  bareNir: person.nir,
  birthDate: person.birthDate.split('-').reverse().join('/'),
  isoBirthDate: person.birthDate,
} as const;

/** Every way in which a secret could have been written down. */
export function spellings(code: string): readonly string[] {
  const plain = [CAMILLE.nir, CAMILLE.bareNir, CAMILLE.nir.replaceAll(' ', ''), CAMILLE.birthDate, CAMILLE.isoBirthDate, CAMILLE.birthDate.replaceAll('/', ''), code, code.replace(' ', '')];
  const other = plain.flatMap((text) => [encodeURIComponent(text), Buffer.from(text).toString('base64'), Buffer.from(text).toString('hex')]);
  return [...new Set([...plain, ...other])];
}
