/**
 * Who may come in by the web door: signed conversation tokens, one-time tickets for the stream, shared secrets. It proves
 * which conversation a client holds, never who the person is.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose';
import { SesameError } from '../conversation/errors.js';
import type { Clock } from '../conversation/ports.js';
import { createRecent } from '../sources/recent.js';
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
  /** A ticket that opens one stream, once, within 60 seconds. */
  ticket(claims: Claims): Promise<string>;
  /** Takes the ticket back: a second use gives nothing. */
  redeem(ticket: string): Promise<Claims | undefined>;
  /** The claims as they are to be signed now; with a seat of its own for another connection. Throws a `Refusal` where the seat is lost. */
  renewed(claims: Claims, connection?: 'same' | 'another'): Promise<Claims>;
  /** The claims of whoever may always come in: a server that shares a secret with us. */
  asServer(conversation: string): Promise<Claims>;
  /** Calls back, once, when the seat is lost, or was before. Returns the way to stop. */
  onLost(claims: Claims, lost: () => void): () => void;
  /** Where other processes may take a seat away, which `onLost` does not tell in time: whether it is still there. */
  readonly mayRead?: (claims: Claims) => Promise<boolean>;
}

// Another audience for another use: a token signed elsewhere with the same key opens nothing here.
const audience = 'sesame:direct-line';
const ticketAudience = 'sesame:direct-line-stream';
const ticketLifeMs = 60_000;

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
  /** Whether other processes answer in the same conversations. */
  readonly shared?: boolean;
  /** Spends a ticket for so many milliseconds; false where it was spent already. Without it, tickets are known to this process only. */
  readonly spend?: (id: string, ms: number) => Promise<boolean>;
}

/** HS256 tokens. Refuses a key under 32 bytes with `config-invalid`. */
export function createTokens(options: TokensOptions): Tokens {
  const { key, lifeSeconds = 1800, clock, seats } = options;
  if (key.byteLength < 32) {
    throw new SesameError('config-invalid', 'the key of conversation tokens is under 32 bytes: give 32 random bytes');
  }
  const recent = createRecent<Claims>();
  return {
    lifeSeconds,
    issue: (claims) => signed(claims, { key, audience }, { clock, seconds: lifeSeconds }),
    async read(token) {
      const before = recent.get(token, clock.now());
      const claims = before ?? (await readToken(token, { key, clock, audience }));
      if (before === undefined && typeof claims === 'object') recent.keep(token, claims, (decodeJwt(token).exp ?? 0) * 1000);
      if (typeof claims !== 'object' || seats === undefined) return claims;
      return mayStay(claims, await seats.keptOf(claims.conversation)) ? claims : undefined;
    },
    ...createTickets(options),
    ...createKeeping(seats),
    ...(options.shared === true && seats ? { mayRead: async (claims) => mayStay(claims, await seats.keptOf(claims.conversation)) } : {}),
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

function signed({ conversation, user, seat, mark }: Claims, { key, audience: heardBy, jti }: { key: Uint8Array; audience: string; jti?: string }, life: { clock: Clock; seconds: number }): Promise<string> {
  const now = Math.floor(life.clock.now() / 1000);
  return new SignJWT({ conversation, user, ...seatOf({ seat, mark }), ...(jti === undefined ? {} : { jti }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setAudience(heardBy)
    .setIssuedAt(now)
    .setExpirationTime(now + life.seconds)
    .sign(key);
}

/** A seat without what is unknown of it. */
function seatOf({ seat, mark }: Readonly<Record<keyof Seat, unknown>>): Seat {
  return { ...(typeof seat === 'string' ? { seat } : {}), ...(typeof mark === 'string' ? { mark } : {}) };
}

function notOurs(): Refusal {
  return new Refusal('Forbidden', 'The token or secret is not one of ours, or not for this.');
}

async function readToken(token: string, { key, clock, audience }: { key: Uint8Array; clock: Clock; audience: string }): Promise<(Claims & { readonly id?: string }) | 'expired' | undefined> {
  try {
    const currentDate = new Date(clock.now());
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      audience,
      currentDate,
      requiredClaims: ['exp'],
    });
    const { conversation, user, seat, mark, jti } = payload;
    return typeof conversation === 'string' && typeof user === 'string' ? { conversation, user, ...seatOf({ seat, mark }), ...(jti === undefined ? {} : { id: jti }) } : undefined;
  } catch (error) {
    return error instanceof errors.JWTExpired ? 'expired' : undefined;
  }
}

/** Any process can take a ticket that another one gave: what is spent is known to all that share `spend`. */
function createTickets({ key, clock, spend = spendHere(clock) }: TokensOptions): Pick<Tokens, 'ticket' | 'redeem'> {
  return {
    ticket: (claims) => signed(claims, { key, audience: ticketAudience, jti: randomBytes(18).toString('base64url') }, { clock, seconds: ticketLifeMs / 1000 }),
    async redeem(ticket) {
      const claims = await readToken(ticket, { key, clock, audience: ticketAudience });
      if (typeof claims !== 'object' || claims.id === undefined) return undefined;
      const { id, ...rest } = claims;
      return (await spend(id, ticketLifeMs)) ? rest : undefined;
    },
  };
}

/** Known to this process only. */
function spendHere(clock: Clock): NonNullable<TokensOptions['spend']> {
  const spent = new Map<string, number>();
  return (id, ms) => {
    for (const [old, until] of spent) if (until <= clock.now()) spent.delete(old);
    return Promise.resolve(!spent.has(id) && spent.set(id, clock.now() + ms).has(id));
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
