/**
 * The web server: connections, limits, security headers, pages and static files around the routes of Direct Line.
 * It holds no rule of the conversation, and is the only file that knows restify.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import * as restify from 'restify';
import { SesameError } from '../conversation/errors.js';
import { Refusal, toRefusal } from './activities.js';
import { directLineRoutes, readJson, type ApiRequest, type DirectLineOptions, type Route } from './direct-line.js';
import { createStreams, type Streams } from './stream.js';
import { createOriginCheck, greetOrigin, type OriginRules } from './tokens.js';

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
  /** Where advisers come in, if they do. */
  readonly teams?: Route;
  /** The self-help page: it answers everything under `/aide`. */
  readonly aide?: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
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

const htmlType = 'text/html; charset=utf-8';
const jsonType = 'application/json; charset=utf-8';
const fileTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': jsonType,
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
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
  for (const route of [...directLineRoutes(options), ...(options.teams ? [options.teams] : [])]) {
    server[route.verb](route.path, answering(options, (visit) => answerApi(route, visit)));
  }
  addPages(server, options);
  server.on('restifyError', (request: restify.Request, response: restify.Response, error: unknown, done: () => void) => {
    refuse({ request, response, options }, routingRefusal(error));
    done();
  });
  return {
    listen: async (port, host) => {
      http.listen(port, host);
      await once(http, 'listening');
    },
    address: () => (http.address() as AddressInfo | null) ?? undefined,
    close: () => close(http, streams),
  };
}

async function close(http: HttpServer, streams: Streams): Promise<void> {
  streams.close();
  // A connection kept open after its last answer would otherwise hold us up for nothing.
  http.keepAliveTimeout = 1;
  const cut = setTimeout(() => {
    http.closeAllConnections();
  }, closeWithinMs);
  if (http.listening) await once(http.close(), 'close');
  clearTimeout(cut);
}

type Visit = { readonly request: restify.Request; readonly response: restify.Response; readonly options: ServerOptions };
type Content = { readonly status: number; readonly type: string; readonly body: string | Buffer };

/** Runs before any route: log line, security headers, malformed addresses, origins and preflights. */
function guardDoor(options: ServerOptions, allowsOrigin: (origin: string) => boolean): restify.RequestHandler {
  return (request, response, next) => {
    const visit = { request, response, options };
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    response.setHeader('Cache-Control', 'no-store');
    try {
      checkAddress(request);
      logWhenDone(visit);
      const api = request.path() === '/api/token' || request.path().startsWith('/v3/directline/');
      if (api) greetOrigin(request, response, allowsOrigin);
      const preflight = api && request.method === 'OPTIONS';
      if (preflight) response.sendRaw(204, '');
      next(preflight ? false : undefined);
    } catch (error) {
      refuse(visit, error);
      next(false);
    }
  };
}

/** restify dies on an address or a host that is no URL: such a request goes no further, under a harmless name. */
function checkAddress(request: restify.Request): void {
  try {
    request.getUrl();
  } catch {
    request.url = '/';
    request.headers.host = 'unreadable';
    throw new Refusal('BadSyntax', 'The address of the request is malformed.');
  }
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
    if (error instanceof SesameError) log.error(event, { code: error.code, message: error.message });
    // A message that is not ours may quote what people sent; names and places do not.
    else if (error instanceof Error) log.error(event, { name: error.name, at: error.stack?.match(/^ +at .*$/gm) ?? [] });
    else log.error(event, { name: typeof error });
  };
}

/** Runs an answer to a request; whatever it throws is answered in the error shape. */
function answering(options: ServerOptions, answer: (visit: Visit) => Promise<void> | void): restify.RequestHandler {
  return async (request: restify.Request, response: restify.Response) => {
    try {
      await answer({ request, response, options });
    } catch (error) {
      refuse({ request, response, options }, error);
    }
  };
}

async function answerApi(route: Route, { request, response }: Visit): Promise<void> {
  const { status, body } = await route.answer({
    headers: request.headers,
    params: request.params as ApiRequest['params'],
    query: new URLSearchParams(request.getQuery()),
    json: (atMost) => readJson(request, atMost),
  });
  send(response, { status, type: jsonType, body: JSON.stringify(body) });
}

function send(response: restify.Response, { status, type, body }: Content): void {
  if (type.startsWith('text/html')) response.setHeader('Content-Security-Policy', pagePolicy);
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.sendRaw(status, body);
}

function refuse({ request, response, options }: Visit, error: unknown): void {
  const refusal = toRefusal(error);
  if (refusal.status >= 500) reporter(options.log)('http.failed', refusal.cause ?? refusal);
  if (refusal.status === 503) response.setHeader('Retry-After', '2');
  const page = refusal.wire === 'NotFound' && request.headers.accept?.includes('text/html') ? options.pages : undefined;
  if (page !== undefined) send(response, { status: refusal.status, type: htmlType, body: page.notFound() });
  else send(response, { status: refusal.status, type: jsonType, body: JSON.stringify(refusal.body) });
}

function routingRefusal(error: unknown): unknown {
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 404) return new Refusal('NotFound', 'There is nothing at this address.');
  return status === 405 ? new Refusal('MethodNotAllowed', 'This address does not take that method.') : error;
}

function addPages(server: restify.Server, options: ServerOptions): void {
  const show = (where: string, make: (visit: Visit) => Content | Promise<Content>) => {
    const handler = answering(options, async (visit) => {
      send(visit.response, await make(visit));
    });
    server.get(where, handler);
    server.head(where, handler);
  };
  const { pages, aide } = options;
  for (const where of aide ? ['/aide', '/aide/*'] : []) for (const verb of ['get', 'head', 'post'] as const) server[verb](where, answering(options, ({ request, response }) => aide?.(request, response)));
  const files = readPublic(options.publicFolder);
  show('/health', () => ({ status: 200, type: jsonType, body: '{"status":"ok"}' }));
  show('/public/:file', (visit) => giveFile(visit, files));
  if (pages) show('/', () => ({ status: 200, type: htmlType, body: pages.home() }));
  const mailbox = pages?.mailbox?.bind(pages);
  if (mailbox) show('/demo/courrier', async () => ({ status: 200, type: htmlType, body: await mailbox() }));
}

type Files = ReadonlyMap<string, { readonly type: string; readonly body: Buffer; readonly tag: string }>;

/** The list is fixed here, at start: no name in an address ever reaches the disk. */
function readPublic(folder: string): Files {
  try {
    const named = readdirSync(folder).filter((name) => path.extname(name) in fileTypes);
    return new Map(
      named.map((name) => {
        const body = readFileSync(path.join(folder, name));
        const tag = `"${createHash('sha256').update(body).digest('base64url')}"`;
        return [name, { type: fileTypes[path.extname(name)] ?? jsonType, body, tag }];
      }),
    );
  } catch (error) {
    throw new SesameError('config-invalid', `cannot read the public folder ${folder}: build the widget`, { cause: error });
  }
}

function giveFile({ request, response }: Visit, files: Files): Content {
  const found = files.get((request.params as ApiRequest['params'])['file'] ?? '');
  if (found === undefined) throw new Refusal('NotFound', 'There is nothing at this address.');
  response.setHeader('ETag', found.tag);
  // Kept by the browser, asked for again each time: a new build shows at once.
  response.setHeader('Cache-Control', 'no-cache');
  return { ...found, status: request.headers['if-none-match'] === found.tag ? 304 : 200 };
}
