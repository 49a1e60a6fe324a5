/**
 * Why a text was understood as it was: in short sentences for authors and advisers, and as figures that may be logged
 * since they quote nothing. It changes no decision.
 */
import { chanceOf } from '../matching/calibration.js';
import type { Weighing } from '../matching/matcher.js';
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
  /** Figures without a word of the text: these may be logged. */
  readonly measures: {
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
  };
}

const shown = 3;

export function explain(learnt: Learnt, { heard, weighing }: { heard: Heard; weighing: Weighing }): Explanation {
  const [first, second] = weighing.ranked;
  const count = (how: string): number => heard.readings.filter((one) => one.how === how && !one.light).length;
  return {
    words: heard.readings.map(({ typed, folded, how, light }) => ({ typed, read: folded, how, light })),
    expanded: heard.normalised.expanded,
    nearest: learnt.phrasings[weighing.nearest]?.text ?? null,
    ranked: weighing.ranked.slice(0, shown).map(({ label, share, margin }) => ({ id: learnt.topics[label]?.id ?? '', share, margin })),
    measures: {
      words: heard.readings.length,
      corrected: count('corrected'),
      unknown: count('unknown'),
      told: weighing.familiar.told,
      known: weighing.familiar.energy,
      evidence: weighing.evidence,
      lead: first === undefined || second === undefined ? 0 : Math.log(first.share / Math.max(second.share, 1e-12)),
      right: chanceOf(learnt.curves.right, weighing),
      among: chanceOf(learnt.curves.among, weighing),
    },
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
  const [first, second] = weighing.ranked.map(({ label, share }) => `${topics[label]?.id ?? ''} ${share.toFixed(2)}`);
  return [
    ...(nearest === undefined ? [] : [`formulation la plus proche : « ${nearest.split('\n')[0]?.slice(0, 100) ?? ''} »`]),
    `confiance ${chanceOf(curves.sure, weighing).toFixed(2)}, parmi les trois premières ${chanceOf(curves.among, weighing).toFixed(2)}`,
    [first, second].filter((one) => one !== undefined).join(' devant '),
  ];
}
