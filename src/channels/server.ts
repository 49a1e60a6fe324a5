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
import { Refusal, toRefusal, type WireCode } from './activities.js';
import { directLineRoutes, parseJson, type ApiRequest, type DirectLineOptions, type Route } from './direct-line.js';
import { createStreams, type Streams } from './stream.js';
import { createOriginCheck, type OriginRules } from './tokens.js';

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

const bodyLimit = 16 * 1024;
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
  const report = (event: string, error: unknown) => {
    options.log.error(event, faultFields(error));
  };
  const streams = createStreams({ ...options, allowsOrigin, report });
  // An empty name sends no `Server` header. restify's own log speaks of nothing but misuse of restify.
  const server = restify.createServer({ name: '' });
  const http = server.server as HttpServer;
  http.requestTimeout = 15_000;
  http.headersTimeout = 10_000;
  http.on('upgrade', (request, socket, head) => void streams.upgrade(request, socket, head));

  server.pre(guardDoor(allowsOrigin));
  for (const route of directLineRoutes(options)) server[route.verb](route.path, apiHandler(route, options));
  addPages(server, options);
  server.on('restifyError', (request: restify.Request, response: restify.Response, error: unknown, done: () => void) => {
    refuse(request, response, { error: routingRefusal(error), options });
    done();
  });
  server.on('after', (request: restify.Request, response: restify.Response) => {
    const { method } = request;
    options.log.info('http.request', { method, path: request.path(), status: response.statusCode, ms: request.time() });
  });
  return {
    listen: (port, host) => listen(http, port, host),
    address: () => (http.address() as AddressInfo | null) ?? undefined,
    close: () => close(http, streams),
  };
}
