/**
 * The plumbing of the reference backend: routes, the service token, bounded bodies, and the faults that tests ask
 * for. It knows neither accounts nor proofs.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

/** What a handler is asked: everything it may look at. */
export interface Ask {
  /** Named parts of the path, decoded. */
  readonly parts: Readonly<Record<string, string>>;
  /** The body as JSON, `undefined` where there is none. */
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
}

export interface Answer {
  readonly status: number;
  /** Sent as JSON, or as a page where it is a text. */
  readonly body: object | string;
}

export interface Route {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** Matched against the whole path, still encoded. */
  readonly path: RegExp;
  /** Answers without the service token. */
  readonly open?: true;
  handle(ask: Ask): Promise<Answer> | Answer;
}

const MAX_BODY_BYTES = 16 * 1024;
/** Past this, the rest of an oversized body is not even drained. */
const MAX_DRAINED_BYTES = 1024 * 1024;

const GARBAGE = ['html', 'truncated', 'wrong-type', 'too-large', 'other-subject', 'redirect'] as const;

/** One fault, for the next `times` requests to a route. */
const faultSchema = z.strictObject({
  route: z.string(),
  times: z.int().positive().default(1),
  /** Milliseconds between the effect and the answer. */
  delayMs: z.int().nonnegative().optional(),
  /** Answer this status and do nothing. */
  status: z.int().min(400).max(599).optional(),
  cutBeforeEffect: z.boolean().optional(),
  cutAfterEffect: z.boolean().optional(),
  /** Do the effect, answer nonsense; `true` is HTML. */
  garbage: z.union([z.literal(true), z.enum(GARBAGE)]).optional(),
});
type Fault = z.infer<typeof faultSchema>;

/** The faults that tests ordered, taken in the order of ordering. */
export class Faults {
  private waiting: Fault[] = [];

  /** Replaces nothing: new faults queue behind earlier ones. An empty list forgets them all. */
  order(body: unknown): Answer {
    const { data } = z.array(faultSchema).safeParse(body);
    if (data === undefined) return problem(400, 'malformed', 'not a list of faults');
    this.waiting = data.length === 0 ? [] : [...this.waiting, ...data];
    return { status: 200, body: { waiting: this.waiting.length } };
  }

  take(route: string): Fault | undefined {
    const found = this.waiting.find((fault) => fault.route === route);
    if (found === undefined) return undefined;
    found.times -= 1;
    this.waiting = this.waiting.filter((fault) => fault.times > 0);
    return found;
  }
}

export function problem(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } };
}

/** Serves a route table. `stopping` ends the delays of faults, so that closing never waits for them. */
export function listener(
  routes: readonly Route[],
  { token, faults, stopping }: { token: string; faults: Faults; stopping: AbortSignal },
): RequestListener {
  return (request, response) => {
    serve(request, response).catch(() => {
      // Whatever broke, its stack stays here: an answer is never a window on the inside.
      send(response, problem(500, 'internal', 'something broke here; whether anything was done is told by the key'));
    });
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = match(routes, request);
    if (found?.route.open !== true && !authorised(request, token)) {
      send(response, problem(401, 'service-token', 'a valid service token is needed'));
      return;
    }
    if (found === undefined) {
      send(response, problem(404, 'not-found', 'there is nothing at this address'));
      return;
    }
    const ask = await read(request, found.parts);
    if ('status' in ask) send(response, ask);
    else await answer(response, found.route, ask);
  }

  async function answer(response: ServerResponse, route: Route, ask: Ask): Promise<void> {
    const fault = faults.take(route.name);
    if (fault?.cutBeforeEffect === true) {
      response.destroy();
      return;
    }
    const said = fault?.status === undefined ? await route.handle(ask) : failed(fault.status);
    if (fault?.delayMs !== undefined) await pause(fault.delayMs, undefined, { signal: stopping, ref: false });
    if (fault?.cutAfterEffect === true) response.destroy();
    else send(response, said, fault?.garbage);
  }
}

function failed(status: number): Answer {
  return problem(status, status === 503 ? 'unavailable' : 'internal', 'a test asked for this failure; nothing was done');
}

interface Match {
  readonly route: Route;
  /** Named parts of the path, still encoded. */
  readonly parts: Readonly<Record<string, string>>;
}

function match(routes: readonly Route[], request: IncomingMessage): Match | undefined {
  const path = (request.url ?? '').split('?')[0] ?? '';
  for (const route of routes) {
    const hit = route.method === request.method ? route.path.exec(path) : null;
    if (hit) return { route, parts: { ...hit.groups } };
  }
  return undefined;
}

function authorised(request: IncomingMessage, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${token}`));
}

async function read(request: IncomingMessage, encoded: Readonly<Record<string, string>>): Promise<Ask | Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_DRAINED_BYTES) break;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) return problem(413, 'too-large', `a body holds at most ${String(MAX_BODY_BYTES)} bytes`);
  const text = Buffer.concat(chunks).toString('utf8');
  const key = request.headers['idempotency-key'];
  try {
    const parts = Object.fromEntries(Object.entries(encoded).map(([name, part]) => [name, decodeURIComponent(part)]));
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return { parts, body, idempotencyKey: typeof key === 'string' ? key : undefined };
  } catch {
    return problem(400, 'malformed', 'the body is not JSON, or the address is badly encoded');
  }
}

function send(response: ServerResponse, answer: Answer, garbage?: Fault['garbage']): void {
  if (response.headersSent || response.destroyed) return;
  const page = typeof answer.body === 'string';
  const headers: Record<string, string> = {
    'content-type': page ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  };
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  if (garbage === 'redirect') response.writeHead(307, { location: '/health' }).end();
  else response.writeHead(answer.status, headers).end(garbage === undefined ? text : spoilt(text, garbage));
}

function spoilt(text: string, garbage: Exclude<Fault['garbage'], undefined | 'redirect'>): string {
  switch (garbage) {
    case true:
    case 'html':
      return '<!doctype html><title>OK</title><p>OK</p>';
    case 'truncated':
      return text.slice(0, -2);
    case 'wrong-type':
      return '"ok"';
    case 'too-large':
      return text.replace('{', `{"padding":"${'x'.repeat(100_000)}",`);
    case 'other-subject':
      return text.replace(/"subject":"[^"]*"/, '"subject":"s_ffffffffffffffff"');
  }
}
