/**
 * A process that takes turns of a Redis store, saying on its standard output what happens, one JSON line each. It does
 * what each line of its standard input says: `hold`, `commit`, `say TEXT`. Run by the fault tests; never imported.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Lease, Store } from '../../src/conversation/ports.js';
import { openState } from '../../src/conversation/state.js';
import { openRedisStore } from '../../src/redis/store.js';

/** What a parent reads. */
export interface Line {
  readonly said: 'open' | 'holds' | 'committed' | 'refused' | 'accepted';
  readonly fence?: number;
  readonly code?: unknown;
}

const [url = '', lockMs = ''] = process.argv.slice(2);
const say = (line: Line): void => void writeSync(1, `${JSON.stringify(line)}\n`);

async function commitOne(store: Store, lease: Lease): Promise<void> {
  const loaded = await store.load('c');
  await store.commitTurn({ lease, state: openState('c', 1), expected: loaded?.revision ?? 0, entries: [{ author: 'assistant', at: 1, reply: { kind: 'text', text: 'late' } }], outbox: [{ id: 'late', kind: 'mail', payload: {}, dueAt: 1, tries: 0 }] });
  say({ said: 'committed' });
}

async function run(): Promise<void> {
  const store = await openRedisStore({ url, lockMs: Number(lockMs) });
  say({ said: 'open' });
  let go: () => void = () => undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'commit') go();
    else if (line === 'hold') {
      const told = new Promise<void>((resolve) => (go = resolve));
      void store
        .withTurn('c', async (lease) => {
          say({ said: 'holds', fence: lease.fence });
          await told;
          await commitOne(store, lease);
        })
        .catch((error: unknown) => {
          say({ said: 'refused', code: (error as { code?: unknown }).code });
        });
    } else {
      await store.accept({ kind: 'words', id: line, conversationId: 'c', channel: 'web', at: 1, text: 'bonjour' });
      say({ said: 'accepted' });
    }
  }
}

void run();
