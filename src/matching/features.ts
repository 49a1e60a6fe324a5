/**
 * Readings of words -> sparse vectors of stems, pairs of stems and letter n-grams, weighted by how many classes use
 * them; and how much of a text is known at all. It ranks nothing and decides nothing.
 */
import { fold, stem } from './normalise.js';
import type { Reading } from './spelling.js';

/** A sparse vector of length 1 (or 0 when nothing is known), ids ascending. */
export interface Vector {
  readonly ids: Int32Array;
  readonly values: Float64Array;
}

/** Phrasings with the class of each. */
export interface Examples {
  readonly vectors: readonly Vector[];
  /** Class of each vector, from 0. */
  readonly labels: readonly number[];
  readonly classes: number;
  /** Number of features. */
  readonly size: number;
}

/** How much of a text the knowledge knows. */
export interface Familiarity {
  /** Content words that the knowledge knows, and that it does not. */
  readonly acquainted: number;
  readonly strangers: number;
  /** Part of what all the words weigh that is known, 0..1: a cosine that forgets strangers flatters. */
  readonly energy: number;
  /** What the known ones tell, in nats: a word that every class uses tells nothing. */
  readonly told: number;
  /** Letter n-grams of the content words as typed, -1 where unknown, and what each weighs. */
  readonly letters: readonly { readonly id: number; readonly weight: number }[];
}

export interface Space {
  /** Number of features. */
  readonly size: number;
  vectorise(readings: readonly Reading[]): Vector;
  familiarity(readings: readonly Reading[]): Familiarity;
}

/** Measured on public French sets; single settings move accuracy by less than a point. */
const weights = { pair: 0.4, light: 0.7, corrected: 0.85, typedLetters: 0.5, synonym: 0.5, shortest: 3, longest: 4 };
/** Part of a corrected word's energy that counts as known: it may have been another word. */
const correctedEnergy = 0.7;
const wordsKept = 20_000;

/** What was learnt of the features: their names by id, and how many classes use each. */
export interface Features {
  readonly names: readonly string[];
  readonly seenIn: Int32Array;
  /** How many classes there are. */
  readonly classes: number;
}

/** Makes the space of features; `synonyms` are the same groups that they were learnt with. */
export function createSpace({ names, seenIn, classes }: Features, synonyms: readonly (readonly string[])[]): Space {
  const groups = groupStems(synonyms);
  const ids = new Map(names.map((name, id) => [name, id]));
  const rarities = Float64Array.from(seenIn, (seen) => Math.log((classes + 1) / (seen + 1)) + 1);
  const strange = Math.log(classes + 1) + 1;
  const rarity = (id: number | undefined): number => (id === undefined ? strange : (rarities[id] ?? strange));
  const gramIds = createGramIds(ids);
  const sums = new Float64Array(ids.size);

  const add = (touched: number[], id: number | undefined, weight: number): void => {
    if (id === undefined || id < 0) return;
    if (sums[id] === 0) touched.push(id);
    sums[id] = (sums[id] ?? 0) + weight * rarity(id);
  };
  const words = (readings: readonly Reading[]): number[] => {
    const touched: number[] = [];
    wordFeatures(readings, groups, (name, weight) => { add(touched, ids.get(name), weight); });
    return touched;
  };
  const letters = (readings: readonly Reading[]): number[] => {
    const touched: number[] = [];
    for (const reading of readings) {
      for (const id of gramIds(reading.folded)) add(touched, id, weightOf(reading));
      if (reading.how === 'corrected') for (const id of gramIds(fold(reading.typed))) add(touched, id, weights.typedLetters);
    }
    return touched;
  };
  /** Takes the sums of a block, scaled, out of the table that they were added up in. */
  const scaled = (touched: readonly number[], scale: number): number[] => {
    const norm = Math.sqrt(touched.reduce((sum, id) => sum + (sums[id] ?? 0) ** 2, 0)) || 1;
    return touched.map((id) => ((sums[id] ?? 0) * scale) / norm);
  };

  return {
    size: ids.size,
    vectorise: (readings) => {
      const blocks = [words(readings), letters(readings)];
      // Both blocks weigh the same; with one of them empty the other stands alone.
      const scale = blocks.every((block) => block.length > 0) ? Math.SQRT1_2 : 1;
      for (const block of blocks) {
        const values = scaled(block, scale);
        block.forEach((id, at) => (sums[id] = values[at] ?? 0));
      }
      const sorted = Int32Array.from(blocks.flat()).sort();
      const vector = { ids: sorted, values: Float64Array.from(sorted, (id) => sums[id] ?? 0) };
      for (const id of sorted) sums[id] = 0;
      return vector;
    },
    familiarity: (readings) => {
      const known = (reading: Reading): number | undefined => ids.get(`w ${reading.stem}`) ?? ids.get(`s ${String(groups.get(reading.stem))}`);
      return weigh(readings, { known, rarity, gramIds });
    },
  };
}

