/** Requests and advisers as two processes see them that share a store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Ticket } from '../../src/conversation/handoff.js';
import { endedKey, openKey, Queue } from '../../src/handoff/queue.js';
import { shareDesk, type SharedDesk } from '../../src/shared-desk.js';
import { loadCaisses } from '../../src/staff/caisses.js';
import { Presence } from '../../src/staff/presence.js';
import { loadRoster } from '../../src/staff/roster.js';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/storage/embedded.js';
import { SimulatedClock } from '../support/clock.js';

const ROOT = path.join(__dirname, '..', '..');
const roster = loadRoster(path.join(ROOT, 'config', 'advisers.yaml'), loadCaisses(path.join(ROOT, 'knowledge', 'caisses.csv')));
const KARIM = '00000000-0000-4000-8000-000000000201';
const MINUTE = 60_000;

interface Process {
  readonly queue: Queue;
  readonly presence: Presence;
  readonly shared: SharedDesk;
  /** Changes it was told of, as "phase before > phase after". */
  readonly told: string[];
}

let folder: string;
let store: EmbeddedStore;
let clock: SimulatedClock;
let here: Process;
let there: Process;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-shared-desk-'));
  store = await openEmbeddedStore({ folder });
  clock = new SimulatedClock();
  [here, there] = [begin(), begin()];
});
afterEach(async () => {
  for (const { shared } of [here, there]) shared.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function begin(): Process {
  const [queue, presence, told] = [new Queue(), new Presence(() => roster), [] as string[]];
  queue.watch((before, after) => told.push(`${before?.phase ?? 'none'} > ${after.phase}`));
  return { queue, presence, told, shared: shareDesk({ store, queue, presence, clock, log: { warn: () => undefined } }) };
}

function ticket(phase: Ticket['phase'], id = 't'): Ticket {
  return { ...{ id, conversationId: `c-${id}`, caisse: '691', need: 'general', reason: 'asked-by-person', phase }, ...{ requestedAt: 1, since: 1, activeAt: 1, tried: [], proved: 'no', relayedUpTo: 0 } };
}

/** What a commit in the other process leaves: records, and its own queue told. */
async function commitHere(one: Ticket): Promise<void> {
  const revision = (await store.read(openKey(one.id)))?.revision ?? 0;
  const ends = ['returned', 'closed', 'abandoned'].includes(one.phase);
  if (ends) {
    await store.write(endedKey(one.id), one, 0, 1e15);
    const lease = { conversationId: one.conversationId, fence: 1 };
    await store.erase({ lease, until: 0, outbox: [], records: [openKey(one.id)] });
  } else await store.write(openKey(one.id), one, revision, 1e15);
  here.queue.put(one);
}

describe('a request', () => {
  it('is known to the other process as soon as it looks, whatever became of it', async () => {
    for (const phase of ['requested', 'waiting', 'held', 'returned'] as const) {
      await commitHere(ticket(phase));
      await there.shared.refresh();
    }
    expect(there.told).toEqual(['none > requested', 'requested > waiting', 'waiting > held', 'held > returned']);
    expect(there.queue.all()).toEqual([]);
  });

  it('is told of once', async () => {
    await commitHere(ticket('waiting'));
    await Promise.all([there.shared.refresh(), there.shared.refresh()]);
    await there.shared.refresh();
    await here.shared.refresh();
    expect([here.told, there.told]).toEqual([['none > waiting'], ['none > waiting']]);
  });

  it('that changes here while the records are read is not taken back to what they said', async () => {
    await commitHere(ticket('waiting'));
    const reading = here.queue.refresh({
      read: (key) => store.read(key),
      list: async (prefix) => {
        const found = await store.list<never>(prefix);
        here.queue.put(ticket('held'));
        return found;
      },
    });
    await reading;
    expect(here.queue.find('t')).toMatchObject({ phase: 'held' });
  });

  it('that was erased is open nowhere', async () => {
    await commitHere(ticket('waiting'));
    await there.shared.refresh();
    await store.erase({ lease: { conversationId: 'c-t', fence: 1 }, until: 0, outbox: [], records: [openKey('t')] });
    await there.shared.refresh();
    expect(there.queue.all()).toEqual([]);
  });
});

describe('an adviser', () => {
  /** Resolves once the other process, which looks again and again, sees it so. */
  async function seenThere(present: boolean): Promise<void> {
    do await there.shared.refresh();
    while (there.presence.isPresent(KARIM, clock.now()) !== present);
  }

  it('who shows that they are there, or says that they leave, does so for both', async () => {
    here.presence.active(KARIM, clock.now());
    await seenThere(true);
    clock.pass(MINUTE);
    here.presence.away(KARIM, clock.now());
    await seenThere(false);
    clock.pass(MINUTE);
    there.presence.available(KARIM, clock.now());
    while (!here.presence.isPresent(KARIM, clock.now())) await here.shared.refresh();
  });

  it('who is at work all the time is written down now and then', async () => {
    here.presence.active(KARIM, clock.now());
    await seenThere(true);
    for (let n = 0; n < 30; n += 1) {
      clock.pass(1_000);
      here.presence.active(KARIM, clock.now());
    }
    await there.shared.refresh();
    expect((await store.read(`presence/${KARIM}`))?.revision).toBe(1);
    clock.pass(40_000);
    here.presence.active(KARIM, clock.now());
    do await there.shared.refresh();
    while ((await store.read(`presence/${KARIM}`))?.revision === 1);
    expect((await store.read(`presence/${KARIM}`))?.revision).toBe(2);
  });
});
