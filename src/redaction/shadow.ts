/**
 * A text as the finders read it: figures of every script as 0 to 9, invisible characters gone, numbers in words as
 * figures; the way back to the text as it was written; and how patterns are looked for. What a secret is, finders know.
 */
import { numberAt } from '../answers/numbers.js';
import type { SecretKind } from '../conversation/utterance.js';

export interface Found {
  /** `harmless`: looked at, and to be left alone by the finders that come after. */
  readonly kind: SecretKind | 'harmless';
  readonly from: number;
  readonly to: number;
}

/** Finds in a shadow's text; what it gives back is in order, and no two pieces overlap. */
export type Finder = (text: string) => readonly Found[];

/** What people put between groups of figures. */
export const GAP = String.raw`[ .,\-\u2010-\u2015_/()\n\t]{0,3}`;

/** Every match of a pattern that is accepted; of a match with a group `secret` (and the flag `d`), that group alone. */
export function matchesOf(text: string, pattern: RegExp, kindOf: (match: RegExpExecArray) => Found['kind'] | undefined): Found[] {
  const found: Found[] = [];
  for (const match of text.matchAll(pattern)) {
    const kind = kindOf(match);
    if (kind === undefined) continue;
    const [from, to] = match.indices?.groups?.['secret'] ?? [match.index, match.index + match[0].length];
    found.push({ kind, from, to });
  }
  return found;
}

/** Soft hyphens, zero-width characters, marks of direction, and what makes a figure a « keycap ». */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0f\u20e3\ufeff]/;

/** Stands for what was found already: no letter, no figure and no gap, so that nothing is found in or across it. */
const GONE = '\u0000';

export class Shadow {
  private constructor(
    readonly text: string,
    /** Where each character begins and ends in the source. */
    private readonly starts: readonly number[],
    private readonly ends: readonly number[],
  ) {}

  /** The shadow of a text, without its numbers in words read. */
  static of(source: string): Shadow {
    const [parts, starts, ends]: [string[], number[], number[]] = [[], [], []];
    let at = 0;
    for (const character of source) {
      const end = at + character.length;
      for (const unit of plain(character)) {
        parts.push(unit);
        starts.push(at);
        ends.push(end);
      }
      at = end;
    }
    // An O between figures is a zero: old phones' keyboards make them look the same.
    return new Shadow(parts.join('').replace(/(?<=\d[ .-]?)[oO](?=[ .-]?\d)/g, '0'), starts, ends);
  }

  /** The place in the source of a piece of the shadow. */
  sourceOf(from: number, to: number): readonly [from: number, to: number] {
    return [this.starts[from] ?? 0, this.ends[to - 1] ?? 0];
  }

  /** The same without the characters of some pieces, in order and apart. */
  without(pieces: readonly (readonly [from: number, to: number])[]): Shadow {
    let [text, at] = ['', 0];
    for (const [from, to] of pieces) {
      text += this.text.slice(at, from) + GONE.repeat(to - from);
      at = to;
    }
    return new Shadow(text + this.text.slice(at), this.starts, this.ends);
  }

  /** The same with numbers in words as figures. */
  spoken(): Shadow {
    const [parts, starts, ends]: [string[], number[], number[]] = [[], [], []];
    let at = 0;
    const keep = (to: number): void => {
      parts.push(this.text.slice(at, to));
      for (; at < to; at += 1) {
        starts.push(this.starts[at] ?? 0);
        ends.push(this.ends[at] ?? 0);
      }
    };
    for (const { from, to, value } of numbersIn(this.text)) {
      keep(from);
      const [first, last] = this.sourceOf(from, to);
      for (const digit of String(value)) {
        parts.push(digit);
        starts.push(first);
        ends.push(last);
      }
      at = to;
    }
    keep(this.text.length);
    return new Shadow(parts.join(''), starts, ends);
  }
}

/** UTF-16 units that stand for a character of the source; none for what nobody sees. */
function plain(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 128) return character;
  if (INVISIBLE.test(character)) return '';
  const folded = character.normalize('NFKC');
  if (/^[ -~]$/.test(folded)) return folded;
  return /\p{Nd}/u.test(character) ? String(valueOf(code)) : character;
}

/** Every decimal script is a run of ten code points in order of value. */
function valueOf(code: number): number {
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return code - zero;
}

interface Word {
  readonly folded: string;
  readonly from: number;
  readonly to: number;
}

interface SpokenNumber {
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

function numbersIn(text: string): readonly SpokenNumber[] {
  const words = wordsIn(text);
  const folded = words.map((word) => word.folded);
  const found: SpokenNumber[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const number = numberAt(folded, at);
    const [first, last] = [words[at], words[(number?.next ?? 1) - 1]];
    if (number === undefined || first === undefined || last === undefined) continue;
    found.push({ value: number.value, from: first.from, to: last.to });
    at = number.next - 1;
  }
  return found;
}

/** Words as numbers need them, with an empty one between two that do not follow each other. */
function wordsIn(text: string): readonly Word[] {
  const words: Word[] = [];
  let end = -1;
  for (const { 0: word, index } of text.matchAll(/\p{L}+/gu)) {
    if (end >= 0 && !/^[ \-\n]{1,2}$/.test(text.slice(end, index))) words.push({ folded: '', from: end, to: end });
    end = index + word.length;
    for (const folded of partsOf(word)) words.push({ folded, from: index, to: end });
  }
  return words;
}

function partsOf(word: string): readonly string[] {
  const folded = word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  if (/^quatres?vingts?$/.test(folded)) return ['quatre', 'vingt'];
  return [folded === 'mil' ? 'mille' : folded.replace(/^(quatre|vingt|cent|mille)s$/, '$1')];
}
