/**
 * Keeps what was learnt in a file named after the content's hash, so that a restart does not learn again. It knows
 * neither the content nor what the numbers mean.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Borders } from './classifier.js';

export interface Kept {
  readonly borders: Borders;
  /** Whatever else was learnt, in an order that its owner knows. */
  readonly numbers: readonly number[];
}

const kind = /^understanding-.*\.json$/;

/**
 * Reads what was learnt from content with this hash; `undefined` when there is nothing, or nothing usable: a cache
 * that was cut short must cost a training, never a start. What the seal vouches for was written by `keepLearnt`.
 */
export function readLearnt(folder: string, hash: string): Kept | undefined {
  try {
    const [seal = '', body = ''] = readFileSync(join(folder, fileOf(hash)), 'utf8').split('\n');
    if (seal !== sealOf(hash, body)) return undefined;
    const { classes, starts, labels, weights, numbers } = JSON.parse(body) as Written;
    return {
      numbers,
      borders: { classes, starts: new Int32Array(bytesOf(starts)), labels: new Int32Array(bytesOf(labels)), weights: new Float32Array(bytesOf(weights)) },
    };
  } catch {
    return undefined;
  }
}

/** Writes what was learnt whole or not at all, and removes what other content taught. */
export function keepLearnt(folder: string, hash: string, { borders, numbers }: Kept): void {
  const { classes, starts, labels, weights } = borders;
  const kept: Written = { classes, starts: textOf(starts), labels: textOf(labels), weights: textOf(weights), numbers };
  const body = JSON.stringify(kept);
  const passing = join(folder, `${fileOf(hash)}.${String(process.pid)}.part`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(passing, `${sealOf(hash, body)}\n${body}`);
    renameSync(passing, join(folder, fileOf(hash)));
    for (const name of readdirSync(folder)) if (kind.test(name) && name !== fileOf(hash)) discard(join(folder, name));
  } catch {
    // A folder that cannot be written costs the next start a training, and nothing else.
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

/** Numbers in base64. */
interface Written {
  readonly classes: number;
  readonly starts: string;
  readonly labels: string;
  readonly weights: string;
  readonly numbers: readonly number[];
}

function textOf(numbers: Int32Array | Float32Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

/** Copied out of Node's shared pool, where numbers may start at any byte. */
function bytesOf(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text, 'base64')).buffer;
}

/** Tells a file that was altered from one that was written here. */
function sealOf(hash: string, body: string): string {
  return createHash('sha256').update(`${hash} ${body}`).digest('hex');
}

function fileOf(hash: string): string {
  return `understanding-${hash.slice(0, 16)}.json`;
}
