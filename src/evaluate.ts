/**
 * The commands that measure: `evaluate` and `knowledge-diff`. They read options and files, and print; the figures
 * themselves are made in evaluation/.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readContent } from './app.js';
import type { Content } from './content.js';
import { describeFault, SesameError } from './conversation/errors.js';
import { crossValidate, lintPhrasings, type Material } from './evaluation/folds.js';
import { changesBetween, claimsOf, judge, readGolden, scoreOf } from './evaluation/golden.js';
import { binsOf } from './evaluation/metrics.js';
import { drawCalibration } from './evaluation/plot.js';
import { tellChanges, tellJudged, tellTrial, writePage } from './evaluation/report.js';
import { readSamples, type Noise } from './evaluation/samples.js';
import { ownEngine, runTrial, type Setting } from './evaluation/trial.js';
import { createEars } from './house.js';
import { loadKnowledge } from './understanding/knowledge.js';

const clock = { now: () => Date.now() };
const root = join(__dirname, '..');
const goldenFile = join(root, 'test/knowledge/utterances.tsv');
const page = join(root, 'docs/evaluation');

/** Measures a folder of samples (`--data`), or our own knowledge, and prints what was found. */
export async function evaluate(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      data: { type: 'string' },
      shots: { type: 'string', default: '10' },
      noise: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.data === undefined) {
    evaluateOurs(values.json);
    return;
  }
  const setting: Setting = { shots: readCount('shots', values.shots, 1), noise: readNoise(values.noise), seed: readCount('seed', values.seed, 0) };
  const samples = readSamples(values.data);
  const measured = await runTrial(ownEngine(readContent(clock).lexicon), samples, setting);
  print(values.json ? JSON.stringify({ data: samples.name, ...setting, ...measured }) : tellTrial(samples.name, setting, measured));
}

function evaluateOurs(json: boolean): void {
  const content = readContent(clock);
  const material: Material = { ...content, entries: [...content.entries.values()] };
  const golden = judge(readGolden(goldenFile), createEars(content).understand);
  const validated = crossValidate(material);
  const warnings = lintPhrasings(validated);
  const phrasings = [...material.entries, ...material.families].reduce((sum, { asks }) => sum + asks.length, 0);
  if (json) {
    print(JSON.stringify({ golden: scoreOf(golden), crossValidation: scoreOf(validated), warnings: warnings.map(describeFault) }));
  } else {
    print(tellJudged('golden set', golden), tellJudged('cross-validation', validated));
    print(...warnings.map((fault) => `warning: ${describeFault(fault)}`), `${String(warnings.length)} warnings`);
  }
  mkdirSync(page, { recursive: true });
  writeFileSync(join(page, 'README.md'), writePage({ golden, validated, entries: material.entries.length, phrasings }));
  writeFileSync(join(page, 'calibration.svg'), drawCalibration(binsOf(claimsOf(golden)), scoreOf(golden).ece, 'the golden set'));
}

/** Prints which golden questions are decided otherwise than with the knowledge of a git revision. */
export function diffKnowledge(options: readonly string[]): Promise<void> {
  const [revision = ''] = options;
  if (!/^[\w./~^@{}-]+$/.test(revision) || revision.startsWith('-')) {
    return Promise.reject(new SesameError('content-invalid', 'say since which git revision: npm run knowledge:diff -- HEAD~1'));
  }
  const content = readContent(clock);
  const questions = readGolden(goldenFile);
  const decideWith = (known: Content): ReturnType<typeof judge> => judge(questions, createEars(known, cacheFolder()).understand);
  print(tellChanges(revision, changesBetween(decideWith(contentAt(revision, content)), decideWith(content)), questions.length));
  return Promise.resolve();
}

/** Today's content with the knowledge of another day: the dialogs and commands stay. */
function contentAt(revision: string, content: Content): Content {
  const folder = mkdtempSync(join(tmpdir(), 'sesame-knowledge-'));
  try {
    // A path in the call to git, so that the command works from any folder.
    const archive = execFileSync('git', ['-C', root, 'archive', '--format=tar', revision, 'knowledge'], { maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    const { entries, families, lexicon, faults } = loadKnowledge(join(folder, 'knowledge'), '');
    if (entries.length === 0) throw new SesameError('content-invalid', `no entry of ${revision} can be read today`);
    if (faults.length > 0) process.stderr.write(`${revision}: ${String(faults.length)} faults by today's rules; entries of another shape are left out\n`);
    return { ...content, entries: new Map(entries.map((entry) => [entry.id, entry])), families, lexicon };
  } catch (cause) {
    if (cause instanceof SesameError) throw cause;
    throw new SesameError('content-invalid', `cannot read knowledge/ of ${revision}: is it a revision of this repository?`, { cause });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cacheFolder(): string {
  return join(process.env['DATA_DIR'] ?? './var', 'cache');
}

function readCount(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new SesameError('content-invalid', `--${name} ${text}: give a whole number, ${String(least)} or more`);
}

function readNoise(text: string): Noise {
  if (text === '0') return 0;
  if (text === '1') return 1;
  if (text === '2') return 2;
  throw new SesameError('content-invalid', `--noise ${text}: give 0, 1 or 2`);
}

function print(...lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}
