/** So many at once, then so many a second: for each key, whatever the clock does, and in bounded memory. */
import { createPace } from '../../../src/limits/pace.js';
import { SimulatedClock } from '../../support/clock.js';

let clock: SimulatedClock;
beforeEach(() => {
  clock = new SimulatedClock();
});

const taken = (pace: ReturnType<typeof createPace>, times: number, key = 'a'): number => Array.from({ length: times }, () => pace(key)).filter((wait) => wait === undefined).length;

describe('a pace', () => {
  it('lets a burst through, then one as often as it says, and tells how long to wait', () => {
    const pace = createPace(clock, { atOnce: 5, perSecond: 0.5 });
    expect(taken(pace, 20)).toBe(5);
    expect(pace('a')).toBe(2);
    clock.pass(1_000);
    expect(pace('a')).toBe(1);
    clock.pass(1_000);
    expect(taken(pace, 20)).toBe(1);
    clock.pass(60_000);
    expect(taken(pace, 20)).toBe(5);
  });

  it('keeps nobody waiting for what another has done', () => {
    const pace = createPace(clock, { atOnce: 2, perSecond: 1 });
    expect([taken(pace, 9, 'a'), taken(pace, 9, 'b')]).toEqual([2, 2]);
  });

  it('is as many times faster as there are people behind a key', () => {
    const pace = createPace(clock, { atOnce: 5, perSecond: 1 });
    const times = Array.from({ length: 100 }, () => pace('office', 10)).filter((wait) => wait === undefined).length;
    expect(times).toBeGreaterThan(40);
    expect(times).toBeLessThan(60);
  });

  it('keeps nobody waiting for as long as a clock was put back', () => {
    const pace = createPace(clock, { atOnce: 5, perSecond: 1 });
    taken(pace, 20);
    clock.pass(-3_600_000);
    expect(pace('a')).toBeLessThanOrEqual(2);
    clock.pass(2_000);
    expect(pace('a')).toBeUndefined();
  });

  it('holds a bounded number of keys, and lets go of the oldest', () => {
    const pace = createPace(clock, { atOnce: 1, perSecond: 0.001 });
    pace('first');
    expect(pace('first')).toBeGreaterThan(1);
    for (let at = 0; at < 50_000; at += 1) pace(String(at));
    expect(pace('first')).toBeUndefined();
    expect(pace('49999')).toBeGreaterThan(1);
  });
});
