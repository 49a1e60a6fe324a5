/**
 * A process that writes to an embedded store until it is killed, saying on its standard output what was acknowledged,
 * one JSON line each, after the acknowledgement. Run by the fault tests; never imported by them.
 */
import { createInterface } from 'node:readline';
import { writeSync } from 'node:fs';
import type { Lease, Store } from '../../src/conversation/ports.js';
import { openState } from '../../src/conversation/state.js';
import type { StorableUtterance } from '../../src/conversation/utterance.js';

/** What a parent reads. `refused` carries the code of the error. */
export type Line =
  | { readonly said: 'open' }
  | { readonly said: 'accepted'; readonly conv: string; readonly id: string; readonly seq: number }
  | { readonly said: 'committed'; readonly conv: string; readonly id: string; readonly revision: number }
  | { readonly said: 'counted'; readonly conv: string; readonly count: number }
  /** A conversation that holds something of every kind, and is erased next. */
  | { readonly said: 'filled' | 'erased'; readonly erasing: string }
  | { readonly said: 'refused'; readonly code: unknown };

type OpenStore = (options: { folder: string }) => Promise<Store>;

const [built = '', folder = '', round = '', lanes = '1', mode = 'loop'] = process.argv.slice(2);
const say = (line: Line): void => void writeSync(1, `${JSON.stringify(line)}\n`);

async function answer(store: Store, lease: Lease, heard: StorableUtterance): Promise<void> {
  const conv = lease.conversationId;
  const loaded = await store.load(conv);
  const expected = loaded?.revision ?? 0;
  await store.commitTurn({
    lease,
    state: loaded?.state ?? openState(conv, 1),
    expected,
    entries: [{ author: 'assistant', at: 1, reply: { kind: 'text', text: 'ok' }, inReplyTo: heard.id }],
    outbox: [{ id: `${conv}/${heard.id}`, kind: 'mail', payload: { ref: heard.id }, dueAt: 1, tries: 0 }],
    heard: heard.id,
  });
  say({ said: 'committed', conv, id: heard.id, revision: expected + 1 });
}

/** What a start does: takes up again what the kill left in the inbox. */
async function takeUp(store: Store): Promise<void> {
  for (const conv of await store.unfinished()) {
    await store.withTurn(conv, async (lease) => {
      for (const utterance of await store.inbox(conv)) await answer(store, lease, utterance);
    });
  }
}

async function sayOne(store: Store, conv: string, id: string): Promise<void> {
  const said: StorableUtterance = { kind: 'words', id, conversationId: conv, channel: 'web', at: 1, text: 'bonjour' };
  const { seq } = await store.accept(said);
  say({ said: 'accepted', conv, id, seq });
  await store.withTurn(conv, (lease) => answer(store, lease, said));
  const { count } = await store.count(conv, 1e12, 1);
  say({ said: 'counted', conv, count });
}

async function loop(store: Store, conv: string): Promise<never> {
  for (let n = 1; ; n += 1) await sayOne(store, conv, `${round}-${String(n)}`);
}

async function eraseAll(store: Store, lane: string): Promise<never> {
  for (let n = 1; ; n += 1) {
    const conv = `${round}/${lane}/${String(n)}`;
    await sayOne(store, conv, 'heard');
    await store.accept({ kind: 'words', id: 'waiting', conversationId: conv, channel: 'web', at: 1, text: 'bonjour' });
    say({ said: 'filled', erasing: conv });
    await store.withTurn(conv, (lease) => store.erase({ lease, until: 1e15, outbox: [`${conv}/heard`], records: [conv] }));
    say({ said: 'erased', erasing: conv });
  }
}

/** One utterance for each line of the standard input, whose text becomes its id. */
async function onDemand(store: Store): Promise<void> {
  for await (const id of createInterface({ input: process.stdin })) {
    await sayOne(store, 'c1', id).catch((error: unknown) => {
      say({ said: 'refused', code: (error as { code?: unknown }).code });
    });
  }
}

async function run(): Promise<void> {
  // A write past the limit on file sizes then fails like one on a full disk, where it would else end the process.
  process.on('SIGXFSZ', () => undefined);
  const { openEmbeddedStore } = (await import(built)) as { openEmbeddedStore: OpenStore };
  const store = await openEmbeddedStore({ folder });
  say({ said: 'open' });
  if (mode !== 'erase') await takeUp(store);
  if (mode === 'demand') await onDemand(store);
  else await Promise.all(Array.from({ length: Number(lanes) }, (_, n) => (mode === 'erase' ? eraseAll : loop)(store, `c${String(n + 1)}`)));
}

void run();
