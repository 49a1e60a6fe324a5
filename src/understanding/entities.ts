/**
 * Things that a message names and that a dialog may use: error codes, dates, a postcode, for whom the person writes,
 * whether someone died. Found by form, in one pass over a bounded text; what they mean for an answer is not here.
 */
import type { Slots } from '../conversation/state.js';
import { fold } from '../matching/normalise.js';

export interface Entities {
  /** Error codes of FranceConnect, upper case, as `Y010004`; a code typed without its letter stays without. */
  readonly errorCodes: readonly string[];
  /** Messages on screen that the text quotes, as the knowledge writes them. */
  readonly screens: readonly string[];
  /** Dates that the calendar has, as `YYYY-MM-DD`. */
  readonly dates: readonly string[];
  /** Postcodes: five digits of a French department. */
  readonly postcodes: readonly string[];
  /** For whom the person writes, where it is not themselves. */
  readonly thirdParty: ThirdParty | null;
  /** Someone is said to have died. */
  readonly deceased: boolean;
}

/** The names under which a dialog may listen for what the first message said (`hears`). */
export const hearable = ['errorCode', 'postcode', 'date', 'thirdParty'] as const;

/** What the text says of each, where it says it; whoever died comes before whom the person writes for. */
export function heardIn(text: string): Slots {
  const { errorCodes, postcodes, dates, thirdParty, deceased } = findEntities(text);
  const said: Readonly<Record<(typeof hearable)[number], string | null | undefined>> = {
    errorCode: errorCodes[0],
    postcode: postcodes[0],
    date: dates[0],
    thirdParty: deceased ? 'deceased' : thirdParty,
  };
  return Object.fromEntries(Object.entries(said).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

export type ThirdParty = 'parent' | 'child' | 'partner' | 'relative' | 'ward';

/** Characters read, as for the rest of a text. */
const longest = 2_000;

const months = ['janvier', 'fevrier', 'mars', 'avril', 'mai', 'juin', 'juillet', 'aout', 'septembre', 'octobre', 'novembre', 'decembre'];
const written = new RegExp(`(?<!\\d)(\\d{1,2})(?:er)? (${months.join('|')}) (\\d{4})(?!\\d)`, 'g');
const figures = /(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?![\d/-])/g;
const code = /(?<![a-z0-9])([a-z]?)0[01]\d{4}(?!\d)/g;
const codeWords = /\b(?:erreur|code|franceconnect|france connect)\b/;
const postcode = /(?<![\d.,/-])(?:0[1-9]|[1-8]\d|9[0-5]|97|98)\d{3}(?![\d/-])(?! ?(?:euros?|€))/g;

const kin: readonly (readonly [ThirdParty, RegExp])[] = [
  ['parent', /\b(?:ma|notre|sa) (?:mere|maman|belle-mere|grand-mere|mamie)\b|\b(?:mon|notre|son) (?:pere|papa|beau-pere|grand-pere|papi|papy)\b|\b(?:mes|nos|ses) (?:parents|beaux-parents|grands-parents)\b/],
  ['child', /\b(?:mon|notre|son) (?:fils|enfant|bebe|petit-fils|gamin|ado)\b|\b(?:ma|notre|sa) (?:fille|petite-fille|gamine)\b|\b(?:mes|nos|ses) (?:enfants|fils|filles|petits-enfants)\b/],
  ['partner', /\b(?:mon|son) (?:mari|conjoint|epoux|compagnon|copain|ex-mari)\b|\b(?:ma|mon|sa) (?:femme|conjointe|epouse|compagne|copine|ex-femme)\b/],
  ['relative', /\b(?:mon|ma|mes|notre) (?:freres?|soeurs?|oncle|tante|cousine?|neveu|niece|proche|ami|amie|voisine?|beau-frere|belle-soeur)\b/],
  ['ward', /\b(?:tuteur|tutrice|tutelle|curatelle|curateur|curatrice|mandataire|personne (?:agee|protegee)|majeure? protegee?)\b/],
];
/** « mort de rire », « mon téléphone est mort » and « point mort » are about no one. */
const death = /\b(?:decede|decedee|decedes|deces|defunte?|(?:est|etait) (?:morte?|partie? pour toujours)|nous a quittes?|succession|veuf|veuve|(?:la|sa) mort de (?:mon|ma|mes|notre|son|sa)|suite a (?:la|sa) mort)\b/;
const deadThing = /\b(?:telephone|portable|ordinateur|ordi|mobile|ecran|batterie|lien|site|appli|application|compte)\b(?: \w+)? (?:est|etait) morte?\b/;

/** Finds them all; `screens` are the messages that the knowledge expects on a screen. Same text, same entities. */
export function findEntities(text: string, screens: readonly string[] = []): Entities {
  const folded = fold(text.slice(0, longest));
  const plain = folded.replace(/\b(beau|belle|grand|grands|beaux|petit|petite|petits|ex) (?=mere|pere|parents|soeur|frere|fils|fille|enfants|mari|femme)/g, '$1-');
  const dates = [...findDates(folded)];
  return {
    errorCodes: findCodes(folded),
    screens: screens.filter((screen) => folded.includes(fold(screen))),
    dates,
    postcodes: unique([...folded.replace(figures, ' ').matchAll(postcode)].map(([digits]) => digits)),
    thirdParty: kin.find(([, pattern]) => pattern.test(plain))?.[0] ?? null,
    deceased: death.test(folded) && !deadThing.test(folded),
  };
}

/** A letter vouches for a code; six bare digits are one only where the text speaks of one. */
function findCodes(folded: string): string[] {
  const spoken = codeWords.test(folded);
  return unique([...folded.matchAll(code)].filter(([, letter]) => letter !== '' || spoken).map(([found]) => found.toUpperCase()));
}

function findDates(folded: string): Set<string> {
  const found = [...folded.matchAll(figures)].map(([, day, month, year]) => ({ day: Number(day), month: Number(month), year: Number(year) }));
  const spelt = [...folded.matchAll(written)].map(([, day, month, year]) => ({ day: Number(day), month: months.indexOf(month ?? '') + 1, year: Number(year) }));
  return new Set([...found, ...spelt].flatMap((date) => calendar(date) ?? []));
}

function calendar({ day, month, year }: { day: number; month: number; year: number }): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = year >= 1_900 && year < 2_100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.toISOString().slice(0, 10) : undefined;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
