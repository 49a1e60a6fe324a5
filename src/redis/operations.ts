/**
 * How a change or a reading reaches its partition, and what becomes of it: in time, once, and with an error of ours
 * when it is not known to be done. It knows scripts and partitions, not what they are about.
 *
 * Every change carries an id, under which its script keeps its answer for a while. An answer that was lost is asked for
 * by that id; where there is none the id is marked, in the same script, so that a change still on its way does nothing.
 */
import { randomBytes } from 'node:crypto';
import { setImmediate as turnOfTheLoop, setTimeout as pause } from 'node:timers/promises';
import { SesameError } from '../conversation/errors.js';
import { put } from '../storage/layout.js';
import { CommandError, type Link } from './link.js';
import { type Script, scripts } from './scripts.js';

/** Setting of the format: it never changes for a store that holds something. */
export const PARTITIONS = 64;

/** Errors of a server that will be over soon, of which nothing was done. */
const PASSING = /^(LOADING|TRYAGAIN|CLUSTERDOWN|READONLY|MASTERDOWN|BUSY|MOVED|ASK) /;
const PAUSE_MS = 40;
/** Ids of changes given up are remembered for an answer that comes after all; this many, then the oldest go. */
const DOUBTFUL_MOST = 10_000;

export interface OperationsOptions {
  readonly timeoutMs: number;
  /** How many replicas must have a change before it is acknowledged. */
  readonly waitReplicas: number;
  /** Told when a change was given up that may have been done. */
  readonly gaveUp: () => void;
}

export class Operations {
  /** Changes made here have ids that begin so. */
  readonly origin = randomBytes(9).toString('base64url');
  readonly #doubtful = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();
  #count = 0;
  #closed = false;

  constructor(
    private readonly link: Link,
    private readonly options: OperationsOptions,
  ) {}

  /** @throws SesameError `store-closed` from the moment `close` was called. */
  assertOpen(): void {
    if (this.#closed) throw new SesameError('store-closed', 'the store was closed: open it again before using it');
  }

  /** Whether a change was given up, though it may have been done. */
  isDoubtful(op: string): boolean {
    return this.#doubtful.has(op);
  }

  /** Runs a script that changes something, once. @throws SesameError `store-unavailable` when that is not certain. */
  async change(script: Script, partition: string, args: readonly string[]): Promise<readonly string[]> {
    this.assertOpen();
    const change = this.#changeInTime(script, partition, args);
    this.#underWay.add(change);
    try {
      return await change;
    } finally {
      this.#underWay.delete(change);
    }
  }

  /** Runs one command that only reads; `key` is what follows the partition. */
  ask<T = unknown>(partition: string, [command, key, ...args]: readonly [string, string, ...string[]]): Promise<T> {
    return this.read(scripts.ask, partition, [command, key, ...args]);
  }

  /** Runs a script that only reads. */
  async read<T = unknown>(script: Script, partition: string, args: readonly string[]): Promise<T> {
    this.assertOpen();
    const behind = this.#underWay.size > 0;
    const ends = performance.now() + this.options.timeoutMs;
    for (;;) {
      try {
        const answer = await this.#run(script, partition, ['', ...args]);
        // Answers that come together are told in the order of the questions, whatever is still to be done with each.
        if (behind) await turnOfTheLoop();
        // Whoever asks knows what the command gives.
        return answer as T;
      } catch (error) {
        this.assertOpen();
        if (!(await mayTryAgain(error, ends))) throw unavailable(error);
      }
    }
  }

  /**
   * What a reading gives, once as many replicas have it as a change waits for: what people were shown must not be taken
   * back by a replica that becomes the master. @throws SesameError `store-unavailable` where that is not certain.
   */
  async vouched<T>(partition: string, read: () => Promise<T>): Promise<T> {
    if (this.options.waitReplicas === 0) return read();
    const { breaks } = this.link;
    const found = await read();
    // Written after what was read: who has this has that. On another connection it may be another server that says so.
    await this.change(scripts.mark, partition, []);
    if (this.link.breaks !== breaks) throw unavailable(new Error('the connection broke meanwhile'));
    return found;
  }

  /** Refuses new work, and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async #changeInTime(script: Script, partition: string, args: readonly string[]): Promise<readonly string[]> {
    const ends = performance.now() + this.options.timeoutMs;
    for (;;) {
      const op = `${this.origin}.${String((this.#count += 1))}`;
      const { breaks } = this.link;
      const answer = await this.#once(script, partition, [op, ...args]).catch((error: unknown) => this.#settle({ op, partition, ends, error }));
      if (answer[0] !== 'never') {
        if (this.options.waitReplicas > 0) await this.#replicated(op, partition, breaks);
        return answer;
      }
    }
  }

  async #once(script: Script, partition: string, args: readonly string[]): Promise<readonly string[]> {
    // Scripts that change answer with texts, and at least one.
    return (await this.#run(script, partition, args)) as readonly string[];
  }

  /** The answer of a change that ended badly; "never" where it was not done, will not be, and there is time for another try. */
  async #settle({ op, partition, ends, error }: { op: string; partition: string; ends: number; error: unknown }): Promise<readonly string[]> {
    let last = error;
    if (isRefusal(error)) {
      if (await mayTryAgain(error, ends)) return ['never'];
      throw unavailable(error);
    }
    while (performance.now() < ends) {
      try {
        return await this.#once(scripts.settleOp, partition, [op]);
      } catch (cause) {
        last = cause;
        await pause(PAUSE_MS);
      }
    }
    throw this.#giveUp(op, last);
  }

