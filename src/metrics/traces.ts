/**
 * Spans of turns, for OpenTelemetry: the only home of its API. Without a kit that whoever runs Sésame loads before it,
 * spans go nowhere. Attributes come from the closed lists of measures.ts; an error is never told to a span.
 */
import { context, ROOT_CONTEXT, SpanStatusCode, trace, type Context } from '@opentelemetry/api';
import { STAGE_NAMES, STEPS, UTTERANCES } from './measures.js';

export interface Span {
  /** A span within this one. */
  begin(name: string): Span;
  /** What is done inside is known, to whatever else makes spans, to belong to this one. */
  run<T>(work: () => T): T;
  end(attributes: Readonly<Record<string, string>>, failed: boolean): void;
}

export interface Tracing {
  /** A span of its own: not within the request that brought the turn, whose address names a conversation. */
  begin(name: string, attributes: Readonly<Record<string, string>>): Span;
}

const KNOWN: ReadonlySet<string> = new Set([...STEPS, ...STAGE_NAMES, ...UTTERANCES, 'none', 'closed', 'apologised', 'left']);

export function createTracing(): Tracing {
  const tracer = trace.getTracer('sesame');
  const spanIn = (around: Context, name: string, attributes: Readonly<Record<string, string>>): Span => {
    const span = tracer.startSpan(name, { attributes: closed(attributes) }, around);
    const inside = trace.setSpan(around, span);
    return {
      begin: (within) => spanIn(inside, within, {}),
      run: (work) => context.with(inside, work),
      end(more, failed) {
        span.setAttributes(closed(more));
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  };
  return { begin: (name, attributes) => spanIn(ROOT_CONTEXT, name, attributes) };
}

function closed(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`sesame.${name}`, KNOWN.has(value) ? value : 'other']));
}
