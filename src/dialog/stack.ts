/**
 * The stack of running dialogs inside a conversation's state: opening one, going back a step, dropping all. Pure
 * functions on plain state; moving inside one dialog is advance.ts.
 */
import type { ConversationState, Frame, Slots } from '../conversation/state.js';
import type { Dialog, Dialogs } from './definition.js';

/** How many earlier places « retour » can reach: enough for any dialog, and bounded so that the state stays small. */
const LONGEST_TRAIL = 20;

/** The same in frames, for dialogs that call others: what keeps the state under 8 kB. */
const MOST_TRAIL_FRAMES = 48;

export function innermost(state: ConversationState): Frame | undefined {
  return state.frames.at(-1);
}

/** Opens a dialog on top; of what was `heard`, it keeps what its own questions listen for and nothing else. */
export function openDialog(state: ConversationState, dialog: Dialog, heard: Slots = {}, slots: Slots = {}): ConversationState {
  const listensFor = new Set([...dialog.steps.values()].flatMap((step) => ('hears' in step ? [step.hears] : [])));
  const kept = Object.fromEntries(Object.entries(heard).filter(([name]) => listensFor.has(name)));
  const frame: Frame = { id: state.nextFrameId, dialog: dialog.id, step: dialog.first, slots, hash: dialog.hash, misses: {}, ...(Object.keys(kept).length > 0 ? { heard: kept } : {}) };
  return { ...state, frames: [...state.frames, frame], nextFrameId: state.nextFrameId + 1 };
}

export function replaceInnermost(state: ConversationState, frame: Frame): ConversationState {
  return { ...state, frames: [...state.frames.slice(0, -1), frame] };
}

export function closeInnermost(state: ConversationState): ConversationState {
  return { ...state, frames: state.frames.slice(0, -1) };
}

/** Leaves everything under way, and what was to come after it. */
export function dropDialogs({ later: _dropped, ...state }: ConversationState): ConversationState {
  return { ...state, frames: [], trail: [] };
}

/** Notes that the conversation now waits here. The slots are left out: going back keeps the answers given since. */
export function rememberPlace(state: ConversationState): ConversationState {
  const here = state.frames.map(({ id, dialog, step, hash }): Frame => ({ id, dialog, step, hash, slots: {}, misses: {} }));
  const last = state.trail.at(-1);
  if (last && samePlace(last, here)) return state;
  let trail = [...state.trail, here].slice(-LONGEST_TRAIL);
  while (trail.length > 2 && trail.flat().length > MOST_TRAIL_FRAMES) trail = trail.slice(1);
  return { ...state, trail };
}

/** What was done cannot be undone: after an action, « retour » stops here. */
export function forgetTrail(state: ConversationState): ConversationState {
  return state.trail.length === 0 ? state : { ...state, trail: [] };
}

/** The state one question earlier, with every answer given since kept; undefined when there is none. */
export function stepBack(state: ConversationState): ConversationState | undefined {
  const earlier = state.trail.at(-2);
  if (!earlier) return undefined;
  const now = new Map(state.frames.map((frame) => [frame.id, frame]));
  const frames = earlier.map((frame) => {
    const same = now.get(frame.id);
    return same ? { ...same, step: frame.step } : frame;
  });
  return { ...state, frames, trail: state.trail.slice(0, -1) };
}

/**
 * Frames whose dialog was edited meanwhile go on at the same step id where it still exists.
 *
 * @returns undefined when a place no longer exists: the conversation has to say so and start that dialog again.
 */
export function fitToContent(state: ConversationState, dialogs: Dialogs): ConversationState | undefined {
  const frames: Frame[] = [];
  for (const frame of state.frames) {
    const dialog = dialogs.get(frame.dialog);
    if (!dialog?.steps.has(frame.step)) return undefined;
    frames.push(frame.hash === dialog.hash ? frame : { ...frame, hash: dialog.hash });
  }
  return { ...state, frames };
}

function samePlace(a: readonly Frame[], b: readonly Frame[]): boolean {
  return a.length === b.length && a.every((frame, i) => frame.id === b.at(i)?.id && frame.step === b.at(i)?.step);
}
