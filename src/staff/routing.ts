/**
 * Where a request goes: the caisse that a person means, the kind of adviser it takes, and the queue that serves both.
 * It asks nothing by itself: where a department has several caisses it gives the choices.
 */
import type { HandoffReason, Need } from '../conversation/handoff.js';
import { countingWords, numberAt } from '../answers/numbers.js';
import { got, isNear, no, type Reader } from '../answers/reading.js';
import { fold } from '../matching/normalise.js';
import { nameWord, type Caisse, type Directory } from './caisses.js';
import { NATIONAL, type Roster } from './roster.js';

export type CaisseFound =
  | { readonly kind: 'one'; readonly caisse: Caisse }
  /** Several fit: one question, with these for choices. */
  | { readonly kind: 'ask'; readonly choices: readonly Caisse[] }
  | { readonly kind: 'none' };

/** Characters read, and words within which a bare name or number is taken for an answer. */
const LONGEST = 300;
const BRIEF = 3;
/** More choices than this would be a list to search, not a question. */
const CHOICES_AT_MOST = 5;
const NAME_WORDS_AT_MOST = 6;
/** A misspelt name is looked for in short answers only: any sentence has some word near some town. */
const CORRECTED_WITHIN = 6;

/** What announces a place in a longer text; « des tours » and « une somme » do not. */
const INTRODUCES = new Set('a au aux d de du dans en l la le les vers sur pres habite habitons vis reside suis cpam cgss caisse departement'.split(' '));
const DEPARTMENT = new Set(['departement', 'dept', 'dpt']);
const BEFORE_DEPARTMENT = new Set([...DEPARTMENT, 'cpam', 'cgss', 'caisse', 'dans']);
/** After one of these, a number is a district of the town. */
const HAVE_DISTRICTS = new Set(['paris', 'lyon', 'marseille']);
/** After one of these, a number counts something else. */
const COUNTED = /^(?:ans?|mois|jours?|heures?|h|minutes?|min|fois|euros?|rue|avenue|boulevard|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|\d+)$/;

/** Every caisse that one thing said may mean. */
type Evidence = readonly string[];

/**
 * The caisse that a text means: by a postcode, a department in figures or words, its name, one of its towns. All that
 * is said must agree (« Saint-Denis, dans le 93 »); where it does not, both are offered. Linear in a bounded text.
 */
export function findCaisse(directory: Directory, text: string): CaisseFound {
  const words = wordsIn(text.slice(0, LONGEST));
  const postcodes = postcodesIn(directory, words);
  const exact = [...postcodes, ...departmentsIn(directory, words), ...namesIn(directory, words)];
  const evidence = exact.length > 0 || words.length > CORRECTED_WITHIN ? exact : namesIn(directory, corrected(directory, words));
  const choices = (agreed(evidence) ?? agreed(postcodes) ?? [...new Set(evidence.flat())]).flatMap((code) => directory.caisses.get(code) ?? []);
  const [only] = choices;
  if (only === undefined || choices.length > CHOICES_AT_MOST) return { kind: 'none' };
  return choices.length === 1 ? { kind: 'one', caisse: only } : { kind: 'ask', choices };
}

/** The caisses that all of it may mean; undefined where there is none. */
function agreed([first, ...others]: readonly Evidence[]): readonly string[] | undefined {
  const codes = first?.filter((code) => others.every((other) => other.includes(code))) ?? [];
  return codes.length > 0 ? codes : undefined;
}

/** Folded words, with numbers in words from ten on as figures: « un » stays an article. */
function wordsIn(text: string): readonly string[] {
  const typed = countingWords(text);
  const words: string[] = [];
  for (let at = 0; at < typed.length; ) {
    const { word, next } = wordAt(typed, at);
    words.push(word);
    at = next;
  }
  return words;
}

function wordAt(typed: readonly string[], at: number): { word: string; next: number } {
  const asTyped = { word: typed[at] ?? '', next: at + 1 };
  const number = /^\d/.test(asTyped.word) ? undefined : numberAt(typed, at);
  if (number === undefined) return asTyped;
  // « neuf trois » is how people say 93.
  const unit = number.value === 9 ? numberAt(typed, number.next) : undefined;
  if (unit !== undefined && unit.value >= 1 && unit.value <= 5) return { word: String(90 + unit.value), next: unit.next };
  return number.value >= 10 ? { word: String(number.value), next: number.next } : asTyped;
}

/** Where they disagree with a name, postcodes decide: « 13 rue de Lyon, 75012 Paris ». */
function postcodesIn(directory: Directory, words: readonly string[]): readonly Evidence[] {
  return words.flatMap((word, at) => {
    const next = words[at + 1] ?? '';
    const postcode = /^\d{2}$/.test(word) && /^\d{3}$/.test(next) ? word + next : word;
    return /^\d{5}$/.test(postcode) ? present(byPostcode(directory, postcode)) : [];
  });
}

function departmentsIn({ byDepartment }: Directory, words: readonly string[]): readonly Evidence[] {
  return words.flatMap((word, at) => {
    if (!/^\d{1,3}$/.test(word) || !isDepartment(words, at)) return [];
    // Corsica was 20 before it was 2A and 2B.
    if (word === '20') return [['2A', '2B'].flatMap((half) => byDepartment.get(half) ?? [])];
    return present(byDepartment.get(departmentOf(word, words[at + 1] ?? '')));
  });
}

function departmentOf(figures: string, next: string): string {
  return figures === '2' && /^[ab]$/.test(next) ? `2${next.toUpperCase()}` : figures.padStart(2, '0');
}

