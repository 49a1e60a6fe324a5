/**
 * Who may come in by the web door: signed conversation tokens, one-time tickets for the stream, shared secrets and
 * allowed origins. It proves which conversation a client holds, never who the person is.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { errors, jwtVerify, SignJWT } from 'jose';
import { SesameError } from '../conversation/errors.js';
import type { Clock } from '../conversation/ports.js';
import { mayStay, newSeat, type Kept, type Seat, type Seats } from '../sources/seats.js';
import { Refusal } from './activities.js';

/** What a token stands for: one conversation, the name its person has on the wire, and one connection to it. */
export interface Claims extends Seat {
  readonly conversation: string;
  readonly user: string;
}

export interface Tokens {
  /** How long an issued token is good for, in seconds. */
  readonly lifeSeconds: number;
  issue(claims: Claims): Promise<string>;
  /** The claims of a token that we signed, that still runs and has its seat; anything else is never an exception. */
  read(token: string): Promise<Claims | 'expired' | undefined>;
  /** A ticket that opens one stream, once, within 60 seconds. Lives in memory: after a restart, ask again. */
  ticket(claims: Claims): string;
  /** Takes the ticket back: a second use gives nothing. */
  redeem(ticket: string): Claims | undefined;
  /** The claims as they are to be signed now; with a seat of its own for another connection. Throws a `Refusal` where the seat is lost. */
  renewed(claims: Claims, connection?: 'same' | 'another'): Promise<Claims>;
  /** The claims of whoever may always come in: a server that shares a secret with us. */
  asServer(conversation: string): Promise<Claims>;
  /** Calls back, once, when the seat is lost, or was before. Returns the way to stop. */
  onLost(claims: Claims, lost: () => void): () => void;
}

// Another audience for another use: a token signed elsewhere with the same key opens nothing here.
const audience = 'sesame:direct-line';
const ticketLifeMs = 60_000;
const ticketsAtMost = 20_000;

/** 128 random bits, in base64url. */
export function newConversationId(): string {
  return randomBytes(16).toString('base64url');
}

/** A name for a person on the wire; the prefix is Direct Line's own habit. */
export function newUserId(): string {
  return `dl_${randomBytes(9).toString('base64url')}`;
}

export interface TokensOptions {
  readonly key: Uint8Array;
  readonly lifeSeconds?: number;
  readonly clock: Clock;
  /** Without it nobody ever loses a seat. */
  readonly seats?: Seats;
}

/** HS256 tokens. Refuses a key under 32 bytes with `config-invalid`. */
export function createTokens(options: TokensOptions): Tokens {
  const { key, lifeSeconds = 1800, clock, seats } = options;
  if (key.byteLength < 32) {
    throw new SesameError('config-invalid', 'the key of conversation tokens is under 32 bytes: give 32 random bytes');
  }
  return {
    lifeSeconds,
    issue: (claims) => {
      const now = Math.floor(clock.now() / 1000);
      const { conversation, user, seat, mark } = claims;
      return new SignJWT({ conversation, user, ...seatOf({ seat, mark }) })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setAudience(audience)
        .setIssuedAt(now)
        .setExpirationTime(now + lifeSeconds)
        .sign(key);
    },
    async read(token) {
      const claims = await readToken(token, key, clock);
      if (typeof claims !== 'object' || seats === undefined) return claims;
      return mayStay(claims, await seats.keptOf(claims.conversation)) ? claims : undefined;
    },
    ...createTickets(clock),
    ...createKeeping(seats),
  };
}

function createKeeping(seats: Seats | undefined): Pick<Tokens, 'renewed' | 'asServer' | 'onLost'> {
  const keptOf = async (id: string) => seats?.keptOf(id);
  return {
    async renewed({ conversation, user, seat, mark }, connection = 'same') {
      const kept = await keptOf(conversation);
      if (!mayStay(seatOf({ seat, mark }), kept)) throw notOurs();
      return { conversation, user, ...seatOf({ seat: connection === 'another' ? newSeat() : seat, mark: kept?.mark }) };
    },
    asServer: async (conversation) => ({ conversation, user: 'dl_user', ...seatOf({ seat: undefined, mark: (await keptOf(conversation))?.mark }) }),
    onLost(claims, lost) {
      if (seats === undefined) return () => undefined;
      let told = false;
      const tell = (kept?: Kept): void => {
        if (told || mayStay(claims, kept)) return;
        told = true;
        lost();
      };
      const stop = seats.follow(claims.conversation, tell);
      // Lost between its ticket and its stream. A store that fails here fails the stream itself, too.
      seats.keptOf(claims.conversation).then(tell, lost);
      return () => {
        told = true;
        stop();
      };
    },
  };
}

