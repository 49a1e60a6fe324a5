/** Signs proofs for tests of the account backend, with any claim bent as the test wants. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type JSONWebKeySet, type JWK } from 'jose';

export interface Claims {
  readonly act?: string;
  readonly jti?: string;
  readonly iss?: string;
  readonly aud?: string;
  /** Keyed hashes of the conversation and of the number; empty leaves them out. */
  readonly cnv?: string;
  readonly acc?: string;
  /** Seconds from now; negative is expired. */
  readonly lifeS?: number;
}

export interface Signer {
  readonly keys: JSONWebKeySet;
  /** The private key, for what signs by itself. */
  readonly key: JWK;
  sign(subject: string, claims?: Claims): Promise<string>;
}

/** What a good proof says, but its id. */
const USUAL = { act: 'unlock', iss: 'sesame', aud: 'account-backend', cnv: 'a-conversation', acc: 'a-number', lifeS: 600 };

/** A new key pair: `keys` is what the backend is given. */
export async function newSigner(): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const kid = randomUUID();
  return {
    keys: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }] },
    key: { ...(await exportJWK(privateKey)), kid, alg: 'EdDSA' },
    sign(subject, claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      const { act, jti, iss, aud, cnv, acc, lifeS } = { ...USUAL, jti: randomUUID(), ...claims };
      return new SignJWT({ act, ...(cnv === '' ? {} : { cnv }), ...(acc === '' ? {} : { acc }) })
        .setProtectedHeader({ alg: 'EdDSA', kid })
        .setIssuer(iss)
        .setAudience(aud)
        .setSubject(subject)
        .setJti(jti)
        .setIssuedAt(now + Math.min(0, lifeS - 600))
        .setExpirationTime(now + lifeS)
        .sign(privateKey);
    },
  };
}
