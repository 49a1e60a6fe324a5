/**
 * Puts a backup back where no server has ever been: all of it, or nothing that a server would start with. It changes
 * nothing before the whole backup has been checked.
 */
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { SesameError } from '../conversation/errors.js';
import { checkBackup, STORE_FILE, type Manifest } from './manifest.js';
import type { Rows } from './save.js';

export interface Restoring {
  /** What was saved. */
  readonly from: string;
  /** The folder of data: new, or holding nothing but what may stay. */
  readonly to: string;
  /** Names that may be there already, such as the keys, which are kept apart. */
  readonly mayStay: readonly string[];
  /** Makes a store of rows, which is none before `open`: no server starts with it, nor without it. `rows`: how many were read back. */
  readonly fill: (rows: Rows) => Promise<{ readonly rows: number; open(): Promise<void> }>;
}

/** @throws SesameError `store-unavailable` for a backup that is damaged or unfinished, or a folder that is not empty. */
export async function restoreFrom({ from, to, mayStay, fill }: Restoring): Promise<Manifest> {
  const manifest = await checkBackup(from);
  await mkdir(to, { recursive: true, mode: 0o700 });
  const there = (await readdir(to)).filter((name) => !mayStay.includes(name));
  if (there.length > 0) throw new SesameError('store-unavailable', `${to} is not empty (it holds ${there.slice(0, 3).join(', ')}): restore into an empty folder, and keep this one aside`);
  const store = manifest.rows === undefined ? undefined : await fill(readRows(join(from, STORE_FILE)));
  if (store?.rows !== manifest.rows) throw new SesameError('store-unavailable', `${String(store?.rows)} keys of ${String(manifest.rows)} came back: the disk is not to be trusted, restore to another one`);
  for (const { name } of manifest.files.filter((file) => file.name !== STORE_FILE)) {
    await mkdir(dirname(join(to, name)), { recursive: true, mode: 0o700 });
    await copyFile(join(from, name), join(to, name));
  }
  await store?.open();
  return manifest;
}

/** Rows written together: enough to be quick, and few enough to be light. */
const PIECE = 1_000;

async function* readRows(file: string): AsyncGenerator<readonly (readonly [string, string])[]> {
  let piece: (readonly [string, string])[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    piece.push(rowOf(line));
    if (piece.length < PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

function rowOf(line: string): readonly [string, string] {
  const [key, text] = JSON.parse(line) as readonly unknown[];
  if (typeof key === 'string' && typeof text === 'string') return [key, text];
  throw new SesameError('store-unavailable', `${STORE_FILE} has a line that is no row, although its sum is right: a newer version made it`);
}
