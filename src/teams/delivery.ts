/**
 * One item of the outbox on its way to Teams: what is true at this moment is read, posted where the request lies, and
 * noted before and after, so that a crash in between is seen. In which order and how often is sender.ts.
 */
import type { Ticket } from '../conversation/handoff.js';
import type { Clock, ConversationStore, OutboxItem, RecordStore } from '../conversation/ports.js';
import type { Desk } from '../handoff/desk.js';
import { isOpen } from '../handoff/machine.js';
import type { Wording } from '../handoff/ports.js';
import { CARD, endedKey, IDLE, notesKey, openKey, RELAY, type Note } from '../handoff/queue.js';
import { nonceFor } from '../connector/press.js';
import { cardOf, linesOf, messageOf, type CardTexts, type Face } from './cards.js';
import { TeamsRefusal, type TeamsActivity, type TeamsConnector } from './ports.js';
import type { Lying, Placed, Threads } from './threads.js';

export interface DeliveryOptions {
  readonly store: Pick<ConversationStore, 'transcript'> & Pick<RecordStore, 'read' | 'list'>;
  readonly desk: Pick<Desk, 'upkeep'>;
  /** Paced, and shared with whatever else calls it: see `pace`. */
  readonly connector: TeamsConnector;
  readonly threads: Threads;
  /** The channel of a caisse; none: it has no team here. */
  readonly placeOf: (caisse: string) => { readonly tenant: string; readonly channel: string } | undefined;
  readonly faceOf: (ticket: Ticket) => Face;
  readonly texts: CardTexts;
  /** Signs the cards' buttons. */
  readonly cardKey: Buffer;
  /** Tells the person that their message `seq` reached nobody: see `createUndelivered`. */
  readonly undelivered: (ticket: Ticket, seq: number) => Promise<void>;
  readonly clock: Clock;
  readonly log: Readonly<Record<'info' | 'warn' | 'error', (event: string, fields: Readonly<Record<string, unknown>>) => void>>;
}

/** How long after its end a ticket's last words are still tried, in milliseconds. */
const AFTER_END_MS = 24 * 3_600_000;
/** A thread deleted as often as this is deleted on purpose. */
const MOST_GONE = 5;

/** The transcript entry that an item reaches; 0 where it says nothing of the transcript. */
export function reachOf({ payload }: OutboxItem): number {
  return Number(payload['seq'] ?? payload['upTo'] ?? 0);
}

/** Resolves when the item has arrived, or never will and that was said. Rejects where it may be tried again. */
export async function deliver(item: OutboxItem, options: DeliveryOptions): Promise<void> {
  const ticket = await ticketOf(item, options);
  if (!ticket) {
    options.log.error('teams.unknown-ticket', { item: item.id });
    return;
  }
  try {
    await (item.kind === CARD ? showCard(ticket, options) : say(item, ticket, options));
  } catch (error) {
    if (!(error instanceof TeamsRefusal) || (error.passing && !isTooLate(ticket, options))) throw error;
    options.log.error('teams.refused', { ticket: ticket.id, item: item.id, status: error.status });
    if (item.kind === RELAY) await options.undelivered(ticket, reachOf(item));
  }
}

async function ticketOf({ payload }: OutboxItem, { store }: DeliveryOptions): Promise<Ticket | undefined> {
  const id = payload['ticket'] ?? '';
  return ((await store.read<Ticket>(openKey(id))) ?? (await store.read<Ticket>(endedKey(id))))?.value;
}

function isTooLate(ticket: Ticket, { clock }: DeliveryOptions): boolean {
  return !isOpen(ticket) && clock.now() - ticket.since > AFTER_END_MS;
}

