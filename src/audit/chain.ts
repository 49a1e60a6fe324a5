/**
 * One line of the audit and its place in the chain: each line's hash covers the line before. It writes and reads
 * text; files are log.ts and verify.ts.
 */
import { createHash } from 'node:crypto';

/** A place in the chain: how many lines there are up to it, and the hash that stands for all of them. */
export interface Link {
  readonly seq: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
}

/** Before the first line. */
export const GENESIS: Link = { seq: 0, hash: '0'.repeat(64) };

/** Lines that the log writes about itself; no entry may use these actions. */
export const OWN = {
  /** First line of each file; `prev` is the hash that it follows. */
  day: 'chain.day',
  /** What a crash left unfinished was cut: `bytes` of it. */
  mended: 'chain.mended',
  /** Everything up to `upTo`, whose hash is `upToHash`, was old enough to be removed. */
  purged: 'chain.purged',
} as const;

export type Fields = Readonly<Record<string, string | number>>;

const TAIL = /^,"hash":"([0-9a-f]{64})"\}$/;
const TAIL_LENGTH = ',"hash":""}'.length + 64;

/** The next line of the chain, with its end of line, and the place it makes. */
export function forge(after: Link, fields: Fields): { readonly line: string; readonly link: Link } {
  const text = JSON.stringify({ seq: after.seq + 1, ...fields }).slice(0, -1);
  const hash = hashOf(after, text);
  return { line: `${text},"hash":"${hash}"}\n`, link: { seq: after.seq + 1, hash } };
}

/** The place that a line makes, or nothing where it does not follow. The line comes without its end. */
export function follow(after: Link, line: Buffer): Link | undefined {
  const cut = line.length - TAIL_LENGTH;
  const seq = after.seq + 1;
  if (cut <= 0 || !line.subarray(0, 32).toString('latin1').startsWith(`{"seq":${String(seq)},`)) return undefined;
  const hash = hashOf(after, line.subarray(0, cut));
  return line.subarray(cut).toString('latin1') === `,"hash":"${hash}"}` ? { seq, hash } : undefined;
}

/** The place that a line claims; whether it is true takes the line before. */
export function claimOf(line: Buffer): Link | undefined {
  const hash = TAIL.exec(line.subarray(-TAIL_LENGTH).toString('latin1'))?.[1];
  const seq = readFields(line)?.['seq'];
  return hash !== undefined && typeof seq === 'number' ? { seq, hash } : undefined;
}

export function readFields(line: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(line.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(after: Link, text: string | Buffer): string {
  return createHash('sha256').update(after.hash).update(text).digest('hex');
}
