/**
 * Teams as a bot sees it, on loopback: the connector that takes cards and messages, the OpenID metadata and keys that
 * its tokens are checked with, and the place where a bot gets a token of its own. Faults are scripted.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

export const APP_ID = '11111111-1111-4111-8111-111111111111';
export const TENANT = '00000000-0000-4000-8000-000000000001';
const ISSUER = 'https://api.botframework.com';

export interface Call {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What happens to a call instead of its answer; `lost`: it has its effect, and no answer ever comes. */
export type Mishap =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter?: string; readonly location?: string; readonly body?: string }
  | { readonly kind: 'silence' }
  | { readonly kind: 'lost' };

export interface Posted {
  readonly id: string;
  readonly activity: Readonly<Record<string, unknown>>;
}

/** A mishap, or something else than the truth. */
export type Served = Mishap | { readonly kind: 'json'; readonly body: unknown };

type Answer = { readonly status: number; readonly body: unknown };

export class FakeConnector {
  /** Every call to the connector, those that failed too. */
  readonly calls: Call[] = [];
  /** What a reader sees, by conversation id, in order; the first is the root. Updates replace in place. */
  readonly threads = new Map<string, Posted[]>();
  /** How often each of these was asked for. */
  readonly fetched = { metadata: 0, keys: 0, token: 0 };
  /** Asked on each call to the connector. */
  mishap: (call: Call) => Mishap | undefined = () => undefined;
  /** What is served in place of the metadata or of the keys. */
  openId: { metadata?: Served; keys?: Served } = {};
  private readonly held = new Set<ServerResponse>();
  private ids = 1_700_000_000_000;

  private constructor(
    private readonly server: Server,
    private readonly key: { kid: string; private: CryptoKey; jwk: Readonly<Record<string, unknown>> },
  ) {}

