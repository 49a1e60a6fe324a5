/**
 * Where advisers act on requests: each act is asked of the rights, told to the audit, and makes one commit that holds
 * the state, what the person is told, and what advisers will see. It knows nothing of Teams.
 */
import type { Ticket } from '../conversation/handoff.js';
import type { Clock, ConversationStore, Lease, OutboxItem, RecordChange, RecordStore, Revision } from '../conversation/ports.js';
import type { ConversationState } from '../conversation/state.js';
import type { NewEntry } from '../conversation/transcript.js';
import { ANYWHERE_OUTCOMES, LEAVE_OUTCOMES, REQUEST_OUTCOMES, type HandoffOutcome, type Requests } from './action.js';
import { entriesFor, eventOf, rightsFor, type ActOutcome, type DeskAction, type Telling } from './acts.js';
import { isOpen, step, type HandoffEvent, type Refusal } from './machine.js';
import type { Actor, Audit, AuditEntry, Office, Rights } from './ports.js';
import { cardItem, changeOf, endedKey, historyItem, type Note, notesKey, openKey, type Queue, TICKET_KEPT_MS } from './queue.js';

export { createAnywhereAction, createHandoffAction, createLeaveAction, createRequests } from './action.js';

/** Every way each action may end; the content check holds the dialogs against this list. */
export const HANDOFF_OUTCOMES: Readonly<Record<string, readonly HandoffOutcome[]>> = {
  'handoff.request': REQUEST_OUTCOMES,
  'handoff.anywhere': ANYWHERE_OUTCOMES,
  'handoff.leave': LEAVE_OUTCOMES,
};

/** Requests of an installation that no adviser is connected to. */
export const noDesk: Requests = {
  request: () => Promise.resolve({ outcome: 'nobody' }),
  anywhere: () => Promise.resolve({ outcome: 'nobody' }),
  leave: () => Promise.resolve({ outcome: 'nobody' }),
};

export interface DeskOptions extends Telling {
  readonly store: ConversationStore & Pick<RecordStore, 'read'>;
  readonly queue: Queue;
  readonly rights: Rights;
  readonly audit: Audit;
  readonly office: Office;
  readonly clock: Clock;
  /** Makes an adviser's words fit to be stored and read: masks secrets. */
  readonly clean: (text: string) => string;
}

/** What the house itself does to a ticket, decided on the ticket as it is then; nothing: it is left alone. */
export type Upkeep = (ticket: Ticket) => { readonly event?: HandoffEvent; readonly outbox?: readonly OutboxItem[] } | undefined;

export interface Desk {
  /** An adviser's act. A fault of the store or the audit rejects, and may be tried again under the same action id. */
  act(ticketId: string, actor: Actor, action: DeskAction): Promise<ActOutcome>;
  /** What happens without an adviser: a card that arrived, a limit that passed. Resolves with the ticket if it changed. */
  upkeep(ticketId: string, decide: Upkeep): Promise<Ticket | undefined>;
}

export function createDesk(options: DeskOptions): Desk {
  return {
    async act(ticketId, actor, action) {
      const known = await findTicket(ticketId, options);
      if (!known) return { kind: 'unknown-ticket' };
      const line = { actor: actor.id, action: action.kind, ticket: known.id, caisse: known.caisse, request: action.id, proved: known.proved, ...('reason' in action ? { reason: action.reason } : {}) };
      await options.audit.record({ ...line, when: 'before' });
      const outcome = await options.store.withTurn(known.conversationId, (lease) => actNow({ lease, ticketId, actor, action }, options));
      await options.audit.record({ ...line, when: 'after', result: outcome.kind });
      return outcome;
    },
    async upkeep(ticketId, decide) {
      const known = await findTicket(ticketId, options);
      return known && options.store.withTurn(known.conversationId, (lease) => keepUp({ lease, ticketId, decide }, options));
    },
  };
}

async function findTicket(id: string, { store }: DeskOptions): Promise<Ticket | undefined> {
  return ((await store.read<Ticket>(openKey(id))) ?? (await store.read<Ticket>(endedKey(id))))?.value;
}

interface Act {
  readonly lease: Lease;
  readonly ticketId: string;
  readonly actor: Actor;
  readonly action: DeskAction;
}

async function actNow(act: Act, options: DeskOptions): Promise<ActOutcome> {
  const { lease, ticketId, actor, action } = act;
  const now = await openTicket(lease, ticketId, options);
  const asked = now?.ticket ?? (await findTicket(ticketId, options));
  if (!asked) return { kind: 'unknown-ticket' };
  // Rights come first, so that nobody learns of a ticket that is not theirs.
  if (!rightsFor(action, actor, asked).every((right) => options.rights.may(actor, right, asked))) return { kind: 'not-yours' };
  if ((await options.store.seen(lease.conversationId, heardAs(action))) !== undefined) return { kind: 'seen' };
  if (!now) return { kind: 'ended' };
  return leadsSomewhere(action, now.ticket, options) ? perform({ ...act, ...now }, options) : { kind: 'nowhere' };
}

/** The conversation as it is, while this ticket is its open one. */
async function openTicket({ conversationId }: Lease, ticketId: string, { store }: DeskOptions): Promise<Loaded | undefined> {
  const found = await store.load(conversationId);
  const ticket = found?.state.ticket;
  return found && ticket?.id === ticketId && isOpen(ticket) ? { ...found, ticket } : undefined;
}

