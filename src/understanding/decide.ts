/**
 * A text -> a decision: answer with one entry, offer a few, or say that nothing fits, and why. It words no reply and
 * starts no dialog.
 */
import { createHash } from 'node:crypto';
import { keepBorders, readBorders, scores, train, type Borders } from '../matching/classifier.js';
import { createNeighbours, createSpace, type Examples, type Familiarity, type Nearness } from '../matching/features.js';
import { phrasingsOf, type Entry, type Family } from './knowledge.js';
import { createNormaliser, fold, foldedWords, tokenise, type Lexicon, type Normalised, type Word } from '../matching/normalise.js';
import { createSpeller, usualErrors, type Reading } from '../matching/spelling.js';

export interface Candidate {
  readonly entry: string;
  /** Estimated chance that this entry is the right one, 0..1. */
  readonly score: number;
}

export interface Decision {
  readonly kind: 'answer' | 'clarify' | 'none';
  /** The entry to answer with; `null` unless `kind` is `answer`. */
  readonly entry: string | null;
  /** At most 5, best first. */
  readonly candidates: readonly Candidate[];
  /** How sure we are that the best candidate is right and that the text is for us, 0..1, in full precision. */
  readonly confidence: number;
  /** Reasons in French, for authors and advisers. They quote the text: never log them. */
  readonly because: readonly string[];
  /** A near subject that is not for us, and what to say of it; only with `none`. */
  readonly family?: { readonly id: string; readonly redirect: string };
}

export interface Understanding {
  /** Same text, same decision. Reads at most 2,000 characters; refuses nothing. */
  decide(text: string): Decision;
}

export interface UnderstandingOptions {
  readonly entries: readonly Entry[];
  readonly families: readonly Family[];
  readonly lexicon: Lexicon;
  /** Where to keep what was learnt between two starts; without it, each start learns again. */
  readonly cacheFolder?: string;
}

/**
 * How a decision is made of a confidence (are we on our subject?) and of candidates' scores.
 * Rule of measure: the knowledge's phrasings, a tenth left out at a time and read by what the rest taught; then its
 * `mustMatch` and `mustNotMatch`. A wrong answer weighs more than a question: a threshold moves only if fewer wrong
 * answers come of it and at least six phrasings in ten are still answered at once.
 */
export const thresholds = {
  /** Least confidence to answer, and most that the second may have of the first's score. */
  answer: 0.8,
  runnerUp: 0.25,
  /** Least that the words must tell to answer, in nats: « compte » alone tells nothing. */
  told: 1.5,
  /** Least confidence to offer candidates; below, nothing fits. */
  clarify: 0.2,
  /** Most that the best entry may have of a winning family's score before we ask rather than send away. */
  familyDoubt: 0.5,
} as const;

/** Signals of confidence, added up: no single one tells our subject from others well. */
const signals = { margin: 1.8, nearest: 1.5, centre: 2, familiar: 2.5, stranger: -0.5, strangersAtMost: 4, base: -2.2 };
const nearestInRank = 0.3;
/** How sharply scores part the candidates: on the shared French sets, 2.5 makes a score the share of right answers. */
const sharpness = 2.5;
const candidatesAtMost = 5;
/** Part of the cache's name: raise it when the same content would be learnt otherwise. */
const learning = 1;

interface Phrasing {
  readonly label: number;
  readonly text: string;
}

interface Topic {
  readonly id: string;
  readonly family?: Family;
}

interface Ranked {
  readonly label: number;
  readonly score: number;
}

interface Weighing {
  /** Best first. */
  readonly ranked: readonly Ranked[];
  readonly confidence: number;
  readonly told: number;
}

