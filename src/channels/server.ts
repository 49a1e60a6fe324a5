/**
 * The web server: connections, limits and security headers around the routes of Direct Line and the addresses of the site.
 * It holds no rule of the conversation, and is the only file that knows restify.
 */
import { once } from 'node:events';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as restify from 'restify';
import { SesameError } from '../conversation/errors.js';
import { endServer } from '../health/ending.js';
import { readText } from '../limits/body.js';
import { keepDoor, type Barred, type Door } from '../limits/door.js';
import { LIMITS, type LimitSettings } from '../limits/settings.js';
import { createOriginCheck, greetOrigin, type OriginRules } from '../sources/origins.js';
import { createSite, type Site, type SiteAnswer, type SiteOptions } from '../site/door.js';
import { Refusal, toRefusal } from './activities.js';
import { directLineRoutes, parseJson, type ApiRequest, type DirectLineOptions, type Route } from './direct-line.js';
import { createStreams, refusalOf } from './stream.js';

type LogLine = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** Somebody for whom there is no room now; `retryAfter` in seconds. */
export interface TurnedAway {
  readonly status: number;
  readonly retryAfter: number;
}

/** Event names with fields; never a body, never a query string. */
export interface ServerLog {
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}

export interface ServerOptions extends DirectLineOptions, SiteOptions {
  readonly config: OriginRules & { readonly secrets: readonly string[] };
  /** Where advisers come in, if they do. */
  readonly teams?: Route;
  /** The self-help page: it answers everything under `/aide`. */
  readonly aide?: (request: IncomingMessage, response: ServerResponse, turnedAway?: TurnedAway) => Promise<void>;
  /** FranceConnect, where it is configured: its addresses, each to be got. */
  readonly passage?: { readonly addresses: readonly string[]; readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> };
  readonly log: ServerLog;
  /** What may come in at a time; as in production, unless told. */
  readonly limits?: LimitSettings;
  /** Whether new visits should come here. Always, unless told. */
  readonly isReady?: () => boolean;
}

export interface WebServer {
  /** Port 0 takes a free one; `address` tells which. */
  listen(port: number, host: string): Promise<void>;
  address(): AddressInfo | undefined;
  /** Takes no one new, lets requests under way end, closes streams with 1012; done within 4 seconds. */
  close(): Promise<void>;
}

const closeWithinMs = 4_000;
const jsonType = 'application/json; charset=utf-8';

/** Builds the server; it listens when told to. Throws `config-invalid` when the public folder cannot be read. */
export function createServer(given: ServerOptions): WebServer {
  const options = { ...given, site: createSite(given) };
  const allowsOrigin = createOriginCheck(options.config);
  // An empty name sends no `Server` header. restify's own log speaks of nothing but a misuse of restify.
  const server = restify.createServer({ name: '' });
  const http = server.server as HttpServer;
  const door = keepDoor(http, { settings: options.limits ?? LIMITS, sources: options.sources, clock: options.clock });
  const enter = (request: IncomingMessage) => door.bar(request) ?? door.openStream(request);
  const streams = createStreams({ ...options, allowsOrigin, enter, report: reporter(options.log) });
  http.on('upgrade', (request, socket, head) => void streams.upgrade(request, socket, head));
  server.on('error', reporter(options.log).bind(undefined, 'server.failed'));
  server.pre(guardDoor(options, door, allowsOrigin));
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
    close: async () => {
      await Promise.all([streams.close(), endServer(http, closeWithinMs)]);
    },
  };
}

type Setting = ServerOptions & { readonly site: Site };
type Visit = { readonly request: restify.Request; readonly response: restify.Response; readonly options: Setting };

/** Runs before any route: log line, security headers, malformed addresses, origins and preflights. */
function guardDoor(options: Setting, door: Door, allowsOrigin: (origin: string) => boolean): restify.RequestHandler {
  return (request, response, next) => {
    const visit = { request, response, options };
    const barred = door.bar(request, response);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    response.setHeader('Cache-Control', 'no-store');
    // Behind a proxy of plain bytes, a connection that is kept open would lead here for as long as it lasts.
    if (options.isReady?.() === false) response.setHeader('Connection', 'close');
    try {
      checkAddress(request);
      logWhenDone(visit);
      const api = isApi(request.path());
      if (api && !greetOrigin(request, response, allowsOrigin)) throw new Refusal('Forbidden', 'Pages of this origin may not use this service.');
      turnAway(barred);
      const preflight = api && request.method === 'OPTIONS';
      if (preflight) response.sendRaw(204, '');
      next(preflight ? false : undefined);
    } catch (error) {
      refuse(visit, error);
      next(false);
    }
  };
}

