/**
 * Proposals of advisers for the knowledge, as files for its authors to judge. Nothing here is ever read as knowledge:
 * the folder is apart, and an author who likes a draft writes the entry.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SesameError } from './conversation/errors.js';

export interface Draft {
  readonly text: string;
  /** Code of the caisse it comes from; who wrote it stays out of the file. */
  readonly caisse: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface DraftsOptions {
  readonly folder: string;
  /** Takes out what must not be kept: secrets and numbers of people. */
  readonly clean: (text: string) => string;
}

/** Files in the folder at most: more would be a flood, or a folder that nobody reads. */
const MOST = 2_000;
const LONGEST = 4_000;

/**
 * Writes a draft and gives its file's name; the same words on the same day make one file.
 * @throws SesameError `store-unavailable` where the folder is full or the disk refuses.
 */
export async function keepDraft({ text, caisse, at }: Draft, { folder, clean }: DraftsOptions): Promise<string> {
  const words = clean(text).slice(0, LONGEST).trim();
  const day = new Date(at).toISOString().slice(0, 10);
  const name = `${day}-${createHash('sha256').update(words).digest('hex').slice(0, 12)}.md`;
  const quoted = words.split(/\r?\n/).map((line) => `> ${line}`).join('\n');
  try {
    await mkdir(folder, { recursive: true });
    const before = await readdir(folder);
    if (!before.includes(name) && before.length >= MOST) throw new Error(`there are ${String(before.length)} drafts already`);
    await writeFile(path.join(folder, name), `---\nstate: draft\ncaisse: ${JSON.stringify(caisse)}\nday: ${day}\n---\n\n${quoted}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new SesameError('store-unavailable', 'a draft for the authors could not be written: see the cause, and empty the folder or make room', { cause });
  }
  return name;
}
