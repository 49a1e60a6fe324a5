import type { HandoffPhase, Ticket } from '../../../src/conversation/handoff.js';
import { step, type HandoffEvent } from '../../../src/handoff/machine.js';

const camille = { id: 'oid-camille', name: 'Camille' };
const karim = { id: 'oid-karim', name: 'Karim' };

function at(phase: HandoffPhase): Ticket {
  const held = phase === 'held' ? { holder: camille } : {};
  return { id: 't', conversationId: 'c', caisse: '751', need: 'general', reason: 'asked-by-person', phase, requestedAt: 1, since: 2, activeAt: 3, tried: [], proved: 'no', relayedUpTo: 0, ...held };
}

const EVENTS: Readonly<Record<string, HandoffEvent>> = {
  posted: { kind: 'posted', caisse: '751' },
  'posted elsewhere': { kind: 'posted', caisse: '131' },
  take: { kind: 'take', holder: karim },
  'release, left': { kind: 'release', why: 'adviser-left' },
  'release, idle': { kind: 'release', why: 'idle' },
  'to a colleague': { kind: 'transfer', to: { kind: 'colleague', holder: karim } },
  'to themselves': { kind: 'transfer', to: { kind: 'colleague', holder: camille } },
  'to another caisse': { kind: 'transfer', to: { kind: 'caisse', caisse: '131' } },
  'to the same caisse': { kind: 'transfer', to: { kind: 'caisse', caisse: '751' } },
  'to another need': { kind: 'transfer', to: { kind: 'need', need: 'fraud' } },
  'hand back': { kind: 'hand-back' },
  close: { kind: 'close', reason: 'solved' },
  'person left': { kind: 'give-up', why: 'person-left' },
  expired: { kind: 'give-up', why: 'expired' },
  withdrawn: { kind: 'give-up', why: 'withdrawn' },
  spoke: { kind: 'spoke' },
};

/** By event: from requested, from waiting, from held. A phase with its holder, or the refusal. */
const TABLE: readonly (readonly [string, string, string, string])[] = [
  ['posted', 'waiting', 'nothing-new', 'nothing-new'],
  ['posted elsewhere', 'nothing-new', 'nothing-new', 'nothing-new'],
  ['take', 'held Karim', 'held Karim', 'already-held'],
  ['release, left', 'not-held', 'not-held', 'waiting'],
  ['release, idle', 'not-held', 'not-held', 'waiting'],
  ['to a colleague', 'held Karim', 'held Karim', 'held Karim'],
  ['to themselves', 'held Camille', 'held Camille', 'nothing-new'],
  ['to another caisse', 'requested', 'requested', 'requested'],
  ['to the same caisse', 'nothing-new', 'nothing-new', 'nothing-new'],
  ['to another need', 'requested', 'requested', 'requested'],
  ['hand back', 'not-held', 'not-held', 'returned'],
  ['close', 'closed', 'closed', 'closed'],
  ['person left', 'abandoned', 'abandoned', 'abandoned'],
  ['expired', 'abandoned', 'abandoned', 'already-held'],
  ['withdrawn', 'abandoned', 'abandoned', 'abandoned'],
  ['spoke', 'not-held', 'not-held', 'held Camille'],
];

const shown = (result: ReturnType<typeof step>): string => (typeof result === 'string' ? result : [result.phase, result.holder?.name].filter(Boolean).join(' '));

describe('a handoff', () => {
  it('has every event in the table', () => {
    expect(TABLE.map(([name]) => name)).toEqual(Object.keys(EVENTS));
  });

  it.each(TABLE)('%s: from requested %s, from waiting %s, from held %s, and never from an end', (name, ...wanted) => {
    const from = (phase: HandoffPhase): string => shown(step(at(phase), EVENTS[name]!, 9));
    expect([from('requested'), from('waiting'), from('held')]).toEqual(wanted);
    expect([from('returned'), from('closed'), from('abandoned')]).toEqual(['ended', 'ended', 'ended']);
  });

  it('keeps the place in the queue through everything, and says why and since when it is where it is', () => {
    expect(step(at('held'), EVENTS['to another caisse']!, 9)).toEqual({ ...at('requested'), caisse: '131', because: 'transferred', since: 9, activeAt: 9 });
    expect(step(at('held'), EVENTS['release, idle']!, 9)).toMatchObject({ requestedAt: 1, since: 9, because: 'idle' });
    expect(step(at('held'), EVENTS['spoke']!, 9)).toMatchObject({ since: 2, activeAt: 9 });
  });
});