/** Learns the knowledge (or reads what was learnt) and gives the one function that understands a text. */
export function createUnderstanding(options: UnderstandingOptions): Understanding {
  const { entries, families, lexicon } = options;
  const topics: Topic[] = [...entries.map(({ id }) => ({ id })), ...families.map((family) => ({ id: family.id, family }))];
  const phrasings = collect([...entries.map(phrasingsOf), ...families.map(({ title, asks }) => [title, ...asks])]);
  const normalise = createNormaliser(lexicon);
  const normalised = phrasings.map(({ text }) => normalise(text));
  const spell = createSpeller([...normalised.flatMap(({ words }) => words), ...looseWords(lexicon)], {
    ...usualErrors,
    keep: new Set(lexicon.keep.map(fold)),
    inflections: true,
  });
  const readings = normalised.map(({ words }) => spell(words));
  const space = createSpace(
    topics.map((_, label) => readings.filter((_reading, at) => phrasings[at]?.label === label)),
    lexicon.synonyms,
  );
  const examples: Examples = {
    vectors: readings.map((reading) => space.vectorise(reading)),
    labels: phrasings.map(({ label }) => label),
    classes: topics.length,
    size: space.size,
  };
  const borders = learn(examples, [phrasings, lexicon], options.cacheFolder);
  const neighbours = createNeighbours(examples);
  const outright = findOutright(entries, families);

  return {
    decide: (text) => {
      const words = normalise(text);
      const read = spell(words.words);
      const noticed = spellingReasons(words, read);
      const said = outright(foldedWords(text));
      if (said !== undefined) return conclude(topics, { ranked: [{ label: said.label, score: 1 }], confidence: 1, told: Infinity }, [...noticed, said.reason]);
      const familiar = space.familiarity(read);
      if (familiar.share === 0) return { kind: 'none', entry: null, candidates: [], confidence: 0, because: [...noticed, 'aucun mot connu'] };

      const vector = space.vectorise(read);
      const margins = scores(borders, vector);
      const nearness = neighbours(vector);
      const shares = softmax(combine(margins, nearness));
      const top = indexOfMax(shares);
      const confidence = confidenceOf({ margin: margins[top] ?? 0, nearest: nearness.nearest[top] ?? 0, centre: nearness.centre[top] ?? 0, familiar });
      const ranked = [...shares].map((share, label) => ({ label, score: confidence * share })).sort((a, b) => b.score - a.score || a.label - b.label);
      const nearest = phrasings[nearness.nearestAt[top] ?? -1]?.text;
      return conclude(topics, { ranked, confidence, told: familiar.told }, [...noticed, ...rankReasons(topics, ranked, nearest, confidence)]);
    },
  };
}

function collect(groups: readonly (readonly string[])[]): Phrasing[] {
  return groups.flatMap((texts, label) => texts.filter((text) => text.trim() !== '').map((text) => ({ label, text })));
}

/** Words that no phrasing may hold, but that must not be read as others. */
function looseWords(lexicon: Lexicon): Word[] {
  const texts = [...lexicon.synonyms.flat(), ...lexicon.stopwords, ...lexicon.fillers];
  return texts.flatMap(tokenise).map((surface) => ({ surface, folded: fold(surface), light: false }));
}

function learn(examples: Examples, content: unknown, folder: string | undefined): Borders {
  const hash = createHash('sha256').update(JSON.stringify([learning, content])).digest('hex');
  const kept = folder === undefined ? undefined : readBorders(folder, hash, examples);
  if (kept !== undefined) return kept;
  const borders = train(examples);
  if (folder !== undefined) keepBorders(folder, hash, borders);
  return borders;
}

/** Borders' scores on one scale for every text, with a say for the nearest phrasing. */
function combine(margins: Float64Array, { nearest }: Nearness): Float64Array {
  const mean = margins.reduce((sum, margin) => sum + margin, 0) / Math.max(1, margins.length);
  const spread = Math.sqrt(margins.reduce((sum, margin) => sum + (margin - mean) ** 2, 0) / Math.max(1, margins.length)) || 1;
  return margins.map((margin, label) => (margin - mean) / spread + nearestInRank * (nearest[label] ?? 0));
}

