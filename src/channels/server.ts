/**
 * The web server: connections, limits, security headers, pages and static files around the routes of Direct Line.
 * It holds no rule of the conversation, and is the only file that knows restify.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import * as restify from 'restify';
import { SesameError } from '../conversation/errors.js';
import { Refusal, toRefusal } from './activities.js';
import { directLineRoutes, readJson, type ApiRequest, type DirectLineOptions, type Route } from './direct-line.js';
import { createStreams, type Streams } from './stream.js';
import { createOriginCheck, originHeaders, type OriginRules } from './tokens.js';

type LogLine = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** Event names with fields; never a body, never a query string. */
export interface ServerLog {
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}

export interface Pages {
  home(): string;
  /** Mails of the demonstration; absent where mails really leave. */
  mailbox?(): Promise<string>;
  notFound(): string;
}

export interface ServerOptions extends DirectLineOptions {
  readonly config: OriginRules & { readonly secrets: readonly string[] };
  readonly pages?: Pages;
  /** Files given under `/public/`, read once at start. */
  readonly publicFolder: string;
  readonly log: ServerLog;
}

export interface WebServer {
  /** Port 0 takes a free one; `address` tells which. */
  listen(port: number, host: string): Promise<void>;
  address(): AddressInfo | undefined;
  /** Takes no one new, lets requests under way end, closes streams with 1012; done within 5 seconds. */
  close(): Promise<void>;
}

const closeWithinMs = 5_000;
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const fileTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Builds the server; it listens when told to. Throws `config-invalid` when the public folder cannot be read. */
export function createServer(options: ServerOptions): WebServer {
  const allowsOrigin = createOriginCheck(options.config);
  const streams = createStreams({ ...options, allowsOrigin, report: reporter(options.log) });
  // An empty name sends no `Server` header. restify's own log speaks of nothing but a misuse of restify.
  const server = restify.createServer({ name: '' });
  const http = server.server as HttpServer;
  http.requestTimeout = 15_000;
  http.headersTimeout = 10_000;
  http.on('upgrade', (request, socket, head) => void streams.upgrade(request, socket, head));
  server.on('error', reporter(options.log).bind(undefined, 'server.failed'));
  server.pre(guardDoor(options, allowsOrigin));
  for (const route of directLineRoutes(options)) server[route.verb](route.path, apiHandler(route, options));
  addPages(server, options);
  server.on('restifyError', (request: restify.Request, response: restify.Response, error: unknown, done: () => void) => {
    refuse({ request, response, options }, routingRefusal(error));
    done();
  });
  return {
    listen: (port, host) => listen(http, port, host),
    address: () => (http.address() as AddressInfo | null) ?? undefined,
    close: () => close(http, streams),
  };
}

function listen(http: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      resolve();
    });
  });
}

async function close(http: HttpServer, streams: Streams): Promise<void> {
  streams.close();
  // A connection kept open after its last answer would otherwise hold us up for nothing.
  http.keepAliveTimeout = 1;
  const cut = setTimeout(() => {
    http.closeAllConnections();
  }, closeWithinMs);
  await new Promise<void>((resolve) => {
    http.close(() => {
      resolve();
    });
  });
  clearTimeout(cut);
}

/** Runs before any route: log line, security headers, malformed addresses, origins and preflights. */
function guardDoor(options: ServerOptions, allowsOrigin: (origin: string) => boolean): restify.RequestHandler {
  return (request, response, next) => {
    const visit = { request, response, options };
    const readable = hasReadableAddress(request);
    logWhenDone(visit);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    response.setHeader('Cache-Control', 'no-store');
    if (options.config.publicUrl().startsWith('https:')) {
      response.setHeader('Strict-Transport-Security', 'max-age=31536000');
    }
    if (!readable) refuse(visit, new Refusal('BadSyntax', 'The address of the request is malformed.'));
    else if (!isApi(request.path()) || greetOrigin(visit, allowsOrigin)) {
      next();
      return;
    }
    next(false);
  };
}

/** restify dies on an address or host that is no URL, so such a request goes no further, under a harmless name. */
function hasReadableAddress(request: restify.Request): boolean {
  try {
    request.getUrl();
    return true;
  } catch {
    request.url = '/';
    request.headers.host = 'unreadable';
    return false;
  }
}

