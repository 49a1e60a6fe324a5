/**
 * The internal server: what those who run Sésame ask of it, such as its measures, on a port of its own that no person and
 * no proxy of theirs reaches. A table says what it answers; it knows none of the answers itself.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.js';
import type { Log } from './log.js';

export interface InternalAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** By path, such as `/metrics`; each is got. Whatever is on no line is a 404. */
export type InternalRoutes = Readonly<Record<string, () => InternalAnswer | Promise<InternalAnswer>>>;

/** Routes whose answers are objects, told as JSON. */
export function inJson(answers: Readonly<Record<string, () => Promise<{ readonly status: number; readonly body: object }>>>): InternalRoutes {
  const told = async (ask: () => Promise<{ readonly status: number; readonly body: object }>): Promise<InternalAnswer> => {
    const { status, body } = await ask();
    return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
  };
  return Object.fromEntries(Object.entries(answers).map(([path, ask]) => [path, () => told(ask)]));
}

export interface InternalServer {
  /** Says where in the log, as `internal.listening`. */
  listen(): Promise<void>;
  /** Ends within a second whatever is still read. */
  close(): Promise<void>;
}

export interface InternalOptions {
  /** Undefined: there is no such server, and opening and closing it does nothing. */
  readonly at: Config['internal'];
  readonly routes: InternalRoutes;
  readonly log: Log;
}

const CLOSE_WITHIN_MS = 1_000;
const NOT_FOUND: InternalAnswer = { status: 404, type: 'text/plain; charset=utf-8', body: 'There is nothing at this address.\n' };
const REFUSED: InternalAnswer = { status: 403, type: 'text/plain; charset=utf-8', body: 'Pages may not ask here.\n' };
const FAILED: InternalAnswer = { status: 500, type: 'text/plain; charset=utf-8', body: 'This could not be answered: see the log.\n' };

export function createInternal({ at, routes, log }: InternalOptions): InternalServer {
  if (!at) return { listen: () => Promise.resolve(), close: () => Promise.resolve() };
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    answer(request, routes)
      .catch((error: unknown) => {
        log.error('internal.failed', { error });
        return FAILED;
      })
      .then((given) => { send(request, response, given); })
      .catch(() => response.destroy());
  });
  return {
    async listen() {
      server.listen(at.port, at.host);
      await once(server, 'listening');
      const { address, port, family } = server.address() as AddressInfo;
      log.info('internal.listening', { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${String(port)}` });
    },
    close: () => close(server),
  };
}

async function answer(request: IncomingMessage, routes: InternalRoutes): Promise<InternalAnswer> {
  // A page that somebody opens on this machine can reach its ports: browsers say so, and nobody who belongs here does.
  if (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined) return REFUSED;
  const [path = ''] = (request.url ?? '').split('?', 1);
  const found = request.method === 'GET' && Object.hasOwn(routes, path) ? routes[path] : undefined;
  return found ? found() : NOT_FOUND;
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: InternalAnswer): void {
  // Nothing that is sent along is read.
  request.resume();
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  response.end(body);
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const cut = setTimeout(() => { server.closeAllConnections(); }, CLOSE_WITHIN_MS);
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
  clearTimeout(cut);
}
