/**
 * The routes of Direct Line 3.0 as a table, free of any web framework: a request comes in as plain data, an answer
 * goes out as plain data. Connections, headers and pages are the server's business.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Assistant, Clock } from '../conversation/ports.js';
import { activityId, isRecord, Refusal, toActivities, toUtterance } from './activities.js';
import { passOn, type Ears } from './beside.js';
import type { CardLabels } from './cards.js';
import { entriesAfter, readWatermark } from './stream.js';
import { createAdmission, newConversationId, newUserId } from './tokens.js';
import type { Caller, Claims, Guard, Tokens } from './tokens.js';

export interface ApiRequest {
  readonly headers: IncomingHttpHeaders;
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

async function generate(request: ApiRequest, options: DirectLineOptions): Promise<ApiAnswer> {
  const claims = await newClaims(request);
  return { status: 200, body: await tokenBody(claims, options) };
}

async function newClaims(request: ApiRequest): Promise<Claims> {
  const body = (await request.json()) ?? {};
  if (!isRecord(body)) throw new Refusal('BadSyntax', 'The body must be a JSON object, or absent.');
  const id = isRecord(body['user']) ? body['user']['id'] : undefined;
  const user = id ?? newUserId();
  const taken = ['', 'sesame', 'adviser'];
  if (typeof user === 'string' && user.length <= 200 && !taken.includes(user)) {
    return { conversation: newConversationId(), user };
  }
  throw new Refusal('BadArgument', '"user.id" must be a string of 1 to 200 characters that is not one of our names.');
}

async function tokenBody(claims: Claims, { tokens }: DirectLineOptions) {
  const token = await tokens.issue(claims);
  return { conversationId: claims.conversation, token, expires_in: tokens.lifeSeconds };
}

async function refresh(_request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const claims = claimsOf(caller, '');
  if (await options.assistant.wasErased(claims.conversation)) throw noSuchConversation();
  return { status: 200, body: await tokenBody(claims, options) };
}

/** Ends the conversation of the token and takes away what is kept of it. */
async function erase(_request: ApiRequest, { assistant }: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const { conversation: id } = claimsOf(caller, '');
  if (!(await assistant.knows(id))) throw noSuchConversation();
  await assistant.erase(id);
  return { status: 204 };
}

function noSuchConversation(): Refusal {
  return new Refusal('ConversationNotFound', 'There is no such conversation.');
}

/** The claims of a token; a secret speaks for any conversation, under a name that stands for no one. */
function claimsOf(caller: Caller, conversationId: string): Claims {
  return caller.kind === 'token' ? caller.claims : { conversation: conversationId, user: 'dl_user' };
}

async function open(request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const fresh = await newClaims(request);
  const claims = caller.kind === 'token' ? caller.claims : fresh;
  const opening = { kind: 'opening', id: 'opening', conversationId: claims.conversation, channel: 'web' } as const;
  const { kind } = await options.assistant.hear({ ...opening, at: options.clock.now() });
  return { status: kind === 'accepted' ? 201 : 200, body: await streamBody(claims, 0, options) };
}

async function streamBody(claims: Claims, watermark: number, options: DirectLineOptions) {
  const url = new URL(`/v3/directline/conversations/${claims.conversation}/stream`, options.config.publicUrl());
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('watermark', String(watermark));
  url.searchParams.set('t', options.tokens.ticket(claims));
  return { ...(await tokenBody(claims, options)), streamUrl: url.href };
}

/** The conversation in the address. Another's is refused alike whether it exists or not. */
async function enter(request: ApiRequest, { assistant }: DirectLineOptions, caller: Caller): Promise<Claims> {
  const id = request.params['conversationId'] ?? '';
  const claims = claimsOf(caller, id);
  if (claims.conversation !== id) throw new Refusal('Forbidden', 'This token is for another conversation.');
  if (!(await assistant.knows(id))) throw noSuchConversation();
  return claims;
}

async function reconnect(request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  const claims = await enter(request, options, caller);
  const watermark = readWatermark(request.query.get('watermark'));
  await entriesAfter(options.assistant, claims.conversation, watermark);
  return { status: 200, body: await streamBody(claims, watermark, options) };
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
  const { conversation: conversationId } = await enter(request, options, caller);
  const freshId = randomUUID();
  const body = await request.json();
  const utterance = toUtterance(body, { conversationId, at: options.clock.now(), freshId });
  if (utterance === undefined) {
    await passOn(body, conversationId, options);
    return { status: 200, body: { id: `${conversationId}|${freshId}` } };
  }
  const { seq } = await options.assistant.hear(utterance);
  return { status: 200, body: { id: activityId(conversationId, seq) } };
}

async function refuseUpload(request: ApiRequest, options: DirectLineOptions, caller: Caller): Promise<ApiAnswer> {
  await enter(request, options, caller);
  throw new Refusal('BadAttachment', 'Files are not taken here: send words.');
}

function giveSessionId(): Promise<ApiAnswer> {
  return Promise.resolve({ status: 200, body: { sessionId: randomUUID() } });
}

const limits = { bodyBytes: 16 * 1024, jsonDepth: 32 };

/** The body of a request as JSON, undefined when there is none. Over 16 KiB it is refused before the rest is read. */
export async function readJson(request: IncomingMessage, atMost = limits.bodyBytes): Promise<unknown> {
  const { 'content-length': length = '0', 'content-type': type = '', 'content-encoding': encoding } = request.headers;
  if (Number(length) === 0 && request.headers['transfer-encoding'] === undefined) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(type) || encoding !== undefined) {
    throw new Refusal('UnsupportedMediaType', 'Send the body as application/json, without an encoding.');
  }
  const body = await readBody(request, Number(length), atMost);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Refusal('BadSyntax', 'The body is not valid UTF-8.');
  }
  return text === '' ? undefined : parseJson(text);
}

function readBody(request: IncomingMessage, announced: number, atMost: number): Promise<Buffer> {
  const tooBig = new Refusal('MessageSizeTooBig', `A request has at most ${String(atMost / 1024)} KiB.`);
  if (announced > atMost) throw tooBig;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= atMost) chunks.push(chunk);
      else reject(tooBig);
    });
    request.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.once('close', () => {
      reject(new Refusal('BadSyntax', 'The body was cut short.'));
    });
  });
}

/** Parses JSON; refuses what nests deeper than 32 or names `__proto__`. */
function parseJson(text: string): unknown {
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
    if (depth >= limits.jsonDepth && holders.length > 0) throw new Refusal('BadSyntax', 'The JSON nests too deep.');
    if (holders.some((holder) => Object.hasOwn(holder, '__proto__'))) {
      throw new Refusal('BadSyntax', 'A property of the JSON has a name that is not taken.');
    }
    level = holders.flatMap((holder) => Object.values(holder) as unknown[]);
  }
  return parsed;
}
