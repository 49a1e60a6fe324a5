/**
 * Where a conversation stands between two turns. Plain JSON with nothing personal in it: who the person is stays
 * with the challenge and its proof.
 */
import type { Ticket } from './handoff.js';

/** A value a dialog may keep. Identity data and codes never become slots. */
export type SlotValue = string | number | boolean;
export type Slots = Readonly<Record<string, SlotValue>>;

/** A place in a running dialog. */
export interface Frame {
  /** Unique within the conversation, never reused; part of the idempotency key of the frame's actions. */
  readonly id: number;
  readonly dialog: string;
  readonly step: string;
  readonly slots: Slots;
  /** Content hash of the dialog that the frame was opened with. */
  readonly hash: string;
  /** How often each question was asked again, by step id, whatever the reason: what bounds every retry and every loop. */
  readonly misses: Readonly<Record<string, number>>;
  /** What the first message already said, by name: to be confirmed rather than asked. */
  readonly heard?: Slots;
}

/** One earlier place, kept for « retour »: the stack of frames as it stood when that step asked. */
export type Trail = readonly (readonly Frame[])[];

/** An action decided and committed, whose outcome is not known yet. Taken up again after a crash. */
export interface PendingAction {
  readonly action: string;
  /** Idempotency key: the same for every try of this intention. */
  readonly key: string;
}

/** An entry offered under a label; `then` is the other problem of the same message, taken up after it. */
export interface Offer {
  readonly label: string;
  readonly entry: string;
  readonly then?: string;
  /** What the message said besides, which its dialog may confirm rather than ask. */
  readonly heard?: Slots;
}

export interface ConversationState {
  readonly conversationId: string;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  readonly lastTurnAt: number;
  /** Innermost dialog last; empty when nothing is under way. */
  readonly frames: readonly Frame[];
  readonly trail: Trail;
  readonly nextFrameId: number;
  readonly pending?: PendingAction;
  /** Utterances in a row that no stage could use. */
  readonly misunderstood: number;
  /** Entries offered by the last « askAgain », so that a label pressed is understood. */
  readonly offered: readonly Offer[];
  /** The entry answered last, for « répéter ». */
  readonly lastEntry?: string;
  /** The entry just said in its ordinary words, until the person goes on: what « plus simplement » is about. */
  readonly explained?: string;
  /** Entries of the other problems that a message named: taken up when the one under way ends. */
  readonly later?: readonly string[];
  /** `adviser` while a human has it (`ticket.phase` is then `held`): the assistant is silent. */
  readonly holder: 'assistant' | 'adviser';
  /** The last request for a human; open while its phase is `requested`, `waiting` or `held`. */
  readonly ticket?: Ticket;
}

export function openState(conversationId: string, at: number): ConversationState {
  return {
    conversationId,
    openedAt: at,
    lastTurnAt: at,
    frames: [],
    trail: [],
    nextFrameId: 1,
    misunderstood: 0,
    offered: [],
    holder: 'assistant',
  };
}
