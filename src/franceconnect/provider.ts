/**
 * FranceConnect as an OpenID provider: the only home of openid-client. It sends a browser there, and believes what
 * comes back only once every signature, name and figure was verified. It keeps nothing of anybody.
 */
import * as oidc from 'openid-client';
import { importJWK, type JWK } from 'jose';
import { z } from 'zod';
import type { Arrival, IdentityProvider, Level, Passage } from './ports.js';

export interface ProviderOptions {
  /** Of FranceConnect or of FranceConnect+: nobody else is believed. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Our own addresses, known for sure only once the server listens. */
  readonly returnUrl: () => string;
  readonly farewellUrl: () => string;
  /** The least that is asked for. */
  readonly level: Level;
  readonly signing: 'ES256' | 'RS256';
  /** Private key that answers are encrypted for, with its `alg`; FranceConnect+ sends no other. */
  readonly decryption?: JWK;
  /** Milliseconds that an exchange may take in all; 5000 unless told. */
  readonly timeoutMs?: number;
}

const SCOPE = 'openid given_name family_name birthdate gender birthplace birthcountry';
const LEVELS: readonly Level[] = ['eidas1', 'eidas2', 'eidas3'];
const ENCRYPTION = ['A256GCM'];

const name = z.string().trim().min(1).max(500);
const claimed = z.object({
  given_name: name,
  family_name: name,
  birthdate: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  gender: z.enum(['female', 'male']),
  birthplace: z.string().max(20).default(''),
  birthcountry: z.string().max(20),
  idp_id: z.string().max(200).optional(),
});

/** A provider that is asked who it is at the first use, and again after a failure. */
export function createProvider(options: ProviderOptions): IdentityProvider {
  const timeoutMs = options.timeoutMs ?? 5000;
  let known: Promise<oidc.Configuration> | undefined;
  const discovered = (): Promise<oidc.Configuration> =>
    (known ??= discover(options, timeoutMs).catch((error: unknown) => {
      known = undefined;
      throw error;
    }));
  return {
    async departure(passage) {
      try {
        return await within(timeoutMs, departureUrl(await within(timeoutMs, discovered()), options, passage));
      } catch {
        return undefined;
      }
    },
    arrive: (query, passage) =>
      within(timeoutMs, discovered().then((config) => exchange(config, options, { query, passage }))).catch(judgeFailure),
    async farewell(idToken, state) {
      try {
        const config = await within(timeoutMs, discovered());
        if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
        return oidc.buildEndSessionUrl(config, { id_token_hint: idToken, state, post_logout_redirect_uri: options.farewellUrl() });
      } catch {
        return undefined;
      }
    },
    keys: () => ({ keys: options.decryption === undefined ? [] : [publicPart(options.decryption)] }),
  };
}

async function discover(options: ProviderOptions, timeoutMs: number): Promise<oidc.Configuration> {
  const { issuer, clientId, clientSecret, signing, decryption } = options;
  const metadata = { id_token_signed_response_alg: signing, userinfo_signed_response_alg: signing };
  const execute = issuer.startsWith('http:') ? [withoutTls] : [];
  const config = await oidc.discovery(new URL(issuer), clientId, metadata, oidc.ClientSecretPost(clientSecret), { execute, timeout: timeoutMs / 1000 });
  // Tokens that come straight from the provider are verified like any other: a wrong proxy must not name anybody.
  oidc.enableNonRepudiationChecks(config);
  if (decryption !== undefined) {
    const key = await importJWK(decryption, decryption.alg ?? 'RSA-OAEP');
    const { alg, kid } = decryption;
    if (!(key instanceof Uint8Array)) oidc.enableDecryptingResponses(config, ENCRYPTION, { key, ...(alg === undefined ? {} : { alg }), ...(kid === undefined ? {} : { kid }) });
  }
  return config;
}

/** For a provider on one's own machine; the settings refuse it in production. The library calls it deprecated so that it stands out. */
const withoutTls = Reflect.get<typeof oidc, 'allowInsecureRequests'>(oidc, 'allowInsecureRequests');

async function departureUrl(config: oidc.Configuration, { level, returnUrl }: ProviderOptions, { state, nonce, verifier }: Passage): Promise<URL> {
  return oidc.buildAuthorizationUrl(config, {
    ...{ redirect_uri: returnUrl(), scope: SCOPE, acr_values: level, prompt: 'login', state, nonce },
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
}

async function exchange(config: oidc.Configuration, { returnUrl, level: asked }: ProviderOptions, { query, passage }: { query: string; passage: Passage }): Promise<Arrival> {
  const { state, nonce, verifier } = passage;
  const tokens = await oidc.authorizationCodeGrant(config, new URL(`${returnUrl()}${query}`), { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true });
  const claims = tokens.claims();
  const level = LEVELS.find((one) => one === claims?.acr);
  if (claims === undefined || level === undefined) return { kind: 'refused', why: 'acr-missing' };
  if (LEVELS.indexOf(level) < LEVELS.indexOf(asked)) return { kind: 'refused', why: 'acr-lower' };
  const told = claimed.safeParse(await oidc.fetchUserInfo(config, tokens.access_token, claims.sub));
  revoke(config, tokens.access_token);
  if (!told.success) return { kind: 'refused', why: 'pivot-incomplete' };
  const { data } = told;
  const pivot = { givenName: data.given_name, familyName: data.family_name, birthDate: data.birthdate, gender: data.gender, birthPlace: data.birthplace, birthCountry: data.birthcountry };
  const idp = data.idp_id ?? (typeof claims['idp_id'] === 'string' ? claims['idp_id'] : undefined);
  return { kind: 'identified', pivot, level, ...(idp === undefined ? {} : { idp }), idToken: tokens.id_token ?? '' };
}

/** The token served once. It dies by itself within a minute, so nobody waits for this. */
function revoke(config: oidc.Configuration, token: string): void {
  if (config.serverMetadata().revocation_endpoint !== undefined) oidc.tokenRevocation(config, token).catch(() => undefined);
}

/** Faults of the line: to be tried again. A connection that was never made is a TypeError. Every other fault is a refusal. */
const LINE_FAULTS: readonly string[] = ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'TIMEOUT', 'TimeoutError', 'AbortError', 'TypeError'];
const PROVIDER_FAULTS: readonly string[] = ['server_error', 'temporarily_unavailable'];

function judgeFailure(error: unknown): Arrival {
  if (error instanceof oidc.AuthorizationResponseError) return error.error === 'access_denied' ? { kind: 'declined' } : failed(PROVIDER_FAULTS.includes(error.error), error.error);
  if (error instanceof oidc.ResponseBodyError) return failed(error.status >= 500, error.error);
  const { name, code, cause } = faulty.parse(error);
  const names = [code, name, cause.name];
  return failed(cause.status >= 500 || names.some((one) => LINE_FAULTS.includes(one)), code === '' ? 'unreadable' : code);
}

const faulty = z
  .object({ name: z.string().catch(''), code: z.string().catch(''), cause: z.object({ name: z.string().catch(''), status: z.number().catch(0) }).catch({ name: '', status: 0 }) })
  .catch({ name: '', code: '', cause: { name: '', status: 0 } });

function failed(mayPass: boolean, why: string): Arrival {
  return { kind: mayPass ? 'unavailable' : 'refused', why };
}

class TooSlow extends Error {
  readonly code = 'TIMEOUT';
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => { reject(new TooSlow('the identity provider took too long')); }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function publicPart({ kty, crv, x, y, n, e, kid, alg }: JWK): JWK {
  return { kty, crv, x, y, n, e, kid, alg, use: 'enc' } as JWK;
}
