/** The expected wait: what is told, and whether it holds over simulated days. */
import { judge, playDay } from '../../../bench/waiting-day.mjs';
import { createWaitEstimator, expectedWait, holds, type ExpectedWait, type QueueView } from '../../../src/waiting/wait.js';

const history = Array.from({ length: 120 }, (_, n) => 4 + ((n * 7) % 20));
const busy = (count: number, minutes = 5): readonly number[] => Array.from({ length: count }, () => minutes);
const most = (told: ExpectedWait): number => (told.kind === 'range' ? told.most : Infinity);
const least = (told: ExpectedWait): number => (told.kind === 'nobody' ? 0 : told.least);

test('tells the same range for the same queue and ticket', () => {
  const view: QueueView = { ahead: 12, servers: 6, busyFor: busy(6), history };
  expect(expectedWait(view, 'k3v9')).toEqual(expectedWait(view, 'k3v9'));
});

test('tells a minute or so when someone is free, and nobody when nobody is there', () => {
  expect(most(expectedWait({ ahead: 0, servers: 3, busyFor: busy(1), history }, 'a'))).toBeLessThanOrEqual(2);
  expect(expectedWait({ ahead: 0, servers: 0, busyFor: [], history }, 'a')).toEqual({ kind: 'nobody' });
});

test('grows with the people before and shrinks with the advisers present', () => {
  const told = (ahead: number, servers: number): ExpectedWait => expectedWait({ ahead, servers, busyFor: busy(servers), history }, 'a');
  expect(least(told(20, 5))).toBeGreaterThan(least(told(2, 5)));
  expect(most(told(20, 20))).toBeLessThan(most(told(20, 5)));
});

test('is shorter where people give up', () => {
  const view: QueueView = { ahead: 30, servers: 6, busyFor: busy(6), history };
  expect(most(expectedWait({ ...view, abandonment: 0.05 }, 'a'))).toBeLessThan(most(expectedWait(view, 'a')));
});

test('sees in the conversations under way that everything takes longer today', () => {
  const usual = expectedWait({ ahead: 8, servers: 8, busyFor: busy(8, 3), history }, 'a');
  const stuck = expectedWait({ ahead: 8, servers: 8, busyFor: busy(8, 60), history }, 'a');
  expect(most(stuck)).toBeGreaterThan(most(usual));
});

test('says « long » rather than a figure beyond the largest one, and tells a range without any past', () => {
  expect(expectedWait({ ahead: 80, servers: 2, busyFor: busy(2), history }, 'a').kind).toBe('long');
  expect(expectedWait({ ahead: 3, servers: 4, busyFor: busy(4), history: [] }, 'a').kind).toBe('range');
});

test('tells round figures only, the first below the second', () => {
  const round = [0, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90];
  for (let ahead = 0; ahead < 60; ahead += 3) {
    const told = expectedWait({ ahead, servers: 5, busyFor: busy(5), history }, String(ahead));
    expect(round).toContain(least(told));
    if (told.kind === 'range') expect(round.indexOf(told.most)).toBeGreaterThan(round.indexOf(told.least));
  }
});

test('reaches further after waits that were longer than told, before they are over', () => {
  const view: QueueView = { ahead: 6, servers: 6, busyFor: busy(6), history };
  const estimator = createWaitEstimator();
  const before = estimator.predict('first', view);
  for (let n = 0; n < 30; n += 1) {
    estimator.predict(String(n), view);
    estimator.waiting(String(n), 40);
  }
  expect(most(estimator.predict('after', view))).toBeGreaterThan(most(before));
});

test('learns nothing from people who gave up or tickets it does not know', () => {
  const view: QueueView = { ahead: 6, servers: 6, busyFor: busy(6), history };
  const estimator = createWaitEstimator();
  const before = estimator.predict('same', view);
  for (let n = 0; n < 30; n += 1) {
    estimator.predict(String(n), view);
    estimator.forget(String(n));
    estimator.observe(String(n), 80);
  }
  expect(estimator.predict('same', view)).toEqual(before);
});

test('answers in a few milliseconds behind hundreds of people', () => {
  const view: QueueView = { ahead: 400, servers: 100, busyFor: busy(100), history };
  const started = performance.now();
  for (let n = 0; n < 20; n += 1) expectedWait(view, String(n));
  // 5 ms each; the margin is ten.
  expect((performance.now() - started) / 20).toBeLessThan(50);
});

// Seeded: the same figures on every machine. bench/waiting-room.mjs plays the full days.
test.each([201, 202, 203])('holds for nine served people in ten over two days (seed %i)', (seed) => {
  const estimator = createWaitEstimator();
  const size = { requests: 500, advisers: 10, seed, estimator };
  const first = playDay(size);
  const second = playDay({ ...size, seed: seed + 1000, day: 2, history: first.history });
  const became = judge([...first.people, ...second.people], holds);
  expect(became.ranges).toBeGreaterThan(700);
  expect(became.coverage).toBeGreaterThanOrEqual(0.9);
});

test('tells narrower ranges for what it learnt: one from none to an hour would always hold', () => {
  const size = { requests: 500, advisers: 10, seed: 205 };
  const learnt = playDay({ ...size, estimator: createWaitEstimator() });
  const alone = { predict: (ticket: string, view: QueueView) => expectedWait(view, ticket), observe: () => undefined, waiting: () => undefined, forget: () => undefined };
  const unlearnt = playDay({ ...size, estimator: alone });
  expect(judge(learnt.people, holds).width).toBeLessThan(0.9 * judge(unlearnt.people, holds).width);
});

test('stays near its promise on a day when half leave at noon and durations double', () => {
  const estimator = createWaitEstimator();
  const size = { requests: 500, advisers: 10, estimator };
  const { history: past } = playDay({ ...size, seed: 204 });
  const { people } = playDay({ ...size, seed: 1204, day: 2, history: past, cruel: true });
  expect(judge(people, holds).coverage).toBeGreaterThanOrEqual(0.8);
});
