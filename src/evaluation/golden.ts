/**
 * The golden set: sentences written without looking at the knowledge, each with the entry it should get or `none`.
 * Here it is read, held against decisions, and compared between two states of the knowledge. Nothing is tuned here.
 */
import { readFileSync } from 'node:fs';
import { SesameError } from '../conversation/errors.js';
import type { Decision } from '../understanding/decide.js';
import { calibrationError, share, type Claim } from './metrics.js';

export interface Question {
  /** Entry, or `none`. */
  readonly label: string;
  readonly text: string;
}

export interface Judged extends Question {
  readonly kind: Decision['kind'];
  /** Best candidate, whatever was decided; empty when there is none. */
  readonly best: string;
  /** That it is right and the text for us, as claimed. */
  readonly confidence: number;
  /** The same as a candidate's score, which is what `understand --jsonl` tells. */
  readonly score: number;
}

export type Decide = (text: string) => Decision;

/** Shares of 0..1. */
export interface Score {
  readonly inScope: number;
  readonly outOfScope: number;
  readonly top1: number;
  /** Share of our questions answered at once. */
  readonly answered: number;
  /** Share of right answers among our questions answered at once. */
  readonly precision: number;
  /** Share of others' questions given an answer. */
  readonly outOfScopeAnswered: number;
  /** Calibration error of « the best candidate is right », over all questions. */
  readonly ece: number;
  /** The same, of the best candidate's score. */
  readonly scoreEce: number;
}

export const none = 'none';

/** Reads `label<TAB>text` lines under a header. Refuses a line of another shape. */
export function readGolden(file: string): Question[] {
  const [, ...lines] = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line, at) => {
      const [label = '', text = '', ...rest] = line.split('\t');
      if (label === '' || text.trim() === '' || rest.length > 0) {
        throw new SesameError('content-invalid', `${file}:${String(at + 2)} is not label<TAB>text`);
      }
      return { label, text };
    });
}

export function judge(questions: readonly Question[], decide: Decide): Judged[] {
  return questions.map(({ label, text }) => {
    const { kind, candidates, confidence } = decide(text);
    return { label, text, kind, best: candidates[0]?.entry ?? '', confidence, score: candidates[0]?.score ?? 0 };
  });
}

export function scoreOf(judged: readonly Judged[]): Score {
  const ours = judged.filter(({ label }) => label !== none);
  const others = judged.filter(({ label }) => label === none);
  const answered = ours.filter(({ kind }) => kind === 'answer');
  return {
    inScope: ours.length,
    outOfScope: others.length,
    top1: share(ours.filter(isRight).length, ours.length),
    answered: share(answered.length, ours.length),
    precision: share(answered.filter(isRight).length, answered.length),
    outOfScopeAnswered: share(others.filter(({ kind }) => kind === 'answer').length, others.length),
    ece: calibrationError(claimsOf(judged)),
    scoreEce: calibrationError(judged.map((one) => ({ confidence: one.score, right: isRight(one) }))),
  };
}

export function claimsOf(judged: readonly Judged[]): Claim[] {
  return judged.map((one) => ({ confidence: one.confidence, right: isRight(one) }));
}

/** What was expected, what came (the best candidate, or `none` when nothing fits), how often; the most frequent first. */
export function confusions(judged: readonly Judged[]): { readonly expected: string; readonly came: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const one of judged) {
    const came = cameOf(one);
    if (came !== one.label) counts.set(`${one.label}\t${came}`, (counts.get(`${one.label}\t${came}`) ?? 0) + 1);
  }
  return [...counts]
    .map(([pair, count]) => ({ expected: pair.split('\t')[0] ?? '', came: pair.split('\t')[1] ?? '', count }))
    .sort((a, b) => b.count - a.count || (a.expected < b.expected ? -1 : 1));
}

export interface Change {
  readonly text: string;
  readonly label: string;
  readonly before: string;
  readonly after: string;
  readonly effect: 'gain' | 'loss' | 'neither';
}

/** Questions whose decision changed in kind, or in entry when answered. */
export function changesBetween(before: readonly Judged[], after: readonly Judged[]): Change[] {
  return after.flatMap((now, at) => {
    const then = before[at];
    if (then === undefined || outcomeOf(then) === outcomeOf(now)) return [];
    const step = worth(now) - worth(then);
    const effect = step > 0 ? 'gain' : step < 0 ? 'loss' : 'neither';
    return [{ text: now.text, label: now.label, before: outcomeOf(then), after: outcomeOf(now), effect }];
  });
}

function isRight({ label, best }: Judged): boolean {
  return label === best;
}

function cameOf({ label, kind, best }: Judged): string {
  if (kind === 'none') return none;
  // A question back is the right end for what may or may not be ours.
  return label === none && kind === 'clarify' ? none : best;
}

function outcomeOf({ kind, best }: Judged): string {
  return kind === 'none' ? kind : `${kind} ${best}`;
}

/** A wrong answer is worse than nothing, and nothing worse than a question back that names the right entry. */
function worth(one: Judged): number {
  if (one.label === none) return { none: 2, clarify: 1, answer: -1 }[one.kind];
  if (one.kind === 'none') return 0;
  if (one.kind === 'clarify') return isRight(one) ? 1 : 0;
  return isRight(one) ? 2 : -1;
}
