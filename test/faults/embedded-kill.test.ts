/**
 * Kills a process that writes to an embedded store, again and again over the same folder, and counts what it had
 * acknowledged and is not there. It shows what a killed process leaves, not what a machine without power does.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '../../src/conversation/ports.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import type { Line } from '../support/store-child.js';
import { startStoreProcess } from '../support/store-process.js';

const KILLS = 20;
const LANES = 3;
const CONVERSATIONS = ['c1', 'c2', 'c3'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sesame-kill-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What a store holds of one conversation, by utterance id. */
interface Held {
  readonly numbers: readonly number[];
  readonly said: readonly string[];
  readonly answered: readonly string[];
  readonly waiting: readonly string[];
  readonly sent: readonly string[];
  readonly revision: number;
  readonly count: number;
}

async function heldBy(store: Store, conv: string): Promise<Held> {
  const entries = await store.transcript(conv, 0);
  const sent = (await store.due(9, 1e6)).map(({ id }) => id.split('/'));
  return {
    numbers: entries.map(({ seq }) => seq),
    said: entries.flatMap((entry) => (entry.author === 'person' ? [entry.utteranceId] : [])),
    answered: entries.flatMap((entry) => (entry.author === 'assistant' ? [entry.inReplyTo ?? ''] : [])),
    waiting: (await store.inbox(conv)).map(({ id }) => id),
    sent: sent.flatMap(([from, id]) => (from === conv && id ? [id] : [])),
    revision: (await store.load(conv))?.revision ?? 0,
    count: (await store.counted(conv, 1)).count,
  };
}

const same = (some: readonly string[], others: readonly string[]): boolean =>
  [...some].sort().join() === [...others].sort().join();

/** What does not hold together in one conversation, whatever was acknowledged. */
function disorderIn({ numbers, said, answered, waiting, sent, revision }: Held): string[] {
  const wrong = {
    'numbers have a gap': numbers.some((seq, index) => seq !== index + 1),
    'an utterance is there twice': new Set(said).size !== said.length,
    'an utterance is neither waiting nor answered once': !same([...answered, ...waiting], said),
    'answers and outbox differ': !same(answered, sent),
    'revision and commits differ': revision !== answered.length,
  };
  return Object.entries(wrong).flatMap(([what, is]) => (is ? [what] : []));
}

/** What was acknowledged of a conversation and is not there. */
async function lostFrom(store: Store, conv: string, held: Held, acknowledged: readonly Line[]): Promise<string[]> {
  const marks = new Map<string, number | undefined>();
  for (const id of held.said) marks.set(id, await store.seen(conv, id));
  return acknowledged.flatMap((line) => {
    if (!('conv' in line) || line.conv !== conv) return [];
    const kept = {
      accepted: () => line.said === 'accepted' && marks.get(line.id) === line.seq,
      committed: () => line.said === 'committed' && held.answered.includes(line.id) && held.revision >= line.revision,
      counted: () => line.said === 'counted' && held.count >= line.count,
    }[line.said];
    return kept() ? [] : [`lost: ${JSON.stringify(line)}`];
  });
}

async function faultsOf(store: Store, conv: string, acknowledged: readonly Line[]): Promise<string[]> {
  const held = await heldBy(store, conv);
  return [...disorderIn(held), ...(await lostFrom(store, conv, held, acknowledged))];
}

test(`loses nothing acknowledged and does nothing twice over ${String(KILLS)} kills at random moments`, async () => {
  const acknowledged: Line[] = [];
  for (let round = 1; round <= KILLS; round += 1) {
    const process = startStoreProcess({ folder, round: String(round), lanes: LANES });
    await process.next(({ said }) => said === 'accepted');
    await wait(Math.random() * 150);
    await process.kill();
    acknowledged.push(...process.lines);

    const store = await openEmbeddedStore({ folder });
    const faults = await Promise.all(CONVERSATIONS.map((conv) => faultsOf(store, conv, acknowledged)));
    await store.close();
    expect([round, ...faults.flat()]).toEqual([round]);
  }
  // The check is worth nothing if the processes wrote next to nothing before they died.
  expect(acknowledged.filter(({ said }) => said === 'accepted').length).toBeGreaterThan(KILLS * LANES);
  expect(acknowledged.filter(({ said }) => said === 'counted').length).toBeGreaterThan(KILLS);
}, 120_000);

test('refuses a folder held by another process, names it, and opens once that one is killed', async () => {
  const process = startStoreProcess({ folder, round: '1' });
  await process.next(({ said }) => said === 'accepted');
  await expect(openEmbeddedStore({ folder })).rejects.toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining(`held by process ${String(process.child.pid)} on`),
  });
  await process.kill();
  const store = await openEmbeddedStore({ folder });
  expect((await store.transcript('c1', 0)).length).toBeGreaterThan(0);
  await store.close();
});
