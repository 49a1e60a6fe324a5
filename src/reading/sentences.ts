/**
 * A text as people read it, cut into sentences and words. It knows the markup of replies and counts; what is too long
 * is limits.ts.
 */

export interface Sentence {
  readonly text: string;
  /** Lines of the text above it. */
  readonly above: number;
  readonly words: readonly string[];
}

/** « l’accueil », « rendez-vous » and « ameli.fr » are one word each, and so is a number however it is grouped. */
const word = /\p{N}+(?:[ \u00A0\u202F.,]\p{N}+)*|\p{L}[\p{L}\p{N}]*(?:['’.-][\p{L}\p{N}]+)*/gu;

/** A colon or a semicolon ends a thought as a full stop does: Flesch counted so, and so do we. */
const end = /(?<=[.!?…:;](?:\s?[»)”])*)\s+(?!»)/u;

/**
 * The sentences of a text with its markup taken away. Each line stands alone, so an item of a list is a sentence even
 * without a full stop.
 */
export function sentencesOf(markdown: string): Sentence[] {
  return markdown.split('\n').flatMap((line, above) =>
    shownOf(line)
      .split(end)
      .map((text) => ({ text: text.trim(), above, words: wordsOf(text) }))
      .filter(({ words }) => words.length > 0),
  );
}

/** Every word, in order. */
export function wordsOf(text: string): string[] {
  return text.match(word) ?? [];
}

function shownOf(line: string): string {
  return line.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\*\*/g, '').replace(/^\s*- /, '');
}
