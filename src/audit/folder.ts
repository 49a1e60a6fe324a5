/**
 * The audit's files: one for each day of UTC, named so that they sort. It finds, reads and mends them, and knows
 * nothing of what the lines say but their place in the chain.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SesameError } from '../conversation/errors.js';
import { claimOf, follow, type Link } from './chain.js';

const NAME = /^audit-(\d{4}-\d{2}-\d{2})\.jsonl$/;
const NEWLINE = 10;

export const fileOf = (folder: string, day: string): string => join(folder, `audit-${day}.jsonl`);

/** Days that have a file, oldest first. */
export async function daysIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).sort();
}

/** Lines without their ends; `finished` is false for a last one that has none. */
export async function* linesOf(file: string): AsyncGenerator<readonly { readonly line: Buffer; readonly finished: boolean }[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const lines = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE, from); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      lines.push({ line: bytes.subarray(from, end), finished: true });
      from = end + 1;
    }
    rest = bytes.subarray(from);
    yield lines;
  }
  if (rest.length > 0) yield [{ line: rest, finished: false }];
}

/** Where a log goes on. */
export interface End {
  readonly day: string;
  readonly link: Link;
  /** Bytes of the file. */
  readonly length: number;
}

/**
 * Finds the end of the log and cuts what a crash left unfinished, which was never acknowledged; a copy stays beside.
 * @returns the end, nothing for a log that is to begin, and the bytes that were cut.
 * @throws SesameError `store-unavailable` where the last file's lines do not follow one another: that is no crash.
 */
export async function openFolder(folder: string): Promise<{ readonly end?: End; readonly cut: number }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let cut = 0;
  for (const day of [...(await daysIn(folder))].reverse()) {
    const file = fileOf(folder, day);
    const { link, length, unfinished } = await readEnd(file);
    if (unfinished.length > 0) await cutOff(file, length, unfinished);
    cut += unfinished.length;
    if (link) return { end: { day, link, length }, cut };
    // Killed before its first line was whole: the day begins anew.
    await rm(file);
  }
  return { cut };
}

async function readEnd(file: string): Promise<{ link: Link | undefined; length: number; unfinished: Buffer }> {
  let link: Link | undefined;
  let length = 0;
  let number = 0;
  for await (const lines of linesOf(file)) {
    for (const { line, finished } of lines) {
      if (!finished) return { link, length, unfinished: line };
      number += 1;
      link = link ? follow(link, line) : claimOf(line);
      if (!link) throw new SesameError('store-unavailable', `${file}, line ${String(number)} does not follow the line before: run audit-verify, then keep this folder aside as evidence and start a new one`);
      length += line.length + 1;
    }
  }
  return { link, length, unfinished: Buffer.alloc(0) };
}

async function cutOff(file: string, length: number, unfinished: Buffer): Promise<void> {
  const { mtimeMs } = await stat(file);
  await writeFile(`${file}.unfinished-${String(Math.round(mtimeMs))}`, unfinished, { mode: 0o600, flush: true });
  await truncate(file, length);
}

/** Makes names that were added to a folder last through a power cut. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
