/** Figures held against values worked out by hand. */
import { auroc, binsOf, calibrationError, falseAt95, macroF1, mrrAt, percentile, rightAt10, topAt } from '../../../src/evaluation/metrics';

const told = [
  { expected: 'a', found: ['a', 'b'] },
  { expected: 'a', found: ['b', 'a'] },
  { expected: 'b', found: ['b', 'a'] },
  { expected: 'c', found: ['b', 'a', 'd', 'c'] },
  { expected: 'c', found: [] },
];

describe('figures of rank', () => {
  it('counts the truth among the first places', () => {
    expect(topAt(1, told)).toBeCloseTo(2 / 5);
    expect(topAt(3, told)).toBeCloseTo(3 / 5);
  });

  it('gives half for a second place and nothing beyond the third', () => {
    expect(mrrAt(3, told)).toBeCloseTo((1 + 0.5 + 1) / 5);
  });

  it('averages F1 over labels, however many questions each has', () => {
    // a: precision 1, recall 1/2; b: precision 1/3, recall 1; c: never found.
    expect(macroF1(told)).toBeCloseTo((2 / 3 + 1 / 2 + 0) / 3);
  });

  it('gives 0 for no question rather than nonsense', () => {
    expect([topAt(1, []), mrrAt(3, []), macroF1([])]).toEqual([0, 0, 0]);
  });
});

describe('AUROC', () => {
  it('is 1 when all of ours are above, 0 when all are below', () => {
    expect(auroc([0.9, 0.8], [0.1, 0.2])).toBe(1);
    expect(auroc([0.1, 0.2], [0.9, 0.8])).toBe(0);
  });

  it('counts a tie for half', () => {
    // Pairs: 0.9 beats both; 0.5 ties with 0.5 and beats 0.1; 0.1 loses to 0.5 and ties with 0.1: 4 of 6.
    expect(auroc([0.9, 0.5, 0.1], [0.5, 0.1])).toBeCloseTo((2 + 1.5 + 0.5) / 6);
    expect(auroc([1, 1, 1], [1, 1])).toBe(0.5);
  });

  it('takes « nothing found » for the lowest score, on both sides', () => {
    expect(auroc([0.5, -Infinity], [-Infinity, -Infinity])).toBeCloseTo(0.75);
  });
});

describe('figures of acceptance', () => {
  it('lowers the bar to 95 % of ours, and counts who else comes in', () => {
    const inside = Array.from({ length: 20 }, (_, at) => (at + 1) / 20);
    // 19 of 20 are accepted from 0.10 up.
    expect(falseAt95(inside, [0.05, 0.1, 0.5, 0])).toBe(0.5);
  });

  it('raises the bar until one in ten of others is left, and counts what is right above it', () => {
    const outside = [0.9, 0.5, 0.4, 0.4, 0.3, 0.3, 0.2, 0.2, 0.1, 0.1];
    const inside = [{ score: 0.95, right: true }, { score: 0.6, right: false }, { score: 0.55, right: true }, { score: 0.5, right: true }];
    expect(rightAt10(inside, outside)).toBe(0.5);
  });
});

it('gives no figure of others where there are none to ask', () => {
  expect([auroc([1], []), falseAt95([1], []), rightAt10([{ score: 1, right: true }], [])]).toEqual([NaN, NaN, NaN]);
});

describe('calibration', () => {
  it('parts claims in groups of equal count, least certain first', () => {
    const claims = [0.9, 0.1, 0.4, 0.2, 0.8, 0.6].map((confidence) => ({ confidence, right: confidence > 0.5 }));
    const bins = binsOf(claims, 3);
    expect(bins.map(({ count, accuracy }) => [count, accuracy])).toEqual([[2, 0], [2, 0.5], [2, 1]]);
    [0.15, 0.5, 0.85].forEach((confidence, at) => {
      expect(bins[at]!.confidence).toBeCloseTo(confidence);
    });
  });

  it('is the mean gap between claimed and right, by the weight of the group', () => {
    const group = (confidence: number, right: number, count: number): { confidence: number; right: boolean }[] =>
      Array.from({ length: count }, (_, at) => ({ confidence, right: at < right }));
    // Ten groups of 10: five say 0.8 and are right 6 times in 10, five say 0.95 and are right 9 times in 10.
    const claims = [...Array.from({ length: 5 }, () => group(0.8, 6, 10)), ...Array.from({ length: 5 }, () => group(0.95, 9, 10))].flat();
    const spread = claims.map((claim, at) => ({ ...claim, confidence: claim.confidence + at * 1e-9 }));
    expect(calibrationError(spread)).toBeCloseTo((0.2 + 0.05) / 2, 6);
  });

  it('is 0 when claims hold', () => {
    expect(calibrationError(Array.from({ length: 20 }, (_, at) => ({ confidence: at < 10 ? 0 : 1, right: at >= 10 })))).toBe(0);
  });
});

it('takes the percentile that a share of values does not exceed', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile([3], 0.99), percentile([], 0.5)]).toEqual([50, 99, 3, 0]);
});