/** « le 93 » may be a department and « le 12 » a day: up to 31 it takes more to say which. */
function isDepartment(words: readonly string[], at: number): boolean {
  const near = (by: number): string => words[at + by] ?? '';
  const previous = near(-1);
  if (COUNTED.test(near(1)) || /^\d+$/.test(previous) || HAVE_DISTRICTS.has(previous)) return false;
  if (words.length <= BRIEF || BEFORE_DEPARTMENT.has(previous)) return true;
  const announced = BEFORE_DEPARTMENT.has(near(-2)) || Number(words[at]) > 31 || words.some((word) => DEPARTMENT.has(word));
  return announced && (previous === 'le' || previous === 'du');
}

/** A few communes have the postcode of the department beside them: the person is told the caisse, and may correct it. */
function byPostcode({ byPostcode: own, byDepartment }: Directory, postcode: string): Evidence | undefined {
  // Saint-Barthélemy and Saint-Martin are under 971 for the post office only; who insures there is not in the fact base.
  if (postcode === '97133' || postcode === '97150') return undefined;
  if (postcode.startsWith('20')) return byDepartment.get(postcode < '20200' ? '2A' : '2B');
  return own.get(postcode) ?? byDepartment.get(postcode.slice(0, postcode.startsWith('97') ? 3 : 2));
}

function present(evidence: Evidence | undefined): Evidence[] {
  return evidence === undefined ? [] : [evidence];
}

/** Names of caisses, departments and towns; the longest first, so that « Eure-et-Loir » is not « Eure ». */
function namesIn({ byName }: Directory, words: readonly string[]): readonly Evidence[] {
  const telling = words.flatMap((word, at) => {
    const named = nameWord(word);
    return named === undefined ? [] : [{ named, at }];
  });
  const found: Evidence[] = [];
  for (let at = 0; at < telling.length; ) {
    const length = longestName(byName, telling.slice(at, at + NAME_WORDS_AT_MOST).map(({ named }) => named));
    const key = telling.slice(at, at + length).map(({ named }) => named).join(' ');
    if (length > 1 || introduced(words, telling[at]?.at ?? 0)) found.push(...present(byName.get(key)));
    at += Math.max(1, length);
  }
  return found;
}

function longestName(byName: Directory['byName'], words: readonly string[]): number {
  for (let length = words.length; length > 0; length -= 1) {
    if (byName.has(words.slice(0, length).join(' '))) return length;
  }
  return 0;
}

function introduced(words: readonly string[], at: number): boolean {
  return words.length <= BRIEF || INTRODUCES.has(words[at - 1] ?? '');
}

/** Each word that is in no name, as the one name word that it is near to. */
function corrected({ byName }: Directory, words: readonly string[]): readonly string[] {
  const known = new Set([...byName.keys()].flatMap((key) => key.split(' ')));
  return words.map((word) => {
    if (known.has(word) || INTRODUCES.has(word)) return word;
    const near = [...known].filter((name) => isNear(name, word));
    return near.length === 1 ? (near[0] ?? word) : word;
  });
}

/** Reads an answer that tells a caisse: `several` where it takes a town to choose, `unknown-place` where nothing fits. The value is its code. */
export function caisseReader(directory: Directory): Reader {
  return {
    reasons: ['several', 'unknown-place'],
    read(text) {
      const found = findCaisse(directory, text);
      return found.kind === 'one' ? got(found.caisse.code) : no(found.kind === 'ask' ? 'several' : 'unknown-place');
    },
  };
}

/** What is known of a request when it is made. */
export interface Asked {
  readonly reason: HandoffReason;
  /** Entry that the conversation was about. */
  readonly entry?: string;
  /** The person writes for someone else. */
  readonly thirdParty?: boolean;
  /** They use French sign language, or the relay service. */
  readonly signs?: boolean;
}

const NEED_OF_REASON: Partial<Readonly<Record<HandoffReason, Need>>> = { 'suspected-fraud': 'fraud', 'third-party': 'third-party', technical: 'technical' };
const NEED_OF_ENTRY: ReadonlyMap<string, Need> = new Map([
  ['suspicion-fraude', 'fraud'],
  ['ayant-droit', 'third-party'],
  ['panne-technique', 'technical'],
  ['franceconnect', 'technical'],
]);

/** Entries that decide on a need, so that a test holds them against the knowledge. */
export const ENTRIES_WITH_NEED: readonly string[] = [...NEED_OF_ENTRY.keys()];

/** The kind of adviser it takes. Being understood comes first, then what was said of the request, then its subject. */
export function needOf({ reason, entry, thirdParty, signs }: Asked): Need {
  if (signs === true) return 'sign-language';
  return NEED_OF_REASON[reason] ?? (thirdParty === true ? 'third-party' : undefined) ?? NEED_OF_ENTRY.get(entry ?? '') ?? 'general';
}

const SIGNS = /\b(?:lsf|langue des signes|sourde?s?|malentendante?s?|sourd-?aveugles?|lfpc|ttrp|elioz)\b/;

/** Whether a text asks for sign language or the relay service, or says that the person is deaf or hard of hearing. */
export function asksForSigns(text: string): boolean {
  return SIGNS.test(fold(text.slice(0, LONGEST)));
}

/** The queue that a request joins. */
export interface Place {
  /** Code of a caisse, or `national`. */
  readonly caisse: string;
  readonly need: Need;
}

/**
 * The caisse itself where it serves the need; else the national queue where that one does; else the caisse's own
 * advisers, as a general request. Without a caisse, or with one that has no advisers here: the national queue.
 */
export function placeOf(roster: Roster, caisse: string | undefined, need: Need): Place {
  const post = roster.posts.get(caisse ?? NATIONAL);
  const national = roster.posts.get(NATIONAL);
  const serving = [post, national].find((one) => one?.serves.includes(need));
  if (serving !== undefined) return { caisse: serving.code, need };
  return { caisse: post?.code ?? NATIONAL, need: 'general' };
}
