import type { Ticket } from '../../src/conversation/handoff.js';
import { step } from '../../src/handoff/machine.js';
import { applyRoster } from '../../src/roster-change.js';
import type { Adviser, Post, Roster } from '../../src/staff/roster.js';

const adviser = (id: string, caisse: string): [string, Adviser] => [id, { id, name: id, caisse, roles: ['adviser'], serves: ['general'], atOnce: 3 }];
const roster: Roster = {
  tenant: 't',
  posts: new Map(['national', '691', '931'].map((code) => [code, { code } as Post])),
  advisers: new Map([adviser('stays', '691'), adviser('moved', '931')]),
};
const ticket = (id: string, caisse: string, holder?: string): Ticket => ({ id, conversationId: `c-${id}`, caisse, need: 'general', reason: 'asked-by-person', phase: holder === undefined ? 'waiting' : 'held', requestedAt: 1, since: 1, activeAt: 1, tried: [], proved: 'no', relayedUpTo: 0, ...(holder === undefined ? {} : { holder: { id: holder, name: holder } }) });

/** Applies the roster; resolves with each open request as it is then. */
async function apply(tickets: readonly Ticket[], broken = ''): Promise<{ changed: number; now: Record<string, string>; warned: number }> {
  const held = new Map(tickets.map((one) => [one.id, one]));
  let warned = 0;
  const changed = await applyRoster({
    roster: () => roster,
    queue: { all: () => [...held.values()] },
    desk: {
      upkeep: (id, decide) => {
        if (id === broken) return Promise.reject(new Error('the disk is full'));
        const before = held.get(id)!;
        const event = decide(before)?.event;
        const after = event ? step(before, event, 2) : before;
        if (typeof after === 'string' || after === before) return Promise.resolve(undefined);
        held.set(id, after);
        return Promise.resolve(after);
      },
    },
    log: { warn: () => void (warned += 1) },
  });
  return { changed, warned, now: Object.fromEntries([...held.values()].map(({ id, caisse, phase, holder }) => [id, `${caisse} ${phase} ${holder?.id ?? ''}`.trim()])) };
}

describe('a new roster', () => {
  it('frees what is held by someone who left, or who answers for another caisse now, and nothing else', async () => {
    const { changed, now } = await apply([ticket('a', '691', 'stays'), ticket('b', '691', 'moved'), ticket('c', '691', 'gone'), ticket('d', '691')]);
    expect(changed).toBe(2);
    expect(now).toEqual({ a: '691 held stays', b: '691 waiting', c: '691 waiting', d: '691 waiting' });
  });

  it('sends the requests of a caisse without advisers to the national queue', async () => {
    const { now } = await apply([ticket('a', '641'), ticket('b', '641', 'gone')]);
    expect(now).toEqual({ a: 'national requested', b: 'national requested' });
  });

  it('looks after the others where one cannot be changed', async () => {
    const { changed, warned, now } = await apply([ticket('a', '691', 'gone'), ticket('b', '691', 'gone')], 'a');
    expect([changed, warned]).toEqual([1, 1]);
    expect(now).toEqual({ a: '691 held gone', b: '691 waiting' });
  });
});
