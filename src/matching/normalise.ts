/**
 * Text as typed -> words worth comparing: case, accents, ligatures, elisions, elongations, emoji, dictated marks,
 * abbreviations, denials, stems. It corrects no spelling and knows no entry.
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
  /** Greetings and thanks, left out as soon as a text says anything else. */
  readonly courtesies: readonly string[];
  /** Function words: kept, but light. */
  readonly stopwords: readonly string[];
  /** Real words that the spelling corrector must leave alone. */
  readonly keep: readonly string[];
  /** Punctuation said aloud, which dictation may write out in letters. */
  readonly dictated?: Dictated;
  /** Emoji -> the words it stands for; every other emoji is dropped. */
  readonly emoji?: Readonly<Record<string, string>>;
  /** Words that mean the contrary after a denial. */
  readonly negations?: Negations;
}

export interface Dictated {
  /** Always punctuation, but for the two exceptions. */
  readonly marks: readonly string[];
  /** Punctuation only at the very end, or in a text that has another mark. */
  readonly loose: readonly string[];
  /** After one of these words, or after a number, it is an ordinary word: « un point ». */
  readonly unlessAfter: readonly string[];
  /** Before one of these words too: « point relais ». */
  readonly unlessBefore: readonly string[];
}

export interface Negations {
  /** « pas », « pas du tout »… */
  readonly denials: readonly string[];
  /** « bloqué », « oublié »… */
  readonly words: readonly string[];
}