function turnAway(barred: Barred | undefined): void {
  if (barred) throw refusalOf(barred);
}

function isApi(path: string): boolean {
  return path === '/api/token' || path === '/api/conversation' || path.startsWith('/v3/directline/');
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
function answering(options: Setting, answer: (visit: Visit) => Promise<void> | void): restify.RequestHandler {
  return async (request: restify.Request, response: restify.Response) => {
    try {
      await answer({ request, response, options });
    } catch (error) {
      refuse({ request, response, options }, error);
    }
  };
}

async function answerApi(route: Route, { request, response, options: { sources } }: Visit): Promise<void> {
  const { status, body } = await route.answer({
    headers: request.headers,
    whence: sources.whence(request),
    params: request.params as ApiRequest['params'],
    query: new URLSearchParams(request.getQuery()),
    json: (atMost) => readJson(request, atMost),
  });
  if (body === undefined) response.sendRaw(status, '');
  else sendJson(response, status, body);
}

const bodyBytes = 16 * 1024;

/** The body of a request as JSON, undefined when there is none. Over 16 KiB it is refused before the rest is read. */
async function readJson(request: IncomingMessage, atMost = bodyBytes): Promise<unknown> {
  const body = await readText(request, atMost);
  switch (body.kind) {
    case 'text':
      return body.text === '' ? undefined : parseJson(body.text);
    case 'not-taken':
      throw new Refusal('UnsupportedMediaType', 'Send the body as application/json, without an encoding.');
    case 'too-large':
      throw new Refusal('MessageSizeTooBig', `A request has at most ${String(atMost / 1024)} KiB.`);
    case 'unreadable':
      throw new Refusal('BadSyntax', 'The body was cut short, or is not valid UTF-8.');
  }
}

function sendJson(response: restify.Response, status: number, body: unknown): void {
  send(response, { status, headers: { 'Content-Type': jsonType }, body: JSON.stringify(body) });
}

function send(response: restify.Response, { status, headers, body }: SiteAnswer): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (status !== 304) response.setHeader('Content-Length', Buffer.byteLength(body));
  response.sendRaw(status, body);
}

function refuse({ request, response, options }: Visit, error: unknown): void {
  const refusal = toRefusal(error);
  if (refusal.status >= 500) reporter(options.log)('http.failed', refusal.cause ?? refusal);
  if (refusal.retryAfter !== undefined) response.setHeader('Retry-After', String(refusal.retryAfter));
  const { status, retryAfter } = refusal;
  if (retryAfter !== undefined && options.aide && /^\/aide(?![^/?])/.test(request.url ?? '')) return void options.aide(request, response, { status, retryAfter });
  const page = refusal.wire === 'NotFound' ? options.site.missing(request.headers) : undefined;
  if (page === undefined) sendJson(response, refusal.status, refusal.body);
  else send(response, page);
}

function routingRefusal(error: unknown): unknown {
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 404) return new Refusal('NotFound', 'There is nothing at this address.');
  return status === 405 ? new Refusal('MethodNotAllowed', 'This address does not take that method.') : error;
}

function addPages(server: restify.Server, options: Setting): void {
  const { aide, passage, site, isReady = () => true } = options;
  const show = (where: string, look: (visit: Visit) => Promise<void> | void) => {
    for (const verb of ['get', 'head'] as const) server[verb](where, answering(options, look));
  };
  show('/health', ({ response }) => {
    sendJson(response, isReady() ? 200 : 503, { status: isReady() ? 'ok' : 'draining' });
  });
  for (const where of site.addresses) show(where, showSite);
  for (const where of passage?.addresses ?? []) server.get(where, answering(options, ({ request, response }) => passage?.answer(request, response)));
  if (aide === undefined) return;
  const help = answering(options, ({ request, response }) => aide(request, response));
  for (const where of ['/aide', '/aide/*']) for (const verb of ['get', 'head', 'post'] as const) server[verb](where, help);
}

async function showSite({ request, response, options: { site } }: Visit): Promise<void> {
  const answer = await site.look(request.path(), request.headers);
  if (answer === undefined) throw new Refusal('NotFound', 'There is nothing at this address.');
  send(response, answer);
}
