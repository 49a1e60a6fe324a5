/**
 * What the strength of evidence is worth as a chance: phrasings are left out in groups, weighed by what the others
 * taught, and a logistic curve is fitted to how often the best class was right (Platt). It sets no threshold.
 */
import { createMatcher, teach, type Lessons, type Weighing } from './matcher.js';
import type { Reading } from './spelling.js';

/** One phrasing, weighed by a matcher that had not learnt it or anything much like it. */
export interface Trial {
  /** Place of the phrasing among the lessons. */
  readonly at: number;
  readonly label: number;
  /** False when its whole class was left out: the text is then about something unknown. */
  readonly known: boolean;
  readonly weighing: Weighing;
}

export interface Curve {
  readonly evidence: number;
  readonly gap: number;
  readonly base: number;
}

/** Fitted on the public sets; what a knowledge too small to teach its own curve falls back on. */
export const usualCurves: { readonly sure: Curve; readonly right: Curve; readonly among: Curve } = {
  sure: { evidence: 0.45, gap: 0, base: -0.1 },
  right: { evidence: 0.36, gap: 0.5, base: -1.25 },
  among: { evidence: 0.53, gap: 0.15, base: 0 },
};

/** A small knowledge needs most of itself to teach anything; a large one can spare a third. */
const foldsOf = (phrasings: number): number => (phrasings <= 1_500 ? 5 : 3);
/** Stems that two phrasings share, over all they have, from which they are the same phrasing said twice. */
const alike = 0.8;
const gapAtMost = 8;
/** Trials beyond this many teach nothing more, and cost time at the start. */
const trialsAtMost = 1_500;
/** Trials that the usual curve is worth: a small knowledge stays near it. */
const priorWorth = 12;
const steps = 120;

/** Chance, 0..1, that a curve gives to a weighing. */
export function chanceOf(curve: Curve, weighing: Weighing): number {
  return logistic(curve.evidence * weighing.evidence + curve.gap * gapOf(weighing) + curve.base);
}

/**
 * Weighs every phrasing without its near copies. `outside` tells the classes that stand for what is not ours: a third
 * of them is left out whole each time, so that the unknown is met too; when there are too few, a third of all classes.
 */
export function tryOut(lessons: Lessons, outside: (label: number) => boolean): Trial[] {
  const folds = foldsOf(lessons.readings.length);
  const foldOf = share(lessons, folds);
  const others = [...Array(lessons.classes).keys()].filter(outside);
  const leftOut = others.length >= folds * 2 ? others : [...Array(lessons.classes).keys()];
  const every = Math.ceil(lessons.readings.length / trialsAtMost);
  return [...Array(folds).keys()].flatMap((fold) => {
    const unknown = new Set(leftOut.filter((_label, at) => at % folds === fold));
    const inFold = (at: number): boolean => foldOf[at] === fold;
    const taught = [...lessons.readings.keys()].filter((at) => !inFold(at) && !unknown.has(lessons.labels[at] ?? 0));
    const readings = taught.flatMap((at) => [lessons.readings[at] ?? []]);
    const matcher = createMatcher(teach({ ...lessons, readings, labels: taught.map((at) => lessons.labels[at] ?? 0) }), lessons.synonyms);
    return [...lessons.readings.keys()].filter((at) => inFold(at) && at % every === 0).map((at): Trial => {
      const label = lessons.labels[at] ?? 0;
      return { at, label, known: !unknown.has(label), weighing: matcher.weigh(lessons.readings[at] ?? []) };
    });
  });
}

/** One outcome to fit: what was weighed, whether it came true, and how much it counts. */
export interface Outcome {
  readonly weighing: Weighing;
  readonly truth: boolean;
  readonly weight: number;
}

/**
 * Fits a curve to outcomes, held near `prior` when outcomes are few; one without a gap
 * is given none. The bend of the logistic is taken at its greatest
 * (Böhning): more steps than Newton's, each cheap, and none that can overshoot.
 */
export function fitCurve(outcomes: readonly Outcome[], prior: Curve): Curve {
  const start = [prior.evidence, prior.gap, prior.base];
  const rows = outcomes.map(({ weighing, truth, weight }) => ({ inputs: [weighing.evidence, prior.gap === 0 ? 0 : gapOf(weighing), 1], truth: truth ? 1 : 0, weight }));
  const bend = start.map((_value, at) => start.map((_other, across) => rows.reduce((sum, row) => sum + (row.weight * (row.inputs[at] ?? 0) * (row.inputs[across] ?? 0)) / 4, at === across ? priorWorth : 0)));
  let curve = start;
  for (let step = 0; step < steps; step += 1) {
    const slope = curve.map((value, at) => priorWorth * (value - (start[at] ?? 0)));
    for (const { inputs, truth, weight } of rows) {
      const miss = weight * (logistic(dot(inputs, curve)) - truth);
      inputs.forEach((input, at) => {
        slope[at] = (slope[at] ?? 0) + miss * input;
      });
    }
    const moves = solve(bend, slope);
    curve = curve.map((value, at) => value - (moves[at] ?? 0));
  }
  const [evidence = 0, gap = 0, base = 0] = curve;
  // A curve that falls as evidence grows was fitted to an accident.
  return { evidence: Math.max(0.05, evidence), gap: Math.max(0, gap), base };
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
}

function gapOf({ ranked: [first, second] }: Weighing): number {
  if (first === undefined || second === undefined) return gapAtMost;
  return Math.min(gapAtMost, Math.log(Math.max(first.share, 1e-12) / Math.max(second.share, 1e-12)));
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** The fold of each phrasing: near copies within a class share one, since leaving out one of two teaches nothing. */
function share({ readings, labels }: Lessons, folds: number): number[] {
  const leaders = new Map<number, Set<string>[]>();
  return readings.map((reading, at) => {
    const label = labels[at] ?? 0;
    const stems = stemsOf(reading);
    const own = leaders.get(label) ?? [];
    leaders.set(label, own);
    const found = own.findIndex((leader) => likeness(leader, stems) >= alike);
    if (found < 0) own.push(stems);
    return (label + (found < 0 ? own.length - 1 : found)) % folds;
  });
}

function stemsOf(reading: readonly Reading[]): Set<string> {
  const content = reading.filter(({ light }) => !light);
  return new Set((content.length > 0 ? content : reading).map(({ stem }) => stem));
}

function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let both = 0;
  for (const stem of one) if (other.has(stem)) both += 1;
  return both / Math.max(1, one.size + other.size - both);
}

/** Solves a small symmetric system by elimination; its diagonal is never zero, since the prior adds to it. */
function solve(matrix: readonly (readonly number[])[], target: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, target[at] ?? 0]);
  rows.forEach((pivot, at) => {
    rows.forEach((row, other) => {
      if (other === at) return;
      const factor = (row[at] ?? 0) / (pivot[at] ?? 1);
      pivot.forEach((value, column) => {
        row[column] = (row[column] ?? 0) - factor * value;
      });
    });
  });
  return rows.map((row, at) => (row[rows.length] ?? 0) / (row[at] ?? 1));
}
