/**
 * The nouns of a handoff: a person's request for a human, from asking to its end. Plain JSON without identity data,
 * kept within the conversation's state so that one commit changes both; what may follow what is handoff/machine.ts.
 */

/** Why a human was asked for. `asked-by-person` unless a dialog or a rule names another. */
export type HandoffReason = 'asked-by-person' | 'suspected-fraud' | 'third-party' | 'misunderstood' | 'distress' | 'technical' | 'not-proved';

/** What kind of adviser it takes. */
export type Need = 'general' | 'fraud' | 'third-party' | 'technical' | 'sign-language';

/**
 * `requested`: decided, its card is not posted yet. `waiting`: advisers see it. `held`: one adviser has it and the
 * assistant is silent. The last three are ends: handed back to the assistant, closed by an adviser, or nobody is left.
 */
export type HandoffPhase = 'requested' | 'waiting' | 'held' | 'returned' | 'closed' | 'abandoned';

/** Someone of the staff, as people see them: never a surname, never an id. */
export interface Holder {
  /** Entra ID object id; stays in the store and the audit, never shown. */
  readonly id: string;
  /** First name. */
  readonly name: string;
}

export interface Ticket {
  /** Opaque and unguessable; shown to advisers. */
  readonly id: string;
  readonly conversationId: string;
  /** Code of knowledge/caisses.csv, or `national`. Fixed by the server; every action is checked against it. */
  readonly caisse: string;
  readonly need: Need;
  readonly reason: HandoffReason;
  readonly phase: HandoffPhase;
  /** Epoch milliseconds of the request; the place in the queue counts from it, whatever happens after. */
  readonly requestedAt: number;
  /** Epoch milliseconds of the last change of phase. */
  readonly since: number;
  /** Epoch milliseconds of the holder's last word or action: idle holders lose the ticket. */
  readonly activeAt: number;
  readonly holder?: Holder;
  /** Why it left its last phase: a word of machine.ts, never free text. */
  readonly because?: string;
  /** Entry and dialog that the conversation was about. */
  readonly subject?: string;
  /** Titles of the dialogs that were tried. */
  readonly tried: readonly string[];
  /** How the person proved who they are, in this conversation. */
  readonly proved: 'no' | 'email-code';
  /** Last transcript entry that advisers were given, so that a relay knows where it is. */
  readonly relayedUpTo: number;
}

/** Whether a human can be reached, as the person is told it. Minutes; `least` and `most` hold for nine in ten. */
export type Availability =
  | { readonly kind: 'open'; readonly position: number; readonly least: number; readonly most: number }
  /** Closed now: `opens` is epoch milliseconds of the next opening, when one is known. */
  | { readonly kind: 'closed'; readonly opens?: number }
  | { readonly kind: 'full' }
  | { readonly kind: 'nobody' };
