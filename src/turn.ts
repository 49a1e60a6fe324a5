/**
 * START READING HERE. One utterance, one direction: open, ask the stages, run the dialog, close. A turn changes a
 * conversation by atomic commits only, and nothing is sent that was not committed first. How utterances get here, one
 * at a time, is assistant.ts.
 */
import { readWithHelp } from './answers/recognise.js';
import { SesameError } from './conversation/errors.js';
import type { Lease } from './conversation/ports.js';
import type { Reply } from './conversation/reply.js';
import { openState, type ConversationState, type SlotValue } from './conversation/state.js';
import { resumeAction, runDialogs, type Leg, type World } from './dialog/run.js';
import { dropDialogs, fitToContent } from './dialog/stack.js';
import { adviserHolds, sayClosed, withdrawRequest } from './beside-adviser.js';
import { correctAnswer } from './corrections.js';
import { noteExplained, obeyCommand } from './obey.js';
import { NO_STOPWATCH } from './metrics/stopwatch.js';
import { OpenTurn, type Heard, type Loaded, type TurnOptions } from './open-turn.js';
import {
  answerFromKnowledge,
  askAgain,
  continueDialog,
  openStep,
  protectPerson,
  standing,
  takeUpLater,
  welcome,
  type Claim,
  type House,
  type Stage,
  type Turn,
} from './stages.js';
import type { Decision } from './understanding/decide.js';

export type { TurnLog, TurnOptions } from './open-turn.js';

/** The whole flow of a turn, in order: the first stage that claims it ends the search. */
export const STAGES: readonly Stage[] = [
  adviserHolds,
  sayClosed,
  welcome,
  protectPerson,
  withdrawRequest,
  obeyCommand,
  correctAnswer,
  continueDialog,
  answerFromKnowledge,
  askAgain,
];

/**
 * Takes one turn, from the state as it is on disk to the state as it is on disk. Whatever breaks on the way, the person
 * hears of it and the utterance counts as answered: a message that breaks us once must not come back at every start.
 *
 * @param known the state as it is on disk, where it was read under the same lease and nothing was committed since.
 * @returns the sequence number of the person's entry where this turn made it (a form), else 0.
 */
export async function takeTurn(lease: Lease, heard: Heard, options: TurnOptions, known?: Loaded): Promise<number> {
  const started = options.clock.now();
  const watch = options.stopwatch?.(heard.kind) ?? NO_STOPWATCH;
  const found = await watch.step('load', () => known ?? options.store.load(lease.conversationId));
  const open = new OpenTurn(lease, { ...options, watch }, found, heard);
  try {
    const state = found?.state ?? openState(lease.conversationId, started);
    const recognised = await watch.step('recognise', () => recognise(heard, state, options.house));
    const { claim, stage, decided } = await watch.step('decide', () => askStages({ heard, state, now: started, recognised }, options.house));
    await open.commit(await watch.step('dialog', () => runClaim(claim, open, options.house)));
    watch.ended(stage, 'closed');
    options.log.info('turn.closed', { conversation: lease.conversationId, kind: heard.kind, stage, ...decided, ms: options.clock.now() - started });
  } catch (error) {
    const left = isStoreTrouble(error);
    watch.ended('none', left ? 'left' : 'apologised');
    if (left) throw error;
    options.log.error('turn.broke', { conversation: lease.conversationId, kind: heard.kind, error });
    await open.apologise();
  }
  return open.heardAt;
}

/**
 * Finishes the action that a crash left without an outcome; nothing where there is none. Where its dialog is gone since
 * then, or breaks, the person is told and the conversation goes on without it: it must not be stuck there for ever.
 *
 * @returns the state as it is on disk, where nothing had to be finished.
 */
export async function finishPending(lease: Lease, options: TurnOptions): Promise<Loaded | undefined> {
  const found = await options.store.load(lease.conversationId);
  if (!found?.state.pending) return found;
  const { action } = found.state.pending;
  const open = new OpenTurn(lease, options, found);
  const fitting = fitToContent(found.state, options.house.dialogs);
  try {
    if (fitting) await open.commit(await resumeAction({ state: fitting, replies: [], outbox: [] }, open));
    else await open.giveUp('dialog-changed');
    options.log.info('action.resumed', { conversation: lease.conversationId, action });
  } catch (error) {
    if (isStoreTrouble(error)) throw error;
    options.log.error('action.not-resumed', { conversation: lease.conversationId, action, error });
    await open.giveUp('trouble');
  }
  return undefined;
}

