/**
 * Words and tables for what was measured: for a terminal, and as the page kept in docs/. It computes nothing.
 */
import { confusions, scoreOf, type Change, type Judged, type Score } from './golden.js';
import type { Measured, Setting } from './trial.js';

/** One trial of a set of samples, a figure a line. */
export function tellTrial(name: string, { shots, noise, seed }: Setting, measured: Measured): string {
  const lines = [
    ['top-1', percent(measured.top1)],
    ['top-3', percent(measured.top3)],
    ['macro-F1', percent(measured.macroF1)],
    ['MRR@3', percent(measured.mrr3)],
    ['far AUROC', percent(measured.farAuroc)],
    ['near AUROC', percent(measured.nearAuroc)],
    ['false answers at 95 % recall', percent(measured.falseAt95)],
    ['CCR@10', percent(measured.rightAt10)],
    ['ECE', percent(measured.ece)],
    ['p50', `${measured.p50Micros.toFixed(0)} µs`],
    ['p99', `${measured.p99Micros.toFixed(0)} µs`],
    ['load', `${measured.loadMs.toFixed(0)} ms`],
  ] as const;
  const head = `${name}: ${String(shots)} shots, noise ${String(noise)}, seed ${String(seed)}`;
  return [head, ...lines.map(([what, value]) => `  ${what.padEnd(30)}${value.padStart(10)}`)].join('\n');
}

/** The figures of a judged set under a heading, and what was taken for what. */
export function tellJudged(title: string, judged: readonly Judged[]): string {
  const rows = figuresOf(scoreOf(judged)).map(([what, value]) => `  ${what.padEnd(40)}${value.padStart(8)}`);
  const mixed = confusions(judged).map(({ expected, came, count }) => `  ${String(count).padStart(4)}  ${expected} -> ${came}`);
  return [title, ...rows, '  confusions (expected -> came):', ...(mixed.length > 0 ? mixed : ['        none'])].join('\n');
}

/** What changed between two states of the knowledge, losses first. */
export function tellChanges(revision: string, changes: readonly Change[], asked: number): string {
  const marks = { loss: '-', gain: '+', neither: ' ' } as const;
  const of = (effect: Change['effect']): readonly Change[] => changes.filter((change) => change.effect === effect);
  const lines = [...of('loss'), ...of('gain'), ...of('neither')].map(
    ({ effect, text, label, before, after }) => `${marks[effect]} « ${text} » (${label}): ${before} -> ${after}`,
  );
  const counts = `${String(changes.length)} of ${String(asked)} golden questions change since ${revision}: ${String(of('gain').length)} gains, ${String(of('loss').length)} losses`;
  return [...lines, counts].join('\n');
}

export interface Page {
  readonly golden: readonly Judged[];
  readonly validated: readonly Judged[];
  readonly entries: number;
  readonly phrasings: number;
}

/** The page of docs/evaluation: figures, how they were made, how to make them again. */
export function writePage({ golden, validated, entries, phrasings }: Page): string {
  const [ours, own] = [scoreOf(golden), scoreOf(validated)];
  const beside = figuresOf(own);
  const rows = figuresOf(ours).map(([what, value], at) => `| ${what} | ${value} | ${beside[at]?.[1] ?? ''} |`);
  const mixed = confusions(golden).map(({ expected, came, count }) => `| ${expected} | ${came} | ${String(count)} |`);
  return `# Evaluation

Written by \`npm run evaluate\`; do not edit. ${String(entries)} entries, ${String(phrasings)} phrasings.

The **golden set**, \`test/knowledge/utterances.tsv\`, was written without looking at the entries, and none of
its sentences is in the knowledge. One setting, how alike two phrasings must be to leave together, was chosen on it. **Cross-validation** leaves each phrasing of the knowledge out of training with its near twins, and asks it.
Out of scope means near subjects there (\`knowledge/hors-sujet.md\`), near and far ones in the golden set.

| | golden set | cross-validation |
| --- | ---: | ---: |
${rows.join('\n')}

ECE is the calibration error of « the best candidate is right » in ten groups of equal size. Floors are kept in
\`test/knowledge/floors.json\` and held by \`npm test\`.

![Share of right candidates against the confidence claimed, on the golden set](calibration.svg)

## What is taken for what, golden set

| expected | came | times |
| --- | --- | ---: |
${mixed.length > 0 ? mixed.join('\n') : '| | | 0 |'}

\`none\` as what came: nothing was found to fit, or, for a question that is not ours, a question back.

## Again

\`\`\`
npm run evaluate                                          this page, its plot, and warnings on phrasings
npm run evaluate -- --data DIR --shots 10 --noise 2       any set of {"text","label","split"} lines
npm run knowledge:diff -- REV                             golden questions that change since a revision
npm run bench:understanding                               against what one would use instead: bench.md
\`\`\`
`;
}

function figuresOf(score: Score): (readonly [string, string])[] {
  return [
    ['questions in scope', String(score.inScope)],
    ['questions out of scope', String(score.outOfScope)],
    ['top-1', percent(score.top1)],
    ['answered directly', percent(score.answered)],
    ['right among those', percent(score.precision)],
    ['out of scope given an answer', percent(score.outOfScopeAnswered)],
    ['ECE of the confidence', percent(score.ece)],
    ['ECE of the best score', percent(score.scoreEce)],
  ];
}

function percent(value: number): string {
  return Number.isNaN(value) ? '–' : `${(value * 100).toFixed(1)} %`;
}
