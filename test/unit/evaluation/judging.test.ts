/** The golden set read and judged, changes told, a trial run with a scripted engine, and the page and plot made of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changesBetween, confusions, judge, readGolden, scoreOf, type Judged } from '../../../src/evaluation/golden';
import { drawCalibration } from '../../../src/evaluation/plot';
import { tellChanges, tellJudged, writePage } from '../../../src/evaluation/report';
import { measureNear, runTrial, type Engine } from '../../../src/evaluation/trial';
import type { Samples } from '../../../src/evaluation/samples';

const judged = (label: string, kind: Judged['kind'], best: string, confidence = 0.9): Judged => ({ label, text: `${label} ${best}`, kind, best, confidence, score: confidence / 2 });

const some: readonly Judged[] = [
  judged('a', 'answer', 'a'),
  judged('a', 'answer', 'b'),
  judged('a', 'clarify', 'a', 0.5),
  judged('b', 'none', 'b', 0.1),
  judged('none', 'answer', 'a'),
  judged('none', 'none', ''),
  judged('none', 'clarify', 'b', 0.3),
  judged('none', 'none', 'b', 0.1),
];

describe('the golden set', () => {
  it('is read under its header, and a line of another shape is told by its number', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sesame-golden-')), 'set.tsv');
    writeFileSync(file, 'label\ttext\na\tbonjour à tous\n\nnone\tsalut\n');
    expect(readGolden(file)).toEqual([{ label: 'a', text: 'bonjour à tous' }, { label: 'none', text: 'salut' }]);
    writeFileSync(file, 'label\ttext\na bonjour\n');
    expect(() => readGolden(file)).toThrow('set.tsv:2');
    rmSync(file);
  });

  it('keeps of a decision its kind, its best candidate and its confidence', () => {
    const found = judge([{ label: 'a', text: 'x' }], () => ({ kind: 'clarify', entry: null, candidates: [{ entry: 'b', score: 0.4 }], confidence: 0.7, because: [] }));
    expect(found).toEqual([{ label: 'a', text: 'x', kind: 'clarify', best: 'b', confidence: 0.7, score: 0.4 }]);
  });

  it('scores ours and others apart', () => {
    expect(scoreOf(some)).toMatchObject({ inScope: 4, outOfScope: 4, top1: 3 / 4, answered: 2 / 4, precision: 1 / 2, outOfScopeAnswered: 1 / 4 });
  });

  it('holds confidence and score each to what came true', () => {
    const sure = [judged('a', 'answer', 'a', 1), judged('b', 'answer', 'b', 1), judged('none', 'none', 'a', 0), judged('none', 'none', '', 0)];
    expect(scoreOf(sure).ece).toBe(0);
    expect(scoreOf(sure).scoreEce).toBeCloseTo(0.25);
  });

  it('counts a question back to a stranger as no confusion, and an answer as one', () => {
    expect(confusions(some)).toEqual([
      { expected: 'a', came: 'b', count: 1 },
      { expected: 'b', came: 'none', count: 1 },
      { expected: 'none', came: 'a', count: 1 },
    ]);
  });
});

describe('the difference between two states of the knowledge', () => {
  it('tells gains from losses and leaves out what is decided the same', () => {
    const before = [judged('a', 'answer', 'a', 0.9), judged('a', 'answer', 'b'), judged('a', 'clarify', 'b'), judged('none', 'none', ''), judged('a', 'clarify', 'c')];
    const after = [judged('a', 'answer', 'a', 0.8), judged('a', 'clarify', 'a'), judged('a', 'clarify', 'c'), judged('none', 'answer', 'a'), judged('a', 'answer', 'a')];
    const changes = changesBetween(before, after);
    expect(changes.map(({ effect }) => effect)).toEqual(['gain', 'neither', 'loss', 'gain']);
    expect(tellChanges('HEAD~1', changes, 5)).toMatch(/^- .*\n(\+ .*\n){2} {2}.*\n4 of 5 .*: 2 gains, 1 losses$/);
  });
});

describe('a trial', () => {
  const row = (text: string, label: string, split: 'train' | 'test'): Samples['rows'][number] => ({ text, label, split });
  const samples: Samples = {
    name: 'tiny',
    rows: [row('a', 'a', 'train'), row('b', 'b', 'train'), row('a', 'a', 'test'), row('a', 'b', 'test'), row('b', 'b', 'test'), row('?', 'oos', 'test'), row('b', 'oos', 'test')],
    noisy: [{ text: 'b', label: 'a', level: 1 }],
    topics: new Map(),
  };
  /** Finds the label whose shot is the text, surely; nothing else. */
  const exact: Engine = {
    name: 'exact',
    train: (lessons) => (text) => lessons.filter(({ shots }) => shots.includes(text)).map(({ label }) => ({ label, score: 1 })),
  };
  const setting = { shots: 1, noise: 0, seed: 1 } as const;

  it('measures what was found of ours and of others', async () => {
    const measured = await runTrial(exact, samples, setting);
    expect(measured.top1).toBeCloseTo(2 / 3);
    // Ours score 1, of others one scores 1 and one nothing.
    expect(measured.farAuroc).toBeCloseTo(0.75);
    expect(measured.falseAt95).toBe(0.5);
    // Five claims: four sure, of which two are right; one of nothing, held to be wrong.
    expect(measured.ece).toBeCloseTo(0.4);
  });

  it('asks the spoiled questions at the level asked for', async () => {
    expect((await runTrial(exact, samples, { ...setting, noise: 1 })).top1).toBe(0);
  });

  it('makes near questions of a label that was not taught', async () => {
    const near = await measureNear(exact, { ...samples, rows: samples.rows.filter(({ text, label }) => text === label) }, setting);
    expect(near).toBe(1);
  });
});

describe('the page and the plot', () => {
  it('says the same figures as the terminal', () => {
    const page = writePage({ golden: some, validated: some, entries: 2, phrasings: 24 });
    expect(page).toContain('| right among those | 50.0 % | 50.0 % |');
    expect(tellJudged('x', some)).toMatch(/right among those +50\.0 %/);
  });

  it('draws a plot that is told in words and follows the page in the dark', () => {
    const svg = drawCalibration([{ count: 10, confidence: 0.25, accuracy: 0.5 }], 0.25, 'a <set>');
    expect(svg).toContain('<title id="title">Calibration on a &lt;set&gt;</title>');
    expect(svg).toMatch(/<desc id="desc">.*claimed 25\.0 %, right 50\.0 % of 10\./);
    expect(svg).toContain('prefers-color-scheme: dark');
    // A quarter of the way across, half-way up.
    expect(svg).toContain('cx="136" cy="176"');
  });
});
