/**
 * The embedded durable store: one folder, one process, nothing to install. It opens the folder and joins the parts;
 * what each part promises is written in `conversation/ports.ts`.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SesameError } from '../conversation/errors.js';
import type { Store } from '../conversation/ports.js';
import type { ConversationState } from '../conversation/state.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import { openConversations } from './conversations.js';
import { Disk, type Row } from './disk.js';
import { keys, put, ranges } from './layout.js';
import { openOutbox } from './outbox.js';
import { openRecords, sweep } from './records.js';
import { Listeners } from './waiting.js';

export interface EmbeddedOptions {
  /** Made if missing, readable by its owner only. */
  readonly folder: string;
  /** Told of errors thrown by listeners, which nobody else would hear of. */
  readonly report?: (error: unknown) => void;
}

export interface EmbeddedStore extends Store {
  /** Takes away records, counters and marks whose time is over at `now`. Resolves with how many went. */
  sweep(now: number): Promise<number>;
  /** The conversations in which nothing has happened since `before`, in epoch milliseconds. */
  quiet(before: number): Promise<readonly ConversationState[]>;
  /** Everything that is on disk at the moment of the first step, as keys and texts, whatever is written meanwhile. */
  snapshot(): AsyncIterable<readonly Row[]>;
}

/** Counts up when the layout changes in a way that older code would misread. */
const FORMAT = 1;

/**
 * Opens the store, or makes a new one.
 * @throws SesameError `store-unavailable` when another process holds the folder (the message says which), when the
 * folder cannot be used, or when a newer version wrote it.
 */
export async function openEmbeddedStore({ folder, report = () => undefined }: EmbeddedOptions): Promise<EmbeddedStore> {
  if (existsSync(unfinished(folder))) {
    throw new SesameError('store-unavailable', `a restore into ${folder} was not finished: empty the folder of data and restore again`);
  }
  const disk = await openFolder(folder);
  try {
    await checkFormat(disk, folder);
    await writeFile(holderFile(folder), `process ${String(process.pid)} on ${hostname()}\n`);
  } catch (error) {
    await disk.close();
    throw error instanceof SesameError ? error : unusable(folder, error);
  }
  const following = { entries: new Listeners<TranscriptEntry>(report), items: new Listeners<undefined>(report), erasures: new Listeners<undefined>(report) };
  return {
    ...openConversations(disk, following),
    ...openOutbox(disk, following.items),
    ...openRecords(disk),
    sweep: (now) => sweep(disk, now),
    quiet: async (before) => (await disk.list(ranges.states())).flatMap(([, { state }]) => (state.lastTurnAt < before ? [state] : [])),
    snapshot: () => disk.snapshot(),
    close: async () => {
      await disk.close();
    },
  };
}

/** A store that a restore has not finished lies beside the one it is to become, and no server starts over it. */
const unfinished = (folder: string): string => `${folder}.restoring`;

/**
 * Makes a store of what a snapshot held. It is none before `open`, and no server starts in its place meanwhile. `rows`:
 * how many keys were read back from it.
 * @throws SesameError `store-unavailable` where there is a store already, or the disk refuses.
 */
export async function fillEmbeddedStore(folder: string, pieces: AsyncIterable<readonly Row[]>): Promise<{ readonly rows: number; open(): Promise<void> }> {
  if (existsSync(folder)) throw new SesameError('store-unavailable', `there is a store in ${folder} already: name another folder`);
  const disk = await openFolder(unfinished(folder));
  let rows = 0;
  try {
    for await (const changes of pieces) await disk.change(() => ({ changes, answer: undefined }));
    await checkFormat(disk, folder);
    for await (const piece of disk.snapshot()) rows += piece.length;
  } finally {
    await disk.close();
  }
  return { rows, open: () => rename(unfinished(folder), folder) };
}

async function openFolder(folder: string): Promise<Disk> {
  try {
    // Transcripts are personal, so nobody else on the machine may look in.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await Disk.open(folder);
  } catch (error) {
    throw isLocked(error) ? await heldBy(folder, error) : unusable(folder, error);
  }
}

async function checkFormat(disk: Disk, folder: string): Promise<void> {
  const format = await disk.get(keys.format);
  if (format === undefined) await disk.change(() => ({ changes: [put(keys.format, FORMAT)], answer: undefined }));
  else if (format !== FORMAT) {
    const found = `the store in ${folder} has format ${String(format)} and this version reads ${String(FORMAT)}`;
    throw new SesameError('store-unavailable', `${found}: start the version that wrote it, or name another folder`);
  }
}

async function heldBy(folder: string, cause: unknown): Promise<SesameError> {
  const holder = await readFile(holderFile(folder), 'utf8').catch(() => 'another process');
  const message = `the store in ${folder} is held by ${holder.trim()}: stop it first, or name another folder`;
  return new SesameError('store-unavailable', message, { cause });
}

function unusable(folder: string, cause: unknown): SesameError {
  const remedy = 'check that the folder exists, may be written and has room; if it is damaged, put back the last backup';
  return new SesameError('store-unavailable', `the store in ${folder} cannot be opened: ${remedy}`, { cause });
}

/** LevelDB's own fault hides behind a general one. */
function isLocked(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === 'LEVEL_LOCKED';
}

function holderFile(folder: string): string {
  return join(folder, 'HOLDER');
}