  static async open(): Promise<FakeConnector> {
    const pair = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig', endorsements: ['msteams', 'webchat'] };
    const server = createServer();
    const fake = new FakeConnector(server, { kid: 'key-1', private: pair.privateKey, jwk });
    server.on('request', (request, response) => void fake.serve(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return fake;
  }

  async close(): Promise<void> {
    for (const response of this.held) response.destroy();
    this.server.closeAllConnections();
    await once(this.server.close(), 'close');
  }

  get origin(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** As Teams names it in each activity. */
  get serviceUrl(): string {
    return `${this.origin}/emea/`;
  }

  get metadataUrl(): string {
    return `${this.origin}/openid/configuration`;
  }

  get tokenUrl(): string {
    return `${this.origin}/oauth/token`;
  }

  get jwk(): Readonly<Record<string, unknown>> {
    return this.key.jwk;
  }

  /** A bearer token as the connector sends it, good for `at` (epoch milliseconds) unless told otherwise. */
  async token(at: number, claims: JWTPayload = {}, header: Readonly<Record<string, unknown>> = {}, key: CryptoKey | Uint8Array = this.key.private): Promise<string> {
    const seconds = Math.floor(at / 1000);
    const all = { iss: ISSUER, aud: APP_ID, nbf: seconds - 60, exp: seconds + 3600, serviceurl: this.serviceUrl, ...claims };
    return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: this.key.kid, typ: 'JWT', ...header }).sign(key);
  }

  /** Words that a reader sees in a thread, in order, without its root. */
  wordsIn(conversationId: string): readonly string[] {
    return (this.threads.get(conversationId) ?? []).slice(1).map(({ activity }) => String(activity['text']));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? '/', this.origin).pathname);
    const text = await textOf(request);
    if (path === '/openid/configuration') this.giveOpenId('metadata', { jwks_uri: `${this.origin}/openid/keys`, issuer: ISSUER }, response);
    else if (path === '/openid/keys') this.giveOpenId('keys', { keys: [this.key.jwk] }, response);
    else if (path === '/oauth/token') this.giveToken(response);
    else this.serveCall(request, { path, text }, response);
  }

  private giveToken(response: ServerResponse): void {
    this.fetched.token += 1;
    give(response, { status: 200, body: { token_type: 'Bearer', access_token: `bot-${String(this.fetched.token)}`, expires_in: 3600 } });
  }

  private serveCall(request: IncomingMessage, { path, text }: { path: string; text: string }, response: ServerResponse): void {
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const call = { method: request.method ?? '', path: path.replace(/^\/emea/, ''), authorization: request.headers.authorization, body };
    this.calls.push(call);
    const mishap = this.mishap(call);
    if (mishap && mishap.kind !== 'lost') {
      this.befall(mishap, response);
      return;
    }
    const answer = this.take(call);
    if (mishap) this.held.add(response);
    else give(response, answer);
  }

  private giveOpenId(which: 'metadata' | 'keys', body: unknown, response: ServerResponse): void {
    this.fetched[which] += 1;
    const told = this.openId[which];
    if (told === undefined || told.kind === 'json') give(response, { status: 200, body: told?.body ?? body });
    else this.befall(told, response);
  }

  private befall(mishap: Mishap, response: ServerResponse): void {
    if (mishap.kind !== 'answer') {
      this.held.add(response);
      return;
    }
    if (mishap.retryAfter !== undefined) response.setHeader('Retry-After', mishap.retryAfter);
    if (mishap.location !== undefined) response.setHeader('Location', mishap.location);
    response.statusCode = mishap.status;
    response.end(mishap.body ?? '{"error":{"code":"Scripted","message":"scripted"}}');
  }

  private take({ method, path, body }: Call): Answer {
    if (method === 'POST' && path === '/v3/conversations') return this.startThread(body);
    const [, conversation = '', activity] = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/.exec(path) ?? [];
    return this.takeInThread(method, { conversation, activity, body });
  }

  private takeInThread(method: string, { conversation, activity, body }: { conversation: string; activity: string | undefined; body: Call['body'] }): Answer {
    const thread = this.threads.get(conversation) ?? [];
    if (method === 'POST' && conversation !== '') {
      const id = this.freshId();
      if (body['type'] === 'message') this.threads.set(conversation, [...thread, { id, activity: body }]);
      return { status: 201, body: { id } };
    }
    if (method === 'PUT' && thread.some(({ id }) => id === activity)) {
      this.threads.set(conversation, thread.map((one) => (one.id === activity ? { id: one.id, activity: body } : one)));
      return { status: 200, body: { id: activity } };
    }
    return { status: 404, body: { error: { code: 'NotFound', message: 'scripted' } } };
  }

  private startThread(body: Readonly<Record<string, unknown>>): Answer {
    const { channelData, activity } = body as { channelData?: { channel?: { id?: string } }; activity?: Posted['activity'] };
    const rootId = this.freshId();
    const id = `${channelData?.channel?.id ?? 'a:personal'};messageid=${rootId}`;
    this.threads.set(id, activity ? [{ id: rootId, activity }] : []);
    return { status: 201, body: { id, activityId: rootId } };
  }

  private freshId(): string {
    this.ids += 1;
    return String(this.ids);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function give(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

export interface Sender {
  readonly oid: string;
  readonly tenant?: string;
  readonly name?: string;
}

/** What a member of the staff does in Teams, as the connector tells it. `conversation`: of a channel or a thread, or `a:` a private one. */
export function activityFrom(fake: Pick<FakeConnector, 'serviceUrl'>, { oid, tenant = TENANT, name = 'Prénom Nom' }: Sender, conversation: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const personal = conversation.startsWith('a:');
  return {
    type: 'message',
    id: randomUUID(),
    timestamp: '2026-11-23T09:00:00.000Z',
    channelId: 'msteams',
    serviceUrl: fake.serviceUrl,
    from: { id: `29:${oid}`, name, aadObjectId: oid },
    recipient: { id: `28:${APP_ID}`, name: 'Sésame' },
    conversation: { id: conversation, conversationType: personal ? 'personal' : 'channel', tenantId: tenant, ...(personal ? {} : { isGroup: true }) },
    channelData: { tenant: { id: tenant }, ...(personal ? {} : { channel: { id: conversation.split(';')[0] } }) },
    textFormat: 'plain',
    ...more,
  };
}
