/** Who keeps a seat in a conversation once somebody proved who they are in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Store } from '../../../src/conversation/ports.js';
import { createSeats, mayStay, seatKey, watchProofs, type Kept, type Seats } from '../../../src/sources/seats.js';
import { openEmbeddedStore } from '../../../src/storage/embedded.js';
import { SimulatedClock } from '../../support/clock.js';

let folder: string;
let store: Store;
let seats: Seats;
const clock = new SimulatedClock();
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-seats-'));
  store = await openEmbeddedStore({ folder });
  seats = createSeats({ records: store, clock });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('C04: a seat', () => {
  it('is everybody’s until a proof, then that of whoever proved and of what comes from there', async () => {
    expect(await seats.keptOf('c')).toBeUndefined();
    expect(mayStay({ seat: 'lender' }, undefined)).toBe(true);
    await seats.keep('c', 'prover');
    const kept = await seats.keptOf('c');
    expect(mayStay({ seat: 'prover' }, kept)).toBe(true);
    expect(mayStay({ seat: 'reconnected', mark: kept!.mark }, kept)).toBe(true);
    for (const lost of [{}, { seat: 'lender' }, { seat: 'lender', mark: 'made up' }]) expect(mayStay(lost, kept)).toBe(false);
    expect(await seats.keptOf('another')).toBeUndefined();
  });

  it('that proved first is lost to whoever it was lent to and proves next', async () => {
    await seats.keep('c', 'lender');
    const lender = { seat: 'lender', mark: (await seats.keptOf('c'))!.mark };
    const victim = { seat: 'victim', mark: lender.mark };
    expect(mayStay(victim, await seats.keptOf('c'))).toBe(true);
    await seats.keep('c', 'victim');
    expect([mayStay(lender, await seats.keptOf('c')), mayStay(victim, await seats.keptOf('c'))]).toEqual([false, true]);
  });

  it('stays lost across a restart', async () => {
    await seats.keep('c', 'prover');
    const before = await seats.keptOf('c');
    await store.close();
    store = await openEmbeddedStore({ folder });
    expect(await createSeats({ records: store, clock }).keptOf('c')).toEqual(before);
  });

  it('is one only, when two prove at the same moment', async () => {
    await Promise.all([seats.keep('c', 'one'), seats.keep('c', 'other')]);
    const kept = await seats.keptOf('c');
    expect(['one', 'other'].filter((seat) => mayStay({ seat }, kept))).toEqual([kept!.seat]);
  });

  it('tells those who follow once it is on disk, until they stop', async () => {
    const told: (string | undefined)[] = [];
    const stop = seats.follow('c', ({ seat }) => told.push(seat));
    seats.follow('c', (kept) => void store.read<Kept>(seatKey('c')).then((found) => told.push(found?.value.mark === kept.mark ? 'on disk' : 'not on disk')));
    await seats.keep('other', 'x');
    await seats.keep('c', 'one');
    stop();
    await seats.keep('c', 'two');
    await store.read('any');
    expect(told.filter((one) => one === 'one' || one === 'two')).toEqual(['one']);
    expect(told).toContain('on disk');
    expect(told).not.toContain('not on disk');
  });
});

describe('a proof', () => {
  const acted = async (slots: Record<string, unknown> | undefined, source?: { range: string; seat?: string }) => {
    const result = { outcome: 'any', ...(slots ? { slots } : {}) };
    const actions = watchProofs({ check: { outcomes: ['any'], run: () => Promise.resolve(result) } }, seats);
    expect(await actions['check']!.run({ conversationId: 'c', ...(source ? { source } : {}) })).toBe(result);
    expect(actions['check']!.outcomes).toEqual(['any']);
    return (await seats.keptOf('c'))?.seat;
  };

  it('keeps the seat it was sent from', async () => {
    expect(await acted({ proof: 'signed' }, { range: 'r', seat: 'mine' })).toBe('mine');
  });

  it('that is none, or that came by a door without seats, takes nobody’s away', async () => {
    expect(await acted(undefined, { range: 'r', seat: 'mine' })).toBeUndefined();
    expect(await acted({ challenge: 'x', proof: '' }, { range: 'r', seat: 'mine' })).toBeUndefined();
    expect(await acted({ proof: 'signed' }, { range: 'r' })).toBeUndefined();
    expect(await acted({ proof: 'signed' })).toBeUndefined();
  });
});
