/**
 * YAML -> its value, its faults, and the line on which each part is written. The one home of the library; what a value
 * means, and in which language its faults are told, is for whoever asks.
 */
import { join } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { KeptValues } from './kept.js';

export interface YamlFault {
  readonly line: number;
  /** The library's name for it, which quotes nothing. */
  readonly code: string;
  /** In English; it may quote the text. */
  readonly message: string;
}

export interface YamlText {
  /** As JSON would have it. Undefined where there is a fault. */
  readonly value: unknown;
  readonly faults: readonly YamlFault[];
  /** The line, from 1, of a part, or of the nearest one around it that is written; undefined in an empty text. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** Beside the build, which makes it. */
export const contentValues = new KeptValues(join(__dirname, '..', '..', 'dist', 'learnt', 'yaml.json'));

/** More references to a part than this are an attack or a mistake. */
const ALIASES_AT_MOST = 20;

/** Reads a text. Never throws for what is in it. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineOf = (path: readonly PropertyKey[]): number | undefined => lineAt(document, lines, path);
  const faults = document.errors.map(({ pos, code, message }) => ({ line: lines.linePos(pos[0]).line, code, message: message.split('\n')[0] ?? '' }));
  if (faults.length > 0) return { value: undefined, faults, lineOf };
  try {
    return { value: document.toJS({ maxAliasCount: ALIASES_AT_MOST }) as unknown, faults, lineOf };
  } catch {
    return { value: undefined, faults: [{ line: 1, code: 'ALIASES', message: 'too many references to one part of the text' }], lineOf };
  }
}

/** The same, for what the build has read before: content, which changes with the project only. */
export function readContentYaml(text: string, values = contentValues): YamlText {
  const kept = values.get(text);
  if (kept === undefined) {
    const read = readYaml(text);
    if (read.faults.length === 0) values.note(text, read.value);
    return read;
  }
  // Lines are asked for where something is wrong: where nothing is, the text need not be taken apart again.
  let read: YamlText | undefined;
  return { value: kept.value, faults: [], lineOf: (path) => (read ??= readYaml(text)).lineOf(path) };
}

function lineAt(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) return lines.linePos(Number(node.range[0])).line;
  }
  return undefined;
}
