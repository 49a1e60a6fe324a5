/**
 * The assistant that the doors talk to: takes utterances in, durably and one at a time per conversation, and has each
 * answered by one turn. What a turn does is turn.ts.
 */
import { SesameError } from './conversation/errors.js';
import type { Acceptance, Assistant, Lease, Signals, Store } from './conversation/ports.js';
import type { Frame } from './conversation/state.js';
import type { FormSubmission, StorableUtterance, Utterance, Words } from './conversation/utterance.js';
import { placeOf } from './dialog/question.js';
import type { Field } from './dialog/definition.js';
import { innermost } from './dialog/stack.js';
import { erasureOf } from './erasure.js';
import { isOpen } from './handoff/machine.js';
import { openToAll, type Admission } from './limits/admission.js';
import type { House } from './stages.js';
import { finishPending, takeTurn, type TurnOptions } from './turn.js';

export interface RunningAssistant extends Assistant {
  /** The conversations with something accepted and not answered, or an action under way. */
  unfinished(): Promise<readonly string[]>;
  /** Takes up what was left open in these conversations, each behind whoever has its turn. */
  takeUp(conversations: readonly string[]): void;
  /** Resolves when no turn is under way. */
  settled(): Promise<void>;
}

export interface AssistantOptions extends TurnOptions {
  readonly store: Store;
  /** What may be written of an id that a client chose; the same for the same id. */
  readonly mark?: (given: string) => string;
  /** Who is let in, and which turns run now. Everybody and all, unless told. */
  readonly admission?: Admission;
  /** Takes back the request of whoever leaves; absent where there are no advisers. */
  readonly signals?: Pick<Signals, 'personLeft'>;
}

