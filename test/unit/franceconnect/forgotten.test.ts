/** Case O09 of the threat model: what is left here of a check, once somebody is back, and once it was used. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Attempts, STEP_LIFE_MS, type Attempt } from '../../../src/franceconnect/attempts.js';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/storage/embedded.js';
import { SimulatedClock } from '../../support/clock.js';

const clock = new SimulatedClock();
const folder = mkdtempSync(path.join(tmpdir(), 'sesame-forgotten-'));
let store: EmbeddedStore;
let attempts: Attempts;
beforeAll(async () => {
  store = await openEmbeddedStore({ folder });
  attempts = new Attempts(store, Buffer.alloc(32, 3), clock);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const kept = async (): Promise<string> => JSON.stringify(await store.list('franceconnect/attempt/'));
const only = async (): Promise<Attempt> => (JSON.parse(await kept()) as { value: Attempt }[])[0]!.value;

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is nothing');
  return value;
}

/** Somebody leaves; what they left with. */
async function gone() {
  const { id, ticket } = sure(await attempts.open({ conversationId: 'c1', purpose: 'unlock', expected: 's_martin' }));
  const found = await attempts.byTicket(ticket, undefined);
  if (found.kind !== 'found') throw new Error(found.kind);
  return { id, ...sure(await attempts.leave(found.attempt, 'a-browser')) };
}

it('O09: destroys the local check at the return, and its result ten minutes later', async () => {
  const { id, state, nonce, verifier } = await gone();
  const left = await only();
  expect([left.state, left.expected]).toEqual([expect.any(String), 's_martin']);

  const back = await attempts.takeBack(state, 'a-browser');
  if (back.kind !== 'found') throw new Error(back.kind);
  await attempts.settle(back.attempt, { kind: 'proved', subject: 's_zelie' });
  const after = await kept();
  expect(after).toContain('s_zelie');
  expect([sure(left.state), 's_martin', state, nonce, verifier].filter((secret) => after.includes(secret))).toEqual([]);
  expect((await attempts.takeBack(state, 'a-browser')).kind).toBe('used');

  clock.pass(STEP_LIFE_MS - 1);
  expect(sure(await attempts.seenFrom('c1', id)).result).toEqual({ kind: 'proved', subject: 's_zelie' });
  clock.pass(1);
  expect(await attempts.seenFrom('c1', id)).toBeUndefined();
  await store.sweep(clock.now());
  expect(await kept()).toBe('[]');
});
