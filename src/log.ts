/**
 * The log: event names with fields, as JSON lines. Whatever a field or an error holds, every string passes the mask
 * before it is written; numbers and booleans cannot hold a secret and are left alone.
 */
import pino from 'pino';

export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Depth past which a field is dropped: a log line is not a place for structures. */
const DEEPEST = 4;

/** Names of our own marks, which are random and may look like a number. */
const OPAQUE = new Set(['conversation', 'item', 'key']);

export function createLog(level: string, mask: (text: string) => string, destination?: pino.DestinationStream): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => masked(fields, mask, 0) as Record<string, unknown> },
    },
    destination ?? pino.destination(1),
  );
  return {
    info: (event, fields = {}) => {
      logger.info(fields, event);
    },
    warn: (event, fields = {}) => {
      logger.warn(fields, event);
    },
    error: (event, fields = {}) => {
      logger.error(fields, event);
    },
  };
}

function masked(value: unknown, mask: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return maskedText(value, mask);
  if (value instanceof Error) return maskedError(value, mask);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value)) return value.map((item) => masked(item, mask, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, OPAQUE.has(name) ? field : masked(field, mask, depth + 1)]),
  );
}

function maskedError(error: Error, mask: (text: string) => string): Record<string, unknown> {
  const code = 'code' in error ? { code: error.code } : {};
  return { name: error.name, ...code, message: maskedText(error.message, mask), stack: maskedText(error.stack ?? '', mask) };
}

/** An address hides its secrets behind percents: what is found without them is told without them. */
function maskedText(text: string, mask: (text: string) => string): string {
  const plain = text.replace(/(?:%[0-9a-f]{2})+/gi, decoded);
  const shown = mask(plain);
  return shown === plain ? text : shown;
}

function decoded(coded: string): string {
  try {
    return decodeURIComponent(coded);
  } catch {
    return coded;
  }
}
