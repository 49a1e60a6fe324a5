/**
 * The proof of identity: a signed, short-lived statement that the person received a code sent to the contact on file.
 * Made here, verified by the account backend with the public key alone. Its id is the challenge's, so that one right
 * code gives one use, however often it is typed again after a crash.
 */
import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import type { Purpose, SignedProof, Subject } from './ports.js';

export const PROOF_ALGORITHM = 'EdDSA';
export const PROOF_ISSUER = 'sesame';
export const PROOF_AUDIENCE = 'account-backend';

export interface ProofClaims {
  readonly subject: Subject;
  /** What it may be used for: the claim `act`. */
  readonly purpose: Purpose;
  /** Keyed hash of the conversation it was earned in: the claim `cnv`. */
  readonly conversation: string;
  /** Keyed hash of the number it is about: the claim `acc`. */
  readonly account: string;
  /** Single-use id: the challenge that was met. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly lifeMs: number;
}

/** Signs a proof with an Ed25519 private key. Times in the token are seconds, as JWT wants. */
export async function signProof(claims: ProofClaims, key: JWK): Promise<SignedProof> {
  const issued = Math.floor(claims.issuedAt / 1000);
  return new SignJWT({ act: claims.purpose, cnv: claims.conversation, acc: claims.account })
    .setProtectedHeader({ alg: PROOF_ALGORITHM, ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .setIssuer(PROOF_ISSUER)
    .setAudience(PROOF_AUDIENCE)
    .setSubject(claims.subject)
    .setJti(claims.id)
    .setIssuedAt(issued)
    .setExpirationTime(issued + Math.floor(claims.lifeMs / 1000))
    .sign(await importJWK(key, PROOF_ALGORITHM));
}

/** How identity names what it must not keep: `what` parts the names of numbers from those of conversations or codes. */
export function keyedHash(key: Uint8Array, what: string, value: string): string {
  return createHmac('sha256', key).update(`${what}/${value}`).digest('base64url');
}

/** A new signing key. The public part, for the backend, is what is left without `d`. */
export async function newProofKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(PROOF_ALGORITHM, { crv: 'Ed25519', extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: PROOF_ALGORITHM, use: 'sig' };
}

export function publicPart(key: JWK): JWK {
  const { d: _private, ...open } = key;
  return open;
}
