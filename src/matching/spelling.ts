/**
 * Reads each typed word as a word that the knowledge uses, where one is close enough by letters or by sound. The only
 * home of fuse.js. It never touches a word that is known, and has no opinion on meaning.
 */
import Fuse from 'fuse.js';
import { stem, type Word } from './normalise.js';

export interface Reading {
  readonly typed: string;
  /** The word it was read as, folded; the typed word itself when nothing is close. */
  readonly folded: string;
  readonly stem: string;
  readonly how: 'known' | 'corrected' | 'unknown';
  readonly light: boolean;
  readonly courtesy: boolean;
}

export type Speller = (words: readonly Word[]) => readonly Reading[];

export interface SpellingRules {
  /** Letter errors allowed in a word of this many letters. */
  readonly allowed: (letters: number) => number;
  /** Letter errors allowed when both words sound the same: « bloker » is far from « bloqué » in letters only. */
  readonly alike: number;
  /** Words that are real and must not be read as others. */
  readonly keep: ReadonlySet<string>;
  /** Take another form of a known word as it is; otherwise it is read as the form that is known. */
  readonly inflections: boolean;
}

/** One error from 4 letters, two from 8: measured to give back nearly all that typing errors cost. */
export const usualErrors = { allowed: (letters: number): number => (letters >= 8 ? 2 : letters >= 4 ? 1 : 0), alike: 3 };

/** Unknown words corrected in one text; a search costs about a millisecond, and a pasted page is not a question. */
const correctedAtMost = 12;
const cacheSize = 5_000;
const candidatesAtMost = 12;
/** Words that Fuse compares with one unknown word. */
const handedAtMost = 40;
const elision = /^(?:qu|[jldcnmts])(?=[aeiouyh])/;

/** Each word of the knowledge, folded, with its stem and how often it is used. */
export type Vocabulary = ReadonlyMap<string, { readonly stem: string; readonly count: number }>;

/** Makes a speller over the words of the knowledge. */
export function createSpeller(known: Vocabulary, rules: SpellingRules): Speller {
  const knownStems = new Set([...known.values()].map((word) => word.stem));
  const nearest = createCorrector(known, rules);

  return (words) => {
    let corrections = 0;
    return words.map((word): Reading => {
      const read = (folded: string, stemmed: string, how: Reading['how']): Reading => ({ typed: word.surface, folded, stem: stemmed, how, light: word.light, courtesy: word.courtesy });
      const exact = known.get(word.folded);
      if (exact !== undefined) return read(word.folded, exact.stem, 'known');
      const inflected = stem(word.surface);
      if (rules.inflections && knownStems.has(inflected)) return read(word.folded, inflected, 'known');
      if (rules.keep.has(word.folded) || /\d/.test(word.folded) || corrections >= correctedAtMost) return read(word.folded, inflected, 'unknown');
      corrections += 1;
      const close = nearest(word.folded);
      return close === undefined ? read(word.folded, inflected, 'unknown') : read(close, known.get(close)?.stem ?? inflected, 'corrected');
    });
  };
}

/**
 * One stem for each folded word, taken from its most frequent accented form: « oublie » typed bare must meet « oublié »
 * as the authors wrote it.
 */
export function gatherWords(words: readonly Word[]): Vocabulary {
  const counts = new Map<string, Map<string, number>>();
  for (const word of words) {
    const forms = counts.get(word.folded) ?? new Map<string, number>();
    forms.set(word.surface, (forms.get(word.surface) ?? 0) + 1);
    counts.set(word.folded, forms);
  }
  const known = new Map<string, { stem: string; count: number }>();
  for (const [folded, forms] of counts) {
    const ranked = [...forms].sort(([a, timesA], [b, timesB]) => timesB - timesA || (a < b ? 1 : -1));
    const surface = ranked[0]?.[0] ?? folded;
    known.set(folded, { stem: stem(surface), count: [...forms.values()].reduce((sum, times) => sum + times, 0) });
  }
  return known;
}

