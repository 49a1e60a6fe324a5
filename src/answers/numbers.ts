/**
 * Whole numbers among words, as French people write and say them, Belgium and Switzerland included. No decimals, and
 * no ordinals but « premier », which dates need.
 */
import { wordsOf } from './reading.js';

/** A number found among words: its value, and where the words after it begin. */
export interface Counted {
  readonly value: number;
  readonly next: number;
}

const units = ['zero', 'un', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf', 'dix', 'onze', 'douze', 'treize', 'quatorze', 'quinze', 'seize'];
const unitOf: ReadonlyMap<string, number> = new Map([...units.map((word, value) => [word, value] as const), ['une', 1], ['premier', 1], ['premiere', 1]]);
const tenOf: ReadonlyMap<string, number> = new Map([
  ...['vingt', 'trente', 'quarante', 'cinquante', 'soixante', 'septante', 'huitante', 'nonante'].map((word, i) => [word, (i + 2) * 10] as const),
  ['octante', 80],
]);

/** The words of an answer as numbers need them: « quatre-vingts » in two words, however it is glued or misspelt. */
export function countingWords(text: string): string[] {
  return wordsOf(text)
    .flatMap((word) => (/^quatres?vingts?$/.test(word) ? ['quatre', 'vingt'] : [word.replace(/^(quatre|vingt|cent|mille)s$/, '$1')]))
    .map((word) => (word === 'mil' ? 'mille' : word));
}

/** The longest number that starts at a word, below ten thousand; figures count as they stand. */
export function numberAt(words: readonly string[], at: number): Counted | undefined {
  if (/^\d{1,8}$/.test(words[at] ?? '')) return { value: Number(words[at]), next: at + 1 };
  const head = words[at] === 'mille' ? { value: 1, next: at } : hundreds(words, at);
  if (head === undefined || words[head.next] !== 'mille' || head.value === 0) return head;
  return plus(head.value * 1_000, words, head.next + 1, hundreds);
}

/** « cent douze », « neuf cents », and « dix-neuf cent » of old years. */
function hundreds(words: readonly string[], at: number): Counted | undefined {
  const head = words[at] === 'cent' ? { value: 1, next: at } : tens(words, at);
  if (head === undefined || words[head.next] !== 'cent' || head.value === 0 || head.value > 19) return head;
  return plus(head.value * 100, words, head.next + 1, tens);
}

function tens(words: readonly string[], at: number): Counted | undefined {
  const ten = tenAt(words, at);
  if (ten === undefined) return teens(words, at);
  // Sixty and eighty go on to nineteen; the other tens stop at nine.
  const limit = ten.value === 60 || ten.value === 80 ? 19 : 9;
  const rest = teens(words, ten.next + (linksUnit(words, ten.next) ? 1 : 0));
  return rest && rest.value > 0 && rest.value <= limit ? { value: ten.value + rest.value, next: rest.next } : ten;
}

function tenAt(words: readonly string[], at: number): Counted | undefined {
  if (words[at] === 'quatre' && words[at + 1] === 'vingt') return { value: 80, next: at + 2 };
  const value = tenOf.get(words[at] ?? '');
  return value === undefined ? undefined : { value, next: at + 1 };
}

/** The « et » of « vingt et un » and « soixante et onze ». */
function linksUnit(words: readonly string[], at: number): boolean {
  return words[at] === 'et' && /^(?:une?|onze)$/.test(words[at + 1] ?? '');
}

function teens(words: readonly string[], at: number): Counted | undefined {
  const value = unitOf.get(words[at] ?? '');
  if (value === undefined) return undefined;
  const unit = unitOf.get(words[at + 1] ?? '') ?? 0;
  return value === 10 && unit >= 7 && unit <= 9 ? { value: 10 + unit, next: at + 2 } : { value, next: at + 1 };
}

function plus(base: number, words: readonly string[], at: number, read: typeof tens): Counted {
  const rest = read(words, at);
  return rest && rest.value > 0 ? { value: base + rest.value, next: rest.next } : { value: base, next: at };
}
