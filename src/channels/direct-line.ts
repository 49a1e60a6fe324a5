/**
 * The routes of Direct Line 3.0 as a table, free of any web framework: a request comes in as plain data, an answer
 * goes out as plain data. Connections, headers and pages are the server's business.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Assistant, Clock } from '../conversation/ports.js';
import type { Newcomer } from '../sources/newcomers.js';
import { newSeat, seatKey } from '../sources/seats.js';
import type { Sources, Whence } from '../sources/whence.js';
import { activityId, isRecord, Refusal, toActivities, toUtterance } from './activities.js';
import { passOn, type Ears } from './beside.js';
import type { CardLabels } from './cards.js';
import { entriesAfter } from './follower.js';
import { readWatermark } from './stream.js';
import { createAdmission, newConversationId, newUserId } from './tokens.js';
import type { Caller, Claims, Guard, Tokens } from './tokens.js';

export interface ApiRequest {
  readonly headers: IncomingHttpHeaders;
  readonly whence: Whence;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** Reads and parses the body within the limits, or within `atMost` bytes; undefined when there is none. */
  json(atMost?: number): Promise<unknown>;
}

export interface ApiAnswer {
  readonly status: number;
  /** Absent where there is nothing to say (204). */
  readonly body?: object;
}

/** `del` is what restify calls DELETE. */
type Verb = 'get' | 'post' | 'del';

export interface Route {
  readonly verb: Verb;
  readonly path: string;
  /** Throws a `Refusal`, or whatever broke. */
  answer(request: ApiRequest): Promise<ApiAnswer>;
}

export interface DirectLineOptions extends Ears {
  readonly assistant: Assistant;
  readonly tokens: Tokens;
  /** What may be told of a name that a page chose. As it is, unless told. */
  readonly mark?: (given: string) => string;
  readonly sources: Sources;
  readonly config: { publicUrl(): string; readonly secrets: readonly string[]; readonly local: boolean };
  readonly labels: CardLabels;
  readonly clock: Clock;
}

type Handler = (request: ApiRequest, options: DirectLineOptions, caller: Caller) => Promise<ApiAnswer>;

const conversation = '/v3/directline/conversations/:conversationId';
const table: readonly (readonly [Verb, string, Guard, Handler])[] = [
  ['post', '/api/token', 'page', generate],
  // Token and conversation at once: on a slow line each request is a wait.
  ['post', '/api/conversation', 'page', open],
  ['get', '/api/conversation', 'token', giveAll],
  ['del', '/api/conversation', 'token', erase],
  ['post', '/v3/directline/tokens/generate', 'secret', generate],
  ['post', '/v3/directline/tokens/refresh', 'token', refresh],
  ['post', '/v3/directline/conversations', 'caller', open],
  ['get', conversation, 'caller', reconnect],
  ['get', `${conversation}/activities`, 'caller', listActivities],
  ['post', `${conversation}/activities`, 'caller', postActivity],
  ['post', `${conversation}/upload`, 'caller', refuseUpload],
  ['get', '/v3/directline/session/getsessionid', 'caller', giveSessionId],
];

export function directLineRoutes(options: DirectLineOptions): readonly Route[] {
  const admit = createAdmission({ ...options.config, tokens: options.tokens });
  return table.map(([verb, path, guard, handler]) => ({
    verb,
    path,
    answer: async (request) => handler(request, options, await admit(request.headers, guard)),
  }));
}

async function generate(request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const claims = await newClaims(request, options);
  if (caller.kind === 'page') refuseCrowd('token', request, options);
  return { status: 200, body: await tokenBody(claims, options) };
}

function refuseCrowd(what: Newcomer, { whence }: ApiRequest, { sources }: DirectLineOptions): void {
  const retryAfter = sources.admit(what, whence);
  if (retryAfter !== undefined) throw new Refusal('LimitExceeded', 'Too many conversations begin from where you are: wait a little.', { retryAfter });
}

async function newClaims(request: ApiRequest, { mark = (given) => given }: DirectLineOptions): Promise<Claims> {
  const body = (await request.json()) ?? {};
  if (!isRecord(body)) throw new Refusal('BadSyntax', 'The body must be a JSON object, or absent.');
  const id = isRecord(body['user']) ? body['user']['id'] : undefined;
  const user = id ?? newUserId();
  const taken = ['', 'sesame', 'adviser'];
  if (typeof user === 'string' && user.length <= 200 && !taken.includes(user)) {
    // Our own names are drawn at random: what looks like a secret in one is chance.
    return { conversation: newConversationId(), user: id === undefined ? user : mark(user), seat: newSeat() };
  }
  throw new Refusal('BadArgument', '"user.id" must be a string of 1 to 200 characters that is not one of our names.');
}

async function tokenBody(claims: Claims, { tokens }: DirectLineOptions) {
  const token = await tokens.issue(claims);
  return { conversationId: claims.conversation, token, expires_in: tokens.lifeSeconds };
}

async function refresh(_request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const claims = claimsOf(caller);
  if (await options.assistant.wasErased(claims.conversation)) throw noSuchConversation();
  return { status: 200, body: await tokenBody(await options.tokens.renewed(claims), options) };
}

/** All that was said in the conversation of the token: what a person may take with them. */
async function giveAll(_request: ApiRequest, { assistant, labels }: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const { conversation: conversationId, user } = claimsOf(caller);
  if (!(await assistant.knows(conversationId))) throw noSuchConversation();
  const said = await assistant.transcript(conversationId, 0);
  return { status: 200, body: { activities: toActivities(said, { conversationId, user, labels }, new Map()), watermark: String(said.at(-1)?.seq ?? 0) } };
}

