/** Texts of YAML: what they say, where each part stands, and what is kept of them between a build and a start. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readContentYaml, readYaml } from '../../../src/yaml/document.js';
import { KeptValues } from '../../../src/yaml/kept.js';

const TEXT = 'titre: Bloqué\nétapes:\n  - id: une\n  - id: deux\n    suite: [1, true, ~]\n';
const VALUE = { titre: 'Bloqué', étapes: [{ id: 'une' }, { id: 'deux', suite: [1, true, null] }] };

let folder = '';
const file = (): string => path.join(folder, 'learnt', 'yaml.json');

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-yaml-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** As the build leaves it. */
function kept(...texts: string[]): KeptValues {
  const values = new KeptValues(file());
  for (const text of texts) readContentYaml(text, values);
  values.keep();
  return new KeptValues(file());
}

it('reads a text and tells the line of a part, or of the nearest one around it', () => {
  const { value, faults, lineOf } = readYaml(TEXT);
  expect([value, faults]).toEqual([VALUE, []]);
  expect([['titre'], ['étapes', 1], ['étapes', 1, 'suite', 2], ['étapes', 0, 'nowhere'], []].map((at) => lineOf(at))).toEqual([1, 4, 5, 3, 1]);
  expect(readYaml('').lineOf(['titre'])).toBeUndefined();
});

it.each([
  ['a quote that is never closed', 'a: 1\nb: "deux\n', 'MISSING_CHAR'],
  ['the same key twice', 'a: 1\na: 2\n', 'DUPLICATE_KEY'],
  ['references that multiply', `a: &a [${'x, '.repeat(9)}x]\nb: &b [${'*a, '.repeat(9)}*a]\nc: &c [${'*b, '.repeat(9)}*b]\nd: [*c, *c]\n`, 'ALIASES'],
])('tells of %s, and gives no value', (_what, text, code) => {
  const { value, faults } = readYaml(text);
  expect(value).toBeUndefined();
  expect(faults[0]).toMatchObject({ code });
  expect(faults[0]?.line).toBeGreaterThan(0);
});

it('gives what was kept as it would be read, with its lines', () => {
  const values = kept(TEXT);
  writeFileSync(file(), readFileSync(file(), 'utf8').replace('Bloqué', 'Kept'));
  const { value, faults, lineOf } = readContentYaml(TEXT, values);
  expect([value, faults]).toEqual([{ ...VALUE, titre: 'Kept' }, []]);
  expect(lineOf(['étapes', 1])).toBe(4);
});

it('reads a text anew that has changed by a letter', () => {
  const values = kept(TEXT);
  expect(readContentYaml(TEXT.replace('Bloqué', 'Débloqué'), values).value).toMatchObject({ titre: 'Débloqué' });
});

it.each([
  ['missing', undefined],
  ['cut short', '{"a": {"b'],
  ['of another kind', '[]'],
])('reads everything anew where the file is %s', (_what, body) => {
  const values = kept(TEXT);
  if (body === undefined) rmSync(file());
  else writeFileSync(file(), body);
  expect(readContentYaml(TEXT, values).value).toEqual(VALUE);
});

it('keeps nothing that JSON would change, and nothing that has a fault', () => {
  kept('a: .inf\n', 'a: "1\n', 'a: 1\n');
  expect(Object.values(JSON.parse(readFileSync(file(), 'utf8')) as object)).toEqual([{ a: 1 }]);
  expect(readdirSync(path.dirname(file()))).toEqual(['yaml.json']);
});
