/** A desk on an embedded store, a connector in memory that fails as told, and a sender between them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { HandoffPhase, Ticket } from '../../../src/conversation/handoff.js';
import type { OutboxItem } from '../../../src/conversation/ports.js';
import { openState } from '../../../src/conversation/state.js';
import { createDesk } from '../../../src/handoff/desk.js';
import { changeOf, Queue, relayItem } from '../../../src/handoff/queue.js';
import { openEmbeddedStore } from '../../../src/storage/embedded.js';
import { cardTexts, type Face } from '../../../src/teams/cards.js';
import { createUndelivered } from '../../../src/teams/delivery.js';
import { TeamsRefusal, type TeamsActivity, type TeamsConnector, type Thread } from '../../../src/teams/ports.js';
import { startSender, type Sender } from '../../../src/teams/sender.js';
import { Threads } from '../../../src/teams/threads.js';
import { SimulatedClock } from '../../support/clock.js';

export const face: Face = { caisse: 'CPAM de Paris', zone: 'Europe/Paris', cause: 'Compte bloqué', destinations: [{ title: 'Nadia', value: 'colleague:oid-2' }], answers: [{ title: 'Bonjour', value: 'hello' }] };
const ID = '0a1b2c3d-0000-4000-8000-000000000001';
export const CLAIRE = { id: 'oid-1', name: 'Claire' };

export function ticketIn(phase: HandoffPhase, more: Partial<Ticket> = {}): Ticket {
  return { id: ID, conversationId: 'c1', caisse: '751', need: 'general', reason: 'asked-by-person', phase, requestedAt: 1_764_000_000_000, since: 1_764_000_000_000, activeAt: 1_764_000_000_000, tried: ['Débloquer mon compte'], proved: 'no', relayedUpTo: 0, ...more };
}

type Verb = 'startThread' | 'update' | 'reply';
export interface Call {
  readonly verb: Verb;
  /** Channel, root id or thread it went to. */
  readonly where: string;
  readonly activity: TeamsActivity;
}
/** What befalls a call; `lost`: it has its effect and no answer. */
export type Mishap = TeamsRefusal | 'lost' | undefined;

export class MemoryTeams implements TeamsConnector {
  readonly calls: Call[] = [];
  /** Those that had an effect. */
  readonly taken: Call[] = [];
  mishap: (call: Call) => Mishap = () => undefined;

  startThread({ channel }: { channel: string }, root: TeamsActivity): Promise<Thread> {
    const n = String(this.calls.length + 1);
    return this.take({ verb: 'startThread', where: channel, activity: root }, { serviceUrl: 'https://teams', conversationId: `${channel};messageid=${n}`, rootId: n });
  }
  update({ conversationId }: Thread, _id: string, activity: TeamsActivity): Promise<void> {
    return this.take({ verb: 'update', where: conversationId, activity }, undefined);
  }
  reply({ conversationId }: Thread, activity: TeamsActivity): Promise<string> {
    return this.take({ verb: 'reply', where: conversationId, activity }, 'id');
  }

  /** Texts of what arrived in threads. */
  get texts(): readonly string[] {
    return this.taken.filter(({ verb, activity }) => verb === 'reply' && activity.type === 'message').map(({ activity }) => String(activity['text']));
  }

  private take<T>(call: Call, answer: T): Promise<T> {
    this.calls.push(call);
    const mishap = this.mishap(call);
    if (mishap instanceof TeamsRefusal) return Promise.reject(mishap);
    this.taken.push(call);
    return mishap === 'lost' ? Promise.reject(new TeamsRefusal(0, true)) : Promise.resolve(answer);
  }
}

export async function openDesk() {
  const folder = await mkdtemp(join(tmpdir(), 'sesame-teams-'));
  const store = await openEmbeddedStore({ folder });
  const clock = new SimulatedClock(1_764_000_000_000);
  const queue = await Queue.restore(store);
  const office = { route: () => ({ caisse: '751', need: 'general' as const }), availability: () => ({ kind: 'nobody' as const }), asksWhere: () => false, knows: () => true, nameOf: () => 'CPAM de Paris', zoneOf: () => 'Europe/Paris', expiryOf: () => Infinity };
  const desk = createDesk({ store, queue, office, clock, rights: { may: () => true }, audit: { record: () => Promise.resolve() }, clean: (text) => text, message: (text) => ({ text }) });
  const teams = new MemoryTeams();
  const threads = new Threads({ store, clock });
  const texts = cardTexts.parse((parse(await readFile(join(__dirname, '../../../dialogs/teams.yaml'), 'utf8')) as { card: unknown }).card);
  const waits: number[] = [];
  const logged: string[] = [];
  const log = (event: string): void => void logged.push(event);
  let sender: Sender | undefined;
  let taken = 0;

  const start = (): Sender => {
    const pause = (ms: number, signal: AbortSignal): Promise<void> => {
      waits.push(ms);
      clock.pass(ms);
      return signal.aborted ? Promise.reject(new Error('stopped')) : new Promise((resolve) => setImmediate(resolve));
    };
    const undelivered = createUndelivered({ store, wording: { text: 'undelivered' }, clock });
    const placeOf = (caisse: string) => (caisse === '999' ? undefined : { tenant: 't', channel: caisse });
    sender = startSender({ store, desk, connector: teams, threads, placeOf, faceOf: () => face, texts, cardKey: Buffer.alloc(32, 1), undelivered, clock, log: { info: log, warn: log, error: log }, pause });
    return sender;
  };
  const commit = (ticket: Ticket, more: { text?: string; outbox?: readonly OutboxItem[] } = {}): Promise<void> =>
    store.withTurn(ticket.conversationId, async (lease) => {
      const found = await store.load(ticket.conversationId);
      const state = { ...(found?.state ?? openState(ticket.conversationId, 1)), ticket, holder: ticket.phase === 'held' ? ('adviser' as const) : ('assistant' as const) };
      const expected = found?.revision ?? 0;
      const change = changeOf(found?.state.ticket, ticket, { revision: expected + 1, now: clock.now() });
      const said = more.text === undefined ? [] : [{ author: 'person' as const, at: 1, utteranceId: `u${String(expected)}`, text: more.text }];
      await store.commitTurn({ lease, state, expected, entries: said, outbox: [...change.outbox, ...(more.outbox ?? [])], records: change.records });
      queue.put(ticket);
    });
  const current = async (): Promise<Ticket> => (await store.load('c1'))!.state.ticket!;
  return {
    ...{ store, clock, desk, teams, threads, texts, waits, logged, start, commit, current },
    /** Words of the person while an adviser has the conversation. */
    async say(text: string): Promise<void> {
      const ticket = await current();
      const seq = ((await store.transcript('c1', 0)).at(-1)?.seq ?? 0) + 1;
      await commit({ ...ticket, relayedUpTo: seq }, { text, outbox: [relayItem(ticket, seq, clock.now())] });
    },
    async take(): Promise<void> {
      await desk.act(ID, CLAIRE, { kind: 'take', id: `take-${String((taken += 1))}` });
    },
    /** Resolves once nothing is left to send. */
    async settled(): Promise<void> {
      while ((await store.due(Number.MAX_SAFE_INTEGER - 1, 100)).length > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    async close(): Promise<void> {
      await sender?.stop();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
