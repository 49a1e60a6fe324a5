/**
 * A text -> a decision: answer with one entry, offer a few, or say that nothing fits, and why. It words no reply and
 * starts no dialog.
 */
import { chanceOf } from '../matching/calibration.js';
import type { Ranked, Weighing } from '../matching/matcher.js';
import { foldedWords } from '../matching/normalise.js';
import { explain, measure, rankReasons, spellingReasons, type Explanation, type Measures } from './explain.js';
import type { Entry, Family } from './knowledge.js';
import { learn, type Heard, type Learnt, type UnderstandingOptions } from './learn.js';
import { createHalves } from './halves.js';

export type { UnderstandingOptions } from './learn.js';

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
  /** Two problems in one message: the first two candidates are both meant. */
  readonly both?: true;
  /** Figures of how the whole text was read; they quote nothing, and may be logged. */
  readonly measures?: Measures;
  /** A near subject that is not for us, and what to say of it; only with `none`. */
  readonly family?: { readonly id: string; readonly redirect: string };
}

export interface Understanding {
  /** Same text, same decision. Reads at most 2,000 characters; refuses nothing. */
  decide(text: string): Decision;
  /** How a text was read and what it met. `words` quote the text; `measures` do not, and may be logged. */
  explain(text: string): Explanation;
}

/**
 * Chances are calibrated (matching/calibration.ts), so that each border follows from what a mistake costs.
 * `answer`: a wrong answer costs four questions back, and a right one saves one: answer from 4 in 5.
 * `clarify`: a useless choice costs half of what the right one among three saves: offer from 1 in 3, rounded down to
 * where the person would otherwise be sent away empty-handed. Below, nothing fits.
 */
export const thresholds = {
  answer: 0.8,
  clarify: 0.3,
  /** Least that one word must tell to be answered alone, in nats: « compte » alone tells nothing. */
  told: 1.5,
  /** The same for two words or more, which say something of each other: « compte bloqué ». */
  toldTogether: 0.4,
  /** Least chance that a near subject is the right one to send the person there. */
  family: 0.3,
  /** Most that the best entry may have of a winning family's chance before we ask rather than send away. */
  familyDoubt: 0.5,
} as const;

const candidatesAtMost = 5;
const none: Decision = { kind: 'none', entry: null, candidates: [], confidence: 0, because: [] };

/** Learns the knowledge (or reads what was learnt) and gives the functions that understand a text. */
export function createUnderstanding(options: UnderstandingOptions): Understanding {
  const learnt = learn(options);
  const outright = findOutright(options.entries, options.families);
  const weighed = (text: string): { heard: Heard; weighing: Weighing } => {
    const heard = learnt.hear(text);
    return { heard, weighing: learnt.weigh(heard.readings) };
  };
  const decideWhole = (text: string): Decision => {
    const { heard, weighing } = weighed(text);
    const noticed = spellingReasons(heard);
    const measures = measure(learnt, { heard, weighing });
    const said = outright(foldedWords(text));
    if (said !== undefined) return { ...conclude(learnt, certain(weighing, said.label), [...noticed, said.reason]), measures };
    if (weighing.familiar.acquainted === 0) return { ...none, because: [...noticed, 'aucun mot connu'], measures };
    return { ...conclude(learnt, weighing, [...noticed, ...rankReasons(learnt, weighing)]), measures };
  };
  const halves = createHalves(decideWhole);

  return {
    decide: (text) => {
      const whole = decideWhole(text);
      return whole.confidence === 1 ? whole : halves(text, whole);
    },
    explain: (text) => explain(learnt, weighed(text)),
  };
}

function certain(weighing: Weighing, label: number): Weighing {
  return { ...weighing, evidence: Infinity, ranked: [{ label, share: 1, margin: 1 }], familiar: { ...weighing.familiar, told: Infinity } };
}

/** Each class with its chance: the best by its curve, the others in proportion, all together at most 1. */
function chances({ curves }: Learnt, weighing: Weighing): { label: number; score: number }[] {
  const [first] = weighing.ranked;
  if (first === undefined) return [];
  const best = chanceOf(curves.right, weighing);
  const rest = weighing.ranked.slice(1);
  const others = (1 - first.share) / first.share;
  const scale = others <= 0 ? 0 : Math.min(best, (1 - best) / others);
  return [{ label: first.label, score: best }, ...rest.map(({ label, share }: Ranked) => ({ label, score: (share / first.share) * scale }))];
}

function conclude(learnt: Learnt, weighing: Weighing, because: readonly string[]): Decision {
  const { topics, curves } = learnt;
  const named = chances(learnt, weighing);
  const candidates = entriesAmong(topics, named);
  const [top] = named.slice(0, 1).flatMap(({ label, score }) => topics.slice(label, label + 1).map((topic) => ({ ...topic, score })));
  const [closest] = candidates;
  const nothing: Decision = { ...none, candidates, confidence: closest?.score ?? 0, because };
  if (top === undefined) return nothing;
  if (top.family !== undefined) return sendAway(nothing, { ...top, family: top.family });
  const ours: Decision = { ...nothing, confidence: chanceOf(curves.sure, weighing) };
  const { told, acquainted } = weighing.familiar;
  if (top.score >= thresholds.answer && told >= (acquainted > 1 ? thresholds.toldTogether : thresholds.told)) return { ...ours, kind: 'answer', entry: top.id };
  return chanceOf(curves.among, weighing) >= thresholds.clarify ? { ...ours, kind: 'clarify' } : ours;
}

/** The first few that are entries of ours, best first. */
function entriesAmong(topics: Learnt['topics'], named: ReturnType<typeof chances>): Candidate[] {
  const candidates: Candidate[] = [];
  for (const { label, score } of named) {
    const topic = topics[label];
    if (topic !== undefined && topic.family === undefined) candidates.push({ entry: topic.id, score });
    if (candidates.length === candidatesAtMost) break;
  }
  return candidates;
}

function sendAway(nothing: Decision, { id, score, family }: { id: string; score: number; family: Family }): Decision {
  if (score < thresholds.family) return nothing;
  // Sending away someone who is at the right door is the worst mistake: in doubt, ask.
  if (nothing.confidence > thresholds.familyDoubt * score) return { ...nothing, kind: 'clarify' };
  return { ...nothing, family: { id, redirect: family.redirect } };
}

interface Outright {
  /** Place of the entry, or of the family after all entries. */
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
