/**
 * Which web pages may speak to us, by the origin that their browser names. Who a client is, tokens tell.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface OriginRules {
  /** Our own address, known for sure only once the server listens. */
  publicUrl(): string;
  /** Other exact origins, as browsers send them: `https://site.example`. */
  readonly origins: readonly string[];
  /** On one's own machine: any loopback name with our port is us. */
  readonly local: boolean;
}

/** Tells whether a browser page of this origin may speak to us. */
export function createOriginCheck(rules: OriginRules): (origin: string) => boolean {
  return (origin) => {
    const own = new URL(rules.publicUrl());
    if (origin === own.origin || rules.origins.includes(origin)) return true;
    return rules.local && URL.canParse(origin) && sameLoopback(new URL(origin), own);
  };
}

function sameLoopback(one: URL, other: URL): boolean {
  const loopback = ['localhost', '127.0.0.1', '[::1]'];
  const named = loopback.includes(one.hostname) && loopback.includes(other.hostname);
  return named && one.port === other.port && one.protocol === other.protocol;
}

/** Sets the CORS headers for an allowed origin; false for any other. No origin at all passes: that is a same-origin GET, or no browser. */
export function greetOrigin(request: IncomingMessage, response: ServerResponse, allowsOrigin: (origin: string) => boolean): boolean {
  const { origin } = request.headers;
  response.setHeader('Vary', 'Origin');
  if (origin === undefined) return true;
  if (!allowsOrigin(origin)) return false;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
  response.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, X-Ms-Bot-Agent, X-Requested-With');
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
  response.setHeader('Access-Control-Max-Age', '600');
  return true;
}
