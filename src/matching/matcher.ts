/**
 * Readings with their classes -> a function that weighs a new text against every class: rank, shares, and how strong
 * the evidence is that the text is about any of them. What a class is, and what to do about it, is not known here.
 */
import { scores, train, type Borders, type Rivals } from './classifier.js';
import { createSpace, learnFeatures, type Examples, type Familiarity, type Features, type Vector } from './features.js';
import { createNeighbours, indexExamples, type Index, type Nearness, type Neighbours } from './neighbours.js';
import type { Reading } from './spelling.js';

export interface Ranked {
  readonly label: number;
  /** Part of the whole that this class has against the others, 0..1; all add up to 1. */
  readonly share: number;
  /** Score of the linear border, above 0 when inside. */
  readonly margin: number;
}

export interface Weighing {
  /** Best first, at most 64. */
  readonly ranked: readonly Ranked[];
  /** Strength of the evidence that the text is about the best class, in nats of odds; not yet a chance. */
  readonly evidence: number;
  /** Phrasing of the best class that is nearest, -1 when none shares anything. */
  readonly nearest: number;
  readonly familiar: Familiarity;
}

export interface Matcher {
  weigh(readings: readonly Reading[]): Weighing;
}

/** All that lessons teach, in names and numbers: it can be kept, and a matcher made of it at once. */
export interface Taught {
  readonly features: Features;
  readonly index: Index;
  readonly borders: Borders;
}

export interface Lessons {
  readonly readings: readonly (readonly Reading[])[];
  /** Class of each reading, from 0. */
  readonly labels: readonly number[];
  readonly classes: number;
  readonly synonyms: readonly (readonly string[])[];
}

/**
 * Signals of being on our subject, fitted on three public French sets (each checked by a fit on the two others). The
 * mean of a class, counted with what is unknown, tells most; letters see what words do not.
 */
const signals = {
  margin: 0.55, nearest: 2.8, centre: 11.8, letters: 3.1, acquainted: 1.5, acquaintedAtMost: 6, told: -2.9, stranger: -0.4, strangersAtMost: 4, base: -4.8,
};
/** Say of the nearest phrasing in the rank, and how sharply scores part the classes. */
const rank = { nearest: 1, sharpness: 2.5 };
/** Beyond this many phrasings a class is told from its nearest neighbours and a sample, not from everything. */
const allAtMost = 6_000;
const rivalClasses = 12;
const rivalSample = 120;
const telling = 24;
const rankedAtMost = 64;

/** Learns from lessons; takes seconds for thousands of them. */
export function teach({ readings, labels, classes, synonyms }: Lessons): Taught {
  const groups = Array.from({ length: classes }, (): (readonly Reading[])[] => []);
  readings.forEach((reading, at) => groups[labels[at] ?? 0]?.push(reading));
  const features = learnFeatures(groups, synonyms);
  const space = createSpace(features, synonyms);
  const examples: Examples = { vectors: readings.map((reading) => space.vectorise(reading)), labels, classes, size: space.size };
  const index = indexExamples(examples);
  return { features, index, borders: train(examples, rivalsAmong(examples, createNeighbours(index))) };
}

/** Weighs by what was taught; `synonyms` are those of the lessons. */
export function createMatcher({ features, index, borders }: Taught, synonyms: Lessons['synonyms']): Matcher {
  const space = createSpace(features, synonyms);
  const neighbours = createNeighbours(index);

  return {
    weigh: (asked) => {
      const familiar = space.familiarity(asked);
      const vector = space.vectorise(asked);
      const margins = scores(borders, vector);
      const nearness = neighbours.near(vector);
      const shares = softmax(combine(margins, nearness));
      const ranked = first(shares, rankedAtMost)
        .map((label) => ({ label, share: shares[label] ?? 0, margin: margins[label] ?? 0 }));
      const top = ranked[0]?.label ?? 0;
      const letters = neighbours.lettersOf(top, familiar.letters);
      return { ranked, evidence: evidenceOf({ top, margins, nearness, letters, familiar }), nearest: nearness.nearestAt[top] ?? -1, familiar };
    },
  };
}

/** Places of the greatest values, greatest first; of equals, the first. */
function first(values: Float64Array, count: number): number[] {
  const least = values.slice().sort()[Math.max(0, values.length - count)] ?? 0;
  const places: number[] = [];
  values.forEach((value, at) => {
    if (value >= least) places.push(at);
  });
  return places.sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b).slice(0, count);
}

interface Signs {
  readonly top: number;
  readonly margins: Float64Array;
  readonly nearness: Nearness;
  readonly letters: number;
  readonly familiar: Familiarity;
}

function evidenceOf({ top, margins, nearness, letters, familiar }: Signs): number {
  // Cosines are taken over what is known: brought back to the whole text, strangers included.
  const whole = Math.sqrt(familiar.energy);
  return (
    signals.margin * (margins[top] ?? 0) +
    signals.nearest * whole * (nearness.nearest[top] ?? 0) +
    signals.centre * whole * (nearness.centre[top] ?? 0) +
    signals.letters * letters +
    // Several words of ours tell more than one rare word that happens to be known.
    signals.acquainted * Math.min(signals.acquaintedAtMost, familiar.acquainted) +
    signals.told * Math.log1p(familiar.told) +
    signals.stranger * Math.min(signals.strangersAtMost, familiar.strangers) +
    signals.base
  );
}

/** Borders' scores on one scale for every text, with a say for the nearest phrasing. */
function combine(margins: Float64Array, { nearest }: Nearness): Float64Array {
  const mean = margins.reduce((sum, margin) => sum + margin, 0) / Math.max(1, margins.length);
  const spread = Math.sqrt(margins.reduce((sum, margin) => sum + (margin - mean) ** 2, 0) / Math.max(1, margins.length)) || 1;
  return margins.map((margin, label) => (margin - mean) / spread + rank.nearest * (nearest[label] ?? 0));
}

function softmax(values: Float64Array): Float64Array {
  const highest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const powers = values.map((value) => Math.exp(rank.sharpness * (value - highest)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Whom each class is told from when all would be too many: those that its most telling features bring up. */
function rivalsAmong({ vectors, labels, classes }: Examples, neighbours: Neighbours): Rivals {
  if (vectors.length <= allAtMost) return () => undefined;
  const members = Array.from({ length: classes }, (): number[] => []);
  labels.forEach((label, at) => members[label]?.push(at));
  const step = Math.ceil(vectors.length / rivalSample);
  return (label) => {
    const own = members[label] ?? [];
    const { centre } = neighbours.near(essence(own.flatMap((at) => vectors[at] ?? [])));
    const near = first(centre, rivalClasses + 1);
    const chosen = new Set([...own, ...near.flatMap((one) => members[one] ?? [])]);
    for (let at = label % step; at < vectors.length; at += step) chosen.add(at);
    return [...chosen].sort((a, b) => a - b);
  };
}

function essence(vectors: readonly Vector[]): Vector {
  const sums = new Map<number, number>();
  for (const { ids, values } of vectors) ids.forEach((id, place) => sums.set(id, (sums.get(id) ?? 0) + (values[place] ?? 0)));
  const pairs = [...sums].sort(([a, one], [b, other]) => other - one || a - b).slice(0, telling);
  return { ids: Int32Array.from(pairs, ([id]) => id), values: Float64Array.from(pairs, ([, value]) => value) };
}
