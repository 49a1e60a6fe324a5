import type { Ticket } from '../../src/conversation/handoff.js';
import { besideDesk, createSignals } from '../../src/signals.js';
import { SimulatedClock } from '../support/clock.js';

const clock = new SimulatedClock();
const ticket = (conversationId: string, phase: Ticket['phase']): Ticket => ({ id: `t-${conversationId}`, conversationId, caisse: '751', need: 'general', reason: 'asked-by-person', phase, requestedAt: 0, since: 0, activeAt: 0, tried: [], proved: 'no', relayedUpTo: 0 });

describe('the signals', () => {
  it('tell each side of the other now and then, and each conversation of itself', () => {
    const board = createSignals(clock);
    const heard: string[] = [];
    board.heardBy({ typed: (id) => void heard.push(`person ${id}`), left: () => Promise.resolve() });
    const stop = board.onAdviserTypes('a', (name) => void heard.push(name));
    for (let times = 0; times < 20; times += 1) {
      board.personTypes('a');
      board.adviserTypes('a', 'Camille');
      board.adviserTypes('b', 'Karim');
    }
    expect(heard).toEqual(['person a', 'Camille']);
    clock.pass(3_000);
    board.personTypes('a');
    board.adviserTypes('a', 'Camille');
    expect(heard).toHaveLength(4);
    stop();
    clock.pass(3_000);
    board.adviserTypes('a', 'Camille');
    expect(heard).toHaveLength(4);
  });

  it('remember a bounded number of conversations, and hold back none of those that come anew', () => {
    const board = createSignals(clock);
    let heard = 0;
    board.heardBy({ typed: () => void (heard += 1), left: () => Promise.resolve() });
    for (let conversation = 0; conversation < 3_000; conversation += 1) board.personTypes(String(conversation));
    expect(heard).toBe(3_000);
  });

  it('without advisers are lost without harm', async () => {
    const board = createSignals(clock);
    board.personTypes('a');
    await expect(board.personLeft('a')).resolves.toBeUndefined();
  });
});

describe('beside the desk', () => {
  const said: unknown[] = [];
  const beside = besideDesk({
    queue: { all: () => [ticket('waits', 'waiting'), ticket('held', 'held')] },
    desk: { upkeep: (id, decide) => Promise.resolve(void said.push([id, decide(ticket('held', 'held'))])) },
    typing: (id) => Promise.reject(new Error(String(said.push(`typing ${id}`)))),
    log: { info: (event) => void said.push(event) },
  });
  beforeEach(() => void said.splice(0));

  it('shows writing to the adviser who holds the conversation only, and takes a lost sign lightly', async () => {
    for (const id of ['waits', 'held', 'unknown']) beside.typed(id);
    await new Promise((resolve) => setImmediate(resolve));
    expect(said).toEqual(['typing t-held', 'teams.typing-lost']);
  });

  it('gives up the request of a person who has left', async () => {
    await beside.left('unknown');
    await beside.left('waits');
    expect(said).toEqual([['t-waits', { event: { kind: 'give-up', why: 'person-left' } }]]);
  });
});
