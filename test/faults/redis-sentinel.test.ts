/** The Redis store where sentinels say who the master is, and when they name another one. */
import { openRedisStore } from '../../src/redis/store.js';
import { startWatched, type Watched } from '../support/redis-sentinel.js';
import { commit, words } from '../support/store-contract.js';

let watched: Watched;
beforeAll(async () => {
  watched = await startWatched();
});
afterAll(() => watched.destroy());

test('what a replica had is there when it takes over, is told once, and the store goes on', async () => {
  const store = await openRedisStore({ url: watched.url, durable: true });
  const told: number[] = [];
  store.follow('c', ({ seq }) => told.push(seq));
  for (let n = 1; n <= 5; n += 1) await store.accept(words('c', `u${String(n)}`));
  await store.withTurn('c', (lease) => store.commitTurn(commit('c', { lease, heard: 'u1', outbox: [{ id: 'i', kind: 'mail', payload: {}, dueAt: 1, tries: 0 }] })));
  while (!/slave\d+:.*lag=0/.test(await watched.master.command('INFO', 'replication')) || !(await inStep()));
  await watched.master.kill();
  for (;;) {
    const said: unknown = await store.accept(words('c', 'u6')).catch((error: unknown) => error);
    if (!(said instanceof Error)) break;
    expect(said).toMatchObject({ code: 'store-unavailable' });
  }
  expect((await store.transcript('c', 0)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  expect((await store.inbox('c')).map(({ id }) => id)).toEqual(['u2', 'u3', 'u4', 'u5', 'u6']);
  expect((await store.due(9, 9)).map(({ id }) => id)).toEqual(['i']);
  expect(told).toEqual([1, 2, 3, 4, 5, 6]);
  await store.close();
});

/** Whether the replica has acknowledged all that the master wrote. */
async function inStep(): Promise<boolean> {
  const said = await watched.master.command('INFO', 'replication');
  return /offset=(\d+)/.exec(said)?.[1] === /master_repl_offset:(\d+)/.exec(said)?.[1];
}
