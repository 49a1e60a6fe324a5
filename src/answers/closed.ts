/**
 * Closed questions: yes or no, « je ne sais pas » as an answer of its own, and a choice among options. Whole answers
 * are read, never one word of a sentence: « je n'ai pas reçu le code » is a statement, not a no.
 */
import { fold } from '../matching/normalise.js';
import { countingWords, numberAt } from './numbers.js';
import { digitsFolded, got, isNear, longestAnswer, no, type Reader } from './reading.js';

type Mark = 'yes' | 'no' | 'firm' | 'unknown' | 'turn' | 'light' | 'other';

/**
 * What each class of words says. `firm` means yes alone, and strengthens a yes or a no beside it. Within a class the
 * first phrase that fits wins: one that begins with another comes before it.
 */
const phrases: Readonly<Record<Exclude<Mark, 'other'>, string>> = {
  yes:
    'oui|ouais?|ouep|ouaip|oue|oe|ui|wi|we|yes|yep|yeah|o|si|ok|okay|okey|oki|d accord|daccord|dac+|d ac|tout a fait|volontiers|avec plaisir|bien sur que (?:oui|si)|' +
    '(?:c|ce|cest|c est)(?: bien)? (?:ca|cela|vrai|juste|exact|correct|moi|bon)|correct|vrai|parfait|parfaitement|affirmatif|ca marche|(?:c est )?entendu|j ai dit oui|impec|impeccable|nickel|je (?:le )?(?:confirme|veux bien|valide)|' +
    'je (?:crois|pense) (?:que oui|bien)|il me semble(?: que)? oui|allez y|vas y|go|sans (?:aucun )?(?:probleme|souci)|pas de (?:probleme|souci)s?',
  no:
    'non|nan|nah|nope?|noon|n|no|niet|negatif|(?:non )?pas(?: du tout| possible| vraiment| encore| moi| d accord| exactement| tout a fait| maintenant| question| trop| specialement)|' +
    '(?:absolument|certainement|surtout|vraiment|toujours|carrement|evidemment|bien sur que) (?:pas|non)|du tout|jamais(?: de la vie)?|aucunement|nullement|en aucun cas|' +
    'hors de question|bien sur que non|(?:certainement|evidemment) que non|que non|(?:moi )?non plus|faux|incorrect|c est pas possible|j ai dit non|c est faux|' +
    'je (?:ne )?(?:crois|pense) pas|je (?:crois|pense) que non|(?:ce n est|c est|cest|c) pas (?:ca|cela|vrai|juste|exact|correct|moi|bon|le cas)|je (?:ne )?(?:veux|souhaite) pas|sans facon',
  firm: 'bien sur|bien entendu|evidemment|certainement|absolument|effectivement|en effet|carrement|exact|exactement|clairement',
  unknown:
    '(?:je |j )?(?:ne |n )?(?:(?:le |l |en |m en |me |m |me le |me l )?(?:sais|souviens|rappelle|souvient)) (?:pas|plus|rien|pas trop|plus trop)|je (?:n )?en sais rien|' +
    '(?:je )?c pas|jsp|jsais (?:pas|plus)|(?:je |j )?(?:chais|che|ches|jsai|sai|se) pas|chepa|idk|(?:je |j )?(?:ne |n )?(?:en )?(?:ai )?(?:pas d|aucune|pas la moindre|pas une) idee|' +
    '(?:je (?:ne )?suis )?pas (?:tres |trop |bien |vraiment )?(?:sure?|certaine?)|peut etre(?: bien)?|(?:c est )?possible|ca se peut|(?:ca|cela) depend|je (?:l|le )?ignore|je l ignore|j ignore|' +
    'j ai oublie|je ne (?:peux|saurais) pas (?:vous )?dire|(?:va|allez) savoir|aucun souvenir',
  turn: 'mais|enfin|sauf|quoique|sinon|par contre',
  light:
    'merci(?: beaucoup| bien)?|svp|stp|s il (?:vous|te) plait|madame|monsieur|ben|bah|bin|beh|eh|he|hein|euh|heu|hum|ah|oh|ha|hm|bon|alors|donc|et|bonjour|moi|voila|plutot|vraiment|' +
    'je (?:crois|pense)|desolee?|pour l instant|pour le moment|du coup|trop|la|que|a vrai dire|franchement|honnetement',
};

const signs: readonly (readonly [RegExp, string])[] = [
  [/👍|👌|✅|✔|🆗|☑/gu, ' oui '],
  [/👎|❌|🙅|🚫/gu, ' non '],
  [/🤷/gu, ' je ne sais pas '],
];

/** Doubled letters count once, here and in what is typed: « ouiii », « nonn », « évidement ». */
function single(text: string): string {
  return text.replace(/([a-z])\1+/g, '$1');
}

const matchers = Object.entries(phrases).map(([mark, words]) => [mark as Mark, new RegExp(`(?:${single(words)})(?= |$)`, 'y')] as const);

interface Marks {
  readonly said: string;
  readonly marks: readonly Mark[];
}

/** An answer as a row of marks, the longest phrase first at each place. */
function marksOf(text: string): Marks {
  const spelt = signs.reduce((row, [sign, words]) => row.replace(sign, words), text);
  const said = single(fold(spelt).replace(/[^a-z0-9]+/g, ' ').trim());
  const marks: Mark[] = [];
  for (let at = 0; at < said.length; ) {
    const [mark, length] = longestAt(said, at);
    marks.push(mark);
    at += length + 1;
  }
  return { said, marks };
}

