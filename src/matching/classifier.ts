/**
 * Learns one linear border per class: a support vector machine, squared hinge, dual coordinate descent (Hsieh and
 * others, 2008). It sees numbers only: no word, no entry, no file.
 */
import type { Examples, Vector } from './features.js';

/** Weights by feature, only those that count: a text touches few features, and each few classes. */
export interface Borders {
  readonly classes: number;
  /** Where the weights of each feature start; the bias is the last feature. */
  readonly starts: Int32Array;
  readonly labels: Int32Array;
  readonly weights: Float32Array;
}

/**
 * `settled`: an example this far beyond the border is left alone for a while. `slight`: weights below it are dropped.
 */
const training = { cost: 1, bias: 1, passes: 16, seed: 20240601, settled: 0.1, fullPasses: 2, everyPass: 6, slight: 1e-4 };

/** Examples that a class is told from; `undefined`: all of them. */
export type Rivals = (label: number) => readonly number[] | undefined;

/** Trains on examples. The same examples in the same order give the same borders to the last bit. */
export function train(examples: Examples, rivals: Rivals = () => undefined): Borders {
  const { classes, size } = examples;
  const table = flatten(examples);
  const border = new Float64Array(size + 1);
  const learnt = Array.from({ length: classes }, (_, label) => {
    border.fill(0);
    const own = rivals(label) ?? examples.vectors.map((_vector, at) => at);
    trainOne(table, { label, own, border });
    const ids = telling(border);
    return { ids, weights: Float32Array.from(ids, (id) => border[id] ?? 0) };
  });
  return transpose(learnt, size + 1);
}

/** Features that a border leans on, ascending. A plain loop: it runs once a class over every feature there is. */
function telling(border: Float64Array): Int32Array {
  const found: number[] = [];
  for (let id = 0; id < border.length; id += 1) if (Math.abs(border[id] ?? 0) > training.slight) found.push(id);
  return Int32Array.from(found);
}

/** Signed distance-like score of a vector for each class; above 0 is inside. */
export function scores(borders: Borders, vector: Vector): Float64Array {
  const sums = new Float64Array(borders.classes);
  lean(sums, borders, borders.starts.length - 2, training.bias);
  for (let place = 0; place < vector.ids.length; place += 1) lean(sums, borders, vector.ids[place] ?? 0, vector.values[place] ?? 0);
  return sums;
}

/** Outside of its caller, for speed: every feature of every text comes by here. */
function lean(sums: Float64Array, { starts, labels, weights }: Borders, id: number, value: number): void {
  const end = starts[id + 1] ?? 0;
  for (let at = starts[id] ?? 0; at < end; at += 1) {
    const label = labels[at] ?? 0;
    sums[label] = (sums[label] ?? 0) + value * (weights[at] ?? 0);
  }
}

/** All examples in three runs of numbers: followed pointers would cost more than the arithmetic. */
interface Table {
  readonly starts: Int32Array;
  readonly ids: Int32Array;
  readonly values: Float64Array;
  readonly squares: Float64Array;
  readonly labels: readonly number[];
}

function flatten({ vectors, labels }: Examples): Table {
  const starts = new Int32Array(vectors.length + 1);
  vectors.forEach(({ ids }, at) => {
    starts[at + 1] = (starts[at] ?? 0) + ids.length;
  });
  const ids = new Int32Array(starts[vectors.length] ?? 0);
  const values = new Float64Array(ids.length);
  vectors.forEach((vector, at) => {
    ids.set(vector.ids, starts[at]);
    values.set(vector.values, starts[at]);
  });
  const squares = Float64Array.from(vectors, (vector) => vector.values.reduce((sum, value) => sum + value * value, training.bias ** 2));
  return { starts, ids, values, squares, labels };
}

interface Task {
  readonly label: number;
  readonly own: readonly number[];
  readonly border: Float64Array;
}

/** Positives are few against the rest, so that an error on one of them costs more. */
function trainOne(table: Table, { label, own, border }: Task): void {
  const positives = own.filter((at) => table.labels[at] === label).length;
  const costOfPositive = training.cost * Math.sqrt((own.length - positives) / Math.max(1, positives));
  const duals = new Float64Array(table.squares.length);
  const random = randomFrom(training.seed);
  let order = Int32Array.from(own);
  const step = (at: number): boolean => {
    const side = table.labels[at] === label ? 1 : -1;
    const slack = 1 / (2 * (side === 1 ? costOfPositive : training.cost));
    const dual = duals[at] ?? 0;
    const gradient = side * dot(border, table, at) - 1 + slack * dual;
    const moved = Math.max(0, dual - gradient / ((table.squares[at] ?? 0) + slack));
    duals[at] = moved;
    if (moved !== dual) add(border, table, at, side * (moved - dual));
    return moved > 0 || gradient < training.settled;
  };
  for (let pass = 0; pass < training.passes; pass += 1) {
    // Most examples are far on the right side and stay there: they are looked at again now and then only.
    if (pass < training.fullPasses || pass % training.everyPass === 0) order = Int32Array.from(own);
    shuffle(order, random);
    let active = 0;
    for (const at of order) if (step(at)) order[active++] = at;
    order = order.subarray(0, active);
  }
}

function dot(border: Float64Array, { starts, ids, values }: Table, at: number): number {
  let sum = (border[border.length - 1] ?? 0) * training.bias;
  const end = starts[at + 1] ?? 0;
  for (let place = starts[at] ?? 0; place < end; place += 1) sum += (border[ids[place] ?? 0] ?? 0) * (values[place] ?? 0);
  return sum;
}

function add(border: Float64Array, { starts, ids, values }: Table, at: number, step: number): void {
  const last = border.length - 1;
  border[last] = (border[last] ?? 0) + step * training.bias;
  const end = starts[at + 1] ?? 0;
  for (let place = starts[at] ?? 0; place < end; place += 1) {
    const id = ids[place] ?? 0;
    border[id] = (border[id] ?? 0) + step * (values[place] ?? 0);
  }
}

/** From class by class to feature by feature. */
function transpose(learnt: readonly { readonly ids: Int32Array; readonly weights: Float32Array }[], features: number): Borders {
  const starts = new Int32Array(features + 1);
  for (const { ids } of learnt) for (const id of ids) starts[id + 1] = (starts[id + 1] ?? 0) + 1;
  for (let id = 0; id < features; id += 1) starts[id + 1] = (starts[id + 1] ?? 0) + (starts[id] ?? 0);
  const next = starts.slice();
  const labels = new Int32Array(starts[features] ?? 0);
  const weights = new Float32Array(labels.length);
  learnt.forEach((one, label) => {
    one.ids.forEach((id, place) => {
      const at = next[id] ?? 0;
      labels[at] = label;
      weights[at] = one.weights[place] ?? 0;
      next[id] = at + 1;
    });
  });
  return { classes: learnt.length, starts, labels, weights };
}

/** Numbers in 0..1 that are the same on every machine (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffle(order: Int32Array, random: () => number): void {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
}
