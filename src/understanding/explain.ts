/**
 * Why a text was understood as it was: in short sentences for authors and advisers, and as figures that may be logged
 * since they quote nothing; and which phrasings of the knowledge will mislead it. It changes no decision.
 */
import { chanceOf } from '../matching/calibration.js';
import type { Fault } from '../conversation/errors.js';
import type { Weighing } from '../matching/matcher.js';
import type { Entry, Family, Knowledge } from './knowledge.js';
import type { Heard, Learnt } from './learn.js';

export interface Explanation {
  /** Each word as typed, as it was read, and how. */
  readonly words: readonly { readonly typed: string; readonly read: string; readonly how: 'known' | 'corrected' | 'unknown'; readonly light: boolean }[];
  /** Abbreviations that were written out. */
  readonly expanded: readonly { readonly typed: string; readonly read: string }[];
  /** The phrasing of the knowledge that is nearest within the best subject. */
  readonly nearest: string | null;
  /** The subjects that came first, entries and near subjects alike. */
  readonly ranked: readonly { readonly id: string; readonly share: number; readonly margin: number }[];
  readonly measures: Measures;
}

/** Figures of one weighing, without a word of the text: these may be logged. */
export interface Measures {
  readonly words: number;
  readonly corrected: number;
  readonly unknown: number;
  readonly told: number;
  readonly known: number;
  readonly evidence: number;
  /** Shares of the first over the second, in nats. */
  readonly lead: number;
  readonly right: number;
  readonly among: number;
}

interface Weighed {
  readonly heard: Heard;
  readonly weighing: Weighing;
}

const shown = 3;

export function explain(learnt: Learnt, { heard, weighing }: Weighed): Explanation {
  return {
    words: heard.readings.map(({ typed, folded, how, light }) => ({ typed, read: folded, how, light })),
    expanded: heard.normalised.expanded,
    nearest: learnt.phrasings[weighing.nearest]?.text ?? null,
    ranked: weighing.ranked.slice(0, shown).map(({ label, share, margin }) => ({ id: learnt.topics[label]?.id ?? '', share, margin })),
    measures: measure(learnt, { heard, weighing }),
  };
}

/** The figures of a weighing that was made: it weighs nothing again. */
export function measure({ curves }: Learnt, { heard, weighing }: Weighed): Measures {
  const [first, second] = weighing.ranked;
  const count = (how: string): number => heard.readings.filter((one) => one.how === how && !one.light).length;
  return {
    words: heard.readings.length,
    corrected: count('corrected'),
    unknown: count('unknown'),
    told: weighing.familiar.told,
    known: weighing.familiar.energy,
    evidence: weighing.evidence,
    lead: first === undefined || second === undefined ? 0 : Math.log(first.share / Math.max(second.share, 1e-12)),
    right: chanceOf(curves.right, weighing),
    among: chanceOf(curves.among, weighing),
  };
}

export function spellingReasons({ normalised, readings }: Heard): string[] {
  const corrected = readings.filter(({ how }) => how === 'corrected');
  const unknown = readings.filter(({ how, light, typed }) => how === 'unknown' && !light && !/\d/.test(typed)).map(({ typed }) => `« ${typed} »`);
  return [
    ...[...normalised.expanded, ...corrected.map(({ typed, folded }) => ({ typed, read: folded }))].map(({ typed, read }) => `« ${typed} » lu « ${read} »`),
    ...(unknown.length > 0 ? [`mots inconnus : ${unknown.join(', ')}`] : []),
  ];
}

export function rankReasons({ topics, phrasings, curves }: Learnt, weighing: Weighing): string[] {
  const nearest = phrasings[weighing.nearest]?.text;
  const [first, second] = weighing.ranked.slice(0, 2).map(({ label, share }) => `${topics[label]?.id ?? ''} ${share.toFixed(2)}`);
  return [
    ...(nearest === undefined ? [] : [`formulation la plus proche : « ${nearest.split('\n')[0]?.slice(0, 100) ?? ''} »`]),
    `confiance ${chanceOf(curves.sure, weighing).toFixed(2)}, parmi les trois premières ${chanceOf(curves.among, weighing).toFixed(2)}`,
    [first, second].filter((one) => one !== undefined).join(' devant '),
  ];
}

