/**
 * What the desk needs from the rest of the house, as interfaces: who may do what, where advisers are, who keeps the
 * record of acts. Rosters, opening hours and the log itself are elsewhere.
 */
import type { Availability, HandoffReason, Holder, Need, Ticket } from '../conversation/handoff.js';
import type { Slots } from '../conversation/state.js';

/** Someone of the staff who acts; told by a verified token, never by what a message says. */
export type Actor = Holder;

/** What someone needs to be allowed. `override`: to act on a ticket that a colleague holds. */
export type Right = 'take' | 'say' | 'release' | 'transfer' | 'transfer-away' | 'hand-back' | 'close' | 'note' | 'override';

/** Asked on every act, about the ticket as it is at that moment. What it does not know, it refuses. */
export interface Rights {
  may(actor: Actor, right: Right, ticket: Ticket): boolean;
}

/** One line of the record of acts; never what was said. */
export interface AuditEntry {
  /** The actor's id, or `system` for what the house does by itself. */
  readonly actor: string;
  readonly action: string;
  readonly ticket: string;
  readonly caisse: string;
  readonly when: 'before' | 'after';
  /** Id of the action; the same on both lines. */
  readonly request: string;
  readonly proved: Ticket['proved'];
  readonly reason?: string;
  /** How it ended; on the line after. */
  readonly result?: string;
}

/** Resolves once the entry is on disk. Where it rejects, the act does not happen. */
export interface Audit {
  record(entry: AuditEntry): Promise<void>;
}

export interface Placing {
  readonly caisse: string;
  readonly need: Need;
}

export interface Asked extends Placing {
  readonly ticket: string;
  /** Open requests of the caisse that nobody holds and that came first. */
  readonly ahead: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface Routed {
  readonly slots: Slots;
  readonly reason: HandoffReason;
  readonly subject?: string;
  /** The person's own words so far. */
  readonly said: string;
}

/** Where advisers are and when. Pure to its callers: it waits for nothing. */
export interface Office {
  /** The caisse and the kind of adviser that a request goes to. */
  route(asked: Routed): Placing;
  /** Whether a request has to say where the person lives, before anything else can be known. */
  asksWhere(slots: Slots): boolean;
  availability(asked: Asked): Availability;
  /** Whether requests can be sent to this caisse. */
  knows(caisse: string): boolean;
  /** As the person reads it. */
  nameOf(caisse: string): string;
  /** IANA name. */
  zoneOf(caisse: string): string;
  /** Epoch milliseconds at which a request that has waited since `since` is given up: two working days after. */
  expiryOf(caisse: string, since: number): number;
}

/** A standing message, as dialogs/messages.yaml has it. */
export interface Wording {
  readonly text: string;
  readonly choices?: readonly string[];
}
