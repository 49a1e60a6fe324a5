/**
 * The plumbing of the reference backend: routes, who may call them, bounded bodies, and the faults that tests ask for.
 * It knows neither accounts nor proofs.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Callers } from './callers.js';
import { spoilt, type Fault, type Faults } from './faults.js';

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

export function problem(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } };
}

/** Serves a route table. `stopping` ends the delays of faults, so that closing never waits for them. */
export function listener(
  routes: readonly Route[],
  { callers, faults, stopping }: { callers: Callers; faults: Faults; stopping: AbortSignal },
): RequestListener {
  return (request, response) => {
    serve(request, response).catch(() => {
      // Whatever broke, its stack stays here: an answer is never a window on the inside.
      send(response, problem(500, 'internal', 'something broke here; whether anything was done is told by the key'));
    });
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = match(routes, request);
    // Tests come through all the same: who broke it must be able to mend it, and to look.
    if (faults.isDown() && found?.route.name.startsWith('_') !== true) {
      request.socket.destroy();
      return;
    }
    const raw = await readBody(request);
    if (found?.route.open !== true && !(await callers.admit(request, raw ?? ''))) {
      send(response, problem(401, 'service-token', 'a signed call or a valid service token is needed'));
      return;
    }
    if (found === undefined) {
      send(response, problem(404, 'not-found', 'there is nothing at this address'));
      return;
    }
    const ask = asked(request, found.parts, raw);
    if ('status' in ask) send(response, ask);
    else await answer(response, found.route, ask);
  }

  async function answer(response: ServerResponse, route: Route, ask: Ask): Promise<void> {
    const fault = faults.take(route.name);
    if (fault?.cutBeforeEffect === true) {
      response.destroy();
      return;
    }
    await held(fault?.lateMs);
    const said = fault?.status === undefined ? await route.handle(ask) : failed(fault.status);
    await held(fault?.delayMs);
    if (fault?.cutAfterEffect === true) response.destroy();
    else send(response, said, fault);
  }

  async function held(ms = 0): Promise<void> {
    if (ms > 0) await pause(ms, undefined, { signal: stopping, ref: false });
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

/** The body as it came; undefined where it is larger than anything asked for here. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_DRAINED_BYTES) break;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}

function asked(request: IncomingMessage, encoded: Readonly<Record<string, string>>, text: string | undefined): Ask | Answer {
  if (text === undefined) return problem(413, 'too-large', `a body holds at most ${String(MAX_BODY_BYTES)} bytes`);
  const key = request.headers['idempotency-key'];
  try {
    const parts = Object.fromEntries(Object.entries(encoded).map(([name, part]) => [name, decodeURIComponent(part)]));
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return { parts, body, idempotencyKey: typeof key === 'string' ? key : undefined };
  } catch {
    return problem(400, 'malformed', 'the body is not JSON, or the address is badly encoded');
  }
}

/** `writeHead` is never chained: where restify was loaded in the same process, it gives nothing back. */
function send(response: ServerResponse, answer: Answer, fault?: Fault): void {
  if (response.headersSent || response.destroyed) return;
  const { garbage, half = false }: Partial<Fault> = fault ?? {};
  if (garbage === 'redirect') {
    response.writeHead(307, { location: '/health' });
    response.end();
    return;
  }
  const page = typeof answer.body === 'string';
  const text = page ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, { ...headersOf(page), ...(half ? { 'content-length': Buffer.byteLength(text) } : {}) });
  if (half) sendHalf(response, text);
  else response.end(garbage === undefined ? text : spoilt(text, garbage));
}

function headersOf(page: boolean): Readonly<Record<string, string>> {
  return {
    'content-type': page ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  };
}

/** Promises the whole, and is cut in the middle. */
function sendHalf(response: ServerResponse, text: string): void {
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}
