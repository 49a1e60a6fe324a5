/**
 * The ways in which the reference backend can be told to fail, for tests and benches. It knows no route and no account:
 * it only says which fault is next.
 */
import { z } from 'zod';
import type { Clock } from '../conversation/ports.js';

const GARBAGE = ['html', 'truncated', 'wrong-type', 'too-large', 'other-subject', 'redirect'] as const;

/** One fault, for the next `times` requests to a route; or nobody there for a while, whatever is asked. */
const faultSchema = z.strictObject({
  /** Its name, or « * » for whatever is asked but what tests ask themselves. */
  route: z.string(),
  times: z.int().positive().default(1),
  /** Milliseconds before the effect, which comes even when nobody waits for it any more. */
  lateMs: z.int().nonnegative().optional(),
  /** Milliseconds between the effect and the answer. */
  delayMs: z.int().nonnegative().optional(),
  /** Answer this status and do nothing. */
  status: z.int().min(400).max(599).optional(),
  cutBeforeEffect: z.boolean().optional(),
  cutAfterEffect: z.boolean().optional(),
  /** Do the effect, answer nonsense; `true` is HTML. */
  garbage: z.union([z.literal(true), z.enum(GARBAGE)]).optional(),
  /** Do the effect, cut the line in the middle of the answer. */
  half: z.boolean().optional(),
});
export type Fault = z.infer<typeof faultSchema>;

/** Milliseconds for which every connection is cut. */
const downSchema = z.strictObject({ downMs: z.int().nonnegative() });

/** The faults that tests ordered, taken in the order of ordering. */
export class Faults {
  private waiting: Fault[] = [];
  private downUntil = 0;

  constructor(private readonly clock: Clock) {}

  /**
   * Replaces nothing: new faults queue behind earlier ones. An empty list forgets them all.
   *
   * @returns how many wait, or undefined where the order is not a list of faults.
   */
  order(body: unknown): number | undefined {
    const { data } = z.array(z.union([faultSchema, downSchema])).safeParse(body);
    if (data === undefined) return undefined;
    if (data.length === 0) [this.waiting, this.downUntil] = [[], 0];
    for (const one of data) {
      if ('downMs' in one) this.downUntil = this.clock.now() + one.downMs;
      else this.waiting.push(one);
    }
    return this.waiting.length;
  }

  isDown(): boolean {
    return this.clock.now() < this.downUntil;
  }

  take(route: string): Fault | undefined {
    const found = this.waiting.find((fault) => fault.route === route || (fault.route === '*' && !route.startsWith('_')));
    if (found === undefined) return undefined;
    found.times -= 1;
    this.waiting = this.waiting.filter((fault) => fault.times > 0);
    return found;
  }
}

/** The answer as nobody should believe it. */
export function spoilt(text: string, garbage: Exclude<Fault['garbage'], undefined | 'redirect'>): string {
  switch (garbage) {
    case true:
    case 'html':
      return '<!doctype html><title>OK</title><p>OK</p>';
    case 'truncated':
      return text.slice(0, -2);
    case 'wrong-type':
      return '"ok"';
    case 'too-large':
      return text.replace('{', `{"padding":"${'x'.repeat(100_000)}",`);
    case 'other-subject':
      return text.replace(/"subject":"[^"]*"/, '"subject":"s_ffffffffffffffff"');
  }
}
