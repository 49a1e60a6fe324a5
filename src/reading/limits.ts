/**
 * How hard a text of ours may be, and what to do about one that is harder. Findings are in French, for its author; in
 * which file the text stands is known to whoever asks.
 */
import { measure, type Measure } from './measure.js';

export interface Finding {
  /** Lines of the text above the place. */
  readonly above: number;
  readonly what: string;
  readonly todo: string;
}

interface Limits {
  /** Words of any one sentence. */
  readonly sentence: number;
  /** Words a sentence, on average. */
  readonly mean?: number;
  /** LIX at most: our answers lie near 30, an official letter near 60. */
  readonly lix?: number;
  /** Kandel and Moles at least. */
  readonly ease?: number;
  /** Characters. */
  readonly length?: number;
}

const answer: Limits = { sentence: 25, mean: 20, lix: 40 };
const bubble: Limits = { sentence: 30, mean: 20, length: 500 };
/**
 * Our variants lie at 91 in the middle, and the hardest at 79: it cannot do without « numéro de sécurité sociale ». Our
 * answers lie at 82, so that 75 leaves room for such words and for no official turn of phrase.
 */
const plain: Limits = { sentence: 15, ease: 75 };

/** An index says nothing of fewer words than this. */
const MEASURABLE = 20;
const NAMED = 4;

/** What makes an answer of the knowledge, or its longer part, hard to read. */
export function hardInAnswer(text: string): Finding[] {
  return findings(text, answer);
}

/** The same for the plain-language variant of an answer. */
export function hardInPlain(text: string): Finding[] {
  return findings(text, plain);
}

/** The same for a bubble of a dialog and for a standing message. */
export function hardInBubble(text: string): Finding[] {
  return findings(text, bubble);
}

/** Sentences that are too long, or else what is hard in the text as a whole. */
function findings(text: string, limits: Limits): Finding[] {
  const measured = measure(text);
  if (!measured) return [];
  const long = measured.sentences.filter(({ words }) => words.length > limits.sentence);
  if (long.length > 0) {
    const todo = `la couper en phrases de ${String(limits.sentence)} mots au plus`;
    return long.map(({ text: said, words, above }) => ({ above, what: `une phrase de ${String(words.length)} mots : « ${said.slice(0, 60)}… »`, todo }));
  }
  return [tooLong(text, limits), tooDense(measured, limits), tooHard(measured, limits)].flatMap((found) => (found ? [{ above: 0, ...found }] : []));
}

type Found = Omit<Finding, 'above'> | undefined;

function tooLong(text: string, { length = Infinity }: Limits): Found {
  if (text.length <= length) return undefined;
  return { what: `un texte de ${String(text.length)} caractères`, todo: `le ramener à ${String(length)} caractères, ou le dire en deux fois` };
}

function tooDense({ words, wordsPerSentence, lix, longShare }: Measure, limits: Limits): Found {
  const told = `${String(Math.round(wordsPerSentence))} mots par phrase et ${String(Math.round(100 * longShare))} % de mots longs à dire`;
  if (wordsPerSentence > (limits.mean ?? Infinity)) {
    return { what: `texte difficile à lire : ${told} (${String(limits.mean)} mots par phrase au plus)`, todo: 'une idée par phrase' };
  }
  if (words < MEASURABLE || lix <= (limits.lix ?? Infinity)) return undefined;
  const what = `texte difficile à lire : ${told} (indice LIX ${String(Math.round(lix))}, ${String(limits.lix)} au plus)`;
  return { what, todo: 'une idée par phrase, des mots de tous les jours, un verbe plutôt qu’un nom' };
}

function tooHard({ words, ease, longWords }: Measure, limits: Limits): Found {
  if (words < MEASURABLE || ease >= (limits.ease ?? -Infinity)) return undefined;
  const named = longWords.slice(0, NAMED).map((word) => `« ${word} »`).join(', ');
  const what = `variante facile trop difficile : indice de Kandel et Moles ${String(Math.round(ease))} (${String(limits.ease)} au moins)`;
  return { what, todo: `des phrases et des mots plus courts${named === '' ? '' : `, par exemple à la place de ${named}`}` };
}