const isApi = (pathname: string) => pathname === '/api/token' || pathname.startsWith('/v3/directline/');

/** CORS, for allowed origins only. False when the request was answered here. */
function greetOrigin(visit: Visit, allowsOrigin: (origin: string) => boolean): boolean {
  const { request, response } = visit;
  const { origin } = request.headers;
  response.setHeader('Vary', 'Origin');
  if (origin === undefined) return true;
  if (!allowsOrigin(origin)) {
    refuse(visit, new Refusal('Forbidden', 'Pages of this origin may not use this service.'));
    return false;
  }
  for (const [name, value] of Object.entries(originHeaders(origin))) response.setHeader(name, value);
  if (request.method !== 'OPTIONS') return true;
  response.sendRaw(204, '');
  return false;
}

interface Visit {
  readonly request: restify.Request;
  readonly response: restify.Response;
  readonly options: ServerOptions;
}

function logWhenDone({ request, response, options: { clock, log } }: Visit): void {
  const started = clock.now();
  response.once('close', () => {
    const ms = clock.now() - started;
    log.info('http.request', { method: request.method, path: request.path(), status: response.statusCode, ms });
  });
}

function reporter(log: ServerLog): (event: string, error: unknown) => void {
  return (event, error) => {
    // Messages of errors that are not ours may quote what people sent; their names and places do not.
    const at = error instanceof Error ? error.stack?.split('\n').filter((line) => line.startsWith('    at ')) : undefined;
    const name = error instanceof Error ? error.name : typeof error;
    log.error(event, error instanceof SesameError ? { code: error.code, message: error.message } : { name, at });
  };
}

function apiHandler(route: Route, options: ServerOptions): restify.RequestHandler {
  return async (request: restify.Request, response: restify.Response) => {
    try {
      const answer = await route.answer({
        headers: request.headers,
        params: request.params as ApiRequest['params'],
        query: new URLSearchParams(request.getQuery()),
        json: () => readJson(request),
      });
      send(response, { ...answer, type: jsonType, body: JSON.stringify(answer.body) });
    } catch (error) {
      refuse({ request, response, options }, error);
    }
  };
}

const jsonType = 'application/json; charset=utf-8';

function send(response: restify.Response, answer: { status: number; type: string; body: string | Buffer }): void {
  response.setHeader('Content-Type', answer.type);
  response.setHeader('Content-Length', Buffer.byteLength(answer.body));
  response.sendRaw(answer.status, answer.body);
}

function refuse({ request, response, options }: Visit, error: unknown): void {
  const refusal = toRefusal(error);
  if (refusal.status >= 500) reporter(options.log)('http.failed', refusal.cause ?? refusal);
  if (refusal.status === 503) response.setHeader('Retry-After', '2');
  const asksHtml = request.headers.accept?.includes('text/html') === true;
  if (refusal.wire === 'NotFound' && asksHtml && options.pages !== undefined) {
    sendPage(response, 404, options.pages.notFound());
  } else send(response, { status: refusal.status, type: jsonType, body: JSON.stringify(refusal.body) });
}

function routingRefusal(error: unknown): unknown {
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 404) return new Refusal('NotFound', 'There is nothing at this address.');
  return status === 405 ? new Refusal('MethodNotAllowed', 'This address does not take that method.') : error;
}

function sendPage(response: restify.Response, status: number, html: string): void {
  response.setHeader('Content-Security-Policy', pagePolicy);
  send(response, { status, type: 'text/html; charset=utf-8', body: html });
}

function addPages(server: restify.Server, options: ServerOptions): void {
  const show = (where: string, answer: (response: restify.Response, params: ApiRequest['params'], request: restify.Request) => unknown) => {
    const handler = async (request: restify.Request, response: restify.Response) => {
      try {
        await answer(response, request.params as ApiRequest['params'], request);
      } catch (error) {
        refuse({ request, response, options }, error);
      }
    };
    server.get(where, handler);
    server.head(where, handler);
  };
  const { pages } = options;
  show('/health', (response) => {
    send(response, { status: 200, type: jsonType, body: '{"status":"ok"}' });
  });
  if (pages !== undefined) show('/', (response) => { sendPage(response, 200, pages.home()); });
  if (pages?.mailbox !== undefined) show('/demo/courrier', async (response) => { sendPage(response, 200, (await pages.mailbox?.()) ?? ''); });
}
