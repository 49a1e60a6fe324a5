/**
 * A process that holds a store, a desk and a sender to a connector, and does what its standard input says until it is
 * killed. It tells on its standard output what is done, one JSON line each. Run by the fault test; never imported.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'yaml';
import type * as OpenTurnModule from '../../src/open-turn.js';
import type { Ticket } from '../../src/conversation/handoff.js';
import type { Lease, Store } from '../../src/conversation/ports.js';
import type { ConversationState } from '../../src/conversation/state.js';
import type { StorableUtterance } from '../../src/conversation/utterance.js';
import type * as DeskModule from '../../src/handoff/desk.js';
import type * as QueueModule from '../../src/handoff/queue.js';
import type * as AdapterModule from '../../src/teams/adapter.js';
import type * as CardsModule from '../../src/teams/cards.js';
import type * as DeliveryModule from '../../src/teams/delivery.js';
import type * as SenderModule from '../../src/teams/sender.js';
import type * as ThreadsModule from '../../src/teams/threads.js';

export type Order =
  | { readonly do: 'request'; readonly conv: string }
  | { readonly do: 'take'; readonly conv: string }
  | { readonly do: 'person'; readonly conv: string; readonly id: string; readonly text: string }
  | { readonly do: 'adviser'; readonly conv: string; readonly id: string; readonly text: string }
  | { readonly do: 'tell'; readonly conv: string };

export type Told =
  | { readonly said: 'open' }
  | { readonly said: 'done'; readonly key: string }
  | { readonly said: 'transcript'; readonly key: string; readonly lines: readonly string[]; readonly left: number };

const [built = '', folder = '', serviceUrl = '', textsFile = ''] = process.argv.slice(2);
const say = (told: Told): void => void writeSync(1, `${JSON.stringify(told)}\n`);
const clock = { now: () => Date.now() };
const UNDELIVERED = 'undelivered';
const ADVISER = { id: 'oid-claire', name: 'Claire' };
const quiet = { info: () => undefined, warn: () => undefined, error: (event: string, fields: object) => void writeSync(2, `${event} ${JSON.stringify(fields)}\n`) };
const part = <T>(file: string): Promise<T> => import(`${built}/${file}`) as Promise<T>;

interface Parts {
  readonly store: Store;
  readonly queue: QueueModule.Queue;
  readonly desk: DeskModule.Desk;
  readonly OpenTurn: typeof OpenTurnModule.OpenTurn;
}

async function assemble(): Promise<Parts> {
  const { openEmbeddedStore } = await part<{ openEmbeddedStore: (options: { folder: string }) => Promise<Store> }>('storage/embedded.js');
  const { Queue } = await part<typeof QueueModule>('handoff/queue.js');
  const { createDesk } = await part<typeof DeskModule>('handoff/desk.js');
  const { createConnector } = await part<typeof AdapterModule>('teams/adapter.js');
  const { cardTexts } = await part<typeof CardsModule>('teams/cards.js');
  const { createUndelivered, pace } = await part<typeof DeliveryModule>('teams/delivery.js');
  const { startSender } = await part<typeof SenderModule>('teams/sender.js');
  const { Threads } = await part<typeof ThreadsModule>('teams/threads.js');
  const { OpenTurn } = await part<typeof OpenTurnModule>('open-turn.js');

  const store = await openEmbeddedStore({ folder });
  const queue = await Queue.restore(store);
  const office = { route: () => ({ caisse: '751', need: 'general' as const }), availability: () => ({ kind: 'nobody' as const }), asksWhere: () => false, knows: () => true, nameOf: () => 'CPAM', zoneOf: () => 'Europe/Paris', expiryOf: () => Infinity };
  const desk = createDesk({ store, queue, office, clock, rights: { may: () => true }, audit: { record: () => Promise.resolve() }, clean: (text) => text, message: () => ({ text: 'standing' }) });
  const connector = createConnector({ local: true, serviceUrl, serviceOrigins: [new URL(serviceUrl).origin], timeoutMs: 400, clock, log: quiet });
  startSender({
    store,
    desk,
    // More than Teams allows, so that the test does not last: the pace itself is a unit test's matter.
    connector: pace(connector, 2000, wait, clock),
    threads: new Threads({ store, clock }),
    placeOf: () => ({ tenant: 't', channel: '19:751@thread.tacv2' }),
    faceOf: () => ({ caisse: 'CPAM', zone: 'Europe/Paris', destinations: [], answers: [] }),
    texts: cardTexts.parse((parse(readFileSync(textsFile, 'utf8')) as { card: unknown }).card),
    cardKey: Buffer.alloc(32, 1),
    undelivered: createUndelivered({ store, wording: { text: UNDELIVERED }, clock }),
    clock,
    log: quiet,
    backoff: { firstMs: 20, mostMs: 200 },
  });
  return { store, queue, desk, OpenTurn };
}

/** A turn whose stages are not the matter: the state as given, and what `OpenTurn` adds of itself. */
function turn(conv: string, change: (state: ConversationState) => ConversationState, { store, queue, OpenTurn }: Parts, heard?: StorableUtterance): Promise<void> {
  const house = { dialogs: new Map(), readers: {}, label: () => '' } as never;
  return store.withTurn(conv, async (lease: Lease) => {
    if (heard && !(await store.inbox(conv)).some(({ id }) => id === heard.id)) return;
    const found = await store.load(conv);
    const open = new OpenTurn(lease, { store, house, actions: {}, mask: (text: string) => ({ text, found: [] }), clock, queue, log: quiet }, found, heard);
    const before = found?.state ?? { conversationId: conv, openedAt: 1, lastTurnAt: 1, frames: [], trail: [], nextFrameId: 1, misunderstood: 0, offered: [], holder: 'assistant' };
    const state = change(before);
    if (heard || state !== before) await open.commit({ state, replies: [], outbox: [] });
  });
}

