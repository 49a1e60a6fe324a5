/**
 * The LevelDB database under the embedded store: decides and writes in one breath, groups writes that arrive together
 * into one fsync, and never writes on after a failed write. It knows keys and texts, not conversations.
 *
 * Decisions are made one after the other on what is already queued, before it is on disk; that is what makes two
 * calls at the same moment safe without a lock. What a decision answers is told only once the disk has it.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { SesameError } from '../conversation/errors.js';
import { type Change, type Key, type Range, parse } from './layout.js';

/** What to write and what to answer once it is on disk. No change: what the answer rests on is waited for. */
export interface Decision<T> {
  readonly changes: readonly Change[];
  readonly answer: T;
  /** Called once on disk, in the order of the decisions. Must not throw. */
  readonly announce?: () => void;
}

/** Writes that reach the disk together: all of them or none. */
class Group {
  readonly changes = new Map<string, string | undefined>();
  readonly announcements: (() => void)[] = [];
  readonly ended: Promise<void>;
  succeed!: () => void;
  fail!: (error: SesameError) => void;

  constructor() {
    this.ended = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
  }

  /** Handed over one by one: a list of operations would be taken apart property by property, which takes six times as long. */
  async write(db: ClassicLevel): Promise<void> {
    const batch = db.batch();
    for (const [key, value] of this.changes) {
      if (value === undefined) batch.del(key);
      else batch.put(key, value);
    }
    await batch.write({ sync: true });
  }
}

export type Row = readonly [key: string, text: string];

const ROWS_AT_A_TIME = 1_000;
/** Reopening writes up to 4 MiB of the log again, and its tables. */
const ROOM_TO_REOPEN = 8 * 1024 * 1024;

export class Disk {
  #gathering: Group | undefined;
  #writing: Group | undefined;
  #flushing: Promise<void> | undefined;
  #mending: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #broken = false;

  private constructor(
    private readonly folder: string,
    private db: ClassicLevel,
  ) {}

  /** @throws LevelDB's own error. */
  static async open(folder: string): Promise<Disk> {
    return new Disk(folder, await openLevel(folder));
  }

