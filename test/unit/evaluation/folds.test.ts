/** Cross-validation of phrasings and the warnings made of it, on a small knowledge of locks and keys. */
import { clusterTwins, crossValidate, lintPhrasings, type Material, type Validated } from '../../../src/evaluation/folds';

const fixed = { kind: 'information', owner: '', reviewBy: '', answer: '', plain: '' } as const;
const entryOf = (id: string, title: string, asks: string[]): Material['entries'][number] => ({
  ...fixed, ...{ screens: [], keywords: [], related: [], sources: [], mustMatch: [], mustNotMatch: [] }, id, title, asks,
});
const keys = ['clef perdue dans la rue', 'je ne trouve plus mon trousseau de clefs', 'trousseau égaré', 'ma clef a disparu', 'plus de clef sur moi', 'perdu mes clefs hier soir', 'clefs tombées dans une bouche', 'on a volé mon trousseau'];
const bells = ['la sonnette ne sonne plus', 'sonnette muette', 'aucun son quand on appuie sur le bouton', 'bouton de sonnette cassé', 'carillon en panne', 'le carillon grésille', 'sonnerie trop faible au portail', 'personne n’entend la sonnette'];
const lexicon = { abbreviations: {}, synonyms: [], fillers: [], courtesies: [], stopwords: ['la', 'le', 'de', 'ma', 'mon'], keep: [] };

const validated = (over: Partial<Validated>): Validated => ({ text: 'x', label: 'a', home: 'a', kind: 'answer', best: 'a', confidence: 0.9, score: 0.9, ...over });

describe('clusters of near twins', () => {
  it('puts one sentence said twice together, and others apart', () => {
    const clusters = clusterTwins(['Mon compte est bloqué', 'mon compte est bloque !', 'je déménage à Lyon', 'mon compte est bien bloqué']);
    expect(clusters.map((cluster) => cluster.length).sort()).toEqual([1, 3]);
    expect(clusters.find((cluster) => cluster.length === 1)).toEqual(['je déménage à Lyon']);
  });

  it('joins two texts through a third that resembles both', () => {
    const chain = ['abcdefgh', 'abcdefghijkl', 'efghijkl'];
    expect(clusterTwins([chain[0]!, chain[2]!])).toHaveLength(2);
    expect(clusterTwins(chain)).toHaveLength(1);
  });
});

describe('cross-validation', () => {
  it('asks each phrasing once, by a training that had not seen it', () => {
    const material: Material = {
      entries: [entryOf('clef', 'Clef perdue', keys), entryOf('sonnette', 'Sonnette en panne', bells)],
      families: [{ id: 'meteo', title: 'La météo', asks: ['quel temps fait-il', 'va-t-il pleuvoir', 'température demain'], redirect: 'Voyez ailleurs.' }],
      lexicon,
    };
    const found = crossValidate(material);
    expect(found.map(({ text }) => text).sort()).toEqual([...keys, ...bells, ...material.families[0]!.asks].sort());
    expect(found.filter(({ home }) => home === 'meteo').every(({ label }) => label === 'none')).toBe(true);
    // Seen in training, a phrasing is answered with its own entry outright: some must not be here.
    expect(found.some(({ label, kind }) => label !== 'none' && kind !== 'answer')).toBe(true);
    const right = found.filter(({ label, best }) => label !== 'none' && label === best).length;
    expect(right).toBeGreaterThan((keys.length + bells.length) / 2);
  });
});

describe('warnings on phrasings', () => {
  it('tells a phrasing that goes elsewhere, with its file', () => {
    const faults = lintPhrasings([validated({}), validated({ text: 'ailleurs', best: 'b' }), validated({ text: 'doute', best: 'b', kind: 'clarify' })]);
    expect(faults).toHaveLength(1);
    expect(faults[0]!.where).toBe('knowledge/a.md');
    expect(faults[0]!.what).toContain('ailleurs');
  });

  it('points to the families file for a near subject that is answered', () => {
    expect(lintPhrasings([validated({ label: 'none', home: 'mutuelle' })])[0]!.where).toBe('knowledge/hors-sujet.md');
  });

  it('tells two entries that steal from each other, and not one that only takes', () => {
    const toB = validated({ best: 'b', kind: 'clarify' });
    const toA = validated({ home: 'b', label: 'b', best: 'a', kind: 'clarify' });
    expect(lintPhrasings([toB, toB, toB])).toEqual([]);
    const [fault, ...others] = lintPhrasings([toB, toB, toB, toA, toA]);
    expect(others).toEqual([]);
    expect(fault!.what).toBe('3 formulations vont à « b », et 2 en viennent');
  });
});