async function act(order: Order, parts: Parts): Promise<void> {
  const { store, desk } = parts;
  const { conv } = order;
  const ticketId = (await store.load(conv))?.state.ticket?.id ?? '';
  switch (order.do) {
    case 'request': {
      const now = clock.now();
      const ticket: Ticket = { id: randomUUID(), conversationId: conv, caisse: '751', need: 'general', reason: 'asked-by-person', phase: 'requested', requestedAt: now, since: now, activeAt: now, tried: [], proved: 'no', relayedUpTo: 0 };
      await turn(conv, (state) => (state.ticket ? state : { ...state, ticket }), parts);
      return;
    }
    case 'take':
      await desk.act(ticketId, ADVISER, { kind: 'take', id: `take-${conv}` });
      return;
    case 'person': {
      const words: StorableUtterance = { kind: 'words', id: order.id, conversationId: conv, channel: 'web', at: clock.now(), text: order.text };
      await store.accept(words);
      await turn(conv, (state) => state, parts, words);
      return;
    }
    case 'adviser':
      await desk.act(ticketId, ADVISER, { kind: 'say', id: order.id, text: order.text });
      return;
    case 'tell': {
      const entries = await store.transcript(conv, 0);
      const lines = entries.flatMap((entry) => {
        if (entry.author !== 'assistant') return [`${entry.author} ${entry.text ?? ''}`];
        return entry.reply.kind === 'text' && entry.reply.text === UNDELIVERED ? [UNDELIVERED] : [];
      });
      const left = (await store.due(Number.MAX_SAFE_INTEGER - 1, 10_000)).filter(({ payload }) => payload['conversation'] === conv).length;
      say({ said: 'transcript', key: `tell ${conv}`, lines, left });
      return;
    }
  }
}

export function keyOf(order: Order): string {
  return 'id' in order ? `${order.do} ${order.id}` : `${order.do} ${order.conv}`;
}

async function run(): Promise<void> {
  const parts = await assemble();
  say({ said: 'open' });
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line) as Order;
    act(order, parts).then(
      () => {
        if (order.do !== 'tell') say({ said: 'done', key: keyOf(order) });
      },
      (error: unknown) => {
        quiet.error('child.broke', { order: keyOf(order), error: String(error) });
      },
    );
  }
}

void run();
