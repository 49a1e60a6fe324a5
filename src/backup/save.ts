/**
 * Takes a backup of a server that runs: the store as it is at one moment, then the files that only grow, which may
 * therefore tell a little more than the store and never less. Keys are not copied: they are kept apart.
 */
import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { SesameError } from '../conversation/errors.js';
import type { Clock } from '../conversation/ports.js';
import { checkBackup, FORMAT, STORE_FILE, writeDurably, writeManifest, type CopiedFile, type Manifest } from './manifest.js';

/** Keys and texts, in pieces. */
export type Rows = AsyncIterable<readonly (readonly [string, string])[]>;

export interface Backing {
  /** Absent where conversations rest in a store of their own, such as Redis. */
  readonly snapshot?: () => Rows;
  /** The folder that the server writes to. */
  readonly dataFolder: string;
  /** Files and folders under it whose files grow by whole lines only. */
  readonly journals: readonly string[];
  readonly clock: Clock;
}

/**
 * Makes the backup in a folder that is new or empty, and reads it back. Resolves once all of it is on disk.
 * @throws SesameError `store-unavailable` where the folder will not do, the disk refuses, or what is read back differs.
 */
export async function saveTo(folder: string, backing: Backing): Promise<Manifest> {
  await makeRoom(folder, backing.dataFolder);
  try {
    const at = new Date(backing.clock.now()).toISOString();
    const store = backing.snapshot && (await saveRows(folder, backing.snapshot()));
    const files = [...(store ? [store.file] : [])];
    for (const journal of backing.journals) files.push(...(await saveJournals(folder, backing.dataFolder, journal)));
    await writeManifest(folder, { format: FORMAT, at, ...(store ? { rows: store.rows } : {}), files });
    return await checkBackup(folder);
  } catch (cause) {
    // What was begun would pass for a backup to whoever does not look closely.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof SesameError) throw cause;
    throw new SesameError('store-unavailable', `the backup in ${folder} could not be written: ${cause instanceof Error ? cause.message : 'see the cause'}; make room, or name another folder`, { cause });
  }
}

async function makeRoom(folder: string, dataFolder: string): Promise<void> {
  const inside = relative(resolve(dataFolder), resolve(folder));
  if (inside === '' || !inside.startsWith('..')) throw new SesameError('store-unavailable', `${folder} lies in the folder of data, and would be lost with it: name another`);
  const found = await mkdir(folder, { recursive: true, mode: 0o700 }).then(() => readdir(folder), () => ['unusable']);
  if (found.length > 0) throw new SesameError('store-unavailable', `${folder} is not an empty folder that may be written: name a new one`);
}

async function saveRows(folder: string, snapshot: Rows): Promise<{ readonly rows: number; readonly file: CopiedFile }> {
  const handle = await open(join(folder, STORE_FILE), 'wx', 0o600);
  const written = { hash: createHash('sha256'), bytes: 0, rows: 0 };
  try {
    for await (const piece of snapshot) await writePiece(handle, piece, written);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { rows: written.rows, file: { name: STORE_FILE, bytes: written.bytes, sha256: written.hash.digest('hex') } };
}

async function writePiece(handle: FileHandle, piece: readonly (readonly [string, string])[], written: { hash: Hash; bytes: number; rows: number }): Promise<void> {
  const text = Buffer.from(piece.map(lineOf).join(''));
  await handle.writeFile(text);
  written.hash.update(text);
  written.bytes += text.length;
  written.rows += piece.length;
}

/** JSON leaves two characters as they are that some readers take for the end of a line. */
function lineOf(row: readonly [string, string]): string {
  return `${JSON.stringify(row).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}

/** One file, or every file of one folder; nothing where there is none yet. */
async function saveJournals(folder: string, dataFolder: string, journal: string): Promise<readonly CopiedFile[]> {
  const whole = join(dataFolder, journal);
  if (!existsSync(whole)) return [];
  if ((await stat(whole)).isFile()) return [await saveLines(folder, dataFolder, journal)];
  await mkdir(join(folder, journal), { mode: 0o700 });
  return Promise.all((await readdir(whole)).sort().map((name) => saveLines(folder, dataFolder, `${journal}/${name}`)));
}

/** Up to the last whole line: what follows is being written, and was not acknowledged. */
async function saveLines(folder: string, dataFolder: string, name: string): Promise<CopiedFile> {
  const all = await readFile(join(dataFolder, name));
  const whole = name.endsWith('.jsonl') ? all.subarray(0, all.lastIndexOf('\n') + 1) : all;
  await writeDurably(join(folder, name), whole);
  return { name, bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') };
}
