// npm run bench:waiting [-- --seeds N]: does the wait that people are told hold? Simulated days, drawn by seeds; the
// figures are those of the simulation, and say nothing of a real desk but that the method keeps its promise on this one.
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hourOf, judge, playDay } from './waiting-day.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({ options: { seeds: { type: 'string', default: '10' }, dist: { type: 'string', default: join(root, 'dist') } } });
const { createWaitEstimator, expectedWait, holds } = createRequire(import.meta.url)(join(resolve(options.dist), 'waiting/wait.js'));
const seeds = Array.from({ length: Number(options.seeds) }, (_, n) => n + 101);
// The seeds below 100 were looked at while the figures of waiting/ were chosen; these were not.
const size = { requests: 2000, advisers: 40 };

/** The same simulation, never corrected: what learning from errors is worth. */
const withoutMemory = () => ({ predict: (ticket, view) => expectedWait(view, ticket), observe() {}, waiting() {}, forget() {} });

/** Two days in a row: the first without any past, the second with what the first one taught. */
function twoDays(seed, make, second) {
  const estimator = make();
  const first = playDay({ ...size, seed, estimator });
  return [first, playDay({ ...size, ...second, seed: seed + 1000, day: 2, estimator, history: first.history })];
}

const percent = (value) => (Number.isNaN(value) ? '—' : `${(100 * value).toFixed(1)} %`);
const minutes = (value) => (Number.isNaN(value) ? '—' : value.toFixed(1));
const say = (...lines) => process.stdout.write(`${lines.join('\n')}\n`);
const head = ['| | asked | served | ranges | held | served sooner | later | mean width | mean wait | « long » | of which true |', '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |'];
const row = (what, j) => `| ${[what, j.asked, j.served, j.ranges, percent(j.coverage), percent(j.sooner), percent(j.later), minutes(j.width), minutes(j.waited), j.long, percent(j.longHeld)].join(' | ')} |`;

function table(title, days) {
  const people = days.flatMap((day) => day.people);
  const coverages = days.map((day) => judge(day.people, holds).coverage);
  say('', `## ${title}`, '', `${days.length} days. Of single days: worst ${percent(Math.min(...coverages))}, best ${percent(Math.max(...coverages))} of the ranges held.`, '', ...head);
  for (const hour of [...new Set(people.map(hourOf))].sort((a, b) => a - b)) say(row(`${hour} h`, judge(people.filter((person) => hourOf(person) === hour), holds)));
  say(row('**day**', judge(people, holds)));
}

const started = performance.now();
const ordinary = seeds.map((seed) => twoDays(seed, createWaitEstimator, {}));
table('First day, nothing known', ordinary.map(([first]) => first));
table('Second day', ordinary.map(([, second]) => second));
table('Second day, without correction by past errors', seeds.map((seed) => twoDays(seed, withoutMemory, {})[1]));
table('Cruel second day: half the advisers leave at noon, durations double at 15 h', seeds.map((seed) => twoDays(seed, createWaitEstimator, { cruel: true })[1]));
table('Cruel second day, without correction by past errors', seeds.map((seed) => twoDays(seed, withoutMemory, { cruel: true })[1]));

const view = { ahead: 150, servers: 80, busyFor: Array.from({ length: 80 }, (_, n) => n / 3), history: Array.from({ length: 300 }, (_, n) => 2 + (n % 60)) };
const times = Array.from({ length: 200 }, (_, n) => {
  const from = performance.now();
  expectedWait(view, `ticket ${n}`);
  return performance.now() - from;
}).sort((a, b) => a - b);
say('', `One estimate with 80 conversations under way and 150 people before: ${times[100].toFixed(2)} ms (median), ${times[198].toFixed(2)} ms (99 %).`);
say(`Held: the wait of a person who was served lies in the range told at the request. People who gave up are not counted.`);
process.stderr.write(`${seeds.length} seeds, ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
