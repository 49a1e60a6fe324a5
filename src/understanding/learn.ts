/**
 * Knowledge -> everything that reading a text needs: its words, its matcher, and its curves, learnt once and kept by the hash of the content. It decides nothing.
 */
import { createHash } from 'node:crypto';
import { keepLearnt, readLearnt } from '../matching/cache.js';
import { fitCurve, tryOut, usualCurves, type Curve, type Outcome, type Trial } from '../matching/calibration.js';
import { createMatcher, type Lessons, type Matcher } from '../matching/matcher.js';
import { createNormaliser, fold, tokenise, type Lexicon, type Normalised, type Word } from '../matching/normalise.js';
import { createSpeller, usualErrors, type Reading } from '../matching/spelling.js';
import { phrasingsOf, type Entry, type Family } from './knowledge.js';

export interface UnderstandingOptions {
  readonly entries: readonly Entry[];
  readonly families: readonly Family[];
  readonly lexicon: Lexicon;
  /** Where to keep what was learnt between two starts; without it, each start learns again. */
  readonly cacheFolder?: string;
}

export interface Topic {
  readonly id: string;
  readonly family?: Family;
}

export interface Phrasing {
  readonly label: number;
  readonly text: string;
}

/** A text as it was read. */
export interface Heard {
  readonly normalised: Normalised;
  readonly readings: readonly Reading[];
}

export interface Curves {
  /** Chance that the best class is the right one, by evidence alone: tells our subject from others best. */
  readonly sure: Curve;
  /** The same, by evidence and by its lead over the second: tells our entries apart best. */
  readonly right: Curve;
  /** Chance that the right one is an entry among the first three. */
  readonly among: Curve;
}

export interface Learnt {
  readonly topics: readonly Topic[];
  readonly phrasings: readonly Phrasing[];
  readonly hear: (text: string) => Heard;
  readonly weigh: Matcher['weigh'];
  readonly curves: Curves;
}

/** Words weighed of one text: what a page goes on about is said by then. */
const wordsAtMost = 150;
/** Part of the cache's name: raise it when the same content would be learnt otherwise. */
const learning = 3;
/** Fewer phrasings than this teach no curve worth having; with more, learning them several times takes too long. */
const calibrated = { least: 60, most: 8_000 };
/**
 * Part of the questions that is for us, when near subjects stand for the others. Without them the others are entries
 * left out, far harder to tell apart than what really comes: they count for less.
 */
const partForUs = { withFamilies: 0.65, without: 0.85 };

/** Learns the knowledge, or reads what was learnt from the very same. */
export function learn({ entries, families, lexicon, cacheFolder }: UnderstandingOptions): Learnt {
  const topics: Topic[] = [...entries.map(({ id }) => ({ id })), ...families.map((family) => ({ id: family.id, family }))];
  const phrasings = collect([...entries.map(phrasingsOf), ...families.map(({ title, asks }) => [title, ...asks])]);
  const normalise = createNormaliser(lexicon);
  const normalised = phrasings.map(({ text }) => normalise(text));
  const spell = createSpeller([...normalised.flatMap(({ words }) => words), ...looseWords(lexicon)], {
    ...usualErrors,
    keep: new Set(lexicon.keep.map(fold)),
    inflections: true,
  });
  const lessons: Lessons = {
    readings: normalised.map(({ words }) => spell(words)),
    labels: phrasings.map(({ label }) => label),
    classes: topics.length,
    synonyms: lexicon.synonyms,
  };
  const outside = (label: number): boolean => topics[label]?.family !== undefined;
  const { matcher, curves } = remember(lessons, outside, { folder: cacheFolder, content: [learning, topics.length, phrasings, lexicon] });
  const hear = (text: string): Heard => {
    const heard = normalise(text);
    return { normalised: heard, readings: withoutCourtesy(spell(heard.words.slice(0, wordsAtMost))) };
  };
  return { topics, phrasings, hear, weigh: (readings) => matcher.weigh(readings), curves };
}

/** « Bonjour » and « merci » change no request: who greets and thanks is not here to chat. Alone, they are what is said. */
function withoutCourtesy(readings: readonly Reading[]): readonly Reading[] {
  const rest = readings.filter(({ courtesy }) => !courtesy);
  return rest.some(({ light }) => !light) ? rest : readings;
}

interface Lesson {
  readonly matcher: Matcher;
  readonly curves: Curves;
}

interface Memory {
  readonly folder: string | undefined;
  readonly content: unknown;
}

function remember(lessons: Lessons, outside: (label: number) => boolean, { folder, content }: Memory): Lesson {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const kept = folder === undefined ? undefined : readLearnt(folder, hash);
  const matcher = createMatcher(lessons, kept && ((size) => (kept.borders.starts.length === size + 2 ? kept.borders : undefined)));
  if (kept !== undefined && matcher.borders === kept.borders) return { matcher, curves: fromNumbers(kept.numbers) };
  const curves = calibrate(lessons, outside);
  if (folder !== undefined) keepLearnt(folder, hash, { borders: matcher.borders, numbers: toNumbers(curves) });
  return { matcher, curves };
}

function calibrate(lessons: Lessons, outside: (label: number) => boolean): Curves {
  if (lessons.readings.length < calibrated.least || lessons.readings.length > calibrated.most) return usualCurves;
  const trials = tryOut(lessons, outside);
  const ours = (trial: Trial): boolean => trial.known && !outside(trial.label);
  const count = trials.filter(ours).length;
  const part = trials.some(({ label }) => outside(label)) ? partForUs.withFamilies : partForUs.without;
  const forUs = (trials.length * part) / Math.max(1, count);
  const notForUs = (trials.length * (1 - part)) / Math.max(1, trials.length - count);
  const outcomes = (truth: (trial: Trial) => boolean): Outcome[] =>
    // What is sent to a near subject is never answered: the curves are about what stays.
    trials.filter(({ weighing }) => !outside(weighing.ranked[0]?.label ?? -1)).map((trial) => ({ weighing: trial.weighing, truth: ours(trial) && truth(trial), weight: ours(trial) ? forUs : notForUs }));
  const right = outcomes(({ label, weighing }) => weighing.ranked[0]?.label === label);
  const among = outcomes(({ label, weighing }) => weighing.ranked.slice(0, 3).some((one) => one.label === label));
  return { sure: fitCurve(right, usualCurves.sure), right: fitCurve(right, usualCurves.right), among: fitCurve(among, usualCurves.among) };
}

function toNumbers({ sure, right, among }: Curves): number[] {
  return [sure, right, among].flatMap(({ evidence, gap, base }) => [evidence, gap, base]);
}

function fromNumbers(numbers: readonly number[]): Curves {
  const at = (place: number): number => numbers[place] ?? 0;
  const curve = (place: number): Curve => ({ evidence: at(place), gap: at(place + 1), base: at(place + 2) });
  return { sure: curve(0), right: curve(3), among: curve(6) };
}

function collect(groups: readonly (readonly string[])[]): Phrasing[] {
  return groups.flatMap((texts, label) => texts.filter((text) => text.trim() !== '').map((text) => ({ label, text })));
}

/** Words that no phrasing may hold, but that must not be read as others. */
function looseWords(lexicon: Lexicon): Word[] {
  const texts = [...lexicon.synonyms.flat(), ...lexicon.stopwords, ...lexicon.fillers, ...lexicon.courtesies];
  return texts.flatMap(tokenise).map((surface) => ({ surface, folded: fold(surface), light: false, courtesy: false }));
}