  /** What was said on a connection that broke since is vouched for by nobody. */
  async #replicated(op: string, partition: string, breaks: number): Promise<void> {
    const { waitReplicas, timeoutMs } = this.options;
    const have = await this.link.send(partition, ['WAIT', String(waitReplicas), String(Math.ceil(timeoutMs / 2))]).catch((error: unknown) => error);
    if (this.link.breaks === breaks && Number(have) >= waitReplicas) return;
    throw this.#giveUp(op, have instanceof Error ? have : new Error(`${String(have)} of ${String(waitReplicas)} replicas have it`));
  }

  #giveUp(op: string, cause: unknown): SesameError {
    this.#doubtful.add(op);
    for (const oldest of this.#doubtful) {
      if (this.#doubtful.size <= DOUBTFUL_MOST) break;
      this.#doubtful.delete(oldest);
    }
    this.options.gaveUp();
    return unavailable(cause);
  }

  /** A server forgets scripts when it restarts. */
  async #run({ sha, text }: Script, partition: string, args: readonly string[]): Promise<unknown> {
    try {
      return await this.link.send(partition, ['EVALSHA', sha, '1', partition, ...args]);
    } catch (error) {
      if (!(error instanceof CommandError) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.link.send(partition, ['EVAL', text, '1', partition, ...args]);
    }
  }
}

function isRefusal(error: unknown): error is CommandError {
  return error instanceof CommandError && error.outcome === 'refused';
}

async function mayTryAgain(error: unknown, ends: number): Promise<boolean> {
  if (performance.now() + PAUSE_MS >= ends || (isRefusal(error) && !PASSING.test(error.message))) return false;
  await pause(PAUSE_MS);
  return true;
}

export function unavailable(cause: unknown): SesameError {
  // The word that the server's errors begin with, such as OOM; the rest may name keys.
  const why = cause instanceof CommandError ? ` (${cause.message.split(' ', 1)[0] ?? ''})` : '';
  const message = `the Redis server refused${why} or did not answer: put it right, then try again; no restart is needed`;
  return new SesameError('store-unavailable', message, { cause });
}

/** The same for ever: FNV-1a, code unit by code unit. */
export function partitionOf(id: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  // The low bits of this hash alone spread badly.
  return partitionAt(((hash ^ (hash >>> 15)) >>> 0) % PARTITIONS);
}

export function partitionAt(n: number): string {
  return `{p${String(n).padStart(2, '0')}}`;
}

export const everyPartition: readonly string[] = Array.from({ length: PARTITIONS }, (_, n) => partitionAt(n));

/** Injective, code unit by code unit: a lone surrogate, which UTF-8 would merge with others, keeps its own name. */
export function escapeId(id: string): string {
  return id.replace(/[^A-Za-z0-9_.-]/g, (unit) => `~${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function unescapeId(text: string): string {
  return text.replace(/~([0-9a-f]{4})/g, (_, unit: string) => String.fromCharCode(parseInt(unit, 16)));
}

/** @throws SesameError `internal` for what JSON would change in silence, as the embedded store does. */
export function toText(value: unknown): string {
  return put<unknown>('', value)[1] ?? '';
}

/** @throws SesameError `internal` for what is no number that JSON keeps. */
export function finite(number: number): number {
  toText(number);
  return number;
}

/** Damage throws: an unreadable state must never pass for a new one. */
export function fromText<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new SesameError('store-unavailable', 'a value in Redis is damaged: stop, keep a copy, put back the last backup', { cause });
  }
}
