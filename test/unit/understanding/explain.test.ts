/** Phrasings that stand nearer to another subject than to their own, found without training. */
import { lintNeighbours } from '../../../src/understanding/explain.js';
import type { Knowledge } from '../../../src/understanding/knowledge.js';
import { learn } from '../../../src/understanding/learn.js';
import { entries as cards } from './fixtures.js';

const keys = ['clef perdue', 'perdu la clef', 'mes clefs perdues', 'trousseau égaré', 'on a volé mon trousseau', 'ma clef a disparu'];
const bells = ['la sonnette ne sonne plus', 'sonnette muette', 'bouton de sonnette cassé', 'carillon en panne', 'le carillon grésille'];
const lexicon = { abbreviations: {}, synonyms: [], fillers: [], courtesies: [], stopwords: ['la', 'le', 'les', 'mes', 'de', 'ma', 'mon'], keep: [] };
const placeOf = (home: string): { where: string; line: number } => ({ where: `knowledge/${home}.md`, line: 7 });

const lint = (moreBells: readonly string[], families: Knowledge['families'] = []) => {
  const entries = Object.entries({ clef: keys, sonnette: [...bells, ...moreBells] }).map(([id, asks]) => ({ ...cards[0]!, id, title: id, asks }));
  return lintNeighbours({ entries, families, placeOf }, learn({ entries, families, lexicon }).hear);
};

test('tells a phrasing that only another entry resembles, with its place and its neighbours', () => {
  const [fault, ...others] = lint(['les clefs perdues']);
  expect(others).toEqual([]);
  expect(fault).toMatchObject({ where: 'knowledge/sonnette.md', line: 7, what: expect.stringMatching(/^« les clefs perdues » ressemble surtout à « clef » : .*« clef perdue »/) });
});

test('leaves alone a phrasing with a word that sets it apart, and entries that share nothing', () => {
  expect(lint(['clef perdue de la sonnette'])).toEqual([]);
  expect(lint([])).toEqual([]);
});

test('leaves alone two near subjects that mingle, since neither is answered', () => {
  const family = (id: string, asks: string[]): Knowledge['families'][number] => ({ id, title: id, asks, redirect: 'Voyez ailleurs.' });
  const rain = family('pluie', ['pluie demain', 'pluie demain matin', 'demain pluie']);
  expect(lint([], [rain, family('soleil', ['de la pluie demain'])])).toEqual([]);
  expect(lint(['de la pluie demain'], [rain])).toHaveLength(1);
});
