/**
 * How long a person will wait for an adviser, told as a range that nine people in ten find true. It knows figures of
 * the queue only, and learns from what the ranges it told became; what is said of them is content.
 */
import { quantile, simulate, type QueueView, type Shape } from './course.js';

export type { QueueView };

/** Whole minutes. `long`: beyond the largest figure worth telling; it will last `least` minutes at the very least. */
export type ExpectedWait =
  | { readonly kind: 'range'; readonly least: number; readonly most: number }
  | { readonly kind: 'long'; readonly least: number }
  | { readonly kind: 'nobody' };

export interface WaitEstimator {
  /** The range to tell. What is told first of a ticket is what `observe` holds it against. */
  predict(ticket: string, view: QueueView): ExpectedWait;
  /** An adviser took the ticket `waited` minutes after the first `predict`. Unknown tickets change nothing. */
  observe(ticket: string, waited: number): void;
  /**
   * The ticket waits still, `waited` minutes after the first `predict`. Called now and then: a range that is already
   * broken is learnt from before its wait is over, and the people who come meanwhile are told better.
   */
  waiting(ticket: string, waited: number): void;
  /** The ticket ended without an adviser: it tells nothing of the wait. */
  forget(ticket: string): void;
}

/** The figures that are told, in minutes: nobody waits « 17 to 23 minutes ». */
const TOLD = [0, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90];
/** Share of ranges that may be wrong, half of them on each side. The promise is one in ten; the rest pays for learning late. */
const WRONG = 0.06;
/** How many past errors are kept. */
const REMEMBERED = 100;
/** How fast a side that is wrong too often reaches further, and between which factors. */
const PACE = 0.08;
const STRETCH = { least: 0.5, most: 4 };
/** Ranges told and not yet judged; the oldest go first. */
const UNJUDGED = 5000;

/** How far from the middle the true wait was, in units of the side it fell on. */
type Errors = readonly number[];

/** Quantiles of a bell curve whose nine in ten reach from -1.2 to 1.2: before any error is known, simulate and add a fifth. */
const NO_ERRORS: Errors = [-1.65, -1.2, -0.95, -0.75, -0.6, -0.45, -0.3, -0.2, -0.06, 0.06, 0.2, 0.3, 0.45, 0.6, 0.75, 0.95, 1.2, 1.65];

/** One estimate without memory of earlier ones. The same view and seed give the same range. */
export function expectedWait(view: QueueView, seed: string): ExpectedWait {
  return view.servers > 0 ? told(simulate(view, seed), NO_ERRORS, { low: 1, high: 1 }) : { kind: 'nobody' };
}

/** Estimates that learn: errors widen, narrow and shift the ranges that follow. In memory; a start learns anew. */
export function createWaitEstimator(): WaitEstimator {
  const unjudged = new Map<string, { shape: Shape; range: ExpectedWait; late: boolean }>();
  // Waiting for a reaction and waiting for a conversation to end go wrong in different ways: two memories.
  const memories = { free: new Memory(), queued: new Memory() };
  const memoryOf = (shape: Shape): Memory => memories[shape.free ? 'free' : 'queued'];
  return {
    predict(ticket, view) {
      if (view.servers <= 0) return { kind: 'nobody' };
      const shape = simulate(view, ticket);
      const range = memoryOf(shape).range(shape);
      if (!unjudged.has(ticket)) unjudged.set(ticket, { shape, range, late: false });
      const [oldest] = unjudged.keys();
      if (unjudged.size > UNJUDGED && oldest !== undefined) unjudged.delete(oldest);
      return range;
    },
    observe(ticket, waited) {
      const judged = unjudged.get(ticket);
      unjudged.delete(ticket);
      if (!judged) return;
      const memory = memoryOf(judged.shape);
      memory.remember(judged.shape, waited);
      if (!judged.late) memory.steer(judged.range, waited);
    },
    waiting(ticket, waited) {
      const judged = unjudged.get(ticket);
      if (!judged || judged.late || judged.range.kind !== 'range' || waited <= judged.range.most) return;
      judged.late = true;
      memoryOf(judged.shape).remember(judged.shape, waited);
      memoryOf(judged.shape).steer(judged.range, waited);
    },
    forget(ticket) {
      unjudged.delete(ticket);
    },
  };
}

/** Whether a range that was told turned out true. */
export function holds(range: ExpectedWait, waited: number): boolean {
  return range.kind !== 'nobody' && waited >= range.least && (range.kind === 'long' || waited <= range.most);
}

/** Conformal correction: past errors say how far to reach, and a side that is wrong too often is stretched. */
class Memory {
  #errors: Errors = NO_ERRORS;
  #stretch = { low: 1, high: 1 };

  range(shape: Shape): ExpectedWait {
    return told(shape, this.#errors, this.#stretch);
  }

  remember(shape: Shape, waited: number): void {
    const off = waited - shape.middle;
    this.#errors = [off / (off < 0 ? shape.below : shape.above), ...this.#errors].slice(0, REMEMBERED);
  }

  /** Judges the range as it was told, rounding included. */
  steer(range: ExpectedWait, waited: number): void {
    if (range.kind === 'nobody') return;
    const { low, high } = this.#stretch;
    this.#stretch = { low: steered(low, waited < range.least), high: steered(high, range.kind === 'range' && waited > range.most) };
  }
}

function steered(stretch: number, wrong: boolean): number {
  const next = stretch * Math.exp(PACE * ((wrong ? 1 : 0) - WRONG / 2));
  return Math.min(STRETCH.most, Math.max(STRETCH.least, next));
}

function told(shape: Shape, errors: Errors, stretch: { readonly low: number; readonly high: number }): ExpectedWait {
  const sorted = [...errors].sort((a, b) => a - b);
  const usual = quantile(sorted, 0.5);
  const reach = (part: number, factor: number): number => {
    const error = usual + factor * (quantile(sorted, part) - usual);
    return shape.middle + error * (error < 0 ? shape.below : shape.above);
  };
  const low = Math.max(0, reach(WRONG / 2, stretch.low));
  const high = reach(1 - WRONG / 2, stretch.high);
  const least = TOLD.findLast((figure) => figure <= low) ?? 0;
  const most = TOLD.find((figure) => figure >= high && figure > least);
  return most === undefined ? { kind: 'long', least } : { kind: 'range', least, most };
}
