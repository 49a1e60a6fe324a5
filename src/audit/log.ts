/**
 * Keeps the audit: entries are chained, written together, and on disk before they are acknowledged. One process a
 * folder. Reading it back is verify.ts.
 */
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Clock } from '../conversation/ports.js';
import { SesameError } from '../conversation/errors.js';
import { claimOf, forge, GENESIS, OWN, readFields, type Fields, type Link } from './chain.js';
import { fieldsOf, type AuditEntry } from './entry.js';
import { daysIn, fileOf, linesOf, openFolder, syncFolder } from './folder.js';

/** What the log did by itself, for the operator's log. */
export type AuditEvent =
  | { readonly kind: 'mended'; readonly bytes: number }
  | { readonly kind: 'purged'; readonly files: number; readonly upTo: number }
  | { readonly kind: 'not-purged'; readonly cause: unknown };

export interface AuditOptions {
  readonly folder: string;
  /** For pseudonyms. Another key makes the same person another one. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly report?: (event: AuditEvent) => void;
}

export interface AuditLog {
  /**
   * Resolves once the entry is on disk. Entries are in the order of the calls.
   * @throws SesameError `internal` for an entry that may not be written, `store-unavailable` where the disk refuses
   * (the next entry tries again), `store-closed` after `close`.
   */
  record(entry: AuditEntry): Promise<void>;
  /** The last place that is on disk: kept elsewhere each day, it shows that the end was not cut off. */
  head(): Link;
  close(): Promise<void>;
}

/** Whole months that files are kept. */
export const KEPT_MONTHS = 12;

/** Opens the log of a folder, makes it where there is none, and mends what a crash left. */
export async function createAuditLog(options: AuditOptions): Promise<AuditLog> {
  const { end, cut } = await openFolder(options.folder);
  const log = new Log(options, end?.link ?? GENESIS, end?.day ?? '');
  if (end) await log.resume(end.day, end.length);
  if (cut > 0) {
    await log.add({ at: new Date(options.clock.now()).toISOString(), action: OWN.mended, bytes: cut });
    options.report?.({ kind: 'mended', bytes: cut });
  }
  return log;
}

interface Waiting {
  readonly fields: Fields;
  readonly day: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

interface DayFile {
  readonly handle: FileHandle;
  /** Bytes that are known to be good. */
  length: number;
  /** A failed write may have left more than that. */
  doubtful: boolean;
}

class Log implements AuditLog {
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #file: DayFile | undefined;
  #closed = false;

  constructor(
    private readonly options: AuditOptions,
    private link: Link,
    private day: string,
  ) {}

  async resume(day: string, length: number): Promise<void> {
    this.#file = { handle: await open(fileOf(this.options.folder, day), 'a', 0o600), length, doubtful: false };
  }

  async record(entry: AuditEntry): Promise<void> {
    await this.add(fieldsOf(entry, this.options.clock.now(), this.options.key));
  }

  add(fields: Fields): Promise<void> {
    if (this.#closed) return Promise.reject(new SesameError('store-closed', 'the audit was closed: nothing more can be recorded'));
    return new Promise((done, failed) => {
      this.#waiting.push({ fields, day: String(fields['at']).slice(0, 10), done, failed });
      this.#flushing ??= this.#flush();
    });
  }

  head(): Link {
    return this.link;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  /** What arrives while a group is written makes the next group: one wait for the disk serves them all. */
  async #flush(): Promise<void> {
    for (let group = this.#nextGroup(); group.length > 0; group = this.#nextGroup()) {
      try {
        await this.#writeOn(group[0]?.day ?? '', group.map(({ fields }) => fields));
        for (const { done } of group) done();
      } catch (cause) {
        const error = new SesameError('store-unavailable', 'the audit could not be written: see the cause, make room or put the disk right; the next entry tries again', { cause });
        for (const { failed } of group) failed(error);
      }
    }
    this.#flushing = undefined;
  }

  /** Takes what waits, as far as it is of one day. */
  #nextGroup(): readonly Waiting[] {
    const day = this.#waiting[0]?.day;
    const other = this.#waiting.findIndex((each) => each.day !== day);
    return this.#waiting.splice(0, other < 0 ? this.#waiting.length : other);
  }

  async #writeOn(day: string, all: readonly Fields[]): Promise<void> {
    // A clock set back does not reopen a day that is over.
    const file = this.#file && day <= this.day ? this.#file : await this.#turnTo(day);
    await this.#write(file, all);
  }

  /** Chains, writes and waits for the disk. The chain moves on only once the lines are there. */
  async #write(file: DayFile, all: readonly Fields[]): Promise<void> {
    if (file.doubtful) await file.handle.truncate(file.length);
    let link = this.link;
    const lines = all.map((fields) => {
      const next = forge(link, fields);
      link = next.link;
      return next.line;
    });
    const bytes = Buffer.from(lines.join(''));
    file.doubtful = true;
    await file.handle.appendFile(bytes);
    await file.handle.datasync();
    file.doubtful = false;
    file.length += bytes.length;
    this.link = link;
  }

  /** The day before stays open until the new one has its first line on disk. */
  async #turnTo(day: string): Promise<DayFile> {
    const { folder, clock, report } = this.options;
    const name = fileOf(folder, day);
    // A file that is there already is another process's: nothing is written over it.
    const file: DayFile = { handle: await open(name, 'ax', 0o600), length: 0, doubtful: false };
    try {
      await syncFolder(folder);
      await this.#write(file, [{ at: new Date(clock.now()).toISOString(), action: OWN.day, prev: this.link.hash }]);
    } catch (cause) {
      await file.handle.close();
      await rm(name, { force: true });
      throw cause;
    }
    await this.#file?.handle.close();
    this.#file = file;
    this.day = day;
    await this.#purge(file).catch((cause: unknown) => report?.({ kind: 'not-purged', cause }));
    return file;
  }

  /** The account of what is removed is on disk before anything is: a crash between the two leaves too much, never a gap. */
  async #purge(file: DayFile): Promise<void> {
    const { folder, report, clock } = this.options;
    const days = await daysIn(folder);
    const oldest = monthsBefore(this.day, KEPT_MONTHS);
    const old = days.filter((day) => day < oldest);
    const kept = days.find((day) => day >= oldest);
    if (old.length === 0 || kept === undefined) return;
    const before = await startOf(fileOf(folder, kept));
    await this.#write(file, [{ at: new Date(clock.now()).toISOString(), action: OWN.purged, upTo: before.seq, upToHash: before.hash }]);
    for (const day of old) await rm(fileOf(folder, day));
    report?.({ kind: 'purged', files: old.length, upTo: before.seq });
  }
}

/** The place in the chain that a file follows. */
async function startOf(file: string): Promise<Link> {
  for await (const [first] of linesOf(file)) {
    const prev = first && readFields(first.line)?.['prev'];
    const claim = first && claimOf(first.line);
    if (claim && typeof prev === 'string') return { seq: claim.seq - 1, hash: prev };
    break;
  }
  throw new SesameError('store-unavailable', `${file} does not begin as a file of the audit does: run audit-verify`);
}

function monthsBefore(day: string, months: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() - months);
  return date.toISOString().slice(0, 10);
}