/** The card as the ticket is now, in the channel of its caisse: updated where it is there, else posted. */
async function showCard(ticket: Ticket, options: DeliveryOptions): Promise<void> {
  const { threads, desk } = options;
  const before = await threads.of(ticket.id);
  if (before.current && before.current.caisse !== ticket.caisse) await leave(before.current, ticket, options);
  const lying = await threads.of(ticket.id);
  const isShown = lying.current !== undefined && (await update(lying.current, await draw(ticket, lying, options), ticket.id, options));
  if (!isShown && !(isOpen(ticket) && (await post(ticket, options)))) return;
  if (ticket.phase === 'requested') await desk.upkeep(ticket.id, () => ({ event: { kind: 'posted', caisse: ticket.caisse } }));
}

/** The card that the former caisse keeps says where the request went, and offers nothing. */
async function leave(placed: Placed, ticket: Ticket, options: DeliveryOptions): Promise<void> {
  const face = options.faceOf({ ...ticket, caisse: placed.caisse });
  const card = cardOf({ ticket, face, entries: [], nonce: '', moved: true }, options.texts);
  if (await update(placed, card, ticket.id, options)) await options.threads.retire(ticket.id);
}

/** Whether the card is still there to update. */
async function update({ thread }: Placed, card: TeamsActivity, ticketId: string, { connector, threads }: DeliveryOptions): Promise<boolean> {
  try {
    await connector.update(thread, thread.rootId, card);
    return true;
  } catch (error) {
    if (!isGone(error)) throw error;
    await threads.lose(ticketId);
    return false;
  }
}

/** Starts the thread. Whether there is a channel to start it in. */
async function post(ticket: Ticket, options: DeliveryOptions): Promise<boolean> {
  const { threads, connector, placeOf, log } = options;
  const place = placeOf(ticket.caisse);
  const lying = await threads.of(ticket.id);
  if (!place || lying.gone > MOST_GONE) {
    log.error('teams.no-place', { ticket: ticket.id, caisse: ticket.caisse });
    return false;
  }
  const repeated = await threads.begin(ticket.id, `root/${ticket.caisse}/${String(lying.gone)}`);
  const card = await draw(ticket, lying, options, repeated);
  const thread = await certain(connector.startThread(place, card), { ticketId: ticket.id, again: repeated }, options);
  await threads.placed(ticket.id, ticket.caisse, thread, repeated);
  return true;
}

async function draw(ticket: Ticket, lying: Lying, options: DeliveryOptions, repeated = lying.current?.repeated === true): Promise<TeamsActivity> {
  const { store, texts, cardKey, clock, faceOf } = options;
  const accepted = isAccepted(ticket, lying);
  const entries = accepted ? await store.transcript(ticket.conversationId, 0) : [];
  const notes = accepted ? (await store.list<Note>(notesKey(ticket.id))).map(({ value }) => value) : [];
  return cardOf({ ticket, face: faceOf(ticket), entries, notes, nonce: nonceFor(cardKey, ticket.id, clock.now()), repeated }, texts);
}

/** A caisse that a request was sent on to reads what was said once one of its advisers has taken it, not before. */
function isAccepted({ phase }: Ticket, { former, current }: Lying): boolean {
  return former.length === 0 || phase === 'held' || (current?.givenUpTo ?? 0) > 0;
}

async function say(item: OutboxItem, ticket: Ticket, options: DeliveryOptions): Promise<void> {
  const { threads, connector, texts } = options;
  const placed = await placeFor(item, ticket, options);
  if (!placed) return;
  const text = await wordsOf(item, ticket, { options, after: placed.givenUpTo });
  // The person had everything erased in the meantime: there is nothing to pass on.
  if (text === '') return;
  const again = await threads.begin(ticket.id, item.id);
  const message = messageOf(item.id, ticket, again ? `${texts.label['said-again']}\n\n${text}` : text);
  try {
    await certain(connector.reply(placed.thread, message), { ticketId: ticket.id, again }, options);
  } catch (error) {
    if (!isGone(error)) throw error;
    // Told again from the start, in a new thread.
    await threads.lose(ticket.id);
    throw new TeamsRefusal(404, true);
  }
  await threads.posted(ticket.id, item.id, item.kind === IDLE ? undefined : reachOf(item));
}

