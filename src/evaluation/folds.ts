/**
 * Our own phrasings as questions: each is left out of training together with those that resemble it, then asked. What
 * goes astray tells of entries that overlap. It measures the knowledge; it changes nothing in it.
 */
import type { Fault } from '../conversation/errors.js';
import { createUnderstanding, type UnderstandingOptions } from '../understanding/decide.js';
import { judge, none, type Judged } from './golden.js';

export type Material = Pick<UnderstandingOptions, 'entries' | 'families' | 'lexicon'>;

/** A phrasing as it was read by a training that had not seen it, nor its near twins. */
export interface Validated extends Judged {
  /** The entry or the family that holds it; `label` is `none` for a family. */
  readonly home: string;
}

export const foldCount = 5;
/** Share of letter groups in common from which two phrasings count as one said twice. */
const twin = 0.5;
/** Entries steal from each other from this many phrasings, and this share of the smaller, in each direction. */
const stolenAtLeast = { count: 2, share: 0.04 };

interface Held {
  readonly home: string;
  readonly label: string;
  readonly text: string;
  readonly fold: number;
}

/** Reads every phrasing by a training on the other folds. Minutes of machine time on a large knowledge. */
export function crossValidate(material: Material, folds = foldCount): Validated[] {
  const held = [
    ...material.entries.flatMap(({ id, asks }) => spread(asks, folds).map((one) => ({ ...one, home: id, label: id }))),
    ...material.families.flatMap(({ id, asks }) => spread(asks, folds).map((one) => ({ ...one, home: id, label: none }))),
  ];
  return Array.from({ length: folds }, (_, fold) => fold).flatMap((fold) => {
    const asked = held.filter((one) => one.fold === fold);
    const taught = createUnderstanding(without(material, asked));
    return judge(asked, (text) => taught.decide(text)).map((judged, at) => ({ ...judged, home: asked[at]?.home ?? '' }));
  });
}

function without(material: Material, asked: readonly Held[]): Material {
  const hidden = new Set(asked.map(({ home, text }) => `${home}\t${text}`));
  const kept = (id: string, asks: readonly string[]): string[] => asks.filter((text) => !hidden.has(`${id}\t${text}`));
  return {
    ...material,
    entries: material.entries.map((entry) => ({ ...entry, asks: kept(entry.id, entry.asks) })),
    families: material.families.map((family) => ({ ...family, asks: kept(family.id, family.asks) })),
  };
}

/** Deals phrasings to folds, near twins together, the largest clusters first and each to the emptiest fold. */
function spread(texts: readonly string[], folds: number): { text: string; fold: number }[] {
  const sizes = new Array<number>(folds).fill(0);
  const clusters = clusterTwins([...new Set(texts)]).sort((a, b) => b.length - a.length || ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
  return clusters.flatMap((cluster) => {
    const fold = sizes.indexOf(Math.min(...sizes));
    sizes[fold] = (sizes[fold] ?? 0) + cluster.length;
    return cluster.map((text) => ({ text, fold }));
  });
}

/** Groups texts so that any two with much in common, directly or by a third, are in one group. */
export function clusterTwins(texts: readonly string[]): string[][] {
  let clusters: { texts: string[]; grams: Set<string>[] }[] = [];
  for (const text of texts) {
    const grams = gramsOf(text);
    const near = clusters.filter((cluster) => cluster.grams.some((other) => likeness(grams, other) >= twin));
    const joined = { texts: [...near.flatMap((cluster) => cluster.texts), text], grams: [...near.flatMap((cluster) => cluster.grams), grams] };
    clusters = [...clusters.filter((cluster) => !near.includes(cluster)), joined];
  }
  return clusters.map((cluster) => cluster.texts);
}

function gramsOf(text: string): Set<string> {
  const plain = ` ${text.normalize('NFD').replace(/\p{M}+/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join(' ') ?? ''} `;
  return new Set(Array.from({ length: Math.max(1, plain.length - 2) }, (_, at) => plain.slice(at, at + 3)));
}

/** Groups of three letters in common, over all those of both. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((gram) => b.has(gram)).length;
  return common / (a.size + b.size - common);
}

/** Warnings for authors: phrasings that belong elsewhere, and entries that steal each other's. */
export function lintPhrasings(validated: readonly Validated[]): Fault[] {
  return [...misplaced(validated), ...thieves(validated)];
}

function misplaced(validated: readonly Validated[]): Fault[] {
  return validated
    .filter(({ kind, best, home }) => kind === 'answer' && best !== home)
    .map(({ text, best, home, label }) => ({
      where: label === none ? 'knowledge/hors-sujet.md' : `knowledge/${home}.md`,
      what: `la formulation « ${text} » de « ${home} » mène sûrement à « ${best} »`,
      todo: 'la déplacer, la préciser, ou rendre les deux fiches plus différentes',
    }));
}

function thieves(validated: readonly Validated[]): Fault[] {
  const homes = [...new Set(validated.map(({ home }) => home))].sort();
  const taken = new Map<string, number>();
  for (const { home, best } of validated) taken.set(`${home}\t${best}`, (taken.get(`${home}\t${best}`) ?? 0) + 1);
  const sizes = new Map(homes.map((home) => [home, validated.filter((one) => one.home === home).length]));
  return homes.flatMap((one, at) =>
    homes.slice(at + 1).flatMap((other) => {
      const [out = 0, back = 0] = [taken.get(`${one}\t${other}`), taken.get(`${other}\t${one}`)];
      const least = Math.max(stolenAtLeast.count, stolenAtLeast.share * Math.min(sizes.get(one) ?? 0, sizes.get(other) ?? 0));
      if (Math.min(out, back) < least) return [];
      return [{ where: `knowledge/${one}.md`, what: `${String(out)} formulations vont à « ${other} », et ${String(back)} en viennent`, todo: 'revoir ensemble les formulations des deux fiches' }];
    }),
  );
}
