/**
 * The whole server on a Redis that fails while people talk: what it acknowledged is there and answered once, and who must
 * wait is told so. `SESAME_REDIS`: every fault whose name
 * has it, or `all`, at its full size (npm run bench:redis).
 */
import { cluster, cutOff, oneServer, watched, type Home } from '../support/redis-homes.js';
import { drawn, type Row } from '../support/redis-table.js';
import { RedisTrials, type Trial } from '../support/redis-trials.js';

const ASKED = process.env['SESAME_REDIS'];
const ALL = ASKED !== undefined;
const TALKS = ALL ? Number(process.env['SESAME_TALKS'] ?? '40') : 9;
/** In short, accounts are unlocked under the longest fault only: to get to the code takes seconds. */
const sizeOf = ({ fault }: Trial): { talks: number; unlocks: number } => ({ talks: TALKS, unlocks: ALL ? 10 : fault === 'SIGSTOP' ? 3 : 0 });

interface Lane {
  readonly open: () => Promise<Home>;
  readonly waitReplicas?: number;
  readonly trials: readonly Trial[];
}

const everyday = (lasts: { downMs: number; stoppedMs: number }, called = 'one server'): readonly Trial[] => [
  { name: `${called}: SIGTERM and start`, fault: 'SIGTERM and start', lastsMs: lasts.downMs },
  { name: `${called}: kill -9 and start`, fault: 'kill -9 and start', lastsMs: lasts.downMs },
  { name: `${called}: SIGSTOP ${String(lasts.stoppedMs / 1000)} s`, fault: 'SIGSTOP', lastsMs: lasts.stoppedMs },
  { name: `${called}: memory full`, fault: 'memory full', lastsMs: lasts.downMs },
];
const [lostMaster, lostSight] = ['the master killed', 'the replica cut off, then promoted'];

const ALL_LANES: readonly Lane[] = ALL
  ? [
      { open: oneServer, trials: everyday({ downMs: 5_000, stoppedMs: 10_000 }) },
      { open: () => oneServer('--appendfsync', 'everysec'), trials: [{ name: 'everysec: kill -9 and start', fault: 'kill -9 and start', lastsMs: 5_000 }] },
      { open: cluster, waitReplicas: 1, trials: [{ name: 'cluster, one replica waited for: a master killed', fault: 'a master killed', lastsMs: 10_000, goesOn: true }] },
      { open: cluster, trials: [{ name: 'cluster, none waited for: a master killed', fault: 'a master killed', lastsMs: 15_000, heals: true, goesOn: true }] },
      { open: watched, waitReplicas: 1, trials: [{ name: 'sentinel, one waited for: the master killed', fault: lostMaster, lastsMs: 10_000 }] },
      { open: watched, trials: [{ name: 'sentinel, none waited for: the master killed', fault: lostMaster, lastsMs: 15_000, heals: true }] },
      { open: cutOff, waitReplicas: 1, trials: [{ name: 'cut off then promoted, one waited for', fault: lostSight, lastsMs: 6_000 }] },
      { open: cutOff, trials: [{ name: 'cut off then promoted, none waited for', fault: lostSight, lastsMs: 6_000, goesOn: true }] },
    ]
  : [{ open: oneServer, trials: everyday({ downMs: 600, stoppedMs: 3_000 }).slice(1) }];
const LANES = ALL_LANES.map((lane) => ({ ...lane, trials: lane.trials.filter(({ name }) => !ALL || ASKED === 'all' || name.includes(ASKED)) })).filter(({ trials }) => trials.length > 0);
const TRIALS = LANES.flatMap(({ trials }) => trials);
/** Nothing is promised here of what was acknowledged while the replica was cut off, nor of windows that were open then. */
const MAY_LOSE = /promoted, none waited for/;

const played = new Map<string, Row | { readonly error: unknown }>();

beforeAll(async () => {
  for (const { open, waitReplicas = 0, trials } of LANES) {
    const lane = await RedisTrials.start(await open(), trials.reduce((all, trial) => all + sizeOf(trial).unlocks, 0), waitReplicas);
    for (const trial of trials) played.set(trial.name, await lane.play(trial, sizeOf(trial)).catch((error: unknown) => ({ error })));
    await lane.stop();
  }
}, 120_000 * TRIALS.length);

afterAll(() => {
  if (ALL) process.stdout.write(drawn(TRIALS.flatMap(({ name }) => { const row = played.get(name); return row && !('error' in row) ? [row] : []; })));
});

it.each(TRIALS)('$name: what was acknowledged is there, answered once and in order, and whoever waits is told so', ({ name }) => {
  const always = { 'failed': 0, 'unanswered': 0, 'answered twice': 0, 'told nothing': 0, 'unlocked twice': 0, 'told wrong': 0, 'pages wrong': 0 };
  const promised = { 'lost': 0, 'out of order': 0, 'not streamed': 0, 'streamed twice': 0, 'went back': 0 };
  expect(played.get(name)).toMatchObject({ ...always, ...(MAY_LOSE.test(name) ? {} : promised) });
});
