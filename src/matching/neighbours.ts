/**
 * How near a text is to the phrasings it could be: by the nearest phrasing of each class, by the mean of all of them,
 * and by the letters they share. An inverted index, so that a text meets only what it shares something with.
 */
import type { Examples, Familiarity, Vector } from './features.js';

/** Cosines, 0..1, by class. */
export interface Nearness {
  readonly nearest: Float64Array;
  /** Example that is nearest within each class, -1 where none shares anything. */
  readonly nearestAt: Int32Array;
  readonly centre: Float64Array;
}

export interface Neighbours {
  near(vector: Vector): Nearness;
  /** Part of a text's letters that one class uses, 0..1: unknown words that look like none of ours give it away. */
  lettersOf(label: number, letters: Familiarity['letters']): number;
}

/** Examples by feature, and what else tells how near a text is to them. */
export interface Index {
  /** Where the postings of each feature start. */
  readonly starts: Int32Array;
  readonly owners: Int32Array;
  readonly values: Float32Array;
  /** Class of each example. */
  readonly labels: Int32Array;
  /** Length of the sum of each class's vectors. */
  readonly norms: Float64Array;
}

export function createNeighbours(index: Index): Neighbours {
  const { labels, norms } = index;
  const featuresOf = featuresByClass(index);
  const cosines = new Float64Array(labels.length);

  return {
    near: (vector) => {
      cosines.fill(0);
      for (let place = 0; place < vector.ids.length; place += 1) meet(cosines, index, vector.ids[place] ?? 0, vector.values[place] ?? 0);
      return byClass(cosines, labels, norms);
    },
    lettersOf: (label, letters) => {
      const features = featuresOf[label] ?? new Int32Array();
      let [whole, shared] = [0, 0];
      for (const { id, weight } of letters) {
        whole += weight;
        if (id >= 0 && holds(features, id)) shared += weight;
      }
      return whole === 0 ? 0 : shared / whole;
    },
  };
}

/** A function of its own, which is handed all it touches: the loop that reading spends most of its time in is four times as fast so. */
function meet(cosines: Float64Array, { starts, owners, values }: Index, id: number, value: number): void {
  const end = starts[id + 1] ?? 0;
  for (let at = starts[id] ?? 0; at < end; at += 1) {
    const owner = owners[at] ?? 0;
    cosines[owner] = (cosines[owner] ?? 0) + value * (values[at] ?? 0);
  }
}

/** Indexes examples by feature. */
export function indexExamples({ vectors, labels, classes, size }: Examples): Index {
  const starts = new Int32Array(size + 1);
  for (const { ids } of vectors) for (const id of ids) starts[id + 1] = (starts[id + 1] ?? 0) + 1;
  for (let id = 0; id < size; id += 1) starts[id + 1] = (starts[id + 1] ?? 0) + (starts[id] ?? 0);
  const next = starts.slice();
  const owners = new Int32Array(starts[size] ?? 0);
  const values = new Float32Array(owners.length);
  vectors.forEach((vector, owner) => {
    vector.ids.forEach((id, place) => {
      const at = next[id] ?? 0;
      owners[at] = owner;
      values[at] = vector.values[place] ?? 0;
      next[id] = at + 1;
    });
  });
  return { starts, owners, values, labels: Int32Array.from(labels), norms: normsOf(vectors, labels, { classes, size }) };
}

function normsOf(vectors: readonly Vector[], labels: readonly number[], { classes, size }: Pick<Examples, 'classes' | 'size'>): Float64Array {
  const members = Array.from({ length: classes }, (): Vector[] => []);
  vectors.forEach((vector, at) => members[labels[at] ?? 0]?.push(vector));
  const sums = new Float64Array(size);
  return Float64Array.from(members, (own) => {
    for (const { ids, values } of own) ids.forEach((id, place) => (sums[id] = (sums[id] ?? 0) + (values[place] ?? 0)));
    const touched = Int32Array.from(new Set(own.flatMap(({ ids }) => [...ids]))).sort();
    const norm = Math.sqrt(touched.reduce((sum, id) => sum + (sums[id] ?? 0) ** 2, 0)) || 1;
    for (const id of touched) sums[id] = 0;
    return norm;
  });
}

/** The features that each class uses, ascending. */
function featuresByClass({ starts, owners, labels, norms }: Index): Int32Array[] {
  const found = Array.from(norms, (): number[] => []);
  for (let id = 0; id + 1 < starts.length; id += 1) {
    const end = starts[id + 1] ?? 0;
    for (let at = starts[id] ?? 0; at < end; at += 1) {
      const own = found[labels[owners[at] ?? 0] ?? 0];
      if (own !== undefined && own[own.length - 1] !== id) own.push(id);
    }
  }
  return found.map((own) => Int32Array.from(own));
}

function byClass(cosines: Float64Array, labels: Int32Array, norms: Float64Array): Nearness {
  const nearest = new Float64Array(norms.length);
  const nearestAt = new Int32Array(norms.length).fill(-1);
  const centre = new Float64Array(norms.length);
  for (let at = 0; at < cosines.length; at += 1) {
    const cosine = cosines[at] ?? 0;
    if (cosine === 0) continue;
    const label = labels[at] ?? 0;
    centre[label] = (centre[label] ?? 0) + cosine;
    if (cosine <= (nearest[label] ?? 0)) continue;
    nearest[label] = cosine;
    nearestAt[label] = at;
  }
  return { nearest, nearestAt, centre: centre.map((sum, label) => sum / (norms[label] ?? 1)) };
}

function holds(sorted: Int32Array, id: number): boolean {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle] ?? 0;
    if (found === id) return true;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
