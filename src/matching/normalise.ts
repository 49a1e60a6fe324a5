/**
 * Text as typed -> words worth comparing: case, accents, ligatures, elisions, elongations, abbreviations, stems.
 * It corrects no spelling and knows no entry.
 */
import { createRequire } from 'node:module';

/** Words that belong to the whole knowledge rather than to one entry (`knowledge/lexicon.yaml`). */
export interface Lexicon {
  /** Short form -> what it stands for; both may be several words. */
  readonly abbreviations: Readonly<Record<string, string>>;
  /** Groups of single words that may stand for one another. */
  readonly synonyms: readonly (readonly string[])[];
  /** Politeness and openings, of one word or more, that carry no meaning of their own. */
  readonly fillers: readonly string[];
  /** Function words: kept, but light. */
  readonly stopwords: readonly string[];
  /** Real words that the spelling corrector must leave alone. */
  readonly keep: readonly string[];
}

export interface Word {
  /** Lower case, with its accents. */
  readonly surface: string;
  /** Without accents or ligatures. */
  readonly folded: string;
  /** Function word or part of a filler. */
  readonly light: boolean;
}

export interface Normalised {
  readonly words: readonly Word[];
  /** Abbreviations that were written out. */
  readonly expanded: readonly { readonly typed: string; readonly read: string }[];
}

export type Normaliser = (text: string) => Normalised;

/** Characters read of a text; the rest is dropped, so that no message can be made expensive. */
const longestText = 2_000;
const longestWord = 40;
const wordsAtMost = 400;
const longestAbbreviation = 3;

const apostrophes = /[\u2018\u2019\u02BC\u0060\u00B4\u2032\uFF07]/g;
/** Most words are folded already, and folding is what reading spends most of its time on. */
const plainWord = /^[a-z0-9]+$/;
const invisible = /[\u00AD\u200B-\u200D\u2060\uFEFF]/g;

/** Lower case, no accents, ligatures opened, apostrophes unified, single spaces: for comparing, not for showing. */
export function fold(text: string): string {
  if (plainWord.test(text)) return text;
  // Apostrophes first: the compatibility form of an acute accent is a space.
  const plain = text.replace(invisible, '').replace(apostrophes, "'").normalize('NFKD').replace(/\p{M}+/gu, '');
  return plain.toLowerCase().replace(/œ/g, 'oe').replace(/æ/g, 'ae').replace(/\s+/g, ' ').trim();
}

/** The words of a text: runs of letters and digits, lower case, accents kept, three same letters or more made one. */
export function tokenise(text: string): string[] {
  const read = text.slice(0, longestText).replace(invisible, '').normalize('NFKC').toLowerCase();
  const open = read.replace(/œ/g, 'oe').replace(/æ/g, 'ae').replace(/(\p{L})\1{2,}/gu, '$1');
  return (open.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, wordsAtMost).map((word) => word.slice(0, longestWord));
}

/** Folded words parted by single spaces. */
export function foldedWords(text: string): string {
  return tokenise(text).map(fold).join(' ');
}

const snowball = createRequire(__filename)('snowball-stemmers') as {
  newStemmer(language: string): { stem(word: string): string };
};
const french = snowball.newStemmer('french');
const stems = new Map<string, string>();
const stemsKept = 20_000;

/**
 * The French stem of a word, folded. Snowball reads accents (« oubliée » but not « oubliee »), so an ending typed
 * bare is given its accent back first; and it parts « connexion » from « connexions », so that plural goes.
 */
export function stem(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const accented = word.replace(/(?<=.{2})ee(s?)$/, 'ée$1').replace(/ions$/, 'ion');
  const made = fold(french.stem(accented));
  // Emptied rather than aged: the words of the knowledge come back at once, and strangers rarely do.
  if (stems.size >= stemsKept) stems.clear();
  stems.set(word, made);
  return made;
}

/** Makes a normaliser that knows the abbreviations, function words and fillers of a lexicon. */
export function createNormaliser(lexicon: Lexicon): Normaliser {
  // Accents count in what is short: « jé » stands for « j'ai », and « je » for nothing else.
  const abbreviations = new Map(
    Object.entries(lexicon.abbreviations).map(([short, long]) => [tokenise(short).join(' '), tokenise(long)] as const),
  );
  const light = new Set(lexicon.stopwords.map(foldedWords));
  const fillers = lexicon.fillers.map((filler) => foldedWords(filler).split(' '));

  return (text) => {
    const expanded: { typed: string; read: string }[] = [];
    const surfaces = writeOut(tokenise(text), abbreviations, expanded);
    const folded = surfaces.map(fold);
    const filling = findSequences(folded, fillers);
    return {
      words: surfaces.map((surface, at) => {
        const plain = folded[at] ?? surface;
        return { surface, folded: plain, light: light.has(plain) || filling.has(at) };
      }),
      expanded,
    };
  };
}

/** Positions covered by any of the sequences. */
export function findSequences(words: readonly string[], sequences: readonly (readonly string[])[]): Set<number> {
  const covered = new Set<number>();
  for (let at = 0; at < words.length; at += 1) {
    for (const sequence of sequences) {
      if (sequence.every((word, step) => words[at + step] === word)) sequence.forEach((_, step) => covered.add(at + step));
    }
  }
  return covered;
}

function writeOut(
  tokens: readonly string[],
  abbreviations: ReadonlyMap<string, readonly string[]>,
  expanded: { typed: string; read: string }[],
): string[] {
  const out: string[] = [];
  let at = 0;
  while (at < tokens.length) {
    const length = longestMatch(tokens, at, abbreviations);
    const typed = tokens.slice(at, at + Math.max(1, length));
    const read = length > 0 ? (abbreviations.get(typed.join(' ')) ?? typed) : typed;
    if (length > 0) expanded.push({ typed: typed.join(' '), read: read.join(' ') });
    out.push(...read);
    at += typed.length;
  }
  return out;
}

function longestMatch(tokens: readonly string[], at: number, known: ReadonlyMap<string, unknown>): number {
  for (let length = Math.min(longestAbbreviation, tokens.length - at); length > 0; length -= 1) {
    if (known.has(tokens.slice(at, at + length).join(' '))) return length;
  }
  return 0;
}