export interface Word {
  /** Lower case, with its accents. */
  readonly surface: string;
  /** Without accents or ligatures. A word that is denied is in capitals with its denial: « PAS BLOQUE ». */
  readonly folded: string;
  /** Function word or part of a filler. */
  readonly light: boolean;
  /** Part of a greeting or of thanks. */
  readonly courtesy: boolean;
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

const normalisers = new WeakMap<Lexicon, Normaliser>();

/** Gives the one normaliser that knows the abbreviations, function words and fillers of a lexicon. */
export function createNormaliser(lexicon: Lexicon): Normaliser {
  const known = normalisers.get(lexicon) ?? makeNormaliser(lexicon);
  normalisers.set(lexicon, known);
  return known;
}

function makeNormaliser(lexicon: Lexicon): Normaliser {
  // Accents count in what is short: « jé » stands for « j'ai », and « je » for nothing else.
  const abbreviations = new Map(
    Object.entries(lexicon.abbreviations).map(([short, long]) => [tokenise(short).join(' '), tokenise(long)] as const),
  );
  const light = new Set(lexicon.stopwords.map(foldedWords));
  const fillers = lexicon.fillers.map((filler) => foldedWords(filler).split(' '));
  const courtesies = lexicon.courtesies.map((courtesy) => foldedWords(courtesy).split(' '));

  const [drawn, undictated, denied] = [createEmojiReader(lexicon.emoji ?? {}), createMarkRemover(lexicon.dictated), createDenier(lexicon.negations)];
  // Several readers ask for the same text in a row.
  let last: { readonly text: string; readonly read: Normalised } | undefined;
  return (text) => {
    if (last?.text === text) return last.read;
    const expanded: { typed: string; read: string }[] = [];
    const surfaces = writeOut(undictated(tokenise(drawn(text))), abbreviations, expanded);
    const folded = surfaces.map(fold);
    const filling = findSequences(folded, fillers);
    const polite = findSequences(folded, courtesies);
    const words = surfaces.map((surface, at): Word => {
      const plain = folded[at] ?? surface;
      return { surface, folded: plain, light: light.has(plain) || filling.has(at) || polite.has(at), courtesy: polite.has(at) };
    });
    last = { text, read: { words: denied(words), expanded } };
    return last.read;
  };
}

const pictographs = /\p{Extended_Pictographic}/gu;

/** An emoji says its words only where the text does not: « téléphone 📱 » names one thing once. */
function createEmojiReader(table: Readonly<Record<string, string>>): (text: string) => string {
  const known = new Map(Object.entries(table).map(([emoji, words]) => [emoji.replace(/\uFE0F/g, ''), words]));
  return (text) => {
    const read = text.slice(0, longestText);
    if (known.size === 0 || read.search(pictographs) < 0) return text;
    const said = ` ${foldedWords(read)} `;
    return read.replace(pictographs, (emoji) => {
      const words = known.get(emoji) ?? '';
      return said.includes(` ${foldedWords(words)} `) ? ' ' : ` ${words} `;
    });
  };
}

const asIs = (tokens: string[]): string[] => tokens;

/** Takes away « virgule », « point d'interrogation »… where they were said for the mark and not for the thing. */
function createMarkRemover(dictated: Dictated | undefined): (tokens: string[]) => string[] {
  if (dictated === undefined) return asIs;
  const sequencesOf = (texts: readonly string[]): string[][] => texts.map((text) => foldedWords(text).split(' '));
  const marks = sequencesOf(dictated.marks);
  const loose = sequencesOf(dictated.loose);
  const heads = new Set([...marks, ...loose].map(([head]) => head));
  const [after, before] = [new Set(dictated.unlessAfter.map(fold)), new Set(dictated.unlessBefore.map(fold))];

  return (tokens) => {
    const words = tokens.map(fold);
    if (!words.some((word) => heads.has(word))) return tokens;
    const said = (sequence: readonly string[], at: number): boolean => {
      const [previous = '', next = ''] = [words[at - 1], words[at + sequence.length]];
      return sequence.every((word, step) => words[at + step] === word) && !after.has(previous) && !/^\d/.test(previous) && !before.has(next);
    };
    const removed = cover(words, marks, said);
    const more = cover(words, loose, (sequence, at) => !removed.has(at) && said(sequence, at) && (removed.size > 0 || at + sequence.length === words.length));
    return tokens.filter((_, at) => !removed.has(at) && !more.has(at));
  };
}

/** Joins a denial and the word it turns round, in capitals: no folded word has any, so that not a letter is shared. */
function createDenier(negations: Negations | undefined): (words: readonly Word[]) => readonly Word[] {
  const denials = (negations?.denials ?? []).map((denial) => foldedWords(denial).split(' ')).sort((a, b) => b.length - a.length);
  const turned = new Set((negations?.words ?? []).map(fold));
  return (words) => {
    const lengthAt = (at: number): number =>
      denials.find((denial) => denial.every((word, step) => words[at + step]?.folded === word) && turned.has(words[at + denial.length]?.folded ?? ''))?.length ?? 0;
    if (!words.some(({ folded }) => turned.has(folded))) return words;
    const made: Word[] = [];
    for (let at = 0; at < words.length; ) {
      const group = words.slice(at, at + 1 + lengthAt(at));
      at += group.length;
      if (group.length === 1) made.push(...group);
      else made.push({ surface: group.map(({ surface }) => surface).join(' '), folded: `PAS ${group.at(-1)?.folded.toUpperCase() ?? ''}`, light: false, courtesy: false });
    }
    return made;
  };
}

/** Positions covered by any of the sequences. */
export function findSequences(words: readonly string[], sequences: readonly (readonly string[])[]): Set<number> {
  return cover(words, sequences, (sequence, at) => sequence.every((word, step) => words[at + step] === word));
}

function cover(words: readonly string[], sequences: readonly (readonly string[])[], stands: (sequence: readonly string[], at: number) => boolean): Set<number> {
  const covered = new Set<number>();
  for (let at = 0; at < words.length; at += 1) {
    for (const sequence of sequences) {
      if (sequence[0] === words[at] && stands(sequence, at)) sequence.forEach((_, step) => covered.add(at + step));
    }
  }
  return covered;
}

function writeOut(tokens: readonly string[], abbreviations: ReadonlyMap<string, readonly string[]>, expanded: { typed: string; read: string }[]): string[] {
  const out: string[] = [];
  for (let at = 0; at < tokens.length; ) {
    const length = Math.max(1, longestMatch(tokens, at, abbreviations));
    const typed = length === 1 ? (tokens[at] ?? '') : tokens.slice(at, at + length).join(' ');
    const read = abbreviations.get(typed);
    if (read !== undefined) expanded.push({ typed, read: read.join(' ') });
    out.push(...(read ?? [typed]));
    at += length;
  }
  return out;
}

function longestMatch(tokens: readonly string[], at: number, known: ReadonlyMap<string, unknown>): number {
  for (let length = Math.min(longestAbbreviation, tokens.length - at); length > 0; length -= 1) {
    if (known.has(tokens.slice(at, at + length).join(' '))) return length;
  }
  return 0;
}
