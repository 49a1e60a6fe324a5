/**
 * Whether a request really comes from the Bot Framework's connector: the token it carries, and the keys that tokens are
 * checked with. It knows nothing of who wrote the message: that is in the activity, believed once this says yes.
 */
import { importJWK, jwtVerify, type CryptoKey, type JWK } from 'jose';
import { z } from 'zod';
import type { Clock } from '../conversation/ports.js';

export const ISSUER = 'https://api.botframework.com';
export const METADATA_URL = 'https://login.botframework.com/v1/.well-known/openidconfiguration';

const CLOCK_TOLERANCE_S = 60;
/** The SDK's other issuers (emulator, skills, government) have other claims: a token that has them is not for us. */
const FOREIGN_CLAIMS = ['appid', 'azp', 'ver'];
const KEPT_MS = 24 * 3_600_000;
const REFRESHED_MS = 12 * 3_600_000;
const REFRESH_AT_MOST_MS = 60_000;
const FETCH_LIMIT_MS = 1_500;
const FETCH_LIMIT_BYTES = 512 * 1024;
const LONGEST_TOKEN = 8_000;

export interface GateOptions {
  readonly appId: string;
  readonly metadataUrl: string;
  /** Origins of connectors that we may be called by and call, such as `https://smba.trafficmanager.net`. */
  readonly serviceOrigins: readonly string[];
  readonly clock: Clock;
}

export interface Gate {
  /** The connector that a token speaks for, or nothing: whatever is wrong with it, callers are told the same. */
  admit(authorization: string | undefined): Promise<{ readonly serviceUrl: string } | undefined>;
}

/** Checks tokens; it fails closed, and fetches keys at most once a minute whatever it is shown. */
export function createGate(options: GateOptions): Gate {
  const ring = new KeyRing(options.metadataUrl, options.clock);
  return {
    async admit(authorization = '') {
      const [, token] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization.slice(0, LONGEST_TOKEN)) ?? [];
      if (token === undefined) return undefined;
      try {
        return await claimsOf(token, ring, options);
      } catch {
        return undefined;
      }
    },
  };
}

async function claimsOf(token: string, ring: KeyRing, { appId, serviceOrigins, clock }: GateOptions): Promise<{ serviceUrl: string } | undefined> {
  // The key is looked up by its id among those of the metadata; any other that the header brings is not read.
  const { payload } = await jwtVerify(token, ({ kid }) => ring.keyFor(kid), {
    algorithms: ['RS256'],
    issuer: ISSUER,
    audience: appId,
    clockTolerance: CLOCK_TOLERANCE_S,
    currentDate: new Date(clock.now()),
    requiredClaims: ['exp', 'serviceurl'],
  });
  const serviceUrl = payload['serviceurl'];
  const foreign = FOREIGN_CLAIMS.some((claim) => claim in payload) || Array.isArray(payload.aud);
  return typeof serviceUrl === 'string' && !foreign && isAllowed(serviceUrl, serviceOrigins) ? { serviceUrl } : undefined;
}

/** Whether a connector's address is one that we may call: nothing in it may lead elsewhere. */
export function isAllowed(serviceUrl: string, origins: readonly string[]): boolean {
  const url = URL.canParse(serviceUrl) ? new URL(serviceUrl) : undefined;
  return url !== undefined && origins.includes(url.origin) && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

const metadata = z.object({ jwks_uri: z.string(), issuer: z.literal(ISSUER) });
const keySet = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string(), endorsements: z.array(z.string()).optional() })).max(100),
});

/** The connector's keys. */
class KeyRing {
  #keys = new Map<string, CryptoKey>();
  #at = -Infinity;
  #triedAt = -Infinity;
  #refreshing: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    private readonly clock: Clock,
  ) {}

  /** Rejects for a key that is not known, or not endorsed for Teams. */
  async keyFor(kid: string | undefined): Promise<CryptoKey> {
    const age = this.clock.now() - this.#at;
    if (age > KEPT_MS || !this.#keys.has(kid ?? '')) await this.#refresh();
    else if (age > REFRESHED_MS) void this.#refresh();
    const key = this.clock.now() - this.#at <= KEPT_MS ? this.#keys.get(kid ?? '') : undefined;
    if (key === undefined) throw new Error('no such key');
    return key;
  }

  #refresh(): Promise<void> {
    if (this.#refreshing) return this.#refreshing;
    const now = this.clock.now();
    if (now - this.#triedAt < REFRESH_AT_MOST_MS) return Promise.resolve();
    this.#triedAt = now;
    this.#refreshing = this.#fetch()
      .then((keys) => {
        this.#keys = keys;
        this.#at = now;
      })
      // What was known stays known for its time: the connector's outage is not ours.
      .catch(() => undefined)
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  async #fetch(): Promise<Map<string, CryptoKey>> {
    const signal = AbortSignal.timeout(FETCH_LIMIT_MS);
    const { jwks_uri: where } = metadata.parse(await fetchJson(this.url, signal));
    if (new URL(where).origin !== new URL(this.url).origin) throw new Error('the keys are elsewhere than the metadata');
    const { keys } = keySet.parse(await fetchJson(where, signal));
    const usable = keys.filter(({ kty, endorsements }) => kty === 'RSA' && endorsements?.includes('msteams') === true);
    return new Map(await Promise.all(usable.map(async (key) => [key.kid, await importKey(key)] as const)));
  }
}

async function importKey(key: JWK): Promise<CryptoKey> {
  const imported = await importJWK(key, 'RS256');
  if (imported instanceof Uint8Array) throw new Error('not a public key');
  return imported;
}

async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok || response.body === null) throw new Error('no metadata');
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > FETCH_LIMIT_BYTES) throw new Error('too large to be metadata');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}
