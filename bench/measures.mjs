// node bench/measures.mjs [--turns N] [--rounds N]: what the measures cost a turn, in CPU. First whole turns without, with, and
// with spans that go nowhere, window by window in turn: true, and as noisy as the machine. Then all the measuring of a turn
// around work that does nothing: what is left is its own cost. It needs the build: npm run build.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { turns: { type: 'string', default: '300' }, rounds: { type: 'string', default: '12' }, dist: { type: 'string' } } });
const dist = values.dist ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const from = createRequire(pathToFileURL(join(dist, 'main.js')));
const [{ createApp }, { readConfig }, { readKeys }, { openMeasures, UNMEASURED }, { createMask }, { NO_STOPWATCH, timedActions }] = ['./app.js', './config.js', './keys.js', './measured.js', './redaction/mask.js', './metrics/stopwatch.js'].map((file) => from(file));

const WAYS = { without: {}, measures: { INTERNAL_PORT: '0' }, 'measures and spans': { INTERNAL_PORT: '0', TRACES: 'on' } };
const SAID = ['mon compte est bloqué après plusieurs essais', 'Débloquer mon compte', 'je ne reçois pas le code', 'annuler', 'merci beaucoup', 'mot de passe oublié'];
const clock = { now: () => Date.now() };
const quiet = () => undefined;
const folders = [];
const quantile = (list, at) => [...list].sort((a, b) => a - b)[Math.floor(list.length * at)];

async function open(env) {
  const folder = mkdtempSync(join(tmpdir(), 'sesame-bench-measures-'));
  folders.push(folder);
  const config = { ...readConfig({ DATA_DIR: folder, ...env }), port: 0 };
  const measures = await openMeasures({ config, clock });
  const log = measures.log({ info: quiet, warn: quiet, error: quiet });
  const mask = createMask(() => clock.now());
  return createApp({ config, keys: await readKeys(folder), backend: { url: 'http://127.0.0.1:9', token: 'none' }, clock, mask, log, measures });
}

let next = 0;
async function turns(app, many) {
  const begun = process.cpuUsage();
  for (let turn = 0; turn < many; turn += 1) {
    const conversationId = `dl_bench-${String(Math.floor(next / SAID.length))}`;
    const at = clock.now();
    if (next % SAID.length === 0) await app.assistant.hear({ kind: 'opening', id: 'opening', conversationId, channel: 'web', at });
    await app.assistant.hear({ kind: 'words', id: `w${String(next)}`, conversationId, channel: 'web', at, text: SAID[next % SAID.length] });
    await app.assistant.settled();
    next += 1;
  }
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / many;
}

const apps = new Map();
for (const [way, env] of Object.entries(WAYS)) apps.set(way, await open(env));
const many = Number(values.turns);
for (const app of apps.values()) await turns(app, many);
const spent = new Map([...apps.keys()].map((way) => [way, []]));
for (let round = 0; round < Number(values.rounds); round += 1) {
  // Another order each round, so that none always comes after the same.
  const order = [...apps].slice(round % apps.size).concat([...apps].slice(0, round % apps.size));
  for (const [way, app] of order) spent.get(way).push(await turns(app, many));
}
for (const app of apps.values()) await app.close();
for (const folder of folders) rmSync(folder, { recursive: true, force: true });

const base = spent.get('without');
console.table(Object.fromEntries([...spent].map(([way, list]) => {
  const ratios = list.map((each, round) => each / base[round] - 1);
  return [way, { 'CPU a turn (µs), median': Math.round(quantile(list, 0.5)), 'least (µs)': Math.round(Math.min(...list)), 'more than without, median (%)': Number((quantile(ratios, 0.5) * 100).toFixed(2)) }];
})));

/** Whatever a turn asks of the store and of an action, with a request, done by nobody. */
function emptyTurn(measures) {
  const done = (value) => () => Promise.resolve(value);
  const store = measures.store({ accept: done({ kind: 'accepted' }), withTurn: (id, work) => work({}), load: done(undefined), inbox: done([]), seen: done(1), commitTurn: done([]) });
  const queued = measures.queued(store);
  const all = measures.actions({ 'account.service': { outcomes: ['up'], run: done({ outcome: 'up' }) } });
  const log = measures.log({ info: quiet, warn: quiet, error: quiet });
  const commit = { outbox: [] };
  return async () => {
    await queued.load('a');
    await queued.accept({});
    log.info('http.request', { path: '/v3/directline/conversations/dl_a/activities', status: 200 });
    await queued.withTurn('a', async () => {
      await queued.load('a');
      await queued.inbox('a');
      const watch = measures.turns.stopwatch?.('words') ?? NO_STOPWATCH;
      const actions = timedActions(all, watch);
      await watch.step('load', () => queued.load('a'));
      await watch.step('recognise', () => undefined);
      await watch.step('decide', () => undefined);
      await watch.step('dialog', () => actions['account.service'].run({}));
      await watch.step('commit', () => queued.commitTurn(commit));
      watch.ended('continueDialog', 'closed');
    });
    log.info('turn.closed', {});
  };
}

async function costOf(measures) {
  const turn = emptyTurn(measures);
  const blocks = [];
  for (let block = 0; block < 60; block += 1) {
    const begun = process.cpuUsage();
    for (let each = 0; each < 1000; each += 1) await turn();
    const { user, system } = process.cpuUsage(begun);
    blocks.push((user + system) / 1000);
  }
  return Math.min(...blocks);
}

const nothing = await costOf(UNMEASURED);
const least = Math.min(...base);
const own = { measures: { INTERNAL_PORT: '0' }, 'measures and spans': { INTERNAL_PORT: '0', TRACES: 'on' } };
const rows = [];
for (const [way, env] of Object.entries(own)) {
  const cost = (await costOf(await openMeasures({ config: readConfig(env), clock }))) - nothing;
  rows.push([way, { 'its own cost (µs a turn)': Number(cost.toFixed(1)), 'of the cheapest turn (%)': Number(((cost / least) * 100).toFixed(2)) }]);
}
console.table(Object.fromEntries(rows));
