import type { ConversationState, Frame, Slots } from '../src/conversation/state.js';
import type { Advance, DialogEvent } from '../src/dialog/advance.js';
import type { Dialog, Dialogs, Readers } from '../src/dialog/definition.js';
import type { Leg, World } from '../src/dialog/run.js';

export interface Move {
  readonly dialog: Dialog;
  readonly frame: Frame;
  readonly event: DialogEvent;
}

export interface Engine {
  readonly dialogs: Dialogs;
  readonly readers: Readers;
  readonly outcomes: Readonly<Record<string, readonly string[]>>;
  openState(id: string, at: number): ConversationState;
  openDialog(state: ConversationState, dialog: Dialog, heard?: Slots): ConversationState;
  runDialogs(start: Leg, event: DialogEvent, world: World): Promise<Leg>;
  innermost(state: ConversationState): Frame | undefined;
}

/** Every event at every step. */
export function movesOf(dialogs: Dialogs): Move[];

/** Calls of `advance` in a second. */
export function pace(
  moves: readonly Move[],
  how: { advance: (dialog: Dialog, frame: Frame, event: DialogEvent, readers: Readers) => Advance | undefined; readers: Readers; ms: number },
): number;

/** The largest state of a conversation, in bytes of JSON. */
export function largestState(what: { seed: number; turns: number }, engine: Engine): Promise<number>;
