/**
 * The figures that an evaluation prints, each a pure function over plain numbers. It knows no text and no entry; what is
 * measured, and on which rows, is decided by the callers.
 */

/** One prediction held against the truth. */
export interface Told {
  readonly expected: string;
  /** Best first; empty when nothing was found. */
  readonly found: readonly string[];
}

/** One claim of certainty, and whether it was right. */
export interface Claim {
  readonly confidence: number;
  readonly right: boolean;
}

/** A group of claims of about the same confidence. */
export interface Bin {
  readonly count: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** Share of 0..1; 0 of nothing is 0. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

export function mean(values: readonly number[]): number {
  return share(values.reduce((sum, value) => sum + value, 0), values.length);
}

/** Share of predictions with the truth among their first `places`. */
export function topAt(places: number, told: readonly Told[]): number {
  return share(told.filter(({ expected, found }) => found.slice(0, places).includes(expected)).length, told.length);
}

/** Mean of 1/rank of the truth within the first `places`, 0 beyond. */
export function mrrAt(places: number, told: readonly Told[]): number {
  return mean(
    told.map(({ expected, found }) => {
      const at = found.slice(0, places).indexOf(expected);
      return at < 0 ? 0 : 1 / (at + 1);
    }),
  );
}

/** Mean over the expected labels of the harmonic mean of precision and recall, at first place. */
export function macroF1(told: readonly Told[]): number {
  const right = new Map<string, number>();
  const expected = new Map<string, number>();
  const predicted = new Map<string, number>();
  const add = (counts: Map<string, number>, label: string): void => void counts.set(label, (counts.get(label) ?? 0) + 1);
  for (const one of told) {
    const [best] = one.found;
    add(expected, one.expected);
    if (best !== undefined) add(predicted, best);
    if (best === one.expected) add(right, best);
  }
  return mean([...expected].map(([label, count]) => share(2 * (right.get(label) ?? 0), count + (predicted.get(label) ?? 0))));
}

/** Chance that a score of `inside` is above one of `outside`, ties for half; not a number when one of them is empty. */
export function auroc(inside: readonly number[], outside: readonly number[]): number {
  const all = [...inside.map((score) => ({ score, in: true })), ...outside.map((score) => ({ score, in: false }))].sort((a, b) => a.score - b.score);
  let ranks = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.score === all[from]?.score) to += 1;
    const middle = (from + 1 + to) / 2;
    ranks += middle * all.slice(from, to).filter((one) => one.in).length;
    from = to;
  }
  return (ranks - (inside.length * (inside.length + 1)) / 2) / (inside.length * outside.length);
}

/** Share of `outside` accepted by the highest bar that still accepts 95 % of `inside`; not a number without `outside`. */
export function falseAt95(inside: readonly number[], outside: readonly number[]): number {
  const sorted = [...inside].sort((a, b) => b - a);
  const bar = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
  return outside.filter((score) => score >= bar).length / outside.length;
}

/** Share of `inside` that is right and above the bar which accepts at most one in ten of `outside`; not a number without it. */
export function rightAt10(inside: readonly { readonly score: number; readonly right: boolean }[], outside: readonly number[]): number {
  if (outside.length === 0) return NaN;
  const bar = [...outside].sort((a, b) => b - a)[Math.floor(outside.length / 10)] ?? -Infinity;
  return share(inside.filter(({ score, right }) => right && score > bar).length, inside.length);
}

/** Claims in ten groups of equal count (as near as the count allows), from the least to the most certain. */
export function binsOf(claims: readonly Claim[], bins = 10): Bin[] {
  const sorted = [...claims].sort((a, b) => a.confidence - b.confidence);
  return Array.from({ length: bins }, (_, at) => sorted.slice(Math.floor((at * sorted.length) / bins), Math.floor(((at + 1) * sorted.length) / bins)))
    .filter((group) => group.length > 0)
    .map((group) => ({
      count: group.length,
      confidence: mean(group.map(({ confidence }) => confidence)),
      accuracy: share(group.filter(({ right }) => right).length, group.length),
    }));
}

/** Expected calibration error: how far claims are from the truth, by groups of equal count. */
export function calibrationError(claims: readonly Claim[]): number {
  return share(
    binsOf(claims).reduce((sum, { count, confidence, accuracy }) => sum + count * Math.abs(confidence - accuracy), 0),
    claims.length,
  );
}

/** The value that a share of the values does not exceed (nearest rank). */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}