/** The thread that the item still has to reach, if any. Refuses where there is none and never will be. */
async function placeFor(item: OutboxItem, ticket: Ticket, options: DeliveryOptions): Promise<Placed | undefined> {
  const lying = await here(ticket, options);
  const accepted = isAccepted(ticket, lying);
  // Whoever takes it there is given all of it then.
  if (!accepted && isOpen(ticket)) return undefined;
  if (!accepted || !lying.current) throw new TeamsRefusal(404, false);
  return isGiven(item, lying.current) ? undefined : lying.current;
}

function isGiven(item: OutboxItem, { last, givenUpTo }: Placed): boolean {
  return last === item.id || (item.kind !== IDLE && reachOf(item) <= givenUpTo);
}

/** Where the ticket's thread lies, once it lies somewhere. */
async function here(ticket: Ticket, options: DeliveryOptions): Promise<Lying> {
  const lying = await options.threads.of(ticket.id);
  if (lying.current?.caisse === ticket.caisse) return lying;
  await showCard(ticket, options);
  return options.threads.of(ticket.id);
}

interface Saying {
  readonly options: DeliveryOptions;
  /** Last entry that the thread was given. */
  readonly after: number;
}

/** A thread that was given nothing yet is given all of it, whatever the item names. */
async function wordsOf(item: OutboxItem, { conversationId }: Ticket, { options, after }: Saying): Promise<string> {
  const { store, texts } = options;
  if (item.kind === IDLE) return texts.label.idle;
  const upTo = reachOf(item);
  const from = item.kind === RELAY && after > 0 ? upTo - 1 : after;
  const lines = linesOf(await store.transcript(conversationId, from, upTo - from), texts);
  return item.kind === RELAY && after > 0 ? lines : `${texts.label.history}\n\n${lines}`;
}

interface Trying {
  readonly ticketId: string;
  /** A try of before may have arrived, and still may when this one surely did not. */
  readonly again: boolean;
}

/** Notes a first call that surely had no effect, so that its next try is not said to be a second one. */
async function certain<T>(call: Promise<T>, { ticketId, again }: Trying, { threads }: DeliveryOptions): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const isRefused = error instanceof TeamsRefusal && error.status >= 400 && error.status < 500 && error.status !== 408;
    if (isRefused && !again) await threads.refused(ticketId);
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof TeamsRefusal && (error.status === 404 || error.status === 410);
}

export interface UndeliveredOptions {
  readonly store: Pick<ConversationStore, 'withTurn' | 'load' | 'seen' | 'commitTurn'>;
  /** The standing message that says so. */
  readonly wording: Wording;
  readonly clock: Clock;
}

/** Says in the conversation, once for each message, that it reached nobody. */
export function createUndelivered({ store, wording, clock }: UndeliveredOptions): DeliveryOptions['undelivered'] {
  return ({ conversationId }, seq) =>
    store.withTurn(conversationId, async (lease) => {
      const heard = `undelivered:${String(seq)}`;
      const found = await store.load(conversationId);
      if (!found || (await store.seen(conversationId, heard)) !== undefined) return;
      const reply = { kind: 'text' as const, ...wording };
      await store.commitTurn({ lease, state: found.state, expected: found.revision, entries: [{ author: 'assistant', at: clock.now(), reply }], outbox: [], heard });
    });
}

/** The same connector, at no more than `perSecond` calls a second, whoever calls: Teams allows 50 an app and tenant. */
export function pace(connector: TeamsConnector, perSecond: number, pause: (ms: number) => Promise<unknown>, clock: Clock): TeamsConnector {
  let free = 0;
  const turn = async (): Promise<void> => {
    const now = clock.now();
    const mine = Math.max(now, free);
    free = mine + 1000 / perSecond;
    if (mine > now) await pause(mine - now);
  };
  return {
    startThread: async (place, root) => (await turn(), connector.startThread(place, root)),
    update: async (thread, activityId, activity) => (await turn(), connector.update(thread, activityId, activity)),
    reply: async (thread, activity) => (await turn(), connector.reply(thread, activity)),
  };
}
