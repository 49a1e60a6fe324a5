/**
 * START READING HERE. One utterance, one direction: open, ask the stages, run the dialog, close. A turn changes a
 * conversation by atomic commits only, and nothing is sent that was not committed first. How utterances get here, one
 * at a time, is assistant.ts.
 */
import { SesameError } from './conversation/errors.js';
import type { Clock, ConversationStore, Lease, Revision } from './conversation/ports.js';
import type { Reply } from './conversation/reply.js';
import { openState, type ConversationState, type SlotValue } from './conversation/state.js';
import type { NewEntry } from './conversation/transcript.js';
import type { FormSubmission, SecretKind, StorableUtterance } from './conversation/utterance.js';
import { resumeAction, runDialogs, type Actions, type Leg, type World } from './dialog/run.js';
import { dropDialogs, fitToContent } from './dialog/stack.js';
import { correctAnswer } from './corrections.js';
import {
  adviserHolds,
  answerFromKnowledge,
  askAgain,
  continueDialog,
  obeyCommand,
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

/** The whole flow of a turn, in order: the first stage that claims it ends the search. */
const STAGES: readonly Stage[] = [
  adviserHolds,
  welcome,
  protectPerson,
  obeyCommand,
  correctAnswer,
  continueDialog,
  answerFromKnowledge,
  askAgain,
];

export interface TurnLog {
  info(event: string, fields: Readonly<Record<string, unknown>>): void;
  error(event: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface TurnOptions {
  readonly store: ConversationStore;
  readonly house: House;
  readonly actions: Actions;
  readonly mask: (text: string) => { text: string; found: readonly SecretKind[] };
  readonly clock: Clock;
  readonly log: TurnLog;
}

/** What a turn can take: words already masked, or a form whose values live as long as this turn. */
export type Heard = FormSubmission | StorableUtterance;

/**
 * Takes one turn, from the state as it is on disk to the state as it is on disk. Whatever breaks on the way, the person
 * hears of it and the utterance counts as answered: a message that breaks us once must not come back at every start.
 *
 * @returns the sequence number of the person's entry where this turn made it (a form), else 0.
 */
export async function takeTurn(lease: Lease, heard: Heard, options: TurnOptions): Promise<number> {
  const started = options.clock.now();
  const found = await options.store.load(lease.conversationId);
  const open = new OpenTurn(lease, options, found?.revision ?? 0, heard);
  try {
    const state = found?.state ?? openState(lease.conversationId, started);
    const { claim, stage, decided } = ask({ heard, state, now: started, recognised: await recognise(heard, state, options.house) }, options.house);
    await open.commit(await follow(claim, open, options.house));
    options.log.info('turn.closed', { conversation: lease.conversationId, kind: heard.kind, stage, ...decided, ms: options.clock.now() - started });
  } catch (error) {
    if (isStoreTrouble(error)) throw error;
    options.log.error('turn.broke', { conversation: lease.conversationId, kind: heard.kind, error });
    await open.apologise();
  }
  return open.heardAt;
}

/**
 * Finishes the action that a crash left without an outcome; nothing where there is none. Where its dialog is gone since
 * then, or breaks, the person is told and the conversation goes on without it: it must not be stuck there for ever.
 */
export async function finishPending(lease: Lease, options: TurnOptions): Promise<void> {
  const found = await options.store.load(lease.conversationId);
  if (!found?.state.pending) return;
  const { action } = found.state.pending;
  const open = new OpenTurn(lease, options, found.revision);
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
}

/** Runs what a claim starts; when nothing is left under way, the other problem of the message comes up. */
async function follow(claim: Claim, world: World, house: House): Promise<Leg> {
  const leg: Leg = { state: claim.state, replies: claim.replies, outbox: [] };
  const ran = claim.event ? await runDialogs(leg, claim.event, world) : leg;
  const later = takeUpLater(ran.state, house);
  return later ? { ...ran, state: later.state, replies: [...ran.replies, ...later.replies] } : ran;
}

/** Reads words as what the open question expects, where only a reader outside of the turn can; slow, so asked for last. */
async function recognise(heard: Heard, state: ConversationState, house: House): Promise<SlotValue | undefined> {
  const step = openStep(state, house.dialogs);
  if (heard.kind !== 'words' || step?.kind !== 'ask') return undefined;
  const reader = house.readers[step.reader];
  return reader?.recognises === undefined || reader.read(heard.text).ok ? undefined : house.recognise(reader.recognises, heard.text);
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

function ask({ heard, state: read, now, recognised }: Asking, house: House): Answered {
  const fitting = fitToContent(read, house.dialogs);
  const masked = heard.kind === 'words' && 'masked' in heard ? (heard.masked ?? []) : [];
  const notices: Reply[] = [
    ...(fitting ? whereWeWere(fitting, now - read.lastTurnAt, house) : [standing(house, 'dialog-changed')]),
    ...masked.map((kind) => standing(house, `masked-${kind}`)),
  ];
  let decided: Decision | undefined;
  const decision = (): Decision => (decided ??= house.decide(heard.kind === 'words' ? heard.text : ''));
  const { claim, stage } = firstClaim({ utterance: heard, masked, state: fitting ?? dropDialogs(read), decision, recognised, house });
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

/** A turn between its opening and its last commit: what dialogs act upon, and the only place that commits. */
class OpenTurn implements World {
  readonly dialogs;
  readonly readers;
  readonly actions;
  heardAt = 0;
  #revision: Revision;
  #unheard: Heard | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly options: TurnOptions,
    revision: Revision,
    utterance?: Heard,
  ) {
    ({ dialogs: this.dialogs, readers: this.readers } = options.house);
    this.actions = options.actions;
    this.#revision = revision;
    this.#unheard = utterance;
  }

  onFault(action: string, error: unknown): void {
    this.options.log.error('action.broke', { conversation: this.lease.conversationId, action, error });
  }

  async commit({ state, replies, outbox }: Leg): Promise<void> {
    const at = this.options.clock.now();
    const heard = this.#unheard;
    const form: NewEntry[] = heard?.kind === 'form' ? [formEntry(heard, at, this.options.house)] : [];
    const entries = [...form, ...replies.map((reply): NewEntry => ({ author: 'assistant', at, reply: this.worded(reply), ...(heard ? { inReplyTo: heard.id } : {}) }))];
    const numbered = await this.options.store.commitTurn({
      lease: this.lease,
      state: { ...state, lastTurnAt: at },
      expected: this.#revision,
      entries,
      outbox,
      ...(heard ? { heard: heard.id } : {}),
    });
    this.#revision += 1;
    this.#unheard = undefined;
    if (form.length > 0) this.heardAt = numbered[0]?.seq ?? 0;
  }

  /** Keeps the state of the last commit and says that something broke on our side. */
  async apologise(): Promise<void> {
    const found = await this.options.store.load(this.lease.conversationId);
    this.#revision = found?.revision ?? 0;
    const state = found?.state ?? openState(this.lease.conversationId, this.options.clock.now());
    await this.commit({ state, replies: [standing(this.options.house, 'trouble')], outbox: [] });
  }

  /** Leaves whatever was under way, an action without an outcome included, and says why. */
  async giveUp(message: string): Promise<void> {
    const found = await this.options.store.load(this.lease.conversationId);
    this.#revision = found?.revision ?? 0;
    const { pending: _gone, ...state } = found?.state ?? openState(this.lease.conversationId, this.options.clock.now());
    await this.commit({ state: dropDialogs(state), replies: [standing(this.options.house, message)], outbox: [] });
  }

  /** Dialogs quote entries by name; the transcript holds the words. */
  private worded(reply: Reply): Reply {
    if (reply.kind !== 'text' || reply.text !== '' || reply.entry === undefined) return reply;
    return { ...reply, text: this.options.house.entries.get(reply.entry)?.answer ?? '' };
  }
}

function formEntry(form: FormSubmission, at: number, house: House): NewEntry {
  const tag = form.clientTag === undefined ? {} : { clientTag: form.clientTag };
  return { author: 'person', at, utteranceId: form.id, form: house.label('form-sent'), ...tag };
}

/** Faults of the store are not the person's business yet: the utterance stays in the inbox, or is not acknowledged. */
function isStoreTrouble(error: unknown): boolean {
  return error instanceof SesameError && ['state-stale', 'store-closed', 'store-unavailable'].includes(error.code);
}
