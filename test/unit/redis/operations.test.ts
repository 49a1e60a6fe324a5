/** Where things lie in the Redis store: a store that holds something rests on it, so it may never change. */
import fc from 'fast-check';
import { escapeId, everyPartition, fromText, partitionOf, toText, unescapeId } from '../../../src/redis/operations.js';

function codeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('partitions', () => {
  test('are the same for the same id for ever', () => {
    const ids = ['', 'c', 'conversation-1', 'ticket:é', '\ud800'];
    expect(ids.map(partitionOf)).toEqual(['{p60}', '{p10}', '{p46}', '{p12}', '{p28}']);
  });

  test('are sixty-four, and share ids evenly', () => {
    const counts = new Map(everyPartition.map((partition) => [partition, 0]));
    for (let n = 0; n < 6400; n += 1) counts.set(partitionOf(`tries/code/${String(n)}`), counts.get(partitionOf(`tries/code/${String(n)}`))! + 1);
    expect(counts.size).toBe(64);
    expect(Math.min(...counts.values())).toBeGreaterThan(50);
    expect(Math.max(...counts.values())).toBeLessThan(170);
  });
});

describe('ids in keys', () => {
  test('come back as they were, and hold nothing that parts a key or a message', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }), (id) => {
        expect(unescapeId(escapeId(id))).toBe(id);
        expect(escapeId(id)).toMatch(/^[A-Za-z0-9_.~-]*$/);
      }),
    );
  });
});

describe('values', () => {
  test('that JSON would change are refused, and damaged ones never pass for something', () => {
    for (const value of [Number.NaN, new Date(0), undefined, { at: new Map() }]) expect(codeOf(() => toText(value))).toBe('internal');
    expect(fromText(toText({ a: [1, 'é', null] }))).toEqual({ a: [1, 'é', null] });
    expect(codeOf(() => fromText('{"a":'))).toBe('store-unavailable');
  });
});
