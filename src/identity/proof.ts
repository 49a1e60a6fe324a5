/**
 * The proof of identity: a signed, short-lived statement that the person received a code sent to the contact on file.
 * Made here, verified by the account backend with the public key alone. Its id is the challenge's, so that one right
 * code gives one use, however often it is typed again after a crash.
 */
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import type { Purpose, SignedProof, Subject } from './ports.js';

export const PROOF_ALGORITHM = 'EdDSA';
export const PROOF_ISSUER = 'sesame';
export const PROOF_AUDIENCE = 'account-backend';

export interface ProofClaims {
  readonly subject: Subject;
  readonly purpose: Purpose;
  /** Single-use id: the challenge that was met. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly lifeMs: number;
}

/** Signs a proof with an Ed25519 private key. Times in the token are seconds, as JWT wants. */
export async function signProof(claims: ProofClaims, key: JWK): Promise<SignedProof> {
  const issued = Math.floor(claims.issuedAt / 1000);
  return new SignJWT({ act: claims.purpose })
    .setProtectedHeader({ alg: PROOF_ALGORITHM, ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .setIssuer(PROOF_ISSUER)
    .setAudience(PROOF_AUDIENCE)
    .setSubject(claims.subject)
    .setJti(claims.id)
    .setIssuedAt(issued)
    .setExpirationTime(issued + Math.floor(claims.lifeMs / 1000))
    .sign(await importJWK(key, PROOF_ALGORITHM));
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
