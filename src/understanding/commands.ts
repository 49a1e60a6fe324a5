/**
 * Standing commands (annuler, retour, parler à un conseiller…): a text is one only if the whole of it says so. What
 * the commands are and how they are said is content; what they do is not here.
 */
import { createNormaliser, findSequences, fold, tokenise, type Lexicon, type Word } from '../matching/normalise.js';
import { createSpeller, gatherWords } from '../matching/spelling.js';

export interface CommandDefinition {
  readonly command: string;
  readonly phrases: readonly string[];
  /** Knowledge entry that the command opens, where it does. */
  readonly entry?: string;
}

export interface Command {
  readonly command: string;
  readonly entry?: string;
}

/** Longer texts tell a story, and « retour » in a story is not an order. */
const wordsAtMost = 12;
/** Misspelt fillers that a command may still have around it. */
const spareWords = 2;

/** One error from 6 letters: a command does something, so that a near word must be very near. */
const errors = { allowed: (letters: number): number => (letters >= 6 ? 1 : 0), alike: 2 };

/**
 * Makes the reader of commands: `undefined` for anything that is not a whole command once abbreviations are written
 * out, spelling is corrected against the commands' own words, and fillers are taken away.
 */
export function createCommands(definitions: readonly CommandDefinition[], lexicon: Lexicon): (text: string) => Command | undefined {
  const normalise = createNormaliser(lexicon);
  const fillers = [...lexicon.fillers, ...lexicon.courtesies].map((filler) => tokenise(filler).map(fold)).filter((filler) => filler.length > 0);
  const strip = (words: readonly string[]): string => {
    const filling = findSequences(words, fillers);
    // « merci » alone may be a command of its own: a text made of fillers only is kept whole.
    return (filling.size === words.length ? words : words.filter((_, at) => !filling.has(at))).join(' ');
  };
  const wordsOf = (text: string): readonly Word[] => normalise(text).words;

  const phrases = definitions.flatMap(({ phrases: said, ...command }) => said.map((phrase) => ({ command, words: wordsOf(phrase) })));
  const spell = createSpeller(gatherWords([...phrases.flatMap(({ words }) => words), ...[...lexicon.fillers, ...lexicon.courtesies].flatMap(wordsOf)]), {
    ...errors,
    keep: new Set([...lexicon.keep, ...lexicon.stopwords].map(fold)),
    // « conseil » has the stem of « conseiller », and is not a wish to talk to one.
    inflections: false,
  });
  const known = new Map<string, Command>();
  for (const { command, words } of phrases) {
    const key = strip(words.map(({ folded }) => folded));
    if (key !== '' && !known.has(key)) known.set(key, command);
  }

  const longest = Math.max(0, ...[...known.keys()].map((key) => key.split(' ').length));

  return (text) => {
    const words = wordsOf(text);
    if (words.length === 0 || words.length > wordsAtMost) return undefined;
    const typed = words.map(({ folded }) => folded);
    const bare = strip(typed);
    // Spelling is what costs: a text much longer than any command is not one, however it is spelt.
    if (bare.split(' ').length > longest + spareWords) return known.get(bare);
    return known.get(bare) ?? known.get(strip(spell(words).map(({ folded }) => folded)));
  };
}
