import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEARNT } from '../../../src/house.js';
import { createUnderstanding } from '../../../src/understanding/decide.js';
import { loadKnowledge } from '../../../src/understanding/knowledge.js';
import { entries, families, lexicon, withFolder } from './fixtures.js';

const understanding = createUnderstanding({ entries, families, lexicon });
const decide = (text: string) => understanding.decide(text);

describe('an answer', () => {
  test.each([
    ["j'ai oublié mon mot de passe", 'mot-de-passe-oublie'],
    ['jai oublie mon mdp', 'mot-de-passe-oublie'],
    ['mot de passe oublié', 'mot-de-passe-oublie'],
    ['mon conte est bloké', 'compte-bloque'],
    ["j'ai tapé 5 fois un mauvai mdp", 'compte-bloque'],
    ['le portail ne répond plus, page blanche', 'panne-du-site'],
  ])('is given to « %s »', (text, entry) => {
    expect(decide(text)).toMatchObject({ kind: 'answer', entry });
  });

  test('comes outright from a message on screen, wherever it stands in the text', () => {
    const decision = decide("Bonjour, le site affiche : L’ACCÈS à votre espace est suspendu !! que faire pour mon mot de passe");
    expect(decision).toMatchObject({ kind: 'answer', entry: 'compte-bloque', candidates: [{ entry: 'compte-bloque', score: 1 }] });
  });

  test('comes outright from a known phrasing, however it is cased and pointed', () => {
    expect(decide('LE SITE NE REPOND PAS !').candidates).toEqual([{ entry: 'panne-du-site', score: 1 }]);
  });
});

// Chances are learnt from phrasings, and a score of them teaches no doubt: this is held on the real knowledge.
describe('a doubt', () => {
  const root = join(__dirname, '..', '..', '..');
  const real = createUnderstanding({ ...loadKnowledge(join(root, 'knowledge'), ''), cacheFolder: LEARNT });
  const questions = readFileSync(join(root, 'test', 'knowledge', 'utterances.tsv'), 'utf8').split('\n').slice(1).map((line) => line.split('\t')[1] ?? '');
  const doubtful = questions.filter((text) => {
    const [first, second] = real.explain(text).ranked;
    return first !== undefined && second !== undefined && first.share < 2 * second.share && real.decide(text).confidence < 1;
  });

  test('is met by some questions, and by few', () => {
    expect(doubtful.length).toBeGreaterThan(5);
    expect(doubtful.length).toBeLessThan(questions.length / 10);
  });

  test('is never answered: where two entries are as good as each other, we ask or say nothing', () => {
    expect(doubtful.filter((text) => real.decide(text).kind === 'answer')).toEqual([]);
  });

  test('offers both entries when the words fit both', () => {
    const asked = doubtful.map((text) => real.decide(text)).filter(({ kind, both }) => kind === 'clarify' && both === undefined);
    expect(asked.length).toBeGreaterThan(0);
    for (const { candidates } of asked) expect(candidates.length).toBeGreaterThan(1);
  });
});

describe('nothing', () => {
  test.each(['', '   ', '😀😀', '?!', 'zorglub xqzvw', 'le la les de'])('fits « %s »', (text) => {
    expect(decide(text)).toMatchObject({ kind: 'none', entry: null, candidates: [] });
  });

  test.each(['quelle heure part le train pour Lyon', 'allume la lumière du salon', 'une recette de gâteau au chocolat'])('is answered to « %s »', (text) => {
    expect(decide(text).kind).not.toBe('answer');
  });

  test('fits a near subject, and says where to go instead', () => {
    const decision = decide("jai pas reçu mon remboursement pour mes lunettes");
    expect(decision).toMatchObject({ kind: 'none', entry: null, family: { id: 'remboursements', redirect: 'Voyez votre caisse.' } });
    expect(decision.candidates.map(({ entry }) => entry)).not.toContain('remboursements');
  });
});

test('scores are chances, best first, and add up to no more than one', () => {
  for (const text of ['mot de passe', 'compte bloqué ce matin', 'page blanche', 'remboursement', 'je ne comprends rien']) {
    const scores = decide(text).candidates.map(({ score }) => score);
    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    expect([...scores].sort((a, b) => b - a)).toEqual(scores);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeLessThanOrEqual(1 + 1e-9);
  }
});

test('says in French what it read and what it leant on', () => {
  const { because } = decide('mdp oubilé xqzvw');
  expect(because).toEqual(expect.arrayContaining(['« mdp » lu « mot de passe »', '« oubilé » lu « oublie »', 'mots inconnus : « xqzvw »']));
  expect(because.some((reason) => reason.startsWith('formulation la plus proche'))).toBe(true);
});

test('the same text gives the same decision, from the same training or another', () => {
  const again = createUnderstanding({ entries, families, lexicon });
  for (const text of ['mdp perdu', 'compte vérouillé', 'site en pane']) {
    expect(decide(text)).toEqual(decide(text));
    expect(again.decide(text)).toEqual(decide(text));
  }
});

