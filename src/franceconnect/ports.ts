/**
 * What this room says to the dialogs, to the provider and to the pages. The provider is behind an interface so that
 * who may prove what is decided, and tested, without a network.
 */
import type { Pivot, Subject } from '../identity/ports.js';

/** How surely somebody was identified. `eidas1` identifies and proves nothing. */
export type Level = 'eidas1' | 'eidas2' | 'eidas3';

/** What one departure is protected by; each is worth 256 bits and serves once. */
export interface Passage {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
}

/** What came of the exchange with the provider, once everything that can be verified was. */
export type Arrival =
  | { readonly kind: 'identified'; readonly pivot: Pivot; readonly level: Level; readonly idp?: string; readonly idToken: string }
  /** The person said no, at the provider. */
  | { readonly kind: 'declined' }
  /** Something was not as it must be: `why` is a code for the log. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unavailable'; readonly why: string };

export interface IdentityProvider {
  /** Where to send the browser; undefined while the provider cannot be reached. */
  departure(passage: Passage): Promise<URL | undefined>;
  /** `query`: of the address that the browser came back to, with its `?`. Never rejects. */
  arrive(query: string, passage: Passage): Promise<Arrival>;
  /** Where the provider’s session ends; undefined where it has no such address. */
  farewell(idToken: string, state: string): Promise<URL | undefined>;
  /** Public keys that the provider encrypts for, as a JWK set. */
  keys(): unknown;
}

/** What is kept of a passage that came back: an opaque reference at most, never a name. */
export type Result =
  | { readonly kind: 'proved' | 'identified'; readonly subject: Subject }
  /** Nobody, several people, or somebody else than the number given before: nobody may learn which. */
  | { readonly kind: 'not-matched' }
  | { readonly kind: 'declined' | 'refused' | 'unavailable' };

/** What the pages of this room can say. */
export type Notice = 'before' | 'back' | 'expired' | 'used' | 'stranger' | 'unknown' | 'trouble';