interface Phrased extends Pick<Knowledge, 'placeOf'> {
  readonly entries: readonly Entry[];
  readonly families: readonly Family[];
}

interface Placed {
  readonly home: string;
  readonly text: string;
  /** Of an entry, and not of a near subject. */
  readonly ours: boolean;
}

/** Of this many nearest phrasings, how many must be of one other subject, and how near each must be (cosine of stems). */
const vote = { voters: 4, enough: 3, near: 0.66 };

/**
 * Warnings without any training: phrasings whose nearest ones, elsewhere or at home, are nearly all of one other
 * subject, and that have no word of their own to tell them from it (« le mot de passe de ma mère » has one). Two near
 * subjects may mingle, since neither is answered. Takes about a second for 5,000 phrasings.
 */
export function lintNeighbours({ entries, families, placeOf }: Phrased, hear: Learnt['hear']): Fault[] {
  const placed: Placed[] = [
    ...entries.flatMap(({ id, asks }) => asks.map((text) => ({ home: id, text, ours: true }))),
    ...families.flatMap(({ id, asks }) => asks.map((text) => ({ home: id, text, ours: false }))),
  ];
  const { nearest, tellsApart } = createNearest(placed, hear);
  return placed.flatMap((one, at): Fault[] => {
    const voters = nearest(at).map((other) => placed[other]).filter((other) => other !== undefined);
    const rival = voters.find(({ home }) => home !== one.home && voters.filter((other) => other.home === home).length >= vote.enough);
    if (rival === undefined || !(rival.ours || one.ours) || tellsApart(at, rival.home)) return [];
    const beside = voters.filter(({ home }) => home === rival.home).map(({ text }) => `« ${text} »`);
    const what = `« ${one.text} » ressemble surtout à « ${rival.home} » : ${beside.join(', ')}`;
    return [{ ...placeOf(one.home, one.text), what, todo: 'la déplacer, ou lui ajouter le mot qui fait la différence' }];
  });
}

interface Nearest {
  readonly nearest: (at: number) => number[];
  /** A word of this phrasing is never used by that subject. */
  readonly tellsApart: (at: number, home: string) => boolean;
}

/** Nearest phrasings by the stems of their content words, those of few subjects weighing most. */
function createNearest(placed: readonly Placed[], hear: Learnt['hear']): Nearest {
  const stems = placed.map(({ text }) => new Set(hear(text).readings.filter(({ light }) => !light).map(({ stem }) => stem)));
  const homes = new Map<string, Set<string>>();
  const holders = new Map<string, number[]>();
  placed.forEach(({ home }, at) => {
    for (const stem of stems[at] ?? []) {
      homes.set(stem, (homes.get(stem) ?? new Set()).add(home));
      holders.set(stem, [...(holders.get(stem) ?? []), at]);
    }
  });
  const subjects = new Set(placed.map(({ home }) => home)).size;
  const weight = (stem: string): number => (Math.log((subjects + 1) / ((homes.get(stem)?.size ?? 0) + 1)) + 1) ** 2;
  const norms = stems.map((own) => Math.sqrt([...own].reduce((sum, stem) => sum + weight(stem), 0)) || 1);
  const nearest = (at: number): number[] => {
    const shared = new Map<number, number>();
    for (const stem of stems[at] ?? []) for (const other of holders.get(stem) ?? []) shared.set(other, (shared.get(other) ?? 0) + weight(stem));
    shared.delete(at);
    return [...shared]
      .map(([other, sum]) => ({ other, cosine: sum / ((norms[at] ?? 1) * (norms[other] ?? 1)) }))
      .filter(({ cosine }) => cosine >= vote.near)
      .sort((a, b) => b.cosine - a.cosine || a.other - b.other)
      .slice(0, vote.voters)
      .map(({ other }) => other);
  };
  const tellsApart = (at: number, home: string): boolean => [...(stems[at] ?? [])].some((stem) => homes.get(stem)?.has(home) !== true);
  return { nearest, tellsApart };
}
