/** The staff of a story: made-up advisers, an office that says what a test tells it to, and a door that posts cards. */
import type { Availability } from '../../src/conversation/handoff.js';
import type { OutboxItem, Store } from '../../src/conversation/ports.js';
import { createAnywhereAction, createDesk, createHandoffAction, createLeaveAction, createRequests, type Desk } from '../../src/handoff/desk.js';
import type { Actor, AuditEntry, Office, Right, Rights } from '../../src/handoff/ports.js';
import { Queue } from '../../src/handoff/queue.js';
import { createReconciler, type Reconciler } from '../../src/handoff/reconcile.js';
import { directory } from '../../src/house.js';
import { findCaisse } from '../../src/staff/routing.js';
import { NATIONAL_NEEDS, STAFF } from './staff.js';
import type { SimulatedClock } from './clock.js';
import type { Wording } from '../../src/handoff/ports.js';

const NAMES: Readonly<Record<string, string>> = { '751': 'la CPAM de Paris', '131': 'la CPAM des Bouches-du-Rhône', '641': 'la CPAM de Bayonne' };
const DAY = 24 * 3_600_000;

export class Advisers {
  availability: Availability['kind'] = 'nobody';
  /** Whether each caisse has its advisers; without it, all requests go to Paris and nobody is asked where they live. */
  byCaisse = false;
  opens = Date.UTC(2026, 10, 24, 7, 30);
  /** Whether cards reach Teams. */
  doorOpen = true;
  readonly audit: AuditEntry[] = [];
  /** Items handed over, oldest first; a door that is down keeps them in the outbox. */
  readonly sent: OutboxItem[] = [];
  readonly received: string[] = [];
  desk!: Desk;
  queue!: Queue;
  reconciler!: Reconciler;

  readonly office: Office = {
    route: ({ slots, reason }) => {
      const place = String(slots['caisse'] ?? slots['postcode'] ?? '');
      const found = findCaisse(directory(), place);
      const asked = directory().caisses.has(place) ? place : found.kind === 'one' ? found.caisse.code : 'national';
      return { caisse: this.byCaisse ? asked : '751', need: NATIONAL_NEEDS[reason] ?? 'general' };
    },
    availability: ({ ahead }) =>
      this.availability === 'open' ? { kind: 'open', position: ahead + 1, least: 5, most: 15 } : this.availability === 'closed' ? { kind: 'closed', opens: this.opens } : { kind: this.availability },
    asksWhere: (slots) => this.byCaisse && slots['caisse'] === undefined && slots['postcode'] === undefined,
    knows: (caisse) => ['751', '131'].includes(caisse),
    nameOf: (caisse) => NAMES[caisse] ?? 'l’équipe nationale',
    zoneOf: () => 'Europe/Paris',
    expiryOf: (_caisse, since) => since + 2 * DAY,
  };

  readonly rights: Rights = {
    may: (actor: Actor, right: Right, ticket) => {
      const one = STAFF.find(({ id }) => id === actor.id);
      if (one?.caisse !== ticket.caisse) return false;
      return one.supervisor || !(['override', 'transfer-away'] as Right[]).includes(right);
    },
  };

  constructor(
    private readonly clock: SimulatedClock,
    private readonly message: (key: string) => Wording,
  ) {}

  async start(store: Store): Promise<ReturnType<Advisers['actions']>> {
    const { clock, office, rights, message } = this;
    this.queue = await Queue.restore(store);
    const audit = { record: (entry: AuditEntry) => Promise.resolve(void this.audit.push(entry)) };
    this.desk = createDesk({ store, queue: this.queue, rights, audit, office, message, clock, clean: (text) => text });
    this.reconciler = createReconciler({ desk: this.desk, queue: this.queue, office, clock, log: { warn: () => undefined } });
    return this.actions(store);
  }

  private actions(store: Store) {
    const requests = createRequests({ store, queue: this.queue, office: this.office, titleOf: (dialog) => dialog, clock: this.clock });
    return { 'handoff.request': createHandoffAction(requests), 'handoff.leave': createLeaveAction(requests), 'handoff.anywhere': createAnywhereAction(requests) };
  }

  /** Hands over what is due, as a door to Teams would. */
  async deliver(store: Store): Promise<void> {
    if (!this.doorOpen) return;
    for (const item of await store.due(this.clock.now(), 1000)) {
      if (!item.kind.startsWith('handoff.')) continue;
      this.sent.push(item);
      await this.take(store, item);
      await store.done(item.id);
    }
  }

  private async take(store: Store, { kind, payload }: OutboxItem): Promise<void> {
    const { ticket = '', conversation = '', seq = '0' } = payload;
    if (kind === 'handoff.card') await this.desk.upkeep(ticket, ({ caisse }) => ({ event: { kind: 'posted', caisse } }));
    if (kind !== 'handoff.relay') return;
    const [entry] = await store.transcript(conversation, Number(seq) - 1, 1);
    if (entry?.author === 'person') this.received.push(entry.text ?? '');
  }
}
