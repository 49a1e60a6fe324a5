/** How long an answer takes tells nothing: on a clock that only these tests move, with a backend that hesitates. */
import { LIMITS } from '../../../src/attempts/limits.js';
import { atOnce, onGrid } from '../../../src/attempts/pace.js';

/** A clock whose waits happen at once, and noise that is the same at every run. */
class Bench {
  at = 0;
  private seed = 20_261_123;
  readonly now = (): number => this.at;
  readonly wait = (ms: number): Promise<void> => Promise.resolve(void (this.at += ms));

  random(): number {
    this.seed = (this.seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return this.seed / 2 ** 31;
  }
}

/** The chance that a guess by time alone is right, for one of each; a half is blind. */
function areaUnderCurve(some: readonly number[], others: readonly number[]): number {
  const ranked = [...some.map((ms) => ({ ms, of: 1 })), ...others.map((ms) => ({ ms, of: 0 }))].sort((a, b) => a.ms - b.ms);
  let [wins, below] = [0, 0];
  for (let n = 0; n < ranked.length; ) {
    const tied = ranked.filter(({ ms }, i) => i >= n && ms === ranked[n]!.ms);
    const [here, there] = [tied.filter(({ of }) => of === 1).length, tied.filter(({ of }) => of === 0).length];
    wins += here * (below + there / 2);
    below += there;
    n += tied.length;
  }
  return wins / (some.length * others.length);
}

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

describe('the grid', () => {
  it.each([[0, 800], [1, 800], [799, 800], [800, 800], [801, 1600], [2300, 2400]])('lets work of %d ms end at %d ms', async (work, ends) => {
    const bench = new Bench();
    await onGrid({ everyMs: LIMITS.replyGridMs, now: bench.now, wait: bench.wait })(() => bench.wait(work));
    expect(bench.at).toBe(ends);
  });

  it('waits as long for what fails, and then tells of it', async () => {
    const bench = new Bench();
    const pace = onGrid({ everyMs: 800, now: bench.now, wait: bench.wait });
    await expect(pace(() => Promise.reject(new Error('the backend is down')))).rejects.toThrow('the backend is down');
    expect(bench.at).toBe(800);
  });

  it('waits again where a timer fires early', async () => {
    const bench = new Bench();
    const early = (ms: number): Promise<void> => bench.wait(Math.max(1, ms - 1));
    await onGrid({ everyMs: 800, now: bench.now, wait: early })(() => Promise.resolve());
    expect(bench.at).toBe(800);
  });

  it('B02: two thousand pairs of known and unknown cannot be told apart, where without it they could', async () => {
    const bench = new Bench();
    const measured = async (pace: typeof atOnce, own: number): Promise<number> => {
      const start = bench.at;
      await pace(() => bench.wait(own + bench.random() * 400));
      // What the rest of a turn takes, the same for both.
      await bench.wait(bench.random() * 3);
      return bench.at - start;
    };
    const run = async (pace: typeof atOnce): Promise<{ auc: number; apart: number }> => {
      const [known, unknown]: [number[], number[]] = [[], []];
      for (let n = 0; n < 2000; n += 1) {
        // Somebody who is found costs one more look-up.
        known.push(await measured(pace, 130));
        unknown.push(await measured(pace, 60));
      }
      return { auc: areaUnderCurve(known, unknown), apart: Math.abs(median(known) - median(unknown)) };
    };
    const on = await run(onGrid({ everyMs: LIMITS.replyGridMs, now: bench.now, wait: bench.wait }));
    expect([Math.abs(on.auc - 0.5) <= 0.05, on.apart <= 5]).toEqual([true, true]);
    const off = await run(atOnce);
    expect(off.auc).toBeGreaterThan(0.6);
  });
});
