/** What proving an identity needs from outside: who is registered, where to write, and a way to write. */

/** Opaque reference that the account backend gives to an insured person. Not derived from the NIR. */
export type Subject = string;

/** The account backend, as far as identification goes. Faults throw `SesameError` with a `backend-*` code. */
export interface Registry {
  /** `nir`: 13 characters, no key, Corsica with its letter. `birthDate`: ISO `YYYY-MM-DD`. */
  identify(nir: string, birthDate: string): Promise<{ kind: 'match'; subject: Subject } | { kind: 'none' }>;
  /** The e-mail address on file; asked at the moment of sending and kept nowhere. */
  contactOf(subject: Subject): Promise<{ kind: 'email'; email: string } | { kind: 'none' }>;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Hands a mail over to the relay; throws `SesameError('mail-unavailable')` when it was not taken. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** A compact JWS: signed, short-lived, single-use evidence that the person received a code sent to the contact on file. */
export type SignedProof = string;

/** What a proof was asked for. It opens nothing else. */
export type Purpose = 'unlock' | 'reset' | 'reactivate' | 'post-code' | 'correction' | 'fraud';
