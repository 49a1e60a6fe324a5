/**
 * Tells the account backend that it is Sésame calling: one signed token for one request, of no use for another one or
 * a minute later. It says nothing of the person; that is the proof's part.
 */
import { createHash, randomUUID } from 'node:crypto';
import { importJWK, SignJWT, type JWK } from 'jose';
import type { Clock } from '../conversation/ports.js';
import { PROOF_ALGORITHM, PROOF_AUDIENCE, PROOF_ISSUER } from '../identity/proof.js';

/** In the header of the token, so that no proof passes for one, and it for no proof. */
export const CALL_TYPE = 'sesame-call+jwt';

/** Seconds: enough for one try, however slow the way there. */
const LIFE_S = 30;

/** The request as it will be sent. */
export interface SignedCall {
  readonly method: 'GET' | 'POST';
  /** From the root of the host, percent-encoded. */
  readonly path: string;
  /** Empty where there is none. */
  readonly body: string;
  readonly key?: string | undefined;
}

/** Signs calls with an Ed25519 private key. Each token is new, also for the same request tried again. */
export function createCallSigner(key: JWK, clock: Clock = { now: () => Date.now() }): (call: SignedCall) => Promise<string> {
  const signing = importJWK(key, PROOF_ALGORITHM);
  return async ({ method, path, body, key: idk }) => {
    const issued = Math.floor(clock.now() / 1000);
    return new SignJWT({ htm: method, htu: path, bod: digestOf(body), ...(idk === undefined ? {} : { idk }) })
      .setProtectedHeader({ alg: PROOF_ALGORITHM, typ: CALL_TYPE, ...(key.kid === undefined ? {} : { kid: key.kid }) })
      .setIssuer(PROOF_ISSUER)
      .setAudience(PROOF_AUDIENCE)
      .setJti(randomUUID())
      .setIssuedAt(issued)
      .setExpirationTime(issued + LIFE_S)
      .sign(await signing);
  };
}

/** What binds a token to a body: its SHA-256, in base64url. */
export function digestOf(body: string | Uint8Array): string {
  return createHash('sha256').update(body).digest('base64url');
}