function longestAt(said: string, at: number): [Mark, number] {
  const found = matchers.map(([mark, pattern]): [Mark, number] => {
    pattern.lastIndex = at;
    return [mark, pattern.exec(said)?.[0].length ?? 0];
  });
  const best = found.reduce((a, b) => (b[1] > a[1] ? b : a));
  const word = said.indexOf(' ', at);
  return best[1] > 0 ? best : ['other', (word < 0 ? said.length : word) - at];
}

const sigh = /^\s*(?:bof|pf+|oh|ah|euh+|heu+)[\s,.!…]+/iu;

/** Whether a whole answer says that the person does not know, or is not sure. Never true of a longer sentence. */
export function saysUnknown(text: string): boolean {
  if (text.length > longestAnswer || text.includes('?')) return false;
  const { marks } = marksOf(text.replace(sigh, ''));
  return marks.includes('unknown') && !marks.includes('other');
}

const statesYes = /^(?:ouais?|oui|yes|yep) /;
const statesNo = /^(?:non|nan) /;
const negation = /(?:^| )(?:pas|plus|jamais|rien|aucune?|ni|sans|ne|n|comment|pourquoi|quoi)(?= |$)/;

/**
 * Reads yes (`true`) or no (`false`). « Je ne sais pas » is `unknown`; a contradiction, a question or a statement
 * that starts with neither oui nor non is `unclear`.
 */
export const yesNoReader: Reader = {
  reasons: ['empty', 'unclear', 'unknown'],
  read(text) {
    if (text.trim() === '') return no('empty');
    if (text.length > longestAnswer || text.includes('?')) return no('unclear');
    if (saysUnknown(text)) return no('unknown');
    const value = meaning(marksOf(text));
    return value === undefined ? no('unclear') : got(value);
  },
};

function meaning({ said, marks }: Marks): boolean | undefined {
  const [yes, negative] = [marks.includes('yes'), marks.includes('no')];
  if (marks.includes('unknown') || marks.at(-1) === 'turn') return undefined;
  if (marks.includes('other')) return stated(said, marks);
  if (yes && negative) return undefined;
  if (yes || negative) return yes;
  return marks.includes('firm') ? true : undefined;
}

/** « oui je l'ai reçu », « non je ne l'ai pas » : the first word answers, if what follows does not take it back. */
function stated(said: string, marks: readonly Mark[]): boolean | undefined {
  if (marks.includes('turn')) return undefined;
  if (statesYes.test(said)) return negation.test(said) || marks.includes('no') ? undefined : true;
  return statesNo.test(said) && !marks.includes('yes') ? false : undefined;
}

/** What a choice needs of an option: its label and its other words. */
export interface Choice {
  readonly label: string;
  readonly also: readonly string[];
}

const asNumber = /^(?:(?:je (?:choisis|prends|veux|dirais)|plutot|l|la|le|option|choix|reponse|numero|num|no|n|num|proposition|touche) )+/;
const ordinals = ['premiere?', '(?:deuxieme|seconde?)', 'troisieme', 'quatrieme', 'cinquieme', 'sixieme', 'septieme', 'huitieme'].map((word) => new RegExp(`^${word}$`));

/**
 * The option that an answer chooses: by its label, its other words, its number, a near spelling, a long word that one
 * option alone has, or another way to say the yes or the no that it stands for. Nothing when two would do.
 */
export function chosenOption<T extends Choice>(options: readonly T[], text: string): T | undefined {
  if (options.length === 0 || text.length > longestAnswer) return undefined;
  const said = plain(text);
  if (said === '') return undefined;
  const named = options.filter((option) => wordings(option).includes(said));
  if (named.length === 1) return named[0];
  const index = placeOf(said, options.length);
  if (index !== undefined) return options[index];
  return (
    only(options, (option) => wordings(option).some((words) => isNear(words, said))) ??
    only(options, (option) => hasLongWord(option, said)) ??
    meant(options, text)
  );
}

/** The place that an answer tells, from 0; past the last option it is nobody's. */
function placeOf(said: string, count: number): number | undefined {
  const bare = said.replace(asNumber, '').replace(/ (?:option|choix|reponse|proposition|svp|merci|s il vous plait)$/, '').replace(/^(\d) ?(?:er|ere|eme|e|nd|nde)$/, '$1');
  if (/^derniere?$/.test(bare)) return count - 1;
  const ordinal = ordinals.findIndex((word) => word.test(bare));
  if (ordinal >= 0) return ordinal;
  const words = countingWords(bare);
  const found = numberAt(words, 0);
  return found?.next === words.length ? found.value - 1 : undefined;
}

/** A word of six letters or more stands for its option, save where a negation may turn what it says. */
function hasLongWord(option: Choice, said: string): boolean {
  const [label = ''] = wordings(option);
  return said.length >= 6 && !said.includes(' ') && !negation.test(label) && label.split(' ').includes(said);
}

function only<T>(options: readonly T[], fits: (option: T) => boolean): T | undefined {
  const found = options.filter(fits);
  return found.length === 1 ? found[0] : undefined;
}

/** The option that stands for the yes or the no that an answer says in another way. */
function meant<T extends Choice>(options: readonly T[], text: string): T | undefined {
  const reading = yesNoReader.read(text);
  if (!reading.ok && reading.reason !== 'unknown') return undefined;
  const word = reading.ok ? (reading.value === true ? 'oui' : 'non') : 'je ne sais pas';
  return only(options, (option) => wordings(option).includes(word));
}

const known = new WeakMap<Choice, readonly string[]>();

/** The label first. Options never change once loaded: their words are folded once. */
function wordings(option: Choice): readonly string[] {
  const before = known.get(option);
  if (before) return before;
  const words = [option.label, ...option.also].map(plain);
  known.set(option, words);
  return words;
}

function plain(text: string): string {
  return digitsFolded(fold(text)).replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}
