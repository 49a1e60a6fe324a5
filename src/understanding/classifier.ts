/**
 * Learns one linear border per class (support vector machine, squared hinge, dual coordinate descent) and keeps what
 * was learnt in a file named after the content's hash. It sees numbers only: no word, no entry.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Examples, Vector } from './features.js';

/** Weights by feature, then by class, with a last row for the bias: a text touches few features and every class. */
export interface Borders {
  readonly classes: number;
  readonly weights: Float32Array;
}

const training = { cost: 1, bias: 1, passes: 25, seed: 20240601 };


/** Trains on examples. The same examples in the same order give the same borders to the last bit. */
export function train(examples: Examples): Borders {
  const { classes, size } = examples;
  const weights = new Float32Array((size + 1) * classes);
  for (let label = 0; label < classes; label += 1) {
    const border = trainOne(examples, label);
    border.forEach((weight, id) => {
      weights[id * classes + label] = weight;
    });
  }
  return { classes, weights };
}

/** Signed distance-like score of a vector for each class; above 0 is inside. */
export function scores(borders: Borders, vector: Vector): Float64Array {
  const { classes, weights } = borders;
  const bias = weights.length - classes;
  const sums = Float64Array.from({ length: classes }, (_, label) => (weights[bias + label] ?? 0) * training.bias);
  vector.ids.forEach((id, at) => {
    const value = vector.values[at] ?? 0;
    for (let label = 0; label < classes; label += 1) sums[label] = (sums[label] ?? 0) + value * (weights[id * classes + label] ?? 0);
  });
  return sums;
}

/**
 * Dual coordinate descent for one class against the rest (Hsieh and others, 2008). Positives are few against the
 * rest, so that an error on one of them costs more.
 */
function trainOne(examples: Examples, label: number): Float64Array {
  const { vectors, labels, size } = examples;
  const positives = labels.filter((one) => one === label).length;
  const costOfPositive = training.cost * Math.sqrt((labels.length - positives) / Math.max(1, positives));
  const border = new Float64Array(size + 1);
  const duals = new Float64Array(vectors.length);
  const squares = vectors.map((vector) => vector.values.reduce((sum, value) => sum + value * value, training.bias ** 2));
  const random = randomFrom(training.seed);
  const order = vectors.map((_, at) => at);
  for (let pass = 0; pass < training.passes; pass += 1) {
    shuffle(order, random);
    for (const at of order) {
      const vector = vectors[at];
      if (vector === undefined) continue;
      const side = labels[at] === label ? 1 : -1;
      const slack = 1 / (2 * (side === 1 ? costOfPositive : training.cost));
      const dual = duals[at] ?? 0;
      const gradient = side * dot(border, vector) - 1 + slack * dual;
      const moved = Math.max(0, dual - gradient / ((squares[at] ?? 0) + slack));
      if (moved === dual) continue;
      duals[at] = moved;
      add(border, vector, side * (moved - dual));
    }
  }
  return border;
}

function dot(border: Float64Array, { ids, values }: Vector): number {
  let sum = (border[border.length - 1] ?? 0) * training.bias;
  for (let at = 0; at < ids.length; at += 1) sum += (border[ids[at] ?? 0] ?? 0) * (values[at] ?? 0);
  return sum;
}

function add(border: Float64Array, { ids, values }: Vector, step: number): void {
  const last = border.length - 1;
  border[last] = (border[last] ?? 0) + step * training.bias;
  for (let at = 0; at < ids.length; at += 1) {
    const id = ids[at] ?? 0;
    border[id] = (border[id] ?? 0) + step * (values[at] ?? 0);
  }
}

/** Numbers in 0..1 that are the same on every machine (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffle(order: number[], random: () => number): void {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
}

/**
 * Reads what was learnt from content with this hash; `undefined` when there is nothing, or nothing usable: a cache
 * that was cut short must cost a training, never a start.
 */
export function readBorders(folder: string, hash: string, shape: { classes: number; size: number }): Borders | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(join(folder, fileOf(hash)), 'utf8'));
    if (!isKept(kept) || kept.hash !== hash || kept.seal !== seal(kept)) return undefined;
    const bytes = Buffer.from(kept.weights, 'base64');
    if (bytes.length !== (shape.size + 1) * shape.classes * 4) return undefined;
    const weights = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    return { classes: shape.classes, weights };
  } catch {
    return undefined;
  }
}

/** Writes what was learnt whole or not at all. A folder that cannot be written costs the next start a training. */
export function keepBorders(folder: string, hash: string, { weights }: Borders): void {
  const kept = {
    hash,
    weights: Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength).toString('base64'),
  };
  const passing = join(folder, `${fileOf(hash)}.${String(process.pid)}.part`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(passing, JSON.stringify({ ...kept, seal: seal(kept) }));
    renameSync(passing, join(folder, fileOf(hash)));
  } catch {
    discard(passing);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // A folder that refuses both: nothing was kept, which is what the caller was promised.
  }
}

interface Kept {
  readonly hash: string;
  /** Base64 of 32-bit floats. */
  readonly weights: string;
}

/** Tells a file that was altered from one that was written here. */
function seal({ hash, weights }: Kept): string {
  return createHash('sha256').update(`${hash} ${weights}`).digest('hex');
}

function fileOf(hash: string): string {
  return `understanding-${hash.slice(0, 16)}.json`;
}

function isKept(value: unknown): value is Kept & { readonly seal: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { hash, weights, seal: sealed } = value as Record<string, unknown>;
  return typeof hash === 'string' && typeof weights === 'string' && typeof sealed === 'string';
}