function softmax(values: Float64Array): Float64Array {
  const highest = Math.max(...values);
  const powers = values.map((value) => Math.exp(sharpness * (value - highest)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function indexOfMax(values: Float64Array): number {
  return values.reduce((best, value, at) => (value > (values[best] ?? -Infinity) ? at : best), 0);
}

interface Evidence {
  readonly margin: number;
  readonly nearest: number;
  readonly centre: number;
  readonly familiar: Familiarity;
}

/** Chance that the text is about a subject we know, 0..1. */
function confidenceOf({ margin, nearest, centre, familiar }: Evidence): number {
  const strangers = Math.min(signals.strangersAtMost, familiar.strangers);
  const sum = signals.margin * margin + signals.nearest * nearest + signals.centre * centre + signals.familiar * familiar.share + signals.stranger * strangers + signals.base;
  return 1 / (1 + Math.exp(-sum));
}

function conclude(topics: readonly Topic[], { ranked, confidence, told }: Weighing, because: readonly string[]): Decision {
  const named = ranked.flatMap(({ label, score }) => topics.slice(label, label + 1).map((topic) => ({ ...topic, score })));
  const [top, second] = named;
  const candidates = named
    .filter(({ family }) => family === undefined)
    .slice(0, candidatesAtMost)
    .map(({ id, score }) => ({ entry: id, score }));
  const none: Decision = { kind: 'none', entry: null, candidates, confidence: candidates[0]?.score ?? 0, because };
  if (top === undefined || confidence < thresholds.clarify) return none;
  const clarify: Decision = { ...none, kind: 'clarify' };
  if (top.family !== undefined) {
    // Sending away someone who is at the right door is the worst mistake: in doubt, ask.
    const [closest] = candidates;
    if (closest !== undefined && closest.score > thresholds.familyDoubt * top.score) return clarify;
    return { ...none, family: { id: top.id, redirect: top.family.redirect } };
  }
  const alone = second === undefined || second.score <= thresholds.runnerUp * top.score;
  return alone && confidence >= thresholds.answer && told >= thresholds.told ? { ...clarify, kind: 'answer', entry: top.id } : clarify;
}

interface Outright {
  readonly label: number;
  readonly reason: string;
}

/** A message copied from the screen wins wherever it stands in the text; a known phrasing wins when it is the text. */
function findOutright(entries: readonly Entry[], families: readonly Family[]): (words: string) => Outright | undefined {
  const screens = entries
    .flatMap((entry, label) => entry.screens.map((screen) => ({ label, words: foldedWords(screen), reason: `message affiché à l'écran : « ${screen} »` })))
    .filter(({ words }) => words !== '')
    .sort((a, b) => b.words.length - a.words.length);
  const asks = new Map<string, Outright>();
  [...entries, ...families].forEach(({ asks: texts }, label) => {
    for (const text of texts) asks.set(foldedWords(text), { label, reason: `formulation connue : « ${text} »` });
  });
  return (words) => asks.get(words) ?? screens.find((screen) => ` ${words} `.includes(` ${screen.words} `));
}

function spellingReasons({ expanded }: Normalised, readings: readonly Reading[]): string[] {
  const corrected = readings.filter(({ how }) => how === 'corrected');
  const unknown = readings.filter(({ how, light, typed }) => how === 'unknown' && !light && !/\d/.test(typed)).map(({ typed }) => `« ${typed} »`);
  return [
    ...[...expanded, ...corrected.map(({ typed, folded }) => ({ typed, read: folded }))].map(({ typed, read }) => `« ${typed} » lu « ${read} »`),
    ...(unknown.length > 0 ? [`mots inconnus : ${unknown.join(', ')}`] : []),
  ];
}

function rankReasons(topics: readonly Topic[], ranked: readonly Ranked[], nearest: string | undefined, confidence: number): string[] {
  const [first, second] = ranked.map(({ label, score }) => `${topics[label]?.id ?? ''} ${score.toFixed(2)}`);
  return [
    ...(nearest === undefined ? [] : [`formulation la plus proche : « ${nearest.split('\n')[0]?.slice(0, 100) ?? ''} »`]),
    `confiance ${confidence.toFixed(2)}`,
    [first, second].filter((one) => one !== undefined).join(' devant '),
  ];
}
