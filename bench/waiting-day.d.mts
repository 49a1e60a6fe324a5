import type { ExpectedWait, WaitEstimator } from '../src/waiting/wait.js';

export interface Person {
  readonly id: string;
  /** Minutes after 9. */
  readonly at: number;
  readonly told: ExpectedWait;
  readonly served: boolean;
  /** Minutes until an adviser came, or until they gave up. */
  readonly waited: number;
}

export interface Day {
  readonly people: readonly Person[];
  /** Durations of conversations in minutes, newest first. */
  readonly history: readonly number[];
}

/** Plays one day and gives every person. */
export function playDay(options: {
  readonly seed: number;
  readonly requests: number;
  readonly advisers: number;
  readonly estimator: WaitEstimator;
  readonly cruel?: boolean;
  readonly history?: readonly number[];
  readonly day?: number;
}): Day;

/** What became of the ranges told; shares between 0 and 1, minutes. */
export function judge(
  people: readonly Person[],
  holds: (range: ExpectedWait, waited: number) => boolean,
): {
  readonly asked: number;
  readonly served: number;
  readonly ranges: number;
  readonly coverage: number;
  readonly sooner: number;
  readonly later: number;
  readonly width: number;
  readonly waited: number;
  readonly long: number;
  readonly longHeld: number;
  readonly nobody: number;
};

/** The hour of the day at which a person asked. */
export function hourOf(person: Pick<Person, 'at'>): number;
