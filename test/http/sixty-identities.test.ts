/**
 * Case O06 of the threat model: sixty made-up identities as FranceConnect gives them, over real HTTP to the reference
 * backend. One person is found or nobody is; homonyms are nobody, and all who are not found end in the same way.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHttpBackend, type HttpBackend } from '../../src/account/http-backend.js';
import type { Attempt } from '../../src/franceconnect/attempts.js';
import { judge } from '../../src/franceconnect/judge.js';
import type { Result } from '../../src/franceconnect/ports.js';
import type { Pivot } from '../../src/identity/ports.js';
import { startReferenceBackend } from '../../src/reference/backend.js';
import { crowd, people, type Person } from '../../src/reference/people.js';
import { newSigner } from '../support/proofs.js';

const TOKEN = 'a-service-token-for-tests';
const FRANCE = '99100';

const folder = mkdtempSync(path.join(tmpdir(), 'sesame-sixty-'));
let reference: Awaited<ReturnType<typeof startReferenceBackend>>;
let backend: HttpBackend;
beforeAll(async () => {
  reference = await startReferenceBackend({ port: 0, folder, token: TOKEN, proofKeys: (await newSigner()).keys, people: 20 });
  backend = createHttpBackend({ url: reference.url, token: TOKEN });
});
afterAll(async () => {
  await backend.close();
  await reference.close();
  rmSync(folder, { recursive: true });
});

function pivotOf({ nir, birthDate, firstName, lastName }: Person): Pivot {
  return { givenName: firstName, familyName: lastName, birthDate, gender: nir.startsWith('1') ? 'male' : 'female', birthPlace: nir.slice(5, 10), birthCountry: FRANCE };
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '');

/** Twenty people as they are on file, each written as some register of the State would. */
const SPELLINGS: readonly ((pivot: Pivot) => Pivot)[] = [
  (pivot) => pivot,
  (pivot) => ({ ...pivot, givenName: `${pivot.givenName} Marie-Ange Éloïse`, familyName: pivot.familyName.toUpperCase() }),
  (pivot) => ({ ...pivot, givenName: `${plain(pivot.givenName)}, Jean`, familyName: plain(pivot.familyName) }),
  (pivot) => ({ ...pivot, givenName: pivot.givenName.normalize('NFD'), familyName: pivot.familyName.normalize('NFD') }),
];
const FOUND: readonly (readonly [Pivot, string])[] = people.slice(0, 20).map((person, n) => [SPELLINGS[n % SPELLINGS.length]!(pivotOf(person)), person.subject]);

/** Ten pairs of twins, of whom nothing but the number differs. */
const HOMONYMS: readonly Pivot[] = crowd(20).filter((_, n) => n % 2 === 0).map(pivotOf);

/** Names that registers find hard, of people whom nobody knows. */
const RARE: readonly (readonly [string, string])[] = [
  ['Maëlys', 'D’Œuvre-l’Essai'], ['Nguyễn Thị', 'Exemplaire'], ['Ÿ', 'Ö'], ['X', 'Mononyme'], ['Anne-Charlotte Élisabeth Bénédicte', 'de La Fictive du Prototype'],
  ['Jean–Noël', 'O\'Témoin'], ['Łucja', 'Øversen-Modèle'], ['Aïcha', 'Ben Al-Maquette'], ['İpek', 'Şimulacre'], ['A'.repeat(200), 'Z'.repeat(200)],
];
/** Births abroad and over sea, borders that moved, days that few have. */
const BIRTHS: readonly Partial<Pivot>[] = [
  { birthPlace: '', birthCountry: '99352' }, { birthPlace: '', birthCountry: '99351' }, { birthPlace: '', birthCountry: '99109' }, { birthPlace: '', birthCountry: '99999' }, { birthPlace: '97490' },
  { birthPlace: '98735' }, { birthPlace: '2B990' }, { birthDate: '2000-02-29' }, { birthDate: '1912-01-01' }, { birthPlace: '97590', birthCountry: '99351' },
];
const CAMILLE = pivotOf(people[0]!);
/** Nearly somebody on file: one thing differs each time. */
const NEARLY: readonly Pivot[] = [
  { ...CAMILLE, familyName: 'Exemples' }, { ...CAMILLE, givenName: 'Camil' }, { ...CAMILLE, birthDate: '1985-02-15' }, { ...CAMILLE, gender: 'female' }, { ...CAMILLE, birthPlace: '75991' },
  { ...CAMILLE, birthPlace: '', birthCountry: '99216' }, { ...CAMILLE, birthCountry: '99109' }, { ...CAMILLE, familyName: 'Camille', givenName: 'Exemple' }, { ...CAMILLE, familyName: 'Exemple-Fictif' }, { ...CAMILLE, givenName: 'Camille-Marie' },
];
const UNKNOWN: readonly Pivot[] = [
  ...RARE.map(([givenName, familyName]): Pivot => ({ ...CAMILLE, givenName, familyName })),
  ...BIRTHS.map((birth): Pivot => ({ ...CAMILLE, ...birth })),
  ...NEARLY,
];

const ATTEMPT: Attempt = { conversationId: 'c', purpose: 'unlock', id: 'a', step: 'back', at: 0 };

/** How it ends for somebody who comes back with this identity, and what left for the backend. */
async function ends(pivot: Pivot): Promise<{ result: Result; asked: readonly Pivot[] }> {
  const asked: Pivot[] = [];
  const identifyPivot: HttpBackend['identifyPivot'] = (one) => {
    asked.push(one);
    return backend.identifyPivot(one);
  };
  return { result: await judge({ kind: 'identified', pivot, level: 'eidas2', idToken: 't' }, ATTEMPT, { identifyPivot }), asked };
}

it('O06: are sixty, all different', () => {
  const all = [...FOUND.map(([pivot]) => pivot), ...HOMONYMS, ...UNKNOWN];
  expect([all.length, new Set(all.map((pivot) => JSON.stringify(pivot))).size]).toEqual([60, 60]);
});

it.each(FOUND)('O06: finds %j, and nobody else', async (pivot, subject) => {
  expect(await ends(pivot)).toEqual({ result: { kind: 'proved', subject }, asked: [pivot] });
});

it.each(HOMONYMS)('O06: chooses nobody among homonyms of %j', async (pivot) => {
  expect(await backend.identifyPivot(pivot)).toEqual({ kind: 'several' });
  expect(await ends(pivot)).toEqual({ result: { kind: 'not-matched' }, asked: [pivot] });
});

it.each(UNKNOWN)('O06: finds nobody for %j, in the words of every other who is not found', async (pivot) => {
  expect(await backend.identifyPivot(pivot)).toEqual({ kind: 'none' });
  expect(await ends(pivot)).toEqual({ result: { kind: 'not-matched' }, asked: [pivot] });
});