/** Runs what a claim starts; when nothing is left under way, the other problem of the message comes up. */
export async function runClaim(claim: Claim, world: World, house: House): Promise<Leg> {
  const leg: Leg = { state: claim.state, replies: claim.replies, outbox: [] };
  const said: Reply[] = [];
  const ran = claim.event ? await runDialogs(leg, claim.event, noting(world, said)) : leg;
  const noted = { ...ran, state: noteExplained({ ...ran, replies: [...said, ...ran.replies] }, claim, house) };
  const later = takeUpLater(noted.state, house);
  return later ? { ...noted, state: later.state, replies: [...noted.replies, ...later.replies] } : noted;
}

/** The same world; what is said before an action, and committed with it, is noted in `said`. */
function noting(world: World, said: Reply[]): World {
  const { dialogs, readers, actions, source } = world;
  return {
    ...{ dialogs, readers, actions, source },
    onFault: (action, error) => { world.onFault(action, error); },
    async commit(leg) {
      said.push(...leg.replies);
      await world.commit(leg);
    },
  };
}

/** Reads words as what the open question expects, where only a reader outside of the turn can; slow, so asked for last. */
async function recognise(heard: Heard, state: ConversationState, house: House): Promise<SlotValue | undefined> {
  const step = openStep(state, house.dialogs);
  if (heard.kind !== 'words' || step?.kind !== 'ask' || state.holder === 'adviser') return undefined;
  const reader = house.readers[step.reader];
  if (reader?.recognises === undefined) return undefined;
  const reading = await readWithHelp(reader, { read: house.recognise }, reader.recognises, heard.text);
  return reading.ok ? reading.value : undefined;
}

interface Asking {
  readonly heard: Heard;
  readonly state: ConversationState;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly recognised: SlotValue | undefined;
}

interface Answered {
  readonly claim: Claim;
  readonly stage: string;
  /** What was understood, without the words, where a stage asked. */
  readonly decided?: { readonly decision: Decision['kind']; readonly entry: string | null; readonly measures: Decision['measures'] };
}

/** After so long a silence, in milliseconds, people no longer know where they were. */
const LONG_SILENCE = 30 * 60_000;

/** Asks the stages, in order. Pure: nothing is stored, sent or done. */
export function askStages({ heard, state: read, now, recognised }: Asking, house: House): Answered {
  const fitting = fitToContent(read, house.dialogs);
  const masked = heard.kind === 'words' && 'masked' in heard ? (heard.masked ?? []) : [];
  const notices: Reply[] = [
    ...(fitting ? whereWeWere(fitting, now - read.lastTurnAt, house) : [standing(house, 'dialog-changed')]),
    ...masked.map((kind) => standing(house, `masked-${kind}`)),
  ];
  let decided: Decision | undefined;
  const decision = (): Decision => (decided ??= house.decide(heard.kind === 'words' ? heard.text : ''));
  const { claim, stage } = firstClaim({ utterance: heard, masked, state: fitting ?? dropDialogs(read), now, decision, recognised, house });
  const known = decided && { decision: decided.kind, entry: decided.entry, measures: decided.measures };
  return { claim: { ...claim, replies: [...notices, ...claim.replies] }, stage, ...(known ? { decided: known } : {}) };
}

function firstClaim(turn: Turn): { claim: Claim; stage: string } {
  for (const stage of STAGES) {
    const claim = stage(turn);
    if (claim) return { claim, stage: stage.name };
  }
  throw new RangeError('no stage claimed the turn');
}

/** Said before the answer when the person comes back to a dialog after a while. */
function whereWeWere(state: ConversationState, silence: number, house: House): Reply[] {
  const [outermost] = state.frames;
  const dialog = house.dialogs.get(outermost?.dialog ?? '');
  if (!dialog || silence < LONG_SILENCE || state.holder === 'adviser') return [];
  const said = standing(house, 'where-we-were');
  return [{ ...said, text: said.text.replace('{title}', dialog.title) }];
}

/** Faults of the store are not the person's business yet: the utterance stays in the inbox, or is not acknowledged. */
function isStoreTrouble(error: unknown): boolean {
  return error instanceof SesameError && ['state-stale', 'store-closed', 'store-unavailable'].includes(error.code);
}
