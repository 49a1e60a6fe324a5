/**
 * What a backup says of itself: which files it has, how long they are and their SHA-256. It is written last, so a backup
 * without one was never finished. It knows nothing of what the files hold.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SesameError } from '../conversation/errors.js';

/** Counts up when backups are laid out in a way that older code would misread. */
export const FORMAT = 1;

const manifestFile = z.strictObject({
  format: z.literal(FORMAT),
  /** ISO 8601: when the copy began. All that was acknowledged before is in it. */
  at: z.iso.datetime(),
  /** Keys of the store; absent where conversations rest elsewhere. */
  rows: z.int().nonnegative().optional(),
  files: z.array(z.strictObject({ name: z.string().regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)?$/), bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

export type Manifest = z.infer<typeof manifestFile>;
export type CopiedFile = Manifest['files'][number];

const NAME = 'manifest.json';

/** The store's keys and texts, a line of JSON each. */
export const STORE_FILE = 'store.jsonl';

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeDurably(join(folder, NAME), `${JSON.stringify(manifest, null, 2)}\n`);
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/**
 * Reads the manifest and holds every file against it.
 * @throws SesameError `store-unavailable` for a backup that is not finished, damaged or of a newer version.
 */
export async function checkBackup(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, NAME), 'utf8').catch((cause: unknown) => {
    throw new SesameError('store-unavailable', `${folder} has no ${NAME}: it is no backup, or one that was never finished; take another`, { cause });
  });
  const read = manifestFile.safeParse(parse(text));
  if (!read.success) throw new SesameError('store-unavailable', `${NAME} in ${folder} cannot be read: the backup is damaged, or a newer version made it; take another`);
  for (const file of read.data.files) await checkFile(folder, file);
  return read.data;
}

async function checkFile(folder: string, { name, bytes, sha256 }: CopiedFile): Promise<void> {
  const found = await measure(join(folder, name)).catch(() => undefined);
  if (found?.bytes === bytes && found.sha256 === sha256) return;
  throw new SesameError('store-unavailable', `${name} in ${folder} is ${found ? 'not what was written' : 'missing'}: the backup is damaged, take another`);
}

/** Reads a file through. */
export async function measure(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** A file that only its owner may read, on disk when this resolves. */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