test('a thousand times the same text give the same decision to the last digit', () => {
  const first = JSON.stringify(decide("mdp oubilé, et le portail ne s'ouvre plus"));
  for (let time = 0; time < 1_000; time += 1) expect(JSON.stringify(decide("mdp oubilé, et le portail ne s'ouvre plus"))).toBe(first);
});

test('confidence is a chance, and is low for what is about something else', () => {
  const sure = decide("j'ai perdu mon mot de passe").confidence;
  const unsure = decide('une recette de gâteau au chocolat').confidence;
  expect(sure).toBeLessThanOrEqual(1);
  expect(unsure).toBeGreaterThanOrEqual(0);
  expect(sure).toBeGreaterThan(2 * unsure);
});

describe('two problems in one message', () => {
  test('are both offered when each part is clear', () => {
    const decision = decide("j'ai oublié mon mot de passe et la page reste blanche");
    expect(decision).toMatchObject({ kind: 'clarify', entry: null });
    expect(decision.candidates.slice(0, 2).map(({ entry }) => entry).sort()).toEqual(['mot-de-passe-oublie', 'panne-du-site']);
  });

  test('are not seen in one problem told in two parts', () => {
    expect(decide("j'ai oublié mon mot de passe et je ne me souviens plus du tout de mon mot de passe")).toMatchObject({ kind: 'answer', entry: 'mot-de-passe-oublie' });
  });
});

describe('an explanation', () => {
  const explanation = understanding.explain('mdp oubilé xqzvw');

  test('tells each word, how it was read, and what came first', () => {
    expect(explanation.words.find(({ typed }) => typed === 'oubilé')).toMatchObject({ read: 'oublie', how: 'corrected' });
    expect(explanation.expanded).toEqual([{ typed: 'mdp', read: 'mot de passe' }]);
    expect(explanation.ranked[0]?.id).toBe('mot-de-passe-oublie');
    expect(explanation.measures).toMatchObject({ corrected: 1, unknown: 1 });
  });

  test('has figures that quote nothing of the text, for the log', () => {
    expect(Object.values(explanation.measures).every((value) => typeof value === 'number')).toBe(true);
  });
});

test('a pasted page costs no more than a moment', () => {
  const page = 'mon kompte zorglub xqzvwa brulonti '.repeat(300);
  const before = performance.now();
  decide(page);
  expect(performance.now() - before).toBeLessThan(500);
});

test('a knowledge without entries decides nothing', () => {
  expect(createUnderstanding({ entries: [], families: [], lexicon }).decide('mot de passe').kind).toBe('none');
});

describe('the cache', () => {
  const texts = ['mdp perdu', 'compte vérouillé', 'site en pane', 'remboursement pas reçu'];
  const learn = (cacheFolder: string) => createUnderstanding({ entries, families, lexicon, cacheFolder });

  test('gives the very same decisions as training does', () => {
    withFolder({}, (folder) => {
      learn(join(folder, 'new'));
      const [file = ''] = readdirSync(join(folder, 'new'));
      const written = readFileSync(join(folder, 'new', file), 'utf8');
      const cached = learn(join(folder, 'new'));
      expect(texts.map((text) => cached.decide(text))).toEqual(texts.map(decide));
      expect(readFileSync(join(folder, 'new', file), 'utf8')).toBe(written);
      expect(readdirSync(join(folder, 'new'))).toEqual([file]);
    });
  });

  test.each([
    ['cut short', (text: string) => text.slice(0, text.length / 2)],
    ['emptied', () => ''],
    ['of another shape', () => '{"weights":[1,2]}'],
    ['altered in one weight', (text: string) => text.replace(/"weights":"(.{8})./, (_all, kept: string) => `"weights":"${kept}_`)],
    ['sealed by nobody', (text: string) => text.slice(text.indexOf('\n'))],
  ])('is learnt anew when it was %s', (_what, damage) => {
    withFolder({}, (folder) => {
      learn(folder);
      const file = join(folder, readdirSync(folder)[0] ?? '');
      const sound = readFileSync(file, 'utf8');
      writeFileSync(file, damage(sound));
      expect(texts.map((text) => learn(folder).decide(text))).toEqual(texts.map(decide));
      expect(readFileSync(file, 'utf8')).toBe(sound);
    });
  });

  test('is not taken from another content, and is swept away by it', () => {
    withFolder({}, (folder) => {
      learn(folder);
      const fewer = entries.slice(1);
      const other = createUnderstanding({ entries: fewer, families, lexicon, cacheFolder: folder });
      expect(readdirSync(folder)).toHaveLength(1);
      expect(other.decide('mdp perdu').candidates.map(({ entry }) => entry)).not.toContain('mot-de-passe-oublie');
    });
  });

  test('may be missing: a folder that cannot be made changes nothing', () => {
    withFolder({ file: '' }, (folder) => {
      expect(learn(join(folder, 'file', 'below')).decide('mdp perdu')).toEqual(decide('mdp perdu'));
    });
  });
});
