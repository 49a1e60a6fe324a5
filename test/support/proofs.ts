/** Signs proofs for tests of the account backend, with any claim bent as the test wants. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type JSONWebKeySet } from 'jose';

export interface Claims {
  readonly act?: string;
  readonly jti?: string;
  readonly iss?: string;
  readonly aud?: string;
  /** Seconds from now; negative is expired. */
  readonly lifeS?: number;
}

export interface Signer {
  readonly keys: JSONWebKeySet;
  sign(subject: string, claims?: Claims): Promise<string>;
}

/** A new key pair: `keys` is what the backend is given. */
export async function newSigner(): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const kid = randomUUID();
  return {
    keys: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }] },
    sign(subject, { act = 'unlock', jti = randomUUID(), iss = 'sesame', aud = 'account-backend', lifeS = 600 } = {}) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ act })
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
