/**
 * The other half of the store's contract: turns and followers, the outbox, records and counters. Run by
 * `storeContract`, never alone.
 */
import { SesameError, StaleStateError } from '../../src/conversation/errors.js';
import type { OutboxItem, Store } from '../../src/conversation/ports.js';
import { commit, words } from './store-contract.js';

type Now = () => { readonly store: Store; reopen(): Promise<Store> };

const item = (id: string, dueAt: number): OutboxItem => ({ id, kind: 'mail', payload: { to: 'ref' }, dueAt, tries: 0 });
const times = (n: number): undefined[] => Array.from({ length: n });

/** A promise and the way to end it, to hold a turn open without a sleep. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

export function smallContract(now: Now): void {
  describe('turns', () => {
    test('run one at a time, in the order they were asked for', async () => {
      const { store } = now();
      const marks: string[] = [];
      const first = gate();
      const turns = ['a', 'b', 'c'].map((name) =>
        store.withTurn('c', async () => {
          marks.push(`${name} begins`);
          if (name === 'a') await first.opened;
          await store.load('c');
          marks.push(`${name} ends`);
        }),
      );
      await store.load('c');
      expect(marks).toEqual(['a begins']);
      first.open();
      await Promise.all(turns);
      expect(marks).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    });

    test('go on after one that failed', async () => {
      const { store } = now();
      const failed = store.withTurn('c', () => Promise.reject(new Error('boom')));
      const next = store.withTurn('c', (lease) => Promise.resolve(lease.conversationId));
      await expect(failed).rejects.toThrow('boom');
      expect(await next).toBe('c');
    });

    test('of other conversations do not wait', async () => {
      const { store } = now();
      const held = gate();
      const slow = store.withTurn('c', () => held.opened);
      expect(await store.withTurn('d', () => Promise.resolve('done'))).toBe('done');
      held.open();
      await slow;
    });

    test('carry a fence that goes up', async () => {
      const { store } = now();
      const fences = await Promise.all(times(3).map(() => store.withTurn('c', ({ fence }) => Promise.resolve(fence))));
      expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
      expect(fences).toHaveLength(3);
    });
  });

  describe('followers', () => {
    test('hear entries of their conversation in order, once those can be read', async () => {
      const { store } = now();
      const readable: Promise<boolean>[] = [];
      const told: number[] = [];
      store.follow('c', ({ seq }) => {
        told.push(seq);
        readable.push(store.transcript('c', seq - 1, 1).then(([entry]) => entry?.seq === seq));
      });
      await Promise.all(['u1', 'u2', 'u3'].map((id) => store.accept(words('c', id))));
      await store.accept(words('d', 'u1'));
      expect(told).toEqual([1, 2, 3]);
      expect(await Promise.all(readable)).toEqual([true, true, true]);
    });

    test('hear nothing more once stopped, and a failing one does not deafen the others', async () => {
      const { store } = now();
      const told: string[] = [];
      store.follow('c', () => {
        throw new Error('a listener of the test fails');
      });
      const stop = store.follow('c', ({ seq }) => told.push(`first ${String(seq)}`));
      store.follow('c', ({ seq }) => told.push(`second ${String(seq)}`));
      await store.accept(words('c', 'u1'));
      stop();
      stop();
      expect(await store.accept(words('c', 'u2'))).toEqual({ kind: 'accepted', seq: 2 });
      expect(told).toEqual(['first 1', 'second 1', 'second 2']);
    });
  });

  describe('the outbox', () => {
    test('gives what is due, oldest first, in the order of writing within one time', async () => {
      const { store } = now();
      await store.commitTurn(commit('c', { outbox: [item('z', 20), item('later', 31), item('b', 10)] }));
      await store.commitTurn(commit('d', { outbox: [item('a', 20), item('old', 3)] }));
      const due = async (at: number, limit: number): Promise<string[]> =>
        (await store.due(at, limit)).map(({ id }) => id);
      expect(await due(30, 10)).toEqual(['old', 'b', 'z', 'a']);
      expect(await due(30, 2)).toEqual(['old', 'b']);
      expect(await due(9, 10)).toEqual(['old']);
      expect(await due(31, 10)).toEqual(['old', 'b', 'z', 'a', 'later']);
    });

    test('forgets an item that is done and puts back one that is retried, over a reopening', async () => {
      let { store } = now();
      await store.commitTurn(commit('c', { outbox: [item('a', 1), item('b', 2)] }));
      await store.done('a');
      await store.retry('b', 50);
      store = await now().reopen();
      expect(await store.due(49, 10)).toEqual([]);
      expect(await store.due(50, 10)).toEqual([{ ...item('b', 50), tries: 1 }]);
    });

    test('takes the same id written twice as one item, also at once, and also once it is done', async () => {
      const { store } = now();
      await store.commitTurn(commit('c', { outbox: [item('a', 1), item('a', 2)] }));
      await Promise.all(['d', 'e'].map((id) => store.commitTurn(commit(id, { outbox: [item('b', 1)] }))));
      expect((await store.due(9, 10)).map(({ id }) => id)).toEqual(['a', 'b']);
      await store.done('a');
      await store.commitTurn(commit('c', { expected: 1, outbox: [item('a', 1)] }));
      expect((await store.due(9, 10)).map(({ id }) => id)).toEqual(['b']);
    });

    test('lets a retry after "done", or of an unknown item, change nothing', async () => {
      const { store } = now();
      await store.commitTurn(commit('c', { outbox: [item('a', 1)] }));
      await store.done('a');
      await store.retry('a', 2);
      await store.retry('never', 2);
      await store.done('never');
      expect(await store.due(99, 10)).toEqual([]);
    });

    test('calls back after a commit that added items, and only then', async () => {
      const { store } = now();
      const found: Promise<number>[] = [];
      const stop = store.onAdded(() => found.push(store.due(9, 10).then((due) => due.length)));
      await store.commitTurn(commit('c'));
      expect(found).toHaveLength(0);
      await store.commitTurn(commit('c', { expected: 1, outbox: [item('a', 1)] }));
      expect(await Promise.all(found)).toEqual([1]);
      stop();
      await store.commitTurn(commit('c', { expected: 2, outbox: [item('b', 1)] }));
      expect(found).toHaveLength(1);
    });
  });

  describe('records', () => {
    test('are created, changed and read back over a reopening', async () => {
      let { store } = now();
      expect(await store.read('k')).toBeUndefined();
      await store.write('k', { tries: 1 }, 0, 99);
      await store.write('k', { tries: 2 }, 1, 99);
      store = await now().reopen();
      expect(await store.read('k')).toEqual({ value: { tries: 2 }, revision: 2 });
    });

    test('refuse a change made on an old reading', async () => {
      const { store } = now();
      await expect(store.write('k', 'x', 1, 99)).rejects.toBeInstanceOf(StaleStateError);
      await store.write('k', 'a', 0, 99);
      await expect(store.write('k', 'b', 0, 99)).rejects.toBeInstanceOf(StaleStateError);
      expect(await store.read('k')).toEqual({ value: 'a', revision: 1 });
    });

    test('let one writer in a hundred win', async () => {
      const { store } = now();
      const ends = await Promise.allSettled(times(100).map((_, n) => store.write('k', n, 0, 99)));
      expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1);
    });
  });

  describe('records of a turn', () => {
    test('are put and taken away with its state, whatever they were, and never without it', async () => {
      let { store } = now();
      await store.write('ticket:a', 'old', 0, 99);
      await store.write('ticket:b', 'kept', 0, 99);
      const records = [
        { key: 'ticket:a', value: { phase: 'held' }, expiresAt: 99 },
        { key: 'ticket:c', value: 'new', expiresAt: 99 },
        { key: 'ticket:b', expiresAt: 0 },
      ];
      await expect(store.commitTurn(commit('c', { expected: 7, records }))).rejects.toBeInstanceOf(StaleStateError);
      expect((await store.list('ticket:')).map(({ value }) => value)).toEqual(['old', 'kept']);
      await store.commitTurn(commit('c', { records }));
      store = await now().reopen();
      expect(await store.read('ticket:a')).toEqual({ value: { phase: 'held' }, revision: 2 });
      expect((await store.list('ticket:')).map(({ key }) => key)).toEqual(['ticket:a', 'ticket:c']);
    });

    test('are listed by what their keys start with, in the order of keys', async () => {
      const { store } = now();
      const all = ['t:b', 't:a', 't:é', 't:~', 't:a/1', 't:a!', 't', 'tt:a', 'u:a', 't:\ud800'];
      for (const key of all) await store.write(key, key, 0, 99);
      const wanted = all.filter((key) => key.startsWith('t:')).sort();
      expect(await store.list('t:')).toEqual(wanted.map((key) => ({ key, value: key })));
      expect(await store.list('none')).toEqual([]);
    });
  });

  describe('counters', () => {
    test('count in a window that opens at the first count and does not slide', async () => {
      const { store } = now();
      expect(await store.counted('k', 100)).toEqual({ count: 0, resetsAt: 100 });
      expect(await store.count('k', 50, 100)).toEqual({ count: 1, resetsAt: 150 });
      expect(await store.count('k', 50, 149)).toEqual({ count: 2, resetsAt: 150 });
      expect(await store.counted('k', 149)).toEqual({ count: 2, resetsAt: 150 });
      expect((await store.counted('k', 150)).count).toBe(0);
      expect(await store.count('k', 50, 150)).toEqual({ count: 1, resetsAt: 200 });
    });

    test('count each of a hundred calls at once, and remember them over a reopening', async () => {
      let { store } = now();
      const answers = await Promise.all(times(100).map(() => store.count('k', 50, 0)));
      expect(answers.map(({ count }) => count).sort((a, b) => a - b)).toEqual(times(100).map((_, n) => n + 1));
      store = await now().reopen();
      expect(await store.counted('k', 1)).toEqual({ count: 100, resetsAt: 50 });
      expect((await store.counted('other', 1)).count).toBe(0);
    });

    test('do not open a lock earlier when the clock goes back', async () => {
      const { store } = now();
      await store.count('k', 50, 1000);
      expect(await store.count('k', 50, 10)).toEqual({ count: 2, resetsAt: 1050 });
    });
  });

  describe('closing', () => {
    test('waits for what was asked before', async () => {
      const { store } = now();
      const accepted = [1, 2, 3].map((n) => store.accept(words('c', `u${String(n)}`)));
      const reopened = await now().reopen();
      expect(await Promise.all(accepted)).toHaveLength(3);
      expect(await reopened.inbox('c')).toHaveLength(3);
    });

    test('may be asked twice, and nothing works after it', async () => {
      const { store } = now();
      await Promise.all([store.close(), store.close()]);
      const uses = [
        () => store.accept(words('c', 'u')),
        () => store.load('c'),
        () => store.due(0, 1),
        () => store.read('k'),
        () => store.count('k', 1, 0),
        () => store.withTurn('c', () => Promise.resolve(1)),
      ];
      for (const use of uses) {
        const error: unknown = await use().then(() => 'worked', (reason: unknown) => reason);
        expect(error).toBeInstanceOf(SesameError);
        expect(error).toMatchObject({ code: 'store-closed' });
      }
      expect(() => store.follow('c', () => undefined)).toThrow(SesameError);
    });
  });
}