/** A seat without what is unknown of it. */
function seatOf({ seat, mark }: Readonly<Record<keyof Seat, unknown>>): Seat {
  return { ...(typeof seat === 'string' ? { seat } : {}), ...(typeof mark === 'string' ? { mark } : {}) };
}

function notOurs(): Refusal {
  return new Refusal('Forbidden', 'The token or secret is not one of ours, or not for this.');
}

async function readToken(token: string, key: Uint8Array, clock: Clock): Promise<Claims | 'expired' | undefined> {
  try {
    const currentDate = new Date(clock.now());
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      audience,
      currentDate,
      requiredClaims: ['exp'],
    });
    const { conversation, user, seat, mark } = payload;
    return typeof conversation === 'string' && typeof user === 'string' ? { conversation, user, ...seatOf({ seat, mark }) } : undefined;
  } catch (error) {
    return error instanceof errors.JWTExpired ? 'expired' : undefined;
  }
}

function createTickets(clock: Clock): Pick<Tokens, 'ticket' | 'redeem'> {
  const open = new Map<string, { claims: Claims; until: number }>();
  const sweep = () => {
    // A map keeps the order of issue, so the first still good ends the sweep.
    for (const [id, { until }] of open) {
      if (until > clock.now() && open.size < ticketsAtMost) return;
      open.delete(id);
    }
  };
  return {
    ticket: (claims) => {
      sweep();
      const id = randomBytes(24).toString('base64url');
      open.set(id, { claims, until: clock.now() + ticketLifeMs });
      return id;
    },
    redeem: (id) => {
      const found = open.get(id);
      open.delete(id);
      return found !== undefined && found.until > clock.now() ? found.claims : undefined;
    },
  };
}

/** Compares with every secret in constant time. An empty list accepts nothing. */
export function createSecretCheck(secrets: readonly string[]): (given: string) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const known = secrets.map(digest);
  return (given) => {
    const hash = digest(given);
    return known.map((secret) => timingSafeEqual(secret, hash)).includes(true);
  };
}

/** Who is calling: the holder of one conversation's token, or a server that shares a secret with us. */
export type Caller = { readonly kind: 'token'; readonly claims: Claims } | { readonly kind: 'secret' } | { readonly kind: 'page' };

/** What a route asks for; `page` is one of the allowed web pages, which has no token yet, and `caller` any but that. */
export type Guard = 'page' | 'secret' | 'token' | 'caller';

export interface AdmissionRules {
  readonly tokens: Tokens;
  readonly secrets: readonly string[];
  readonly local: boolean;
}

/** Finds out who calls, or throws the `Refusal` that says what is missing. */
export function createAdmission(rules: AdmissionRules): (headers: IncomingHttpHeaders, guard: Guard) => Promise<Caller> {
  const isSecret = createSecretCheck(rules.secrets);
  return async (headers, guard) => {
    if (guard === 'page') return admitPage(headers, rules.local);
    const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given === undefined) throw new Refusal('Unauthorized', 'Send "Authorization: Bearer" and a token.');
    if (guard !== 'token' && isSecret(given)) return { kind: 'secret' };
    const claims = guard === 'secret' ? undefined : await rules.tokens.read(given);
    if (claims === 'expired') throw new Refusal('TokenExpired', 'The token has expired: ask for a new one.');
    if (claims === undefined) throw notOurs();
    return { kind: 'token', claims };
  };
}

/** An origin that came was checked at the door; here, its absence must be that of our own page. */
function admitPage(headers: IncomingHttpHeaders, local: boolean): Caller {
  const site = headers['sec-fetch-site'];
  if (headers.origin !== undefined || site === 'same-origin' || site === 'none' || local) return { kind: 'page' };
  throw new Refusal('Forbidden', 'Tokens are given to pages of the allowed origins only.');
}

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

/**
 * Sets the CORS headers for an allowed origin, and throws a `Refusal` for any other. No origin at all passes: that is
 * a same-origin GET, or no browser.
 */
export function greetOrigin(request: IncomingMessage, response: ServerResponse, allowsOrigin: (origin: string) => boolean): void {
  const { origin } = request.headers;
  response.setHeader('Vary', 'Origin');
  if (origin === undefined) return;
  if (!allowsOrigin(origin)) throw new Refusal('Forbidden', 'Pages of this origin may not use this service.');
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
  response.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, X-Ms-Bot-Agent, X-Requested-With');
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
  response.setHeader('Access-Control-Max-Age', '600');
}
