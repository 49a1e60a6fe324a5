// npm run bench:understanding [-- --quick] [-- --write]: our understanding against what one would use instead, in one
// run, on the shared French sets; then how fast ours is. It decides nothing: floors are held by npm test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const require = createRequire(import.meta.url);
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    data: { type: 'string', default: join(root, '../shared/bench') },
    dist: { type: 'string', default: join(root, 'dist') },
    engines: { type: 'string', default: '' },
  },
});
const sets = options.quick ? ['covidfaq-fr'] : ['bankcards-fr', 'covidfaq-fr', 'cdtn-fr-dev'];
const seeds = options.quick ? [1] : [1, 2, 3];
const shots = 10;

function stop(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

const missing = sets.filter((set) => !existsSync(join(options.data, set, 'data.jsonl')));
if (missing.length > 0) stop(`no data: ${missing.join(', ')} not found under ${options.data} (--data DIR says where they are)`);
if (!existsSync(join(options.dist, 'evaluation/trial.js'))) stop('not built: run npm run build first');
if (!existsSync(join(here, 'node_modules/minisearch'))) {
  const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: here, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) stop('the packages of bench/ could not be installed');
}

const inDist = (file) => require(join(resolve(options.dist), file));
const { drawLessons, readSamples } = inDist('evaluation/samples.js');
const { measure, measureNear, ownEngine, phrasingsOfLesson, topOne } = inDist('evaluation/trial.js');
const { mean } = inDist('evaluation/metrics.js');
const { readContent } = inDist('app.js');
const learners = await import('./classifiers.mjs');
const searches = await import('./searches.mjs');
const { speedTable } = await import('./speed.mjs');

/** The same rows for all: the drawn phrasings, and title, keywords and head of the answer where there are some. */
const installed = [...Object.values(learners), ...Object.values(searches)].map(({ name, train }) => ({
  name,
  train: (lessons) => train(lessons.flatMap((lesson) => phrasingsOfLesson(lesson).map((text) => ({ label: lesson.label, text })))),
}));
const content = readContent({ now: () => Date.now() });
const engines = [ownEngine(content.lexicon), ...installed].filter(({ name }) => new RegExp(options.engines).test(name));

async function run(engine, samples) {
  const known = new Map();
  const runs = [];
  for (const seed of seeds) {
    const setting = { shots, noise: 0, seed };
    const lessons = drawLessons(samples, shots, seed);
    // Where a label has no more phrasings than are drawn, seeds draw the same ones: asked once, counted each time.
    const key = JSON.stringify(lessons);
    if (!known.has(key)) {
      const rank = await engine.train(lessons);
      const noisy = async (noise) => topOne(rank, samples, { ...setting, noise });
      known.set(key, { ...(await measure(rank, samples, setting)), noise1: await noisy(1), noise2: await noisy(2) });
    }
    runs.push({ ...known.get(key), nearAuroc: await measureNear(engine, samples, setting) });
  }
  return Object.fromEntries(Object.keys(runs[0]).map((figure) => [figure, mean(runs.map((one) => one[figure]))]));
}

const columns = [
  ['top-1', 'top1'], ['macro-F1', 'macroF1'], ['top-3', 'top3'], ['noise 1', 'noise1'], ['noise 2', 'noise2'],
  ['far AUROC', 'farAuroc'], ['FPR95', 'falseAt95'], ['CCR@10', 'rightAt10'], ['near AUROC', 'nearAuroc'],
];

function rowOf(name, figures) {
  const shares = columns.map(([, key]) => (figures[key] * 100).toFixed(1));
  return `| ${[name, ...shares, String(Math.round(figures.p50Micros))].join(' | ')} |`;
}

const out = [];
function tell(...lines) {
  out.push(...lines);
  process.stdout.write(`${lines.join('\n')}\n`);
}

tell('# Understanding, side by side', '');
tell(`Written by \`npm run bench:understanding -- --write\`. ${shots} shots, seeds ${seeds.join(', ')}, means; shares in %, p50 in µs a clean question.`);
tell(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown'} × ${availableParallelism()}. All engines are taught the same rows; near questions are those of a`);
tell('quarter of the labels, left out of a second training. What the columns mean: `src/evaluation/metrics.ts`.', '');
const totals = new Map(engines.map(({ name }) => [name, []]));
const table = (title, rows) => tell(`## ${title}`, '', `| engine | ${columns.map(([name]) => name).join(' | ')} | p50 |`, `| --- |${' ---: |'.repeat(columns.length + 1)}`, ...rows, '');
for (const set of sets) {
  const samples = readSamples(join(options.data, set));
  const rows = [];
  for (const engine of engines) {
    const started = performance.now();
    const figures = await run(engine, samples);
    process.stderr.write(`${set}: ${engine.name} in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    totals.get(engine.name).push(figures);
    rows.push(rowOf(engine.name, figures));
  }
  table(set, rows);
}
if (sets.length > 1) {
  const average = (all) => Object.fromEntries(Object.keys(all[0]).map((key) => [key, mean(all.map((one) => one[key]))]));
  table('mean of the sets', engines.map(({ name }) => rowOf(name, average(totals.get(name)))));
}
if (options.engines === '') tell(...speedTable(inDist, content));

if (options.write) {
  mkdirSync(join(root, 'docs/evaluation'), { recursive: true });
  writeFileSync(join(root, 'docs/evaluation/bench.md'), `${out.join('\n').trimEnd()}\n`);
}
