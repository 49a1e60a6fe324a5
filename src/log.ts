/**
 * The log: event names with fields, as JSON lines. Whatever a field or an error holds, every string passes the mask
 * before it is written, then loses what could disguise it; numbers and booleans cannot hold a secret and are left alone.
 */
import pino from 'pino';
import { createPace } from './log-pace.js';

export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface RunningLog extends Log {
  /** Says at once how many lines were left out; a process about to end calls it. */
  flush(): void;
}

/** Lines of one event that are written in a second; what comes on top is counted, and said in one line. */
export const LINES_A_SECOND = 50;

/** Depth past which a field is dropped: a log line is not a place for structures. */
const DEEPEST = 4;

/** Characters of one string, items of one list: together they keep a line short. */
const LONGEST = 500;
const LONGEST_STACK = 4_000;
const MOST_ITEMS = 50;

/** Names of our own marks, which are random and may look like a number. */
const OPAQUE = new Set(['conversation', 'item', 'key']);

/** Levels are pino's. Past `LINES_A_SECOND`, lines of an event are left out, except those of the audit. */
export function createLog(level: string, mask: (text: string) => string, destination?: pino.DestinationStream): RunningLog {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => masked(fields, mask, 0) as Record<string, unknown> },
    },
    destination ?? pino.destination(1),
  );
  const pace = createPace({
    lines: LINES_A_SECOND,
    windowMs: 1_000,
    leftOut: (event, lines) => { logger.warn({ event, lines }, 'log.left-out'); },
  });
  const at = (severity: 'info' | 'warn' | 'error') => (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    // Asked last: a line below the level would otherwise count.
    if (logger.isLevelEnabled(severity) && pace.admits(event)) logger[severity](fields, event);
  };
  return { info: at('info'), warn: at('warn'), error: at('error'), flush: () => { pace.flush(); } };
}

function masked(value: unknown, mask: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return shown(value, mask);
  if (value instanceof Error) return maskedError(value, mask);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((item) => masked(item, mask, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_ITEMS)
      .map(([name, field]) => [shown(name, mask), OPAQUE.has(name) && typeof field === 'string' ? undisguised(field) : masked(field, mask, depth + 1)]),
  );
}

function maskedError(error: Error, mask: (text: string) => string): Record<string, unknown> {
  const code = 'code' in error ? { code: typeof error.code === 'string' ? shown(error.code, mask) : error.code } : {};
  // The places of a stack each have their line, also in the JSON of one line.
  const stack = cut(maskedText(error.stack ?? '', mask), LONGEST_STACK).split('\n').map(undisguised).join('\n');
  return { name: shown(error.name, mask), ...code, message: shown(error.message, mask), stack };
}

/** Cut after the mask: half a number would pass it. */
function shown(text: string, mask: (text: string) => string): string {
  return undisguised(cut(maskedText(text, mask), LONGEST));
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Control signs, line ends of any kind, marks that turn or hide text, and halves of signs: seen as codes, they do nothing. */
const DISGUISES = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

function undisguised(text: string): string {
  return text.replace(DISGUISES, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
}

/** An address hides its secrets behind percents: what is found without them is told without them. */
function maskedText(text: string, mask: (text: string) => string): string {
  const plain = text.replace(/(?:%[0-9a-f]{2})+/gi, decoded);
  const hidden = mask(plain);
  return hidden === plain ? text : hidden;
}

function decoded(coded: string): string {
  try {
    return decodeURIComponent(coded);
  } catch {
    return coded;
  }
}