const heardAs = ({ id }: DeskAction): string => `act:${id}`;

/** An act that is allowed, on the ticket as it is. */
async function perform({ lease, actor, action, state, revision, ticket }: Act & Loaded, options: DeskOptions): Promise<ActOutcome> {
  const now = options.clock.now();
  const event = eventOf(action, actor);
  const after = event ? step(ticket, event, now) : ticket;
  if (typeof after === 'string') return refused(after, ticket);
  const said: NewEntry[] = action.kind === 'say' ? [{ author: 'adviser', at: now, name: actor.name, text: options.clean(action.text) }] : [];
  // A note changes nothing of the ticket, and yet colleagues read it on its card.
  const outbox = action.kind === 'note' ? [cardItem(ticket, `note-${action.id}`, now)] : [];
  const besides = { entries: said, outbox, records: noteOf(action, actor, { ticket, now, clean: options.clean }) };
  return { kind: 'done', ticket: await commit({ lease, revision, state, ticket: after, event, heard: heardAs(action) }, besides, options) };
}

interface Loaded {
  readonly state: ConversationState;
  readonly revision: Revision;
  /** That of the state, where it is still open. */
  readonly ticket: Ticket;
}

function leadsSomewhere(action: DeskAction, ticket: Ticket, { office, rights }: DeskOptions): boolean {
  if (action.kind !== 'transfer') return true;
  const { to } = action;
  if (to.kind === 'caisse') return office.knows(to.caisse);
  return to.kind === 'need' || rights.may(to.holder, 'take', ticket);
}

function refused(refusal: Refusal, { holder }: Ticket): ActOutcome {
  switch (refusal) {
    case 'already-held':
      return { kind: 'already-held', by: holder?.name ?? '' };
    case 'not-held':
      return { kind: 'not-yours' };
    case 'nothing-new':
      return { kind: 'nowhere' };
    case 'ended':
      return { kind: 'ended' };
  }
}

/** A note lies beside the ticket, in the order of time; the transcript and the person never see it. */
function noteOf(action: DeskAction, actor: Actor, { ticket, now, clean }: { ticket: Ticket; now: number; clean: DeskOptions['clean'] }): readonly RecordChange[] {
  if (!('note' in action)) return [];
  const key = `${notesKey(ticket.id)}${String(now).padStart(15, '0')}:${action.id}`;
  const note: Note = { by: actor.name, at: now, text: clean(action.note) };
  return [{ key, value: note, expiresAt: now + TICKET_KEPT_MS }];
}

interface Keeping {
  readonly lease: Lease;
  readonly ticketId: string;
  readonly decide: Upkeep;
}

async function keepUp({ lease, ticketId, decide }: Keeping, options: DeskOptions): Promise<Ticket | undefined> {
  const found = await openTicket(lease, ticketId, options);
  const decided = found && decide(found.ticket);
  if (!decided) return undefined;
  const { event, outbox = [] } = decided;
  const after = event ? step(found.ticket, event, options.clock.now()) : found.ticket;
  if (typeof after === 'string') return undefined;
  const kept = await commit({ lease, ...found, ticket: after, event }, { entries: [], outbox, records: [] }, options);
  if (event && event.kind !== 'posted') await options.audit.record(upkeepLine(kept, event, found.revision));
  return kept;
}

function upkeepLine({ id, caisse, proved, because = '' }: Ticket, { kind }: HandoffEvent, revision: Revision): AuditEntry {
  return { actor: 'system', action: kind, ticket: id, caisse, proved, when: 'after', request: `upkeep-${String(revision)}`, result: 'done', reason: because };
}

interface Change {
  readonly lease: Lease;
  readonly revision: Revision;
  readonly state: ConversationState;
  /** As it will be. */
  readonly ticket: Ticket;
  readonly event: HandoffEvent | undefined;
  readonly heard?: string;
}

interface Besides {
  readonly entries: readonly NewEntry[];
  readonly outbox: readonly OutboxItem[];
  readonly records: readonly RecordChange[];
}

/** State, transcript, records and outbox in one commit; then the queue is told, still within the turn. */
async function commit({ lease, revision, state, ticket, event, heard }: Change, besides: Besides, options: DeskOptions): Promise<Ticket> {
  const now = options.clock.now();
  const mark = { revision: revision + 1, now };
  const upTo = event?.kind === 'take' ? await lastEntry(ticket, options) : ticket.relayedUpTo;
  const kept = { ...ticket, relayedUpTo: upTo };
  const history = upTo > ticket.relayedUpTo ? [historyItem(ticket, upTo, mark)] : [];
  const change = changeOf(state.ticket, kept, mark);
  await options.store.commitTurn({
    lease,
    expected: revision,
    state: { ...state, ticket: kept, holder: kept.phase === 'held' ? 'adviser' : 'assistant', misunderstood: 0 },
    entries: [...besides.entries, ...(event ? entriesFor(event, kept, now, options) : [])],
    outbox: [...change.outbox, ...history, ...besides.outbox],
    records: [...change.records, ...besides.records],
    ...(heard === undefined ? {} : { heard }),
  });
  options.queue.put(kept);
  return kept;
}

/** Everything said until now is what the adviser is given on taking; what comes later is relayed. */
async function lastEntry({ conversationId, relayedUpTo }: Ticket, { store }: DeskOptions): Promise<number> {
  return (await store.transcript(conversationId, relayedUpTo)).at(-1)?.seq ?? relayedUpTo;
}
