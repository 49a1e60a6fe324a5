/** Kills a process that erases conversations, at random moments: each of them is there whole, or gone whole. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '../../src/conversation/ports.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import type { Line } from '../support/store-child.js';
import { startStoreProcess } from '../support/store-process.js';

const KILLS = 12;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sesame-erase-kill-'));
});
afterEach(() => rm(folder, { recursive: true }));

const WHOLE = { entries: 3, inbox: 1, state: true, seen: [1, 3], unfinished: true, due: true, counted: 1, erased: false };
const GONE = { entries: 0, inbox: 0, state: false, seen: [undefined, undefined], unfinished: false, due: false, counted: 0, erased: true };

async function heldOf(store: Store, conv: string): Promise<typeof WHOLE | typeof GONE> {
  return {
    entries: (await store.transcript(conv, 0)).length,
    inbox: (await store.inbox(conv)).length,
    state: (await store.load(conv)) !== undefined,
    seen: [await store.seen(conv, 'heard'), await store.seen(conv, 'waiting')] as [number, number],
    unfinished: (await store.unfinished()).includes(conv),
    due: (await store.due(9, 1e6)).some(({ id }) => id === `${conv}/heard`),
    counted: (await store.counted(conv, 2)).count,
    erased: await store.wasErased(conv),
  };
}

const named = (lines: readonly Line[], said: Line['said']): readonly string[] => lines.flatMap((line) => ('erasing' in line && line.said === said ? [line.erasing] : []));

test(`leaves no conversation half erased over ${String(KILLS)} kills, and none there whose erasure was acknowledged`, async () => {
  const lines: Line[] = [];
  for (let round = 1; round <= KILLS; round += 1) {
    const process = startStoreProcess({ folder, round: String(round), lanes: 3, mode: 'erase' });
    await process.next(({ said }) => said === 'filled');
    await wait(Math.random() * 60);
    await process.kill();
    lines.push(...process.lines);
  }
  const store = await openEmbeddedStore({ folder });
  const acknowledged = new Set(named(lines, 'erased'));
  const filled = named(lines, 'filled');
  for (const conv of filled) {
    const held = await heldOf(store, conv);
    expect([conv, held]).toEqual([conv, held.erased || acknowledged.has(conv) ? GONE : WHOLE]);
  }
  await store.close();
  // The check is worth nothing if next to nothing was erased, or if every process died between two erasures.
  expect(acknowledged.size).toBeGreaterThan(KILLS);
  expect(filled.length).toBeGreaterThan(acknowledged.size);
}, 120_000);
