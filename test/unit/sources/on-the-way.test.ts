/** Where somebody speaks from, on its way from a door to what limits them: through the store, into actions, to codes typed by hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCodes } from '../../../src/aide/codes.js';
import type { Store } from '../../../src/conversation/ports.js';
import { openState } from '../../../src/conversation/state.js';
import type { StorableUtterance } from '../../../src/conversation/utterance.js';
import { runDialogs, type ActionInput, type World } from '../../../src/dialog/run.js';
import { openDialog } from '../../../src/dialog/stack.js';
import { openEmbeddedStore } from '../../../src/storage/embedded.js';
import { SimulatedClock } from '../../support/clock.js';
import { GUIDED, INNER, load, readers } from '../../support/dialogs.js';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-on-the-way-'));
  store = await openEmbeddedStore({ folder });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const source = { range: 'a-range', device: 'a-device', seat: 'a-seat' };
const words: StorableUtterance = { kind: 'words', id: 'u1', conversationId: 'c', channel: 'web', at: 0, text: 'bonjour', source };

describe('a source', () => {
  it('is kept with an utterance across a crash, and stands in no transcript', async () => {
    await store.accept(words);
    await store.close();
    store = await openEmbeddedStore({ folder });
    expect((await store.inbox('c')).map((one) => one.source)).toEqual([source]);
    expect(JSON.stringify(await store.transcript('c', 0))).not.toContain('a-range');
  });

  it('reaches every action of the turn, and no state', async () => {
    const { dialogs } = load({ 'guided.yaml': GUIDED, 'inner.yaml': INNER });
    const inputs: ActionInput[] = [];
    const action = (outcome: string) => ({ outcomes: [], run: (input: ActionInput) => Promise.resolve(void inputs.push(input)).then(() => ({ outcome, slots: { gift: 'x' } })) });
    const committed: unknown[] = [];
    const world: World = {
      ...{ dialogs, readers, source, actions: { 'test.act': action('done'), 'test.check': action('right') } },
      onFault: () => undefined,
      commit: (leg) => Promise.resolve(void committed.push(leg)),
    };
    let leg = await runDialogs({ state: openDialog(openState('c', 0), dialogs.get('guided')!), replies: [], outbox: [] }, { type: 'enter' }, world);
    for (const event of [{ type: 'answer', text: 'Agir' }, { type: 'answer', text: '4' }, { type: 'submit', values: { code: '8' } }] as const) leg = await runDialogs(leg, event, world);
    expect(inputs.length).toBeGreaterThan(1);
    expect(inputs.map((input) => input.source)).toEqual(inputs.map(() => source));
    expect(JSON.stringify([leg, committed])).not.toContain('a-range');
  });
});

describe('codes that bring a conversation back', () => {
  const clock = new SimulatedClock();
  const codes = () => createCodes({ key: new Uint8Array(32).fill(1), records: store, clock });
  const kinds = async (times: number, whence: (at: number) => { address: string; range: string }): Promise<string[]> => {
    const opened = codes();
    const found: string[] = [];
    for (let at = 0; at < times; at += 1) found.push((await opened.enter('AAAA-AAAA', whence(at))).kind);
    return found;
  };

  it('are tried five times an hour from one address, and neighbours keep their own tries', async () => {
    expect((await kinds(7, () => ({ address: 'a', range: 'r' }))).filter((kind) => kind === 'wrong')).toHaveLength(5);
    expect(await kinds(1, () => ({ address: 'b', range: 'r' }))).toEqual(['wrong']);
  });

  it('are tried twenty times an hour from one range, however many addresses it has', async () => {
    expect((await kinds(60, (at) => ({ address: `a${String(at)}`, range: 'r' }))).filter((kind) => kind === 'wrong')).toHaveLength(20);
    expect(await kinds(1, () => ({ address: 'elsewhere', range: 'other' }))).toEqual(['wrong']);
    clock.pass(3_600_000);
    expect(await kinds(1, () => ({ address: 'a', range: 'r' }))).toEqual(['wrong']);
  });
});
