/** A small OpenID provider whose every answer a test may bend: what no honest provider can be asked to send. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT, type JWK, type JWTPayload } from 'jose';

export const CLIENT = { id: 'sesame', secret: 'made-up-secret-of-a-test-client-0123456789' };

export const ZELIE = { given_name: 'Zélie', family_name: 'D’Ailleurs-Essai', birthdate: '1985-02-14', gender: 'female', birthplace: '75990', birthcountry: '99100' };

export interface Bent {
  /** Claims of the ID token, over the right ones; undefined takes one away. */
  readonly claims?: JWTPayload;
  readonly alg?: 'ES256' | 'HS256' | 'none' | 'other-key';
  readonly altered?: boolean;
  readonly userinfo?: JWTPayload;
  /** How the identity comes. */
  readonly identity?: 'signed' | 'plain' | 'other-key';
  readonly encryptFor?: JWK;
  readonly delayMs?: number;
  readonly tokenStatus?: number;
  readonly issuer?: string;
}

export class BentProvider {
  bent: Bent = {};
  nonce = '';
  url = '';
  readonly asked: { path: string; body: URLSearchParams }[] = [];
  private server!: Server;
  private readonly keys = { own: generateKeyPair('ES256', { extractable: true }), other: generateKeyPair('ES256', { extractable: true }) };

  static async open(): Promise<BentProvider> {
    const provider = new BentProvider();
    provider.server = createServer((request, response) => void provider.serve(request, response));
    await new Promise<void>((resolve) => provider.server.listen(0, '127.0.0.1', resolve));
    provider.url = `http://127.0.0.1:${String((provider.server.address() as AddressInfo).port)}`;
    return provider;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = (request.url ?? '').split('?')[0] ?? '';
    this.asked.push({ path, body: new URLSearchParams(Buffer.concat(chunks).toString()) });
    const { type = 'application/json', status = 200, body } = await this.answer(path);
    // Two statements: where restify was loaded before, `writeHead` gives nothing back.
    response.writeHead(status, { 'Content-Type': type });
    response.end(body);
  }

  private async answer(path: string): Promise<{ type?: string; status?: number; body: string }> {
    const { delayMs = 0, tokenStatus = 200 } = this.bent;
    if (path.startsWith('/.well-known')) return { body: JSON.stringify(this.metadata()) };
    if (path === '/jwks') return { body: JSON.stringify({ keys: [{ ...(await exportJWK((await this.keys.own).publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }] }) };
    if (path === '/revoke') return { body: '' };
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (path === '/userinfo') return this.identity();
    if (tokenStatus !== 200) return { status: tokenStatus, body: JSON.stringify({ error: 'invalid_grant' }) };
    return { body: JSON.stringify({ access_token: 'an-access-token', token_type: 'Bearer', expires_in: 60, id_token: await this.idToken() }) };
  }

  private metadata(): object {
    const at = (path: string): string => `${this.url}${path}`;
    return {
      ...{ issuer: this.bent.issuer ?? this.url, authorization_endpoint: at('/authorize'), token_endpoint: at('/token'), userinfo_endpoint: at('/userinfo'), jwks_uri: at('/jwks') },
      ...{ end_session_endpoint: at('/end'), revocation_endpoint: at('/revoke'), response_types_supported: ['code'], subject_types_supported: ['pairwise'] },
      id_token_signing_alg_values_supported: ['ES256', 'HS256', 'RS256'],
    };
  }

  private async idToken(): Promise<string> {
    const { claims = {}, alg = 'ES256', altered = false } = this.bent;
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: this.url, sub: 'a-subject', aud: CLIENT.id, iat: now, exp: now + 60, nonce: this.nonce, acr: 'eidas2', ...claims };
    const token = await this.signed(JSON.parse(JSON.stringify(payload)) as JWTPayload, alg);
    if (!altered) return this.sealed(token);
    const [header, , signature] = token.split('.');
    return this.sealed([header, Buffer.from(JSON.stringify({ ...payload, acr: 'eidas3' })).toString('base64url'), signature].join('.'));
  }

  private async identity(): Promise<{ type: string; body: string }> {
    const { userinfo = {}, identity = 'signed' } = this.bent;
    const told = JSON.parse(JSON.stringify({ sub: 'a-subject', iss: this.url, aud: CLIENT.id, ...ZELIE, ...userinfo })) as JWTPayload;
    if (identity === 'plain') return { type: 'application/json', body: JSON.stringify(told) };
    return { type: 'application/jwt', body: await this.sealed(await this.signed(told, identity === 'signed' ? 'ES256' : 'other-key')) };
  }

  private async signed(payload: JWTPayload, alg: NonNullable<Bent['alg']>): Promise<string> {
    if (alg === 'none') return new UnsecuredJWT(payload).encode();
    if (alg === 'HS256') return new SignJWT(payload).setProtectedHeader({ alg }).sign(new TextEncoder().encode(CLIENT.secret));
    const { privateKey } = await (alg === 'ES256' ? this.keys.own : this.keys.other);
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(privateKey);
  }

  private async sealed(token: string): Promise<string> {
    const { encryptFor: key } = this.bent;
    if (key === undefined) return token;
    return new CompactEncrypt(new TextEncoder().encode(token)).setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT' }).encrypt(await importJWK(key, 'RSA-OAEP-256'));
  }
}