function groupStems(synonyms: readonly (readonly string[])[]): Map<string, number> {
  const groups = new Map<string, number>();
  synonyms.forEach((group, at) => {
    for (const word of group) if (!groups.has(stem(word))) groups.set(stem(word), at);
  });
  return groups;
}

/**
 * Learns the features of classes of phrasings. A feature's rarity counts classes, not phrasings, so that an entry
 * with many phrasings does not make its own words look common.
 */
export function learnFeatures(classes: readonly (readonly (readonly Reading[])[])[], synonyms: readonly (readonly string[])[]): Features {
  const groups = groupStems(synonyms);
  const ids = new Map<string, number>();
  const seenIn: number[] = [];
  const kept = new Map<string, string[]>();
  const grams = (word: string): string[] => {
    const made = kept.get(word) ?? gramsOf(word);
    kept.set(word, made);
    return made;
  };
  for (const phrasings of classes) {
    const names = new Set<string>();
    for (const readings of phrasings) {
      wordFeatures(readings, groups, (name) => names.add(name));
    }
    const words = new Set(phrasings.flatMap((readings) => readings.flatMap((one) => (one.how === 'corrected' ? [one.folded, fold(one.typed)] : [one.folded]))));
    for (const word of words) for (const gram of grams(word)) names.add(gram);
    for (const name of names) {
      const id = ids.get(name) ?? ids.size;
      ids.set(name, id);
      seenIn[id] = (seenIn[id] ?? 0) + 1;
    }
  }
  return { names: [...ids.keys()], seenIn: Int32Array.from(seenIn), classes: classes.length };
}

interface Known {
  readonly known: (reading: Reading) => number | undefined;
  readonly rarity: (id: number | undefined) => number;
  readonly gramIds: (word: string) => Int32Array;
}

function weigh(readings: readonly Reading[], { known, rarity, gramIds }: Known): Familiarity {
  const weighed = readings.map((reading) => {
    const id = known(reading);
    return { reading, id, weight: ((reading.light ? weights.light : 1) * rarity(id)) ** 2 };
  });
  const content = weighed.filter(({ reading }) => !reading.light);
  const met = content.filter(({ id }) => id !== undefined);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const energy = sum(weighed.map(({ reading, id, weight }) => (id === undefined ? 0 : weight * (reading.how === 'corrected' ? correctedEnergy : 1))));
  return {
    acquainted: met.length,
    // A number that nobody wrote down (« 5 fois ») says nothing about the subject.
    strangers: content.filter(({ id, reading }) => id === undefined && !/\d/.test(reading.folded)).length,
    energy: energy / (sum(weighed.map(({ weight }) => weight)) || 1),
    told: sum(met.map(({ id }) => rarity(id) - 1)),
    letters: lettersOf(content.map(({ reading }) => gramIds(fold(reading.typed))), rarity),
  };
}

function lettersOf(words: readonly Int32Array[], rarity: Known['rarity']): Familiarity['letters'] {
  const letters: { id: number; weight: number }[] = [];
  for (const grams of words) for (const id of grams) letters.push({ id, weight: rarity(id < 0 ? undefined : id) });
  return letters;
}

function weightOf(reading: Reading): number {
  return (reading.light ? weights.light : 1) * (reading.how === 'corrected' ? weights.corrected : 1);
}

/** Tells each feature of the words, in their order: stems, pairs of stems, groups of synonyms. */
function wordFeatures(readings: readonly Reading[], groups: ReadonlyMap<string, number>, tell: (name: string, weight: number) => void): void {
  readings.forEach((reading, at) => {
    const weight = weightOf(reading);
    tell(`w ${reading.stem}`, weight);
    const next = readings[at + 1];
    if (next !== undefined) tell(`p ${reading.stem} ${next.stem}`, weights.pair * Math.sqrt(weight * weightOf(next)));
    const group = groups.get(reading.stem);
    if (group !== undefined) tell(`s ${String(group)}`, weights.synonym * weight);
  });
}

function gramsOf(word: string): string[] {
  const framed = ` ${word} `;
  const grams: string[] = [];
  for (let length = weights.shortest; length <= weights.longest; length += 1) {
    for (let at = 0; at + length <= framed.length; at += 1) grams.push(`c${framed.slice(at, at + length)}`);
  }
  return grams;
}

/** Ids of a word's letter n-grams, -1 where unknown; the same words come back all the time. */
function createGramIds(ids: ReadonlyMap<string, number>): (word: string) => Int32Array {
  const kept = new Map<string, Int32Array>();
  return (word) => {
    const before = kept.get(word);
    if (before !== undefined) return before;
    const made = Int32Array.from(gramsOf(word), (gram) => ids.get(gram) ?? -1);
    if (kept.size >= wordsKept) kept.clear();
    kept.set(word, made);
    return made;
  };
}
