/**
 * Values of texts that were read before. Reading the content's YAML is a fifth of a start: the build keeps what it read,
 * by the hash of each text, so that a text that has changed since is read again. A file that is missing or cut short
 * costs that reading, and nothing else.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

type Values = Readonly<Record<string, unknown>>;

export class KeptValues {
  private before: Values | undefined;
  private readonly read = new Map<string, unknown>();

  constructor(private readonly file: string) {}

  /** The value that a text was read as, the same one for all who ask: it is not theirs to change. */
  get(text: string): { readonly value: unknown } | undefined {
    this.before ??= readKept(this.file);
    const hash = hashOf(text);
    return Object.hasOwn(this.before, hash) ? { value: this.before[hash] } : undefined;
  }

  /** Notes what a text was read as. */
  note(text: string, value: unknown): void {
    this.read.set(hashOf(text), value);
  }

  /** Writes down all that was noted, and found here before, whole or not at all. Throws what the disk says. */
  keep(): void {
    // What JSON would change, such as a number without end, is read anew each time.
    const kept = [...Object.entries(this.before ?? {}), ...this.read].filter(([, value]) => isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value));
    mkdirSync(dirname(this.file), { recursive: true });
    const passing = `${this.file}.${String(process.pid)}.part`;
    writeFileSync(passing, JSON.stringify(Object.fromEntries(kept)));
    renameSync(passing, this.file);
  }
}

function readKept(file: string): Values {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Values;
  } catch {
    return {};
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
