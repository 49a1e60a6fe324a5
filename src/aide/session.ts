/**
 * Who holds which conversation, without JavaScript: a signed cookie, a token in every form that is bound to it, and
 * what of a request may be believed. It holds no word of the conversation.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Clock, RecordStore } from '../conversation/ports.js';
import { gather } from '../limits/body.js';

export interface Session {
  readonly conversationId: string;
  /** Tells this browser's hold from any other on the same conversation. */
  readonly nonce: string;
  readonly kiosk: boolean;
  /** Epoch milliseconds of the last action. */
  readonly at: number;
  /** The conversation that a code brought back: to be read, never to be gone on with. */
  readonly before?: string;
}

export const COOKIE = 'sesame-aide';

/** Milliseconds without action after which a session opens nothing any more: a day, or 3 minutes on a public terminal. */
const LIVES = { own: 24 * 3_600_000, kiosk: 240_000 };
/** A page that leaves by itself at the third minute must still find what it closes. */
const GRACE = 10_000;

export interface Sessions {
  /** A session of a conversation that nobody knows yet. */
  fresh(kiosk: boolean): Session;
  /** The session as text that only we can write, as of now. */
  seal(session: Session): string;
  /** The session in such a text; nothing when it is not ours or is over. */
  open(text: string | undefined): Promise<Session | undefined>;
  /** Ends a session for good, wherever its text was kept. */
  end(session: Session): Promise<void>;
  /** What a form of this session must bring back. */
  formToken(session: Session): string;
  /** Whether a form brought the right token. */
  holds(session: Session, token: string): boolean;
}

export interface SessionOptions {
  readonly key: Uint8Array;
  readonly records: RecordStore;
  readonly clock: Clock;
}

export function createSessions({ key, records, clock }: SessionOptions): Sessions {
  const mac = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  const formToken = ({ nonce, conversationId }: Session): string => mac(`form ${nonce} ${conversationId}`);
  const endedKey = ({ nonce }: Session): string => `aide-ended/${nonce}`;
  return {
    formToken,
    fresh: (kiosk) => ({ conversationId: `page-${unguessable()}`, nonce: unguessable(), kiosk, at: clock.now() }),
    seal(session) {
      const body = Buffer.from(JSON.stringify({ ...session, at: clock.now() })).toString('base64url');
      return `${body}.${mac(`session ${body}`)}`;
    },
    async open(text = '') {
      const [body = '', seal = ''] = text.split('.');
      if (text.length > 1_000 || !same(seal, mac(`session ${body}`))) return undefined;
      // The seal is ours: so is the shape of what it holds.
      const session = JSON.parse(Buffer.from(body, 'base64url').toString()) as Session;
      const over = clock.now() - session.at > (session.kiosk ? LIVES.kiosk : LIVES.own) + GRACE;
      return over || (await records.read(endedKey(session))) ? undefined : session;
    },
    async end(session) {
      const known = await records.read(endedKey(session));
      if (!known) await records.write(endedKey(session), true, 0, clock.now() + LIVES.own + GRACE);
    },
    holds: (session, token) => same(token, formToken(session)),
  };
}

function unguessable(): string {
  return randomBytes(18).toString('base64url');
}

function same(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The value of our cookie in a request. */
export function cookieOf({ cookie = '' }: IncomingHttpHeaders): string | undefined {
  const found = cookie.split(/; */).find((one) => one.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1);
}

/** A `Set-Cookie` that gives a value, or takes it away where there is none. It ends with the browser. */
export function cookieLine(value: string | undefined, secure: boolean): string {
  const life = value === undefined ? '; Max-Age=0' : '';
  return `${COOKIE}=${value ?? ''}; Path=/aide; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}${life}`;
}

/**
 * Whether a post comes from a page of ours. Browsers too old to say where it comes from are let through to the token.
 */
export function fromOurPage(headers: IncomingHttpHeaders, isOwn: (origin: string) => boolean): boolean {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === 'null') return site === 'same-origin';
  return origin === undefined || isOwn(origin);
}

/** What a post brought, cut to what anybody needs; empty where it brought nothing. */
export interface Post {
  /** Bound to the session. */
  readonly token: string;
  /** A session yet to be opened. */
  readonly ticket: string;
  readonly kiosk: boolean;
  readonly code: string;
  /** Ends the conversation and wants nothing kept of it. */
  readonly erases: boolean;
  /** An opinion: the message, the verdict and the reason. */
  readonly about: string;
  readonly verdict: string;
  readonly reason: string;
  readonly text: string;
  /** The page that was answered. */
  readonly page: string;
  /** The place of a dialog's form, and its values: identity data or codes. */
  readonly place: string;
  readonly values: Readonly<Record<string, string>>;
}

const LONGEST = { body: 32 * 1024, text: 10_000, value: 500, fields: 20 };

/** Reads a posted form; nothing when it is not one, or longer than 32 KiB. */
export async function readPost(request: IncomingMessage): Promise<Post | undefined> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) || request.headers['content-encoding'] !== undefined) return undefined;
  // The rest is read and dropped, so that the answer can still be given on this connection.
  const body = await gather(request, LONGEST.body);
  return typeof body === 'string' ? undefined : toPost(new URLSearchParams(body.toString('utf8')));
}

function toPost(form: URLSearchParams): Post {
  const given = (name: string, most = LONGEST.value): string => (form.get(name) ?? '').slice(0, most).trim();
  const fields = [...form].filter(([name]) => name.startsWith('champ-')).slice(0, LONGEST.fields);
  const values = fields.map(([name, value]) => [name.slice('champ-'.length), value.slice(0, LONGEST.value)] as const);
  return {
    ...{ token: given('jeton'), ticket: given('billet', 1_000), kiosk: given('borne') === '1', code: given('code') },
    ...{ erases: given('effacer') === '1', about: given('sur'), verdict: given('avis'), reason: given('raison') },
    ...{ text: given('dit', LONGEST.text), page: given('envoi'), place: given('place'), values: Object.fromEntries(values) },
  };
}
