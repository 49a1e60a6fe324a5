/** The queue and the listeners of a store: mostly that nothing is kept for conversations at rest. */
import { Listeners, TurnQueue } from '../../../src/storage/waiting.js';

describe('the queue of turns', () => {
  test('keeps nothing for keys whose work has ended, well or badly', async () => {
    const queue = new TurnQueue();
    const work = ['a', 'a', 'b'].map((key) => queue.run(key, () => Promise.resolve(key)));
    const failed = queue.run('c', () => Promise.reject(new Error('boom')));
    expect(queue.size).toBe(3);
    expect(await Promise.all(work)).toEqual(['a', 'a', 'b']);
    await expect(failed).rejects.toThrow('boom');
    await queue.run('d', () => Promise.resolve());
    await Promise.resolve();
    expect(queue.size).toBe(0);
  });

  test('turns an error thrown before the first await into a refusal', async () => {
    const queue = new TurnQueue();
    const thrown = queue.run('a', () => {
      throw new Error('boom');
    });
    await expect(thrown).rejects.toThrow('boom');
    expect(await queue.run('a', () => Promise.resolve(1))).toBe(1);
  });
});

describe('listeners', () => {
  const ignore = (): void => undefined;

  test('keep nothing for a key once all have stopped', () => {
    const listeners = new Listeners<number>(ignore);
    const stops = [listeners.add('a', ignore), listeners.add('a', ignore), listeners.add('b', ignore)];
    expect(listeners.size).toBe(2);
    for (const stop of [...stops, ...stops]) stop();
    expect(listeners.size).toBe(0);
  });

  test('may stop one another, and start new ones that hear only what comes next', () => {
    const listeners = new Listeners<number>(ignore);
    const told: string[] = [];
    listeners.add('a', (n) => {
      told.push(`first ${String(n)}`);
      stopSecond();
      if (n === 1) listeners.add('a', (later) => told.push(`third ${String(later)}`));
    });
    const stopSecond = listeners.add('a', (n) => told.push(`second ${String(n)}`));
    listeners.tell('a', 1);
    listeners.tell('a', 2);
    expect(told).toEqual(['first 1', 'first 2', 'third 2']);
  });
});
