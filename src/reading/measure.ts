/** How easy a French text is to read, in a few figures. It judges nothing: limits.ts does. */
import { sentencesOf, type Sentence } from './sentences.js';
import { syllablesOf } from './syllables.js';

export interface Measure {
  readonly sentences: readonly Sentence[];
  readonly words: number;
  /** Mean. */
  readonly wordsPerSentence: number;
  /** Words of more than three spoken syllables, each once, as they are written. */
  readonly longWords: readonly string[];
  /** Of all words, 0..1. */
  readonly longShare: number;
  /** Kandel and Moles: about 100 is very easy, 50 is hard, 0 is for specialists. */
  readonly ease: number;
  /** LIX: words a sentence, plus words of seven letters or more in a hundred. */
  readonly lix: number;
}

const LONG = 3;

/**
 * Measures a text; `undefined` where there is nothing to read.
 *
 * The ease is the index of Kandel and Moles (1958), Flesch's formula fitted to French:
 * 207 − 1.015 × (words / sentences) − 73.6 × (syllables / words). Syllables are counted as they are said.
 */
export function measure(markdown: string): Measure | undefined {
  const sentences = sentencesOf(markdown);
  const all = sentences.flatMap(({ words }) => words);
  if (all.length === 0) return undefined;
  const long = all.filter((word) => syllablesOf(word) > LONG && !/\p{N}/u.test(word));
  const lengthy = all.filter((word) => (word.match(/\p{L}/gu)?.length ?? 0) >= 7);
  const wordsPerSentence = all.length / sentences.length;
  const syllables = all.reduce((sum, word) => sum + syllablesOf(word), 0);
  return {
    ...{ sentences, words: all.length, wordsPerSentence, longWords: [...new Set(long)], longShare: long.length / all.length },
    ease: 207 - 1.015 * wordsPerSentence - 73.6 * (syllables / all.length),
    lix: wordsPerSentence + (100 * lengthy.length) / all.length,
  };
}