  /** @throws SesameError `store-closed` from the moment `close` was called. */
  assertOpen(): void {
    if (this.#closing) throw new SesameError('store-closed', 'the store was closed: open it again before using it');
  }

  /** Runs `decide` alone, writes its changes whole or not at all, and resolves with its answer once on disk. */
  async change<T>(decide: () => Decision<T>): Promise<T> {
    this.assertOpen();
    // Without an await where all is well: a call made before `close` is queued before it.
    if (this.#broken) await this.#mend();
    let decision: Decision<T> | undefined;
    try {
      decision = decide();
    } finally {
      // A refusal rests on what is queued, as an answer does: whoever tries again at once must find it on disk.
      if ((decision?.changes.length ?? 0) === 0) await (this.#gathering ?? this.#writing)?.ended;
    }
    const { changes, answer, announce } = decision;
    if (changes.length > 0) await this.#queue(changes, announce);
    return answer;
  }

  /** The value as the next decision must see it, queued writes included. Synchronous: a decision is one breath. */
  current<T>(key: Key<T>): T | undefined {
    const queued = [this.#gathering, this.#writing].find((group) => group?.changes.has(key));
    const text = queued ? queued.changes.get(key) : this.#orFault(() => this.db.getSync(key));
    return text === undefined ? undefined : parse(key, text);
  }

  /** The value on disk. One key is found sooner than a thread is woken to look for it: no thread is asked. */
  async get<T>(key: Key<T>): Promise<T | undefined> {
    const text = await this.#read((db) => db.getSync(key));
    return text === undefined ? undefined : parse(key, text);
  }

  /** What is on disk in a range, in the order of its keys. */
  async list<T>(range: Range<T>, limit = Infinity): Promise<readonly (readonly [Key<T>, T])[]> {
    const most = Number.isFinite(limit) ? Math.max(0, Math.floor(limit)) : -1;
    const found = await this.#read((db) => db.iterator({ ...range, limit: most }).all());
    return found.map(([key, text]) => [key as Key<T>, parse(key as Key<T>, text)]);
  }

  /** Everything on disk at one moment, in the order of its keys and in pieces, whatever is written meanwhile. */
  async *snapshot(): AsyncGenerator<readonly Row[]> {
    this.assertOpen();
    // An iterator of LevelDB sees what was there when it was made, and nothing later.
    const rows = this.db.iterator();
    try {
      for (let piece = await rows.nextv(ROWS_AT_A_TIME); piece.length > 0; piece = await rows.nextv(ROWS_AT_A_TIME)) yield piece;
    } catch (cause) {
      throw unavailable(cause);
    } finally {
      await rows.close();
    }
  }

  /** Has the files of a range of keys written again, without what was removed before what lies under them. */
  async compact(from: string, to: string): Promise<void> {
    if (this.#closing || this.#broken) return;
    await this.db.compactRange(from, to);
  }

  /** Refuses new work at once, waits for the work under way, and lets the folder go. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#flushing;
      await this.#mending?.catch(() => undefined);
      await this.db.close();
    })();
    return this.#closing;
  }

  #queue(changes: readonly Change[], announce: (() => void) | undefined): Promise<void> {
    this.assertOpen();
    if (this.#broken) throw unavailable(undefined);
    const group = (this.#gathering ??= new Group());
    for (const [key, text] of changes) group.changes.set(key, text);
    if (announce) group.announcements.push(announce);
    this.#flushing ??= this.#flush();
    return group.ended;
  }

  async #flush(): Promise<void> {
    while (this.#gathering) {
      const group = (this.#writing = this.#gathering);
      this.#gathering = undefined;
      try {
        await group.write(this.db);
      } catch (cause) {
        this.#giveUp(group, cause);
        continue;
      }
      this.#writing = undefined;
      for (const announce of group.announcements) announce();
      group.succeed();
    }
    this.#flushing = undefined;
  }

  /** What was decided on top of a failed write rests on nothing: it fails as well. */
  #giveUp(group: Group, cause: unknown): void {
    this.#broken = true;
    const error = unavailable(cause);
    group.fail(error);
    this.#gathering?.fail(error);
    this.#gathering = this.#writing = undefined;
  }

  /**
   * After a failed write the end of LevelDB's log is unknown, and what it appends next would be lost when the log is
   * read again. So the database is reopened first, which cuts the log at its last whole record.
   */
  #mend(): Promise<void> {
    this.#mending ??= this.#reopen().finally(() => {
      this.#mending = undefined;
    });
    return this.#mending;
  }

  async #reopen(): Promise<void> {
    try {
      // Reads go on while the disk is full: the database is let go only once it can be opened again.
      await proveRoom(this.folder);
      await this.db.close();
      this.db = await openLevel(this.folder);
      this.#broken = false;
    } catch (cause) {
      throw unavailable(cause);
    }
    this.assertOpen();
  }

  async #read<T>(read: (db: ClassicLevel) => Promise<T> | T): Promise<T> {
    this.assertOpen();
    try {
      return await read(this.db);
    } catch (cause) {
      this.assertOpen();
      throw unavailable(cause);
    }
  }

  #orFault<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      this.assertOpen();
      throw unavailable(cause);
    }
  }
}

async function openLevel(folder: string): Promise<ClassicLevel> {
  const db = new ClassicLevel(folder);
  await db.open();
  return db;
}

async function proveRoom(folder: string): Promise<void> {
  const probe = join(folder, 'PROBE');
  try {
    await writeFile(probe, Buffer.alloc(ROOM_TO_REOPEN), { flush: true });
  } finally {
    await rm(probe, { force: true });
  }
}

function unavailable(cause: unknown): SesameError {
  const why = reasonIn(cause);
  const message = `the disk refused${why === undefined ? '' : ` (${why})`}: make room or put the disk right, then try again; no restart is needed`;
  return new SesameError('store-unavailable', message, { cause });
}

/** What the system said: a name of an error, or the end of LevelDB's message, which names a file before it. */
function reasonIn(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code } = cause as NodeJS.ErrnoException;
  return reasonIn(cause.cause) ?? (code?.startsWith('E') === true ? code : /: ([A-Z][a-z ,-]+)$/.exec(cause.message)?.[1]);
}