export function createAssistant(options: AssistantOptions): RunningAssistant {
  const { store, log, admission = openToAll } = options;
  const running = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    running.add(work);
    const forget = (): void => void running.delete(work);
    work.then(forget, forget);
    return work;
  };
  /** A turn that fails here stays in the inbox: the next utterance, or the next start, takes it up. */
  const answerSoon = (conversationId: string, kind: Utterance['kind'] = 'words'): Promise<void> =>
    track(
      store
        .withTurn(conversationId, (lease) => admission.run(kind, () => answerInbox(lease, options)))
        .catch((error: unknown) => {
          log.error('turn.not-taken', { conversation: conversationId, error });
        }),
    );

  const take = async (utterance: Utterance, until: (ended: Promise<unknown>) => void): Promise<Acceptance> => {
    const form = utterance.kind === 'words' ? await typedIntoChat(utterance, options) : utterance;
    if (form?.kind === 'form') return track(submit(form, options));
    const acceptance = await store.accept(await storable(utterance as StorableUtterance, options.mask));
    if (acceptance.kind === 'accepted') until(answerSoon(utterance.conversationId, utterance.kind));
    return acceptance;
  };

  return {
    hear: (heard) => {
      const utterance = marked(heard, options.mark);
      return admission.admit(utterance, (until) => take(utterance, until));
    },
    knows: async (id) => (await store.seen(id, 'opening')) !== undefined || (await store.load(id)) !== undefined,
    erase: (id, records = []) => track(erase(id, records, options)),
    wasErased: (id) => store.wasErased(id),
    transcript: (id, after, limit) => store.transcript(id, after, limit),
    follow: (id, listener, erased) => store.follow(id, listener, erased),
    unfinished: () => store.unfinished(),
    takeUp: (conversations) => {
      for (const id of conversations) void answerSoon(id);
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

/** A form is acknowledged once its turn is on disk, since its values may not be stored before. */
async function submit(form: FormSubmission, options: AssistantOptions): Promise<Acceptance> {
  const { store, admission = openToAll } = options;
  return store.withTurn(form.conversationId, (lease) => admission.run('form', () => submitNow(lease, form, options)));
}

async function submitNow(lease: Lease, form: FormSubmission, options: TurnOptions): Promise<Acceptance> {
  // Its turn comes after an erasure that it did not know of: nothing may be opened again by it.
  if (await options.store.wasErased(form.conversationId)) throw new SesameError('conversation-unknown', 'this conversation was erased: open another one');
  await answerInbox(lease, options);
  const seq = await options.store.seen(form.conversationId, form.id);
  if (seq !== undefined) return { kind: 'seen', seq };
  return { kind: 'accepted', seq: await takeTurn(lease, form, options) };
}

/** Finishes what a crash left open, then answers what was accepted, in order. */
async function answerInbox(lease: Lease, options: TurnOptions): Promise<void> {
  // Asked for together: what waits in the inbox is the same whether an action has still to be finished or not.
  const [unchanged, inbox] = await Promise.all([finishPending(lease, options), options.store.inbox(lease.conversationId)]);
  let found = unchanged;
  for (const utterance of inbox) {
    await takeTurn(lease, utterance, options, found);
    found = undefined;
  }
}

/** How often a request that opens again, from a message said just before, is taken back. */
const LEAVES_AT_MOST = 3;

/** An action under way has its effect and its outcome first. Advisers are told before there is nothing left to tell of. */
async function erase(conversationId: string, records: readonly string[], options: AssistantOptions): Promise<void> {
  for (let left = 1; ; left += 1) {
    // Takes a turn of its own.
    await options.signals?.personLeft(conversationId);
    const erased = await options.store.withTurn(conversationId, (lease) => eraseNow(lease, { records, anyway: left >= LEAVES_AT_MOST }, options));
    if (erased) break;
  }
  options.log.info('conversation.erased', { conversation: conversationId });
}

interface ErasingNow {
  readonly records: readonly string[];
  /** Whether a request for a human is still open or not. */
  readonly anyway: boolean;
}

/** Whether it is done: not while a request for a human is open that could be taken back. */
async function eraseNow(lease: Lease, { records, anyway }: ErasingNow, options: AssistantOptions): Promise<boolean> {
  const { store, clock, signals } = options;
  await finishPending(lease, options);
  const state = (await store.load(lease.conversationId))?.state;
  if (!anyway && signals && state?.ticket && isOpen(state.ticket)) return false;
  await store.erase(await erasureOf({ lease, state, records, now: clock.now() }, store));
  return true;
}

/** A client's own marks are kept and given back, so they must not be made of anybody's data. */
function marked<T extends Utterance>(utterance: T, mark: AssistantOptions['mark'] = (given) => given): T {
  const { id, clientTag } = utterance;
  return { ...utterance, id: mark(id), ...(clientTag === undefined ? {} : { clientTag: mark(clientTag) }) };
}

/** What may be written of an utterance. */
async function storable(utterance: StorableUtterance, mask: TurnOptions['mask']): Promise<StorableUtterance> {
  if (utterance.kind !== 'words') return utterance;
  const { text, found } = await mask(utterance.text, utterance);
  return { ...utterance, text, ...(found.length > 0 ? { masked: found } : {}) };
}

/**
 * Someone who types a code into the chat, while the form that asks for it is open, has answered it: the words take the
 * form's way, so that they are stored nowhere.
 */
async function typedIntoChat(words: Words, { store, house }: TurnOptions): Promise<FormSubmission | undefined> {
  if (!/\p{Nd}.*\p{Nd}.*\p{Nd}/su.test(words.text) || words.text.length > 60) return undefined;
  const found = await store.load(words.conversationId);
  const frame = found && innermost(found.state);
  const field = frame && onlyFieldOf(frame, house);
  if (!field || house.readers[field.reader]?.read(words.text).ok !== true) return undefined;
  const { text, kind: _kind, ...said } = words;
  return { ...said, kind: 'form', place: placeOf(frame), values: { [field.name]: text } };
}

function onlyFieldOf({ dialog, step: id }: Frame, house: House): Field | undefined {
  const step = house.dialogs.get(dialog)?.steps.get(id);
  return step?.kind === 'form' && step.fields.length === 1 ? step.fields[0] : undefined;
}

