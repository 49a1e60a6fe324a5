/**
 * The account backend seen from here. Everything that touches an account takes a signed proof and nothing else: no
 * function here can act on a number and a birth date. Expected ends are outcomes; faults throw `SesameError` with
 * `backend-timeout`, `backend-unavailable` or `backend-rejected`.
 */
import type { PivotRegistry, Poster, Registry, SignedProof } from '../identity/ports.js';

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

/** The request may have arrived: whether it had its effect is not known. Same key again, or `status`, tells. */
export type Unknown = { kind: 'unknown' };

type Uncertain = ProofRefusal | Unknown;

export type UnlockOutcome =
  | { kind: 'unlocked' }
  | { kind: 'already-open' }
  /** Lifting the lock is not the remedy for this cause. */
  | { kind: 'not-unlockable'; cause: BlockingCause }
  | Uncertain;

export type ReactivateOutcome =
  | { kind: 'reactivated' }
  | { kind: 'already-open' }
  /** The account does not sleep: something else keeps it closed. */
  | { kind: 'not-reactivable'; cause: BlockingCause }
  | Uncertain;

/** `frozen`: a fraud was declared, and nothing leaves before an adviser has looked. */
export type ResetOutcome = { kind: 'sent' } | { kind: 'no-contact' } | { kind: 'frozen' } | Uncertain;
export type CodeLetterOutcome = { kind: 'posted' } | { kind: 'no-address' } | { kind: 'frozen' } | Uncertain;

/** `reference` is told to the person, who may quote it to their caisse. */
export type CaseOutcome = { kind: 'opened'; reference: string } | Uncertain;
export type FraudOutcome = { kind: 'frozen'; reference: string } | Uncertain;

/** Every call with a `key`: however often, it has its effect at most once and gives the first result again. */
export interface AccountBackend extends Registry, PivotRegistry, Poster {
  /** Reads; uses no proof up, and takes one that is used up as long as it lives. */
  status(proof: SignedProof): Promise<AccountStatus | ProofRefusal>;
  unlock(proof: SignedProof, key: string): Promise<UnlockOutcome>;
  reactivate(proof: SignedProof, key: string): Promise<ReactivateOutcome>;
  sendResetLink(proof: SignedProof, key: string): Promise<ResetOutcome>;
  /** A new code for the account, to the postal address on file. */
  sendCodeLetter(proof: SignedProof, key: string): Promise<CodeLetterOutcome>;
  askCorrection(proof: SignedProof, key: string): Promise<CaseOutcome>;
  /** Nothing that opens the account leaves any more, until an adviser has looked. */
  declareFraud(proof: SignedProof, key: string): Promise<FraudOutcome>;
  /** For a lock that is still there after an action: with the proof of that action, which it does not use up. */
  openCase(proof: SignedProof, key: string): Promise<CaseOutcome>;
}
