/**
 * The one loop in which dialogs meet the outside: it advances, does the actions on the way and feeds each outcome back
 * in. It decides nothing itself; what happens next is always what `advance` said.
 */
import { createHash } from 'node:crypto';
import type { Ticket } from '../conversation/handoff.js';
import type { OutboxItem } from '../conversation/ports.js';
import type { Reply } from '../conversation/reply.js';
import type { ConversationState, Slots, SlotValue } from '../conversation/state.js';
import type { Source } from '../conversation/utterance.js';
import { advance, type Advance, type DialogEvent, type Next } from './advance.js';
import { HANDOFF_ACTION, isWaiting, stepOf, type Dialog, type Dialogs, type Readers, type Step } from './definition.js';
import { closeInnermost, forgetTrail, innermost, openDialog, rememberPlace, replaceInnermost } from './stack.js';

export interface ActionInput {
  readonly conversationId: string;
  readonly slots: Slots;
  /** The same for every try of one intention, across restarts: what makes an effect happen once. */
  readonly key: string;
  /** Values of a form, for sealed actions only. */
  readonly sealed: Readonly<Record<string, SlotValue>>;
  /** Why a human is asked for, as a handoff step names it. */
  readonly reason?: string;
  /** Whom the utterance of this turn comes from; unknown when an action is taken up after a crash. */
  readonly source?: Source;
}

export interface ActionResult {
  readonly outcome: string;
  readonly slots?: Slots;
  readonly outbox?: readonly OutboxItem[];
  /** The request for a human, where one was made. */
  readonly ticket?: Ticket;
}

/**
 * Something a dialog can have done. It never throws for an expected end. A sealed action gets the values of a form:
 * it runs before anything of the turn is stored, and must be safe to run again with the same values.
 */
export interface Action {
  readonly outcomes: readonly string[];
  run(input: ActionInput): Promise<ActionResult>;
  /** Told of a form for this action that its readers refused, before the person hears of it; may end the step instead. */
  unread?(input: ActionInput): Promise<ActionResult | undefined>;
}

export type Actions = Readonly<Record<string, Action>>;

/** What a turn has gathered so far and not yet committed. */
export interface Leg {
  readonly state: ConversationState;
  readonly replies: readonly Reply[];
  readonly outbox: readonly OutboxItem[];
}

export interface World {
  readonly dialogs: Dialogs;
  readonly readers: Readers;
  readonly actions: Actions;
  /** Whom the utterance of the turn comes from. */
  readonly source?: Source | undefined;
  /** Told of an action that broke; the dialog goes on by its `otherwise`. */
  onFault(action: string, error: unknown): void;
  /** Commits a leg. After it the intention is on disk, and a crash is taken up from there. */
  commit(leg: Leg): Promise<void>;
}

/** The end of an action that threw: no step names it, so every step's `otherwise` takes it. */
const UNEXPECTED: ActionResult = { outcome: 'unexpected' };

/** No dialog needs so many steps without the person: past it, content turns in a circle. */
const MOST_STEPS = 100;

/** Runs the innermost dialog from `event` until it must hear the person or nothing is left to run. */
export async function runDialogs(start: Leg, event: DialogEvent, world: World): Promise<Leg> {
  let leg = start;
  let next: DialogEvent | undefined = event;
  for (let steps = 0; next; steps += 1) {
    if (steps > MOST_STEPS) throw new RangeError(`dialog ${innermost(leg.state)?.dialog ?? '?'} never comes to rest`);
    const frame = innermost(leg.state);
    const dialog = frame && world.dialogs.get(frame.dialog);
    const moved: Advance | undefined = frame && dialog && advance(dialog, frame, next, world.readers);
    if (!moved) return leg;
    const refused = await unreadForm(leg, { event: next, next: moved.next }, world);
    if (refused) {
      next = refused;
      continue;
    }
    leg = { ...leg, state: replaceInnermost(leg.state, moved.frame), replies: [...leg.replies, ...moved.replies] };
    [leg, next] = await follow(leg, moved.next, world);
  }
  return leg;
}

/** How a form ends whose answers cannot be read, where its action has a say in it. */
async function unreadForm(leg: Leg, { event, next }: { event: DialogEvent; next: Next }, world: World): Promise<DialogEvent | undefined> {
  if (event.type !== 'submit' || (next.kind === 'act' && next.sealed)) return undefined;
  const step = stepHere(leg.state, world.dialogs);
  const action = step?.kind === 'form' ? world.actions[step.action] : undefined;
  const result = await action?.unread?.(inputOf(leg.state, { key: keyOf(leg.state), sealed: {} }, world));
  return result && outcomeOf(result);
}

function outcomeOf({ outcome, slots }: ActionResult): DialogEvent {
  return { type: 'outcome', outcome, ...(slots ? { slots } : {}) };
}

