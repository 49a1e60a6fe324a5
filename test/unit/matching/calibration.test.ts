import { chanceOf, fitCurve, tryOut, usualCurves, type Outcome } from '../../../src/matching/calibration.js';
import { randomFrom } from '../../../src/matching/classifier.js';
import type { Weighing } from '../../../src/matching/matcher.js';
import { createNormaliser } from '../../../src/matching/normalise.js';
import { createSpeller, gatherWords, usualErrors } from '../../../src/matching/spelling.js';
import { lexicon } from '../understanding/fixtures.js';

const weighing = (evidence: number): Weighing => ({
  evidence, nearest: 0, ranked: [{ label: 0, share: 0.8, margin: 1 }, { label: 1, share: 0.2, margin: 0 }],
  familiar: { acquainted: 1, strangers: 0, energy: 1, told: 2, letters: [] },
});

test('a curve fitted to outcomes gives back how often they came true', () => {
  const random = randomFrom(7);
  const outcomes = Array.from({ length: 4_000 }, (): Outcome => {
    const evidence = random() * 8 - 4;
    return { weighing: weighing(evidence), truth: random() < 1 / (1 + Math.exp(-(1.3 * evidence - 0.7))), weight: 1 };
  });
  const curve = fitCurve(outcomes, usualCurves.sure);
  for (const evidence of [-2, 0, 1, 3]) expect(chanceOf(curve, weighing(evidence))).toBeCloseTo(1 / (1 + Math.exp(-(1.3 * evidence - 0.7))), 1);
});

test('a curve with nothing to fit stays where it was', () => {
  expect(fitCurve([], usualCurves.right)).toEqual(usualCurves.right);
});

test('trials leave out near copies together, and meet classes that were left out whole', () => {
  const normalise = createNormaliser(lexicon);
  const spell = createSpeller(gatherWords([]), { ...usualErrors, keep: new Set(), inflections: true });
  const texts = ['pomme rouge', 'rouge pomme', 'poire verte', 'cerise noire', 'train rapide', 'rapide train', 'avion blanc', 'bateau lent'];
  const readings = texts.map((text) => spell(normalise(text).words));
  const trials = tryOut({ readings, labels: [0, 0, 0, 0, 1, 1, 1, 1], classes: 2, synonyms: [] }, () => false);
  // Each phrasing is tried once; a copy that stayed behind would be found by nearly all of its letters.
  expect(trials.map(({ at }) => at).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(trials.some(({ known }) => !known)).toBe(true);
  expect(trials.filter(({ at }) => at <= 1).every(({ weighing: { familiar } }) => familiar.acquainted === 0)).toBe(true);
});
