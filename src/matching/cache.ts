/**
 * Keeps what was learnt in a file named after the content's hash, so that a restart does not learn again. It knows
 * neither the content nor what the numbers and the texts mean.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lists of numbers and of texts, by names that their owner knows. No text may hold a line break. */
export type Kept = Readonly<Record<string, Int32Array | Float32Array | Float64Array | readonly string[]>>;

const kind = /^understanding-.*\.bin$/;
const numbers = { Int32Array, Float32Array, Float64Array } as const;

/** What the first line of the file says of what follows it. */
interface Heading {
  /** Tells a file that was altered or cut short from one that was written here. */
  readonly seal: string;
  readonly parts: readonly { readonly name: string; readonly kind: keyof typeof numbers | 'texts'; readonly bytes: number }[];
}

/**
 * Reads what was learnt from content with this hash; `undefined` when there is nothing, or nothing usable: a cache
 * that was cut short must cost a training, never a start. What the seal vouches for was written by `keepLearnt`.
 */
export function readLearnt(folder: string, hash: string): Kept | undefined {
  try {
    const file = readFileSync(join(folder, fileOf(hash)));
    const end = file.indexOf('\n');
    const { seal, parts } = JSON.parse(file.toString('utf8', 0, end)) as Heading;
    const body = file.subarray(end + 1);
    if (seal !== sealOf(hash, parts, body)) return undefined;
    let at = 0;
    return Object.fromEntries(parts.map(({ name, kind: as, bytes }) => [name, unpacked(body.subarray(at, (at += bytes)), as)]));
  } catch {
    return undefined;
  }
}

/** Writes what was learnt whole or not at all, and removes what other content taught. */
export function keepLearnt(folder: string, hash: string, kept: Kept): void {
  const packed = Object.entries(kept).map(([name, list]) => ({ name, ...packedOf(list) }));
  const body = Buffer.concat(packed.map(({ buffer }) => buffer));
  const parts = packed.map(({ name, kind: as, buffer }) => ({ name, kind: as, bytes: buffer.byteLength }));
  const heading: Heading = { seal: sealOf(hash, parts, body), parts };
  const passing = join(folder, `${fileOf(hash)}.${String(process.pid)}.part`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(passing, Buffer.concat([Buffer.from(`${JSON.stringify(heading)}\n`), body]));
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

function packedOf(list: Kept[string]): { readonly kind: Heading['parts'][number]['kind']; readonly buffer: Buffer } {
  if (list instanceof Int32Array) return { kind: 'Int32Array', buffer: bytesOf(list) };
  if (list instanceof Float32Array) return { kind: 'Float32Array', buffer: bytesOf(list) };
  if (list instanceof Float64Array) return { kind: 'Float64Array', buffer: bytesOf(list) };
  return { kind: 'texts', buffer: Buffer.from(list.join('\n')) };
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Float32Array | Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Numbers are copied out of the file, where they may start at any byte. */
function unpacked(bytes: Buffer, as: Heading['parts'][number]['kind']): Kept[string] {
  if (as === 'texts') return bytes.length === 0 ? [] : bytes.toString('utf8').split('\n');
  return new numbers[as](new Uint8Array(bytes).buffer);
}

function sealOf(hash: string, parts: Heading['parts'], body: Buffer): string {
  return createHash('sha256').update(`${hash} ${JSON.stringify(parts)} `).update(body).digest('hex');
}

function fileOf(hash: string): string {
  return `understanding-${hash.slice(0, 16)}.bin`;
}