/** Ends the conversation of the token and takes away what is kept of it. */
async function erase(_request: ApiRequest, { assistant }: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const { conversation: id } = claimsOf(caller);
  if (!(await assistant.knows(id))) throw noSuchConversation();
  await assistant.erase(id, [seatKey(id)]);
  return { status: 204 };
}

function noSuchConversation(): Refusal {
  return new Refusal('ConversationNotFound', 'There is no such conversation.');
}

/** The claims of a token, where the guard of the route lets nothing else in. */
function claimsOf(caller: Caller): Claims {
  return caller.kind === 'token' ? caller.claims : { conversation: '', user: '' };
}

async function open(request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const fresh = await newClaims(request, options);
  const claims = caller.kind === 'token' ? caller.claims : fresh;
  const known = await options.assistant.knows(claims.conversation);
  // A secret is a server's, which speaks for many people from one address.
  if (!known && caller.kind !== 'secret') refuseCrowd('conversation', request, options);
  const opening = { kind: 'opening', id: 'opening', conversationId: claims.conversation, channel: 'web' } as const;
  const { kind } = await options.assistant.hear({ ...opening, at: options.clock.now(), source: sourceOf(claims, request, options) });
  if (kind === 'accepted') return { status: 201, body: await streamBody(claims, 0, options) };
  return { status: 200, body: await streamBody(await options.tokens.renewed(claims, 'another'), 0, options) };
}

async function streamBody(claims: Claims, watermark: number, options: DirectLineOptions) {
  const url = new URL(`/v3/directline/conversations/${claims.conversation}/stream`, options.config.publicUrl());
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('watermark', String(watermark));
  url.searchParams.set('t', await options.tokens.ticket(claims));
  return { ...(await tokenBody(claims, options)), streamUrl: url.href };
}

/** These clients keep no cookie: the name in their token is all that tells one from another. */
function sourceOf({ user, seat }: Claims, { whence }: ApiRequest, { sources }: DirectLineOptions) {
  return sources.sourceOf(whence, { device: user, seat });
}

/** The conversation in the address. Another's is refused alike whether it exists or not. */
async function enter(request: ApiRequest, { assistant, tokens }: DirectLineOptions, caller: Caller): Promise<Claims> {
  const id = request.params['conversationId'] ?? '';
  const claims = caller.kind === 'token' ? caller.claims : await tokens.asServer(id);
  if (claims.conversation !== id) throw new Refusal('Forbidden', 'This token is for another conversation.');
  if (!(await assistant.knows(id))) throw noSuchConversation();
  return claims;
}

async function reconnect(request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const claims = await enter(request, options, caller);
  const watermark = readWatermark(request.query.get('watermark'));
  await entriesAfter(options.assistant, claims.conversation, watermark);
  return { status: 200, body: await streamBody(await options.tokens.renewed(claims, 'another'), watermark, options) };
}

async function listActivities(request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const claims = await enter(request, options, caller);
  const watermark = readWatermark(request.query.get('watermark'));
  const { before, after } = await entriesAfter(options.assistant, claims.conversation, watermark);
  const viewer = { conversationId: claims.conversation, user: claims.user, labels: options.labels };
  const heard = new Map<string, number>();
  // The entry the watermark stands on is often the question that the next one answers.
  toActivities(before, viewer, heard);
  const activities = toActivities(after, viewer, heard);
  return { status: 200, body: { activities, watermark: String(after.at(-1)?.seq ?? watermark) } };
}

async function postActivity(request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const claims = await enter(request, options, caller);
  const { conversation: conversationId } = claims;
  const freshId = randomUUID();
  const body = await request.json();
  const utterance = toUtterance(body, { conversationId, at: options.clock.now(), freshId });
  if (utterance === undefined) {
    await passOn(body, conversationId, options);
    return { status: 200, body: { id: `${conversationId}|${freshId}` } };
  }
  const { seq } = await options.assistant.hear({ ...utterance, source: sourceOf(claims, request, options) });
  return { status: 200, body: { id: activityId(conversationId, seq) } };
}

async function refuseUpload(request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  await enter(request, options, caller);
  throw new Refusal('BadAttachment', 'Files are not taken here: send words.');
}

function giveSessionId(): Promise<ApiAnswer> {
  return Promise.resolve({ status: 200, body: { sessionId: randomUUID() } });
}

const deepest = 32;

/** Parses the text of a body; refuses what nests deeper than 32 or names `__proto__`. */
export function parseJson(text: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Refusal('BadSyntax', 'The body is not valid JSON.');
  }
  // By levels rather than by recursion: the nesting is the caller's choice, the stack is ours.
  let level: unknown[] = [parsed];
  for (let depth = 0; level.length > 0; depth += 1) {
    const holders = level.filter((value) => typeof value === 'object' && value !== null);
    if (depth >= deepest && holders.length > 0) throw new Refusal('BadSyntax', 'The JSON nests too deep.');
    if (holders.some((holder) => Object.hasOwn(holder, '__proto__'))) {
      throw new Refusal('BadSyntax', 'A property of the JSON has a name that is not taken.');
    }
    level = holders.flatMap((holder) => Object.values(holder) as unknown[]);
  }
  return parsed;
}
