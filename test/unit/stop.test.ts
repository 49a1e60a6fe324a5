/** How a stop goes: its order, its time, and what a second signal does. */
import { createStop, type StopOptions } from '../../src/stop.js';

const never = new Promise<void>(() => undefined);

/** A stop that says what happened, in order. */
function stopping(options: Partial<StopOptions>): { stop: () => void; ended: Promise<readonly string[]> } {
  const steps: string[] = [];
  let stop = (): void => undefined;
  const ended = new Promise<readonly string[]>((resolve) => {
    stop = createStop({
      ...{ drainMs: 0, withinMs: 5_000 },
      drain: () => steps.push('drain'),
      close: () => Promise.resolve(void steps.push('close')),
      ended: (how) => { resolve([...steps, how]); },
      ...options,
    });
  });
  return { stop, ended };
}

describe('a stop', () => {
  it('is no longer ready before it closes, and ends well', async () => {
    const { stop, ended } = stopping({});
    stop();
    expect(await ended).toEqual(['drain', 'close', 'well']);
  });

  it('is cut when closing takes too long', async () => {
    const { stop, ended } = stopping({ withinMs: 10, close: () => never });
    stop();
    expect(await ended).toEqual(['drain', 'cut']);
  });

  it('says that something broke on the way', async () => {
    const { stop, ended } = stopping({ close: () => Promise.reject(new Error('no')) });
    stop();
    expect(await ended).toEqual(['drain', 'failed']);
  });

  it('waits for load balancers no longer at a second signal, and closes once', async () => {
    const { stop, ended } = stopping({ drainMs: 3_600_000 });
    for (let signals = 0; signals < 3; signals += 1) stop();
    expect(await ended).toEqual(['drain', 'close', 'well']);
  });
});
