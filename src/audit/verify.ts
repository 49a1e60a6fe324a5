/**
 * Holds the audit against its own chain and says where it first breaks. It needs no key, reads only, and cannot tell
 * that the end was cut off unless it is given a place of the chain that was kept elsewhere.
 */
import { basename } from 'node:path';
import { claimOf, follow, GENESIS, OWN, readFields, type Link } from './chain.js';
import { daysIn, fileOf, linesOf } from './folder.js';

export type Verdict =
  | { readonly kind: 'whole'; readonly files: number; readonly lines: number; readonly head: Link }
  /** `line` is 1-based in its file. */
  | { readonly kind: 'broken'; readonly file: string; readonly line: number; readonly what: string };

/** Reads every line of a folder. `known` are places of the chain that were kept elsewhere, in any order. */
export async function verify(folder: string, known: readonly Link[] = []): Promise<Verdict> {
  const walk = new Walk(known);
  const days = await daysIn(folder);
  let [file, line, lines] = ['', 0, 0];
  for (const day of days) {
    file = basename(fileOf(folder, day));
    line = 0;
    for await (const some of linesOf(fileOf(folder, day))) {
      for (const each of some) {
        line += 1;
        const what = each.finished ? walk.step(each.line, line === 1) : 'the line is not finished: a crash that the next start mends, or a change';
        if (what !== undefined) return { kind: 'broken', file, line, what };
      }
    }
    if (line === 0) return { kind: 'broken', file, line: 1, what: 'the file is empty' };
    lines += line;
  }
  const what = walk.end();
  return what === undefined ? { kind: 'whole', files: days.length, lines, head: walk.link } : { kind: 'broken', file, line, what };
}

/** The chain as far as it was read. Each step says what is wrong, or nothing. */
class Walk {
  link = GENESIS;
  /** Where the first file that is left begins. */
  #start: Link | undefined;
  /** Hashes at which files begin, by the number of lines before. */
  readonly #begins = new Map<number, string>();
  #accounted = false;
  readonly #known: ReadonlyMap<number, string>;

  constructor(known: readonly Link[]) {
    this.#known = new Map(known.map(({ seq, hash }) => [seq, hash]));
  }

  step(line: Buffer, first: boolean): string | undefined {
    const fault = first ? this.#begin(line) : undefined;
    if (fault !== undefined) return fault;
    const next = follow(this.link, line);
    if (!next) return 'the line does not follow the one before: it was changed, or lines were removed, added or moved';
    this.link = next;
    if ((this.#known.get(next.seq) ?? next.hash) !== next.hash) return 'the chain is not the one whose hash was kept elsewhere';
    return line.includes(PURGED) ? this.#account(line) : undefined;
  }

  /** What can only be told at the end. */
  end(): string | undefined {
    if (this.#start && this.#start.seq > 0 && !this.#accounted) {
      return `the log begins after line ${String(this.#start.seq)} of the chain, and no line accounts for the removal of what came before`;
    }
    const last = Math.max(0, ...this.#known.keys());
    return last > this.link.seq ? `the log ends at line ${String(this.link.seq)} of the chain, and line ${String(last)} was known elsewhere` : undefined;
  }

  #begin(line: Buffer): string | undefined {
    const fields = readFields(line);
    const claim = claimOf(line);
    const prev = fields?.['prev'];
    if (!claim || fields?.['action'] !== OWN.day || typeof prev !== 'string') return 'the file does not begin as a file of the audit does';
    if (!this.#start) {
      if (claim.seq === 1 && prev !== GENESIS.hash) return 'the first line of all follows nothing, and claims to';
      this.#start = this.link = { seq: claim.seq - 1, hash: prev };
    }
    this.#begins.set(this.link.seq, this.link.hash);
    return undefined;
  }

  /** An account that reaches to the start or past it makes the start good, if it names a hash that files then began at. */
  #account(line: Buffer): string | undefined {
    const { action, upTo, upToHash } = readFields(line) ?? {};
    if (action !== OWN.purged || typeof upTo !== 'number' || !this.#start || upTo < this.#start.seq) return undefined;
    if (this.#begins.get(upTo) !== upToHash) return 'what is left does not follow what was removed';
    this.#accounted = true;
    return undefined;
  }
}

const PURGED = Buffer.from(`"action":"${OWN.purged}"`);