function createCorrector(known: Vocabulary, rules: SpellingRules): (word: string) => string | undefined {
  const words = [...known.keys()].filter((word) => word.length >= 3 && !/\d/.test(word));
  const near = createSearch(words);
  const bySound = new Map<string, string[]>();
  for (const word of words) {
    const sound = soundOf(word);
    bySound.set(sound, [...(bySound.get(sound) ?? []), word]);
  }
  const cache = new Map<string, string | undefined>();

  const closest = (word: string): string | undefined => {
    const sound = soundOf(word);
    const alike = word.length >= 3 ? (bySound.get(sound) ?? []) : [];
    const allowed = rules.allowed(word.length);
    const fits = [...new Set([...alike, ...(allowed === 0 ? [] : near(word))])]
      .map((candidate) => ({ candidate, distance: distance(word, candidate), sounds: soundOf(candidate) === sound }))
      .filter(({ candidate, distance: errors, sounds }) => errors <= (sounds ? rules.alike : Math.min(allowed, rules.allowed(candidate.length))));
    const rank = (fit: (typeof fits)[number]): number =>
      fit.distance - (fit.sounds ? 0.6 : 0) - (fit.candidate[0] === word[0] ? 0.4 : 0) - Math.log1p(known.get(fit.candidate)?.count ?? 0) / 20;
    return fits.sort((a, b) => rank(a) - rank(b) || (a.candidate < b.candidate ? -1 : 1))[0]?.candidate;
  };

  // « jai », « lordinateur »: an apostrophe left out is likelier than a letter error when what remains is a word.
  const correct = (word: string): string | undefined => {
    const rest = word.replace(elision, '');
    const elided = rest.length >= 2 && rest !== word;
    if (elided && known.has(rest)) return rest;
    return closest(word) ?? (elided && rest.length >= 5 ? closest(rest) : undefined);
  };

  return (word) => {
    if (cache.has(word)) return cache.get(word);
    const found = correct(word);
    if (cache.size >= cacheSize) cache.clear();
    cache.set(word, found);
    return found;
  };
}

/** Fuse reads every word it holds, so it is handed only those that share the most pairs of letters. */
function createSearch(words: readonly string[]): (word: string) => string[] {
  const holders = new Map<string, number[]>();
  words.forEach((word, at) => {
    for (const pair of pairsOf(word)) {
      const held = holders.get(pair);
      if (held === undefined) holders.set(pair, [at]);
      else held.push(at);
    }
  });
  const shared = new Uint8Array(words.length);
  return (word) => {
    const met: number[] = [];
    for (const pair of pairsOf(word)) {
      for (const at of holders.get(pair) ?? []) {
        if (Math.abs((words[at]?.length ?? 0) - word.length) > 2) continue;
        if (shared[at] === 0) met.push(at);
        shared[at] = (shared[at] ?? 0) + 1;
      }
    }
    const nearest = met.sort((a, b) => (shared[b] ?? 0) - (shared[a] ?? 0) || a - b).slice(0, handedAtMost).flatMap((at) => words[at] ?? []);
    for (const at of met) shared[at] = 0;
    return new Fuse(nearest, { threshold: 0.34 }).search(word, { limit: candidatesAtMost }).map((hit) => hit.item);
  };
}

function pairsOf(word: string): Set<string> {
  const framed = ` ${word} `;
  return new Set(Array.from({ length: word.length + 1 }, (_, at) => framed.slice(at, at + 2)));
}

const sounds: readonly (readonly [RegExp, string])[] = [
  [/ph/g, 'f'], [/h/g, ''], [/sc(?=[eiy])/g, 's'], [/(?:qu|q|ck|c(?![eiy]))/g, 'k'], [/c/g, 's'],
  [/gu(?=[eiy])/g, 'g'], [/ge(?=[ao])/g, 'j'], [/g(?=[eiy])/g, 'j'], [/ti(?=on)/g, 'si'], [/y/g, 'i'], [/z/g, 's'],
  [/(?:eau|au)x?/g, 'o'], [/ou/g, 'U'], [/oi/g, 'W'],
  [/(?:ain|ein|aim|in|im|un)(?![aeiouUWmn])/g, 'I'], [/[ae][nm](?![aeiouUWmn])/g, 'A'], [/o[nm](?![aeiouUWmn])/g, 'O'],
  [/(?:er|ez|ee|ai[ts]?|et)s?$/g, 'e'], [/(?:ai|ei)/g, 'e'], [/(.)\1+/g, '$1'], [/(?<=..)[estdxp]+$/g, ''],
];

/** A rough French phonetic key: words that are written otherwise but sound alike share it. */
function soundOf(word: string): string {
  return sounds.reduce((key, [pattern, sound]) => key.replace(pattern, sound), word);
}

/** Damerau-Levenshtein distance (a swap of neighbours is one error), given up at 4. */
function distance(a: string, b: string): number {
  const far = 4;
  if (Math.abs(a.length - b.length) >= far) return far;
  const width = b.length + 1;
  const cells = new Uint8Array((a.length + 1) * width);
  const cell = (i: number, j: number): number => (i < 0 || j < 0 ? far : (cells[i * width + j] ?? far));
  for (let i = 0; i <= a.length; i += 1) {
    for (let j = 0; j <= b.length; j += 1) {
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const change = i === 0 && j === 0 ? 0 : cell(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      cells[i * width + j] = Math.min(change, cell(i - 1, j) + 1, cell(i, j - 1) + 1, swapped ? cell(i - 2, j - 2) + 1 : 255);
    }
  }
  return cell(a.length, b.length);
}
