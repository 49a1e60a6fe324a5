/**
 * The account backend seen from here. Everything that touches an account takes a signed proof and nothing else: no
 * function here can act on a number and a birth date. Expected ends are outcomes; faults throw `SesameError` with
 * `backend-timeout`, `backend-unavailable` or `backend-rejected`.
 */
import type { Registry, SignedProof } from '../identity/ports.js';

/** Why an account cannot be used. The list follows section 2 of the fact base. */
export type BlockingCause =
  | 'too-many-attempts'
  | 'inactivity'
  | 'regime-change'
  | 'wrong-data'
  | 'provisional-code'
  | 'email-obsolete'
  | 'phone-obsolete'
  | 'caisse-change'
  | 'fraud-suspected'
  | 'closed-by-mistake';

export type AccountStatus = { kind: 'open' } | { kind: 'locked'; cause: BlockingCause };

export type ProofRefusal = { kind: 'proof-refused'; why: 'invalid' | 'expired' | 'used' };

export type UnlockOutcome =
  | { kind: 'unlocked' }
  | { kind: 'already-open' }
  /** Lifting the lock is not the remedy for this cause. */
  | { kind: 'not-unlockable'; cause: BlockingCause }
  | ProofRefusal
  /** The request may have arrived: whether it had its effect is not known. Same key again, or `status`, tells. */
  | { kind: 'unknown' };

export type ResetOutcome = { kind: 'sent' } | { kind: 'no-contact' } | ProofRefusal | { kind: 'unknown' };

export interface AccountBackend extends Registry {
  status(proof: SignedProof): Promise<AccountStatus | ProofRefusal>;
  /** The same key, however often, has the effect at most once and gives the first result again. */
  unlock(proof: SignedProof, key: string): Promise<UnlockOutcome>;
  sendResetLink(proof: SignedProof, key: string): Promise<ResetOutcome>;
}
