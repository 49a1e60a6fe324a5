/**
 * Knowledge -> everything that reading a text needs: its words, its matcher, and its curves, learnt once and kept by the hash of the content. It decides nothing.
 */
import { createHash } from 'node:crypto';
import { keepLearnt, readLearnt, type Kept } from '../matching/cache.js';
import { fitCurve, tryOut, usualCurves, type Curve, type Outcome, type Trial } from '../matching/calibration.js';
import { createMatcher, teach, type Lessons, type Matcher, type Taught } from '../matching/matcher.js';
import { createNormaliser, fold, tokenise, type Lexicon, type Normalised, type Word } from '../matching/normalise.js';
import { createSpeller, gatherWords, usualErrors, type Reading, type Speller, type Vocabulary } from '../matching/spelling.js';
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
const learning = 4;
/** Fewer phrasings than this teach no curve worth having; with more, learning them several times takes too long. */
const calibrated = { least: 60, most: 8_000 };
/**
 * Part of the questions that is for us, when near subjects stand for the others. Without them the others are entries
 * left out, far harder to tell apart than what really comes: they count for less.
 */
const partForUs = { withFamilies: 0.65, without: 0.85 };

/** Learns the knowledge, or reads what was learnt from the very same. */
export function learn({ entries, families, lexicon, cacheFolder: folder }: UnderstandingOptions): Learnt {
  const topics: Topic[] = [...entries.map(({ id }) => ({ id })), ...families.map((family) => ({ id: family.id, family }))];
  const phrasings = collect([...entries.map(phrasingsOf), ...families.map(({ title, asks }) => [title, ...asks])]);
  const hash = createHash('sha256').update(JSON.stringify([learning, topics.length, phrasings, lexicon])).digest('hex');
  const kept = folder === undefined ? undefined : readLearnt(folder, hash);
  // Nobody but `pack` writes what has this hash and this seal.
  const lesson = kept === undefined ? study({ topics, phrasings, lexicon }) : unpack(kept as ReturnType<typeof pack>);
  if (folder !== undefined && kept === undefined) keepLearnt(folder, hash, pack(lesson));
  const [normalise, spell] = [createNormaliser(lexicon), spellerOf(lesson.words, lexicon)];
  const matcher = createMatcher(lesson.taught, lexicon.synonyms);
  const hear = (text: string): Heard => {
    const heard = normalise(text);
    return { normalised: heard, readings: withoutCourtesy(spell(heard.words.slice(0, wordsAtMost))) };
  };
  return { topics, phrasings, hear, weigh: (readings) => matcher.weigh(readings), curves: lesson.curves };
}

function spellerOf(words: Vocabulary, lexicon: Lexicon): Speller {
  return createSpeller(words, { ...usualErrors, keep: new Set(lexicon.keep.map(fold)), inflections: true });
}

/** « Bonjour » and « merci » change no request: who greets and thanks is not here to chat. Alone, they are what is said. */
function withoutCourtesy(readings: readonly Reading[]): readonly Reading[] {
  const rest = readings.filter(({ courtesy }) => !courtesy);
  return rest.some(({ light }) => !light) ? rest : readings;
}

/** All that the knowledge teaches. */
interface Lesson {
  readonly words: Vocabulary;
  readonly taught: Taught;
  readonly curves: Curves;
}

function study({ topics, phrasings, lexicon }: Pick<Learnt, 'topics' | 'phrasings'> & { readonly lexicon: Lexicon }): Lesson {
  const normalise = createNormaliser(lexicon);
  const normalised = phrasings.map(({ text }) => normalise(text));
  const words = gatherWords([...normalised.flatMap((one) => one.words), ...looseWords(lexicon)]);
  const spell = spellerOf(words, lexicon);
  const lessons: Lessons = {
    readings: normalised.map((one) => spell(one.words)),
    labels: phrasings.map(({ label }) => label),
    classes: topics.length,
    synonyms: lexicon.synonyms,
  };
  return { words, taught: teach(lessons), curves: calibrate(lessons, (label) => topics[label]?.family !== undefined) };
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

function pack({ words, taught: { features, index, borders }, curves }: Lesson) {
  const all = [...words];
  return {
    words: all.map(([word]) => word),
    stems: all.map(([, { stem }]) => stem),
    counts: Int32Array.from(all, ([, { count }]) => count),
    names: features.names,
    seenIn: features.seenIn,
    ...index,
    borderStarts: borders.starts,
    borderLabels: borders.labels,
    borderWeights: borders.weights,
    curves: Float64Array.from([curves.sure, curves.right, curves.among].flatMap(({ evidence, gap, base }) => [evidence, gap, base])),
  } satisfies Kept;
}

function unpack({ words, stems, counts, names, seenIn, borderStarts, borderLabels, borderWeights, curves, ...index }: ReturnType<typeof pack>): Lesson {
  const classes = index.norms.length;
  const at = (place: number): number => curves[place] ?? 0;
  const curve = (place: number): Curve => ({ evidence: at(place), gap: at(place + 1), base: at(place + 2) });
  return {
    words: new Map(words.map((word, place) => [word, { stem: stems[place] ?? word, count: counts[place] ?? 0 }])),
    taught: {
      features: { names, seenIn, classes },
      index,
      borders: { classes, starts: borderStarts, labels: borderLabels, weights: borderWeights },
    },
    curves: { sure: curve(0), right: curve(3), among: curve(6) },
  };
}

function collect(groups: readonly (readonly string[])[]): Phrasing[] {
  return groups.flatMap((texts, label) => texts.filter((text) => text.trim() !== '').map((text) => ({ label, text })));
}

/** Words that no phrasing may hold, but that must not be read as others. */
function looseWords(lexicon: Lexicon): Word[] {
  const texts = [...lexicon.synonyms.flat(), ...lexicon.stopwords, ...lexicon.fillers, ...lexicon.courtesies];
  return texts.flatMap(tokenise).map((surface) => ({ surface, folded: fold(surface), light: false, courtesy: false }));
}
