import { SesameError } from '../../../src/conversation/errors.js';
import type { Store, TurnCommit } from '../../../src/conversation/ports.js';
import { createPrometheus, type Prometheus } from '../../../src/metrics/prometheus.js';
import { measuredStore, queuedStore, tellLateness } from '../../../src/metrics/store.js';

const item = (id: string, kind: string, dueAt = 0) => ({ id, kind, payload: {}, dueAt, tries: 0 });

let kept: Prometheus;
beforeEach(() => { kept = createPrometheus({ node: false }); });
const lines = async (start: string): Promise<string[]> => (await kept.text()).split('\n').filter((line) => line.startsWith(start) && !line.includes('_bucket') && !line.includes('_sum'));

describe('a measured store', () => {
  it('is the same store, whatever it is asked', async () => {
    class Secretive {
      readonly #seen = 4;
      readonly name = 'disk';
      seen(): Promise<number> { return Promise.resolve(this.#seen); }
      follow(): () => string { return () => this.name; }
    }
    const store = measuredStore(new Secretive() as unknown as Store, kept.meters);
    await expect(store.seen('a', 'b')).resolves.toBe(4);
    const secretive = store as unknown as Secretive;
    expect([secretive.follow()(), secretive.name]).toEqual(['disk', 'disk']);
  });

  it('tells the items that turns put and how each ended, by kind', async () => {
    const outbox = [item('1', 'mail.code'), item('2', 'handoff.card'), item('3', 'mail.Martin')];
    const store = measuredStore({ commitTurn: () => Promise.resolve([]), due: () => Promise.resolve(outbox), done: () => Promise.resolve(), retry: () => Promise.resolve() } as unknown as Store, kept.meters);
    await store.commitTurn({ outbox } as unknown as TurnCommit);
    await store.due(0, 10);
    await store.retry('1', 5);
    await store.done('2');
    await store.done('never read');
    expect((await lines('sesame_outbox_items_total')).sort()).toEqual([
      'sesame_outbox_items_total{kind="handoff.card",end="done"} 1',
      'sesame_outbox_items_total{kind="handoff.card",end="put"} 1',
      'sesame_outbox_items_total{kind="mail.code",end="put"} 1',
      'sesame_outbox_items_total{kind="mail.code",end="retried"} 1',
      'sesame_outbox_items_total{kind="other",end="done"} 1',
      'sesame_outbox_items_total{kind="other",end="put"} 1',
    ]);
  });

  it('counts what fails by its code, gives the failure back as it came, and leaves alone what is not the store’s', async () => {
    const gone = new SesameError('store-unavailable', 'gone');
    const store = measuredStore({ accept: () => Promise.reject(gone), load: () => Promise.reject(new Error('2550814168025')), withTurn: () => Promise.reject(gone) } as unknown as Store, kept.meters);
    await expect(store.accept({} as never)).rejects.toBe(gone);
    await expect(store.load('a')).rejects.toThrow('2550814168025');
    await expect(store.withTurn('a', () => Promise.resolve())).rejects.toBe(gone);
    expect((await lines('sesame_store_failures_total')).sort()).toEqual([
      'sesame_store_failures_total{operation="accept",code="store-unavailable"} 1',
      'sesame_store_failures_total{operation="other",code="other"} 1',
    ]);
    expect(await lines('sesame_accept_seconds_count')).toEqual(['sesame_accept_seconds_count{end="failed"} 1']);
  });

  it('tells how late the oldest item of each kind is, and that none is once it has left', async () => {
    let outbox = [item('1', 'mail.code', 90_000), item('2', 'mail.code', 40_000), item('3', 'handoff.card', 99_000)];
    const store = { due: () => Promise.resolve(outbox) } as unknown as Store;
    const look = async (): Promise<string[]> => {
      await tellLateness(store, { now: () => 100_000 }, kept.meters);
      return (await lines('sesame_outbox_late_seconds')).filter((line) => !line.endsWith(' 0'));
    };
    expect(await look()).toEqual(['sesame_outbox_late_seconds{kind="mail.code"} 60', 'sesame_outbox_late_seconds{kind="handoff.card"} 1']);
    outbox = [];
    expect(await look()).toEqual([]);
  });

  it('tells turns that wait, until each has its conversation or the store refuses it', async () => {
    const latch: { go?: () => void } = {};
    const store = queuedStore({
      withTurn: (id: string, work: (lease: unknown) => unknown) => (id === 'refused' ? Promise.reject(new Error('closed')) : new Promise((resolve) => { latch.go = () => { resolve(work({})); }; })),
    } as unknown as Store, kept.meters);
    const waiting = store.withTurn('a', () => Promise.resolve('done'));
    expect(await lines('sesame_turns_queued')).toEqual(['sesame_turns_queued 1']);
    latch.go?.();
    await expect(waiting).resolves.toBe('done');
    await expect(store.withTurn('refused', () => Promise.resolve())).rejects.toThrow('closed');
    expect(await lines('sesame_turns_queued')).toEqual(['sesame_turns_queued 0']);
    expect(await lines('sesame_turn_wait_seconds_count')).toEqual(['sesame_turn_wait_seconds_count 1']);
  });
});
