/**
 * The queue played ahead, some hundred times: when would it be this person's turn? It simulates with what is known of
 * durations and learns nothing; what is told of the result is wait.ts.
 */
import { durationsOf, type Draw } from './durations.js';

/** The queue as it stands for one person. Times in minutes. */
export interface QueueView {
  /** People before this one. */
  readonly ahead: number;
  /** Conversations that the advisers present can hold together; those of an adviser about to leave do not count. */
  readonly servers: number;
  /** How long each conversation under way on one of those has lasted. */
  readonly busyFor: readonly number[];
  /** How long past conversations lasted, newest first. */
  readonly history: readonly number[];
  /** People who gave up, per minute that one person waited: 0.02 is one in fifty each minute. */
  readonly abandonment?: number;
}

/** A simulated wait: its middle, and how far it reaches on each side in nine cases of ten. */
export interface Shape {
  /** A slot is free for this person: what is left is how fast someone reacts. */
  readonly free: boolean;
  readonly middle: number;
  readonly below: number;
  readonly above: number;
}

// Called millions of times.
const { imul, log } = Math;

/** Plays the queue ahead and sums up. The same view and seed give the same shape; at most 5 ms for hundreds of people. */
export function simulate(view: QueueView, seed: string): Shape {
  const random = randomOf(seed);
  const servers = Math.max(view.servers, view.busyFor.length);
  const lasts = durationsOf(view);
  // A long queue averages itself out: fewer days are enough, and the time stays bounded.
  const days = Math.round(Math.min(200, Math.max(40, 20_000 / (servers + view.ahead))));
  const left = view.busyFor.map((minutes) => lasts.after(minutes));
  const queue: Queue = { ahead: view.ahead, idle: servers - left.length, left, whole: lasts.after(0), abandonment: view.abandonment ?? 0 };
  const waits = Float64Array.from({ length: days }, () => waitOnce(queue, random)).sort();
  const middle = quantile(waits, 0.5);
  return {
    free: servers - view.busyFor.length > view.ahead,
    middle,
    // Errors are told in these units. Chance averages out in a long queue; being wrong about the queue does not.
    below: middle - quantile(waits, 0.05) + 0.5 + middle / 10,
    above: quantile(waits, 0.95) - middle + 0.5 + middle / 10,
  };
}

interface Queue {
  readonly ahead: number;
  readonly idle: number;
  /** What is left of each conversation under way. */
  readonly left: readonly Draw[];
  readonly whole: Draw;
  readonly abandonment: number;
}

/** One simulated course of the queue until it is this person's turn. */
function waitOnce({ ahead, idle, left, whole, abandonment }: Queue, random: () => number): number {
  const free = new Soonest(idle, left.map((draw) => draw(random())));
  for (let before = 0; before < ahead; before += 1) {
    const at = free.first;
    if (abandonment === 0 || -log(1 - random()) > at * abandonment) free.replaceFirst(at + whole(random()));
  }
  return free.first;
}

/** When each slot is free, soonest first: a heap, because a queue of hundreds is played hundreds of times. */
class Soonest {
  readonly #times: Float64Array;

  constructor(idle: number, busy: readonly number[]) {
    this.#times = new Float64Array(idle + busy.length);
    this.#times.set(busy, idle);
    for (let at = this.#times.length >>> 1; at >= 0; at -= 1) this.#sink(at);
  }

  get first(): number {
    return this.#times[0] ?? 0;
  }

  replaceFirst(time: number): void {
    this.#times[0] = time;
    this.#sink(0);
  }

  #sink(from: number): void {
    const times = this.#times;
    const time = times[from] ?? 0;
    let at = from;
    for (let child = 2 * at + 1; child < times.length; child = 2 * at + 1) {
      if (child + 1 < times.length && (times[child + 1] ?? 0) < (times[child] ?? 0)) child += 1;
      const sooner = times[child] ?? 0;
      if (sooner >= time) break;
      times[at] = sooner;
      at = child;
    }
    times[at] = time;
  }
}

export function quantile(sorted: ArrayLike<number>, part: number): number {
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at));
}

/** Numbers in [0, 1) that depend on the seed alone. */
function randomOf(seed: string): () => number {
  let state = 0x9e3779b9;
  for (const letter of seed) state = imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
