/**
 * The addresses of this room: before leaving for FranceConnect, coming back, and after its farewell. Everything works
 * without scripts; every page leads back to the conversation, and none says whom an identity belongs to.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SesameError } from '../conversation/errors.js';
import type { PivotRegistry } from '../identity/ports.js';
import { secret, type Attempt, type Attempts, type Found } from './attempts.js';
import { judge } from './judge.js';
import type { IdentityProvider, Notice } from './ports.js';

/** Where the room answers, as the server mounts it. */
export const ADDRESSES = { leave: '/franceconnect/aller', back: '/franceconnect/retour', farewell: '/franceconnect/fin', keys: '/franceconnect/cles' } as const;

/** A page to draw: what it says, and where it leads. */
export interface Shown {
  readonly notice: Notice;
  /** The conversation that it belongs to, where it is known. */
  readonly conversationId?: string;
  /** Where « Continuer » leads, and the number to compare, on the page before the departure. */
  readonly onward?: { readonly url: string; readonly number: string };
}

export interface DoorOptions {
  readonly attempts: Attempts;
  readonly provider: IdentityProvider;
  readonly registry: PivotRegistry;
  /** A complete page, and the headers that it leaves under. */
  readonly draw: (shown: Shown) => { readonly page: string; readonly headers: Readonly<Record<string, string>> };
  /** Lets the conversation go on by itself, where it still waits for this attempt. */
  readonly tell: (attempt: Attempt) => Promise<void>;
  readonly secure: () => boolean;
  /** Event names with codes; never a query, never a name. */
  readonly report: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

export type Door = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

type Answer =
  | { readonly kind: 'page'; readonly status: number; readonly shown: Shown; readonly browser?: string }
  | { readonly kind: 'go'; readonly url: URL }
  | { readonly kind: 'json'; readonly body: unknown };

interface Visit {
  readonly query: URLSearchParams;
  /** With its `?`, as it came. */
  readonly search: string;
  /** The secret of this browser, where it has one. */
  readonly browser: string | undefined;
}

const COOKIE = 'sesame-passage';
const COOKIE_LIFE_S = 1200;
const STATUS: Readonly<Record<Exclude<Found['kind'], 'found'>, number>> = { unknown: 404, expired: 410, used: 410, stranger: 403 };

/** Answers every address of this room. It never throws: what breaks is reported, and told kindly. */
export function createDoor(options: DoorOptions): Door {
  const looks: Readonly<Record<string, (visit: Visit) => Promise<Answer>>> = {
    [ADDRESSES.leave]: (visit) => leave(visit, options),
    [ADDRESSES.back]: (visit) => comeBack(visit, options),
    [ADDRESSES.farewell]: (visit) => farewell(visit, options),
    [ADDRESSES.keys]: () => Promise.resolve({ kind: 'json', body: options.provider.keys() }),
  };
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://here');
    const visit = { query: url.searchParams, search: url.search, browser: cookieOf(request) };
    const look = looks[url.pathname] ?? (() => Promise.resolve(page('unknown', 404)));
    try {
      send(response, await look(visit), options);
    } catch (error) {
      options.report('franceconnect.failed', { code: error instanceof SesameError ? error.code : 'internal' });
      send(response, page('trouble', 503), options);
    }
  };
}

/**
 * First a page: a link that somebody else sent must not take anyone anywhere by itself. The page gives the browser its
 * secret, and only a browser that brings it back leaves.
 */
async function leave({ query, browser }: Visit, { attempts, provider }: DoorOptions): Promise<Answer> {
  const ticket = query.get('billet') ?? '';
  const found = await attempts.byTicket(ticket, browser);
  if (found.kind !== 'found') return refused(found.kind);
  const { attempt } = found;
  if (query.get('suite') !== '1') {
    const url = `${ADDRESSES.leave}?billet=${encodeURIComponent(ticket)}&suite=1`;
    const shown = { notice: 'before', conversationId: attempt.conversationId, onward: { url, number: attempts.numberOf(attempt.id) } } as const;
    return { kind: 'page', status: 200, shown, browser: browser ?? secret() };
  }
  if (browser === undefined) return refused('stranger');
  const passage = await attempts.leave(attempt, browser);
  const url = passage && (await provider.departure(passage));
  return url ? { kind: 'go', url } : page('trouble', 503, attempt);
}

async function comeBack({ query, search, browser }: Visit, options: DoorOptions): Promise<Answer> {
  const { attempts, provider, registry } = options;
  const found = await attempts.takeBack(query.get('state') ?? '', browser);
  if (found.kind !== 'found' || !found.passage) {
    options.report('franceconnect.refused', { why: found.kind });
    return refused(found.kind === 'found' ? 'used' : found.kind);
  }
  const { attempt, passage } = found;
  const arrival = await provider.arrive(search, passage);
  if ('why' in arrival) options.report('franceconnect.refused', { why: arrival.why });
  await attempts.settle(attempt, await judge(arrival, attempt, registry));
  await options.tell(attempt);
  const away = arrival.kind === 'identified' ? await provider.farewell(arrival.idToken, attempts.farewellMark(attempt.id)) : undefined;
  return away ? { kind: 'go', url: away } : page('back', 200, attempt);
}

async function farewell({ query }: Visit, { attempts }: DoorOptions): Promise<Answer> {
  const id = attempts.idInMark(query.get('state') ?? '');
  return page('back', 200, id === undefined ? undefined : await attempts.find(id));
}

function refused(why: Exclude<Found['kind'], 'found'>): Answer {
  return page(why, STATUS[why]);
}

function page(notice: Notice, status: number, attempt?: Attempt): Answer {
  return { kind: 'page', status, shown: { notice, ...(attempt ? { conversationId: attempt.conversationId } : {}) } };
}

/** Headers one by one: the server's framework has a `writeHead` of its own, which gives nothing back. */
function send(response: ServerResponse, answer: Answer, options: DoorOptions): void {
  const { status, headers, body } = drawn(answer, options);
  response.statusCode = status;
  for (const [name, value] of Object.entries({ 'Cache-Control': 'no-store', ...headers, 'Content-Length': String(Buffer.byteLength(body)) })) response.setHeader(name, value);
  response.end(body);
}

function drawn(answer: Answer, { draw, secure }: DoorOptions): { status: number; headers: Readonly<Record<string, string>>; body: string } {
  switch (answer.kind) {
    case 'go':
      return { status: 303, headers: { Location: answer.url.href }, body: '' };
    case 'json':
      return { status: 200, headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'public, max-age=300' }, body: JSON.stringify(answer.body) };
    case 'page': {
      const { page: body, headers } = draw(answer.shown);
      const cookie = answer.browser === undefined ? {} : { 'Set-Cookie': cookieLine(answer.browser, secure()) };
      return { status: answer.status, headers: { ...headers, ...cookie, 'Content-Type': 'text/html; charset=utf-8' }, body };
    }
  }
}

/** Lax: the way back is a link from another site. */
function cookieLine(value: string, secure: boolean): string {
  return `${COOKIE}=${value}; Path=/franceconnect; HttpOnly; SameSite=Lax; Max-Age=${String(COOKIE_LIFE_S)}${secure ? '; Secure' : ''}`;
}

function cookieOf({ headers: { cookie = '' } }: IncomingMessage): string | undefined {
  return new RegExp(`(?:^|; *)${COOKIE}=([\\w-]{43})(?:;|$)`).exec(cookie)?.[1];
}
