/**
 * Where a conversation stands between two turns. Plain JSON with nothing personal in it: who the person is stays
 * with the challenge and its proof.
 */

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
  /** Answers that did not fit, by step id: what bounds every retry. */
  readonly misses: Readonly<Record<string, number>>;
}

/** One earlier place, kept for « retour »: the stack of frames as it stood when that step asked. */
export type Trail = readonly (readonly Frame[])[];

/** An action decided and committed, whose outcome is not known yet. Taken up again after a crash. */
export interface PendingAction {
  readonly action: string;
  /** Idempotency key: the same for every try of this intention. */
  readonly key: string;
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
  readonly offered: readonly { readonly label: string; readonly entry: string }[];
  /** The entry answered last, for « répéter ». */
  readonly lastEntry?: string;
  readonly holder: 'assistant' | 'adviser';
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