/** The step that the innermost dialog stands on. */
function stepHere(state: ConversationState, dialogs: Dialogs): Step | undefined {
  const frame = innermost(state);
  return dialogs.get(frame?.dialog ?? '')?.steps.get(frame?.step ?? '');
}

/** Takes up the action that was decided before a crash, under the same key. */
export async function resumeAction(start: Leg, world: World): Promise<Leg> {
  const { pending, ...state } = start.state;
  if (!pending) return start;
  const [leg, event] = await perform({ ...start, state }, { action: pending.action, key: pending.key, sealed: {} }, world);
  return runDialogs(leg, event, world);
}

async function follow(leg: Leg, next: Next, world: World): Promise<[Leg, DialogEvent | undefined]> {
  switch (next.kind) {
    case 'wait':
      return [{ ...leg, state: rememberPlace(leg.state) }, undefined];
    case 'call':
      return [{ ...leg, state: openDialog(leg.state, called(world.dialogs, next.dialog), innermost(leg.state)?.heard, next.slots) }, { type: 'enter' }];
    case 'end':
      return end(leg, next.result, world.dialogs);
    case 'handoff':
      return intend(leg, HANDOFF_ACTION, world);
    case 'act':
      if (!next.sealed) return intend(leg, next.action, world);
      return perform(leg, { action: next.action, key: keyOf(leg.state), sealed: next.sealed }, world);
  }
}

/** Commits the intention first, then acts: whatever happens to the process, the effect can be found again by its key. */
async function intend(leg: Leg, action: string, world: World): Promise<[Leg, DialogEvent]> {
  const key = keyOf(leg.state);
  const state = forgetTrail(leg.state);
  await world.commit({ ...leg, state: { ...state, pending: { action, key } } });
  return perform({ state, replies: [], outbox: [] }, { action, key, sealed: {} }, world);
}

interface Deed {
  readonly action: string;
  readonly key: string;
  readonly sealed: Readonly<Record<string, SlotValue>>;
}

async function perform(leg: Leg, deed: Deed, world: World): Promise<[Leg, DialogEvent]> {
  const action = world.actions[deed.action];
  if (!action) throw new RangeError(`no action is called ${deed.action}`);
  const result = await action.run(inputOf(leg.state, deed, world)).catch((error: unknown) => {
    world.onFault(deed.action, error);
    return UNEXPECTED;
  });
  const event = outcomeOf(result);
  const state = result.ticket ? { ...leg.state, ticket: result.ticket } : leg.state;
  return [{ ...leg, state, outbox: [...leg.outbox, ...(result.outbox ?? [])] }, event];
}

function inputOf(state: ConversationState, { key, sealed }: Omit<Deed, 'action'>, { dialogs, source }: World): ActionInput {
  const frame = innermost(state);
  return { conversationId: state.conversationId, slots: frame?.slots ?? {}, key, sealed, ...(source ? { source } : {}), ...reasonIn(stepHere(state, dialogs)) };
}

function reasonIn(step: Step | undefined): Pick<ActionInput, 'reason'> {
  return step?.kind === 'handoff' ? { reason: step.reason } : {};
}

function end(leg: Leg, result: string, dialogs: Dialogs): [Leg, DialogEvent | undefined] {
  const frame = innermost(leg.state);
  const state = closeInnermost(leg.state);
  if (state.frames.length === 0) return [{ ...leg, state: forgetTrail(state) }, undefined];
  // A dialog that interrupted another one, rather than being called by it, leaves the open question to be asked again.
  if (waits(state, dialogs)) return [{ ...leg, state }, { type: 'ask-again' }];
  const gives = (frame && dialogs.get(frame.dialog)?.gives) ?? [];
  const given = Object.entries(frame?.slots ?? {}).filter(([name]) => gives.includes(name));
  return [{ ...leg, state }, { type: 'outcome', outcome: result, slots: Object.fromEntries(given) }];
}

function called(dialogs: Dialogs, id: string): Dialog {
  const dialog = dialogs.get(id);
  if (!dialog) throw new RangeError(`no dialog is called ${id}`);
  return dialog;
}

/** Conversation, frame and step, hashed so that no backend learns our ids. */
function keyOf(state: ConversationState): string {
  const frame = innermost(state);
  const place = `${state.conversationId}/${String(frame?.id ?? 0)}/${frame?.step ?? ''}`;
  return createHash('sha256').update(place).digest('base64url');
}

/** Whether the innermost dialog waits for the person. */
function waits(state: ConversationState, dialogs: Dialogs): boolean {
  const frame = innermost(state);
  const dialog = dialogs.get(frame?.dialog ?? '');
  return frame !== undefined && dialog !== undefined && isWaiting(stepOf(dialog, frame.step));
}
