/**
 * The whole server is killed at random moments while people talk with it: nothing that was acknowledged is lost, nothing
 * is answered or done twice. `SESAME_KILLS` and the rest: its size (npm run bench:kills).
 */
import { runKills, type KillCounts, type KillRun } from '../support/kill-run.js';
import { table } from '../support/table.js';

const asked = (name: string, otherwise: number): number => Number(process.env[`SESAME_${name}`] ?? otherwise);
const size = { kills: asked('KILLS', 2), conversations: asked('CONVERSATIONS', 6), servers: asked('SERVERS', 1), seed: asked('SEED', Date.now() % 1_000_000) };
const STORES = (['embedded', 'redis'] as const).filter((store) => (process.env['SESAME_STORE'] ?? store) === store);

const counts = new Map<KillRun['store'], KillCounts>();

beforeAll(async () => {
  // Side by side where both are short: each waits for its starts most of the time.
  await Promise.all(STORES.map(async (store) => { counts.set(store, await runKills({ ...size, store })); }));
  process.stdout.write(table([...counts].map(([store, count]) => ({ store, seed: size.seed, 'at any moment': size.conversations, ...count }))));
}, 300_000 + size.kills * 20_000);

it.each(STORES)('loses nothing acknowledged and does nothing twice over kills of a server with the store « %s »', (store) => {
  expect(counts.get(store)).toMatchObject({
    ...{ 'lost': 0, 'messages doubled': 0, 'unanswered': 0, 'answers doubled': 0, 'answered otherwise': 0, 'answers out of order': 0, 'shown wrongly': 0 },
    ...{ 'refused': 0, 'actions doubled': 0, 'told wrong': 0, 'audit broken': 0 },
  });
});

it.each(STORES)('is told by people who were really interrupted, with the store « %s »', (store) => {
  const count = counts.get(store);
  expect(count?.kills).toBeGreaterThanOrEqual(size.kills);
  // The counts are worth nothing if next to nothing was said or done between the kills.
  expect(count?.accepted).toBeGreaterThan(size.conversations);
  expect(count?.['sent again after a break']).toBeGreaterThan(size.conversations);
  expect(count?.actions).toBeGreaterThan(0);
});
