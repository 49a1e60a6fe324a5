/**
 * One engine tried on one set of samples: taught, asked, measured. The engine may be ours or any other with the same
 * two functions, so that a bench compares like with like.
 */
import { createUnderstanding, type UnderstandingOptions } from '../understanding/decide.js';
import { auroc, calibrationError, falseAt95, macroF1, mrrAt, percentile, rightAt10, topAt, type Told } from './metrics.js';
import { askedInScope, askedOutOfScope, drawLeftOut, drawLessons, type Asked, type Lesson, type Noise, type Samples } from './samples.js';

export interface Guess {
  readonly label: string;
  readonly score: number;
}

/** Best first. The first one's score is held to say how sure the engine is; nothing found is the lowest score. */
export type Ranker = (text: string) => readonly Guess[] | Promise<readonly Guess[]>;

export interface Engine {
  readonly name: string;
  readonly train: (lessons: readonly Lesson[]) => Ranker | Promise<Ranker>;
}

export interface Setting {
  readonly shots: number;
  readonly noise: Noise;
  readonly seed: number;
}

/** Shares are 0..1; times in the unit of their name. */
export interface Measured {
  readonly top1: number;
  readonly top3: number;
  readonly macroF1: number;
  readonly mrr3: number;
  readonly farAuroc: number;
  readonly nearAuroc: number;
  /** False answers to far questions when 95 % of ours are accepted. */
  readonly falseAt95: number;
  /** Right answers when one far question in ten is accepted. */
  readonly rightAt10: number;
  /** Calibration error over our questions and far ones together. */
  readonly ece: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly loadMs: number;
}

interface Heard {
  readonly told: readonly Told[];
  readonly sure: readonly number[];
  readonly micros: readonly number[];
}

const lowest = Number.NEGATIVE_INFINITY;

/** What a lesson gives to learn from, for engines that know phrasings only: ours reads the same texts. */
export function phrasingsOfLesson({ title, keywords, answer, shots }: Lesson): string[] {
  return [title, ...shots, keywords.join(' '), answer.slice(0, 300)].filter((text) => text.trim() !== '');
}

/** Our own understanding, as it is shipped, with a lexicon of function words and short forms. */
export function ownEngine(lexicon: UnderstandingOptions['lexicon']): Engine {
  return {
    name: 'ours',
    train: (lessons) => {
      const understanding = createUnderstanding({ entries: lessons.map(entryOf), families: [], lexicon });
      return (text) => {
        const { candidates, confidence } = understanding.decide(text);
        return candidates.map(({ entry, score }, at) => ({ label: entry, score: at === 0 ? confidence : score }));
      };
    },
  };
}

function entryOf({ label, title, keywords, answer, shots }: Lesson): UnderstandingOptions['entries'][number] {
  const unused = { screens: [], related: [], sources: [], mustMatch: [], mustNotMatch: [], owner: '', reviewBy: '', plain: '' };
  return { ...unused, kind: 'information', id: label, title, asks: [...shots], keywords: [...keywords], answer };
}

/** Teaches and asks everything; a second, smaller training without some labels makes the near questions. */
export async function runTrial(engine: Engine, samples: Samples, setting: Setting): Promise<Measured> {
  const lessons = drawLessons(samples, setting.shots, setting.seed);
  const started = performance.now();
  const rank = await engine.train(lessons);
  const loadMs = performance.now() - started;
  return { ...(await measure(rank, samples, setting)), nearAuroc: await measureNear(engine, samples, setting), loadMs };
}

/** What an engine already taught makes of our questions and of far ones. */
export async function measure(rank: Ranker, samples: Samples, setting: Setting): Promise<Omit<Measured, 'nearAuroc' | 'loadMs'>> {
  const inside = await ask(rank, askedInScope(samples, setting.noise, setting.seed));
  const far = await ask(rank, unlabelled(askedOutOfScope(samples, 'far')));
  const ours = inside.sure.map((score, at) => ({ score, right: inside.told[at]?.found[0] === inside.told[at]?.expected }));
  const claims = [...ours, ...far.sure.map((score) => ({ score, right: false }))];
  return {
    top1: topAt(1, inside.told),
    top3: topAt(3, inside.told),
    macroF1: macroF1(inside.told),
    mrr3: mrrAt(3, inside.told),
    farAuroc: auroc(inside.sure, far.sure),
    falseAt95: falseAt95(inside.sure, far.sure),
    rightAt10: rightAt10(ours, far.sure),
    ece: calibrationError(claims.map(({ score, right }) => ({ right, confidence: Math.max(0, Math.min(1, score)) }))),
    p50Micros: percentile(inside.micros, 0.5),
    p99Micros: percentile(inside.micros, 0.99),
  };
}

/** How well questions on a subject of ours are told from near ones: those marked so, or those of labels left out. */
export async function measureNear(engine: Engine, samples: Samples, setting: Setting): Promise<number> {
  const lessons = drawLessons(samples, setting.shots, setting.seed);
  const questions = askedInScope(samples, setting.noise, setting.seed);
  const marked = askedOutOfScope(samples, 'near');
  const leftOut = marked.length > 0 ? new Set<string>() : drawLeftOut(lessons, setting.seed);
  const rank = await engine.train(lessons.filter(({ label }) => !leftOut.has(label)));
  const inside = await ask(rank, questions.filter(({ label }) => !leftOut.has(label)));
  const near = await ask(rank, [...unlabelled(marked), ...questions.filter(({ label }) => leftOut.has(label))]);
  return auroc(inside.sure, near.sure);
}

/** Share of questions answered right at first place, for one more level of noise by an engine already taught. */
export async function topOne(rank: Ranker, samples: Samples, { noise, seed }: Setting): Promise<number> {
  return topAt(1, (await ask(rank, askedInScope(samples, noise, seed))).told);
}

async function ask(rank: Ranker, questions: readonly Asked[]): Promise<Heard> {
  const told: Told[] = [];
  const sure: number[] = [];
  const micros: number[] = [];
  for (const { text, label } of questions) {
    const started = performance.now();
    const found = rank(text);
    const guesses = found instanceof Promise ? await found : found;
    micros.push((performance.now() - started) * 1000);
    told.push({ expected: label, found: guesses.map((guess) => guess.label) });
    sure.push(guesses[0]?.score ?? lowest);
  }
  return { told, sure, micros };
}

function unlabelled(texts: readonly string[]): Asked[] {
  return texts.map((text) => ({ text, label: '' }));
}
