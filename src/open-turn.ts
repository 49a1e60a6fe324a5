/**
 * A turn between its opening and its last commit, and what it is handed. Which stage claims it and what runs is
 * turn.ts.
 */
import type { Ticket } from './conversation/handoff.js';
import type { Clock, ConversationStore, Lease, OutboxItem, Revision } from './conversation/ports.js';
import type { Reply } from './conversation/reply.js';
import { openState, type ConversationState } from './conversation/state.js';
import type { NewEntry } from './conversation/transcript.js';
import type { FormSubmission, SecretKind, StorableUtterance } from './conversation/utterance.js';
import type { Actions, Leg, World } from './dialog/run.js';
import { dropDialogs } from './dialog/stack.js';
import { changeOf, relayItem } from './handoff/queue.js';
import { NO_STOPWATCH, timedActions, type Stopwatch } from './metrics/stopwatch.js';
import { standing, type House } from './stages.js';

export interface TurnLog {
  info(event: string, fields: Readonly<Record<string, unknown>>): void;
  error(event: string, fields: Readonly<Record<string, unknown>>): void;
}

interface Masking {
  readonly text: string;
  readonly found: readonly SecretKind[];
}

export interface TurnOptions {
  readonly store: ConversationStore;
  readonly house: House;
  readonly actions: Actions;
  /** `said` tells whose words they are, since a secret may come in pieces. */
  readonly mask: (text: string, said: { readonly conversationId: string; readonly at: number }) => Masking | Promise<Masking>;
  readonly clock: Clock;
  /** Told of every request for a human that a turn committed. */
  readonly queue?: { put(ticket: Ticket): void };
  /** One for each turn, by the kind of its utterance; absent where nothing is measured. */
  readonly stopwatch?: (kind: Heard['kind']) => Stopwatch;
  readonly log: TurnLog;
}

/** What one turn is handed. */
interface OneTurn extends TurnOptions {
  readonly watch?: Stopwatch;
}

/** What a turn can take: words already masked, or a form whose values live as long as this turn. */
export type Heard = FormSubmission | StorableUtterance;

/** A state and the revision it was read at. */
export interface Loaded {
  readonly state: ConversationState;
  readonly revision: Revision;
}

/** A turn between its opening and its last commit: what dialogs act upon, and the only place that commits. */
export class OpenTurn implements World {
  readonly dialogs;
  readonly readers;
  readonly actions;
  readonly source;
  heardAt = 0;
  #revision: Revision;
  #ticket: Ticket | undefined;
  #unheard: Heard | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly options: OneTurn,
    found: Loaded | undefined,
    utterance?: Heard,
  ) {
    ({ dialogs: this.dialogs, readers: this.readers } = options.house);
    this.actions = timedActions(options.actions, options.watch ?? NO_STOPWATCH);
    this.source = utterance?.source;
    this.#revision = found?.revision ?? 0;
    this.#ticket = found?.state.ticket;
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
    const relay = heard ? await this.relay(state, heard, at) : { state, items: [] };
    const handoff = changeOf(this.#ticket, relay.state.ticket, { revision: this.#revision + 1, now: at });
    const { store, watch = NO_STOPWATCH } = this.options;
    const numbered = await watch.step('commit', () => store.commitTurn({
      lease: this.lease,
      state: { ...relay.state, lastTurnAt: at },
      expected: this.#revision,
      entries,
      outbox: [...outbox, ...handoff.outbox, ...relay.items],
      records: handoff.records,
      ...(heard ? { heard: heard.id } : {}),
    }));
    this.#revision += 1;
    this.#unheard = undefined;
    this.#ticket = relay.state.ticket;
    if (this.#ticket) this.options.queue?.put(this.#ticket);
    if (form.length > 0) this.heardAt = numbered[0]?.seq ?? 0;
  }

  /** Keeps the state of the last commit and says that something broke on our side. */
  async apologise(): Promise<void> {
    const found = await this.reload();
    const state = found?.state ?? openState(this.lease.conversationId, this.options.clock.now());
    await this.commit({ state, replies: [standing(this.options.house, 'trouble')], outbox: [] });
  }

  /** Leaves whatever was under way, an action without an outcome included, and says why. */
  async giveUp(message: string): Promise<void> {
    const found = await this.reload();
    const { pending: _gone, ...state } = found?.state ?? openState(this.lease.conversationId, this.options.clock.now());
    await this.commit({ state: dropDialogs(state), replies: [standing(this.options.house, message)], outbox: [] });
  }

  /** What is said while an adviser has the conversation goes to them, unless they were given it on taking. */
  private async relay(state: ConversationState, heard: Heard, at: number): Promise<{ state: ConversationState; items: readonly OutboxItem[] }> {
    const { ticket } = state;
    if (heard.kind !== 'words' || state.holder !== 'adviser' || !ticket) return { state, items: [] };
    const seq = (await this.options.store.seen(this.lease.conversationId, heard.id)) ?? 0;
    if (seq <= ticket.relayedUpTo) return { state, items: [] };
    return { state: { ...state, ticket: { ...ticket, relayedUpTo: seq } }, items: [relayItem(ticket, seq, at)] };
  }

  private async reload(): Promise<Loaded | undefined> {
    const found = await this.options.store.load(this.lease.conversationId);
    this.#revision = found?.revision ?? 0;
    this.#ticket = found?.state.ticket;
    return found;
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
