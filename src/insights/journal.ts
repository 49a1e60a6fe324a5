/**
 * Opinions as lines of a file, each on disk before it is acknowledged. It only grows; whoever reads it sums it up and
 * is not here.
 */
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { SesameError } from '../conversation/errors.js';
import { readOpinion, type OpinionReason, type Verdict } from '../conversation/opinion.js';

/** One opinion, without anything that leads back to a person. */
export interface Judgement {
  /** `YYYY-MM-DD` in Paris. */
  readonly day: string;
  /** Id of an entry of the knowledge, or `message`. */
  readonly about: string;
  readonly verdict: Verdict;
  readonly reason?: OpinionReason;
}

export interface Journal {
  /** Resolves once the line is on disk. Throws `store-unavailable` where the disk refuses. */
  append(judgement: Judgement): Promise<void>;
}

/** Its name in the folder of the data. */
export const OPINIONS_FILE = 'opinions.jsonl';

const NEWLINE = 0x0a;

/** The journal in a file, made at the first opinion and readable by its owner only. One process writes to it. */
export function openJournal(file: string): Journal {
  let last: Promise<unknown> = Promise.resolve();
  return {
    append(judgement) {
      const next = last.then(() => write(file, JSON.stringify(judgement)));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

async function write(file: string, line: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(file, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      const end = size === 0 ? undefined : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0];
      // A line that a crash cut short stays a line of its own.
      await handle.appendFile(`${end === undefined || end === NEWLINE ? '' : '\n'}${line}\n`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new SesameError('store-unavailable', 'an opinion could not be written down: see the cause, and make room', { cause });
  }
}

/** What the file holds. Lines that cannot be read, such as one cut short, are counted and passed over; no file: nothing. */
export async function readJournal(file: string): Promise<{ readonly judgements: readonly Judgement[]; readonly unread: number }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const judgements = lines.flatMap((line) => readLine(line) ?? []);
  return { judgements, unread: lines.length - judgements.length };
}

function readLine(line: string): Judgement | undefined {
  try {
    const { day, about, verdict, reason } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    // The seq is nowhere in the file: any will do to have the two lists checked.
    const opinion = readOpinion({ about: 1, verdict, reason });
    if (typeof day !== 'string' || typeof about !== 'string' || opinion === undefined) return undefined;
    return { ...opinion, day, about };
  } catch {
    return undefined;
  }
}
