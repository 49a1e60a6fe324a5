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

/** A letter with a code, to the postal address on file. Sésame never sees that address. */
export interface Letter {
  readonly template: 'code';
  readonly code: string;
  /** What the person was given in the conversation, printed so that both can be laid side by side. */
  readonly reference: string;
  /** Idempotency key: the same letter asked for again is printed once. */
  readonly key: string;
}

/** Has letters printed and posted; throws `SesameError` with a `backend-*` code when one was not taken, or may not have been. */
export interface Poster {
  post(subject: Subject, letter: Letter): Promise<void>;
}

/** A compact JWS: signed, short-lived, single-use evidence that the person received a code sent to the contact on file. */
export type SignedProof = string;

/** What a proof was asked for. It opens nothing else. */
export type Purpose = 'unlock' | 'reset' | 'reactivate' | 'post-code' | 'correction' | 'fraud';

/** The identity that FranceConnect vouches for, under its own words. It goes to the account backend and rests nowhere. */
export interface Pivot {
  readonly givenName: string;
  /** At birth. */
  readonly familyName: string;
  /** ISO `YYYY-MM-DD`. */
  readonly birthDate: string;
  readonly gender: 'female' | 'male';
  /** INSEE code of the commune; empty for those born abroad. */
  readonly birthPlace: string;
  /** INSEE code of the country. */
  readonly birthCountry: string;
}

export type PivotMatch = { kind: 'match'; subject: Subject } | { kind: 'none' } | { kind: 'several' };

/** The account backend, as far as a pivot identity goes. Faults throw as those of `Registry`. */
export interface PivotRegistry {
  identifyPivot(pivot: Pivot): Promise<PivotMatch>;
}
