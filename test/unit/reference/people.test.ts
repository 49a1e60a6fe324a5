import type { BlockingCause } from '../../../src/account/port.js';
import { keyOf, people, peoplePage } from '../../../src/reference/people.js';

const CAUSES: readonly BlockingCause[] = [
  'too-many-attempts', 'inactivity', 'regime-change', 'wrong-data', 'provisional-code',
  'email-obsolete', 'phone-obsolete', 'caisse-change', 'fraud-suspected', 'closed-by-mistake',
];

/** The key by the other known way: Corsica's letter becomes 0, and one or two millions are taken off. */
function keyByMillions(nir: string): number {
  const taken = nir.includes('A') ? 1_000_000n : nir.includes('B') ? 2_000_000n : 0n;
  return Number(97n - ((BigInt(nir.replace(/[AB]/, '0')) - taken) % 97n));
}

const starting = (pattern: RegExp) => people.filter(({ nir }) => pattern.test(nir));
const withCause = (cause: BlockingCause | null) => people.filter((person) => person.cause === cause);

describe('the made-up people', () => {
  it('are thirty, told apart by number, subject and e-mail', () => {
    expect(people).toHaveLength(30);
    expect(new Set(people.map(({ nir }) => nir)).size).toBe(30);
    expect(new Set(people.map(({ subject }) => subject)).size).toBe(30);
    expect(new Set(people.map(({ email }) => email)).size).toBe(30);
  });

  it('cover every blocking cause, and open accounts too', () => {
    for (const cause of CAUSES) expect(withCause(cause).length).toBeGreaterThan(0);
    expect(withCause('too-many-attempts').length).toBeGreaterThanOrEqual(6);
    expect(withCause(null).length).toBeGreaterThan(0);
  });

  it('cover Corsica, births abroad, births overseas and a missing e-mail', () => {
    expect(starting(/^.{5}2A/).length).toBeGreaterThan(0);
    expect(starting(/^.{5}2B/).length).toBeGreaterThan(0);
    expect(starting(/^.{5}99/).length).toBeGreaterThan(0);
    expect(starting(/^.{5}97/).length).toBeGreaterThan(0);
    expect(people.filter(({ email }) => email === null)).toHaveLength(1);
  });

  it.each(people.map((person) => [person.nir, person] as const))('gives %s a number that agrees with the rest', (_, person) => {
    expect(person.nir).toMatch(/^[12]\d{4}(\d{2}990|2[AB]990|97\d90)9\d{2}$/);
    expect(person.birthDate).toBe(new Date(person.birthDate).toISOString().slice(0, 10));
    expect(person.nir.slice(1, 5)).toBe(person.birthDate.slice(2, 4) + person.birthDate.slice(5, 7));
    expect(Number(keyOf(person.nir))).toBe(keyByMillions(person.nir));
    expect(person.subject).toMatch(/^s_[0-9a-f]{16}$/);
    if (person.email !== null) expect(person.email).toMatch(/^[a-z-]+\.[a-z-]+@exemple\.fr$/);
  });

  it.each([['2550814168025', '38'], ['284052A321025', '52'], ['284052B321025', '79'], ['1531245007231', '60']])(
    'computes the published key of %s',
    (nir, key) => {
      expect(keyOf(nir)).toBe(key);
    },
  );
});

describe('the page of people', () => {
  it('shows how each account stands, in French, and escapes what it shows', () => {
    const [first, second] = people;
    const page = peoplePage([
      { ...first!, lastName: '<script>', state: 'locked' },
      { ...second!, state: 'open', cause: null },
    ]);
    expect(page).toContain('<html lang="fr">');
    expect(page).toContain('bloqué');
    expect(page).toContain('ouvert');
    expect(page).not.toContain('<script');
  });
});
