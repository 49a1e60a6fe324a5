/**
 * What good content is, as a list of small rules over what was loaded. Each rule gives every fault it finds, in
 * French for the authors. The shape of the files is checked before, in knowledge.ts.
 */
import type { Fault } from '../conversation/errors.js';
import type { Entry, Family } from './knowledge.js';
import { fold, foldedWords } from '../matching/normalise.js';
import { hardInAnswer, hardInPlain, type Finding } from '../reading/limits.js';
import { sentencesOf } from '../reading/sentences.js';
import type { Decision } from './decide.js';

/** What the body of an entry's file is made of. */
export type Part = 'answer' | 'more' | 'plain';

/** An entry with the way back to its file. */
export interface Source {
  readonly entry: Entry;
  readonly file: string;
  readonly lineOfKey: (path: readonly PropertyKey[]) => number;
  /** First line of a part; the last line of the file for a part that is not there. */
  readonly lineOfPart: (part: Part) => number;
  /** First line of the file that holds a quote. */
  readonly lineOfText: (quote: string) => number | undefined;
}

interface Library {
  readonly sources: readonly Source[];
  readonly families: readonly (Family & { readonly file: string })[];
  readonly folder: string;
}

/** Entries that the rest of the house, or the people who come, cannot do without. */
export const requiredEntries = [
  'mot-de-passe-oublie', 'compte-bloque-tentatives', 'inactivite', 'changement-regime', 'erreur-informations',
  'code-provisoire', 'email-obsolete', 'telephone-obsolete', 'franceconnect', 'suspicion-fraude', 'creation-compte',
  'contact-cpam', 'france-services', 'ayant-droit', 'panne-technique', 'prevention', 'changement-caisse',
  'nir-provisoire', 'role-du-compte',
] as const;

const asksAtLeast = 12;
const wordsAtMost = 80;
type EntryRule = (source: Source, today: string) => Fault[];

const entryRules: readonly EntryRule[] = [
  function idIsFileName({ entry, file, lineOfKey }) {
    const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.md$/, '');
    if (name === entry.id) return [];
    return [{ where: file, line: lineOfKey(['id']), what: `l'id « ${entry.id} » n'est pas le nom du fichier`, todo: `écrire « id: ${name} » ou renommer le fichier` }];
  },
  function enoughAsks({ entry, file, lineOfKey }) {
    const count = new Set(entry.asks.map(foldedWords)).size;
    if (count >= asksAtLeast) return [];
    return [{ where: file, line: lineOfKey(['asks']), what: `${String(count)} formulations différentes`, todo: `en écrire au moins ${String(asksAtLeast)}, comme les gens les tapent` }];
  },
  function answerIsShort(source) {
    if (source.entry.answer !== '') return tooLong(source, 'answer', 'ou couper par « <!-- suite --> »');
    return [{ where: source.file, line: source.lineOfPart('answer'), what: 'la réponse est vide', todo: "l'écrire sous l'en-tête" }];
  },
  function hasPlainVariant(source) {
    if (source.entry.plain !== '') return tooLong(source, 'plain', 'en gardant les mêmes faits');
    const todo = "l'écrire à la fin du fichier, sous une ligne « <!-- facile --> » (voir le guide des auteurs)";
    return [{ where: source.file, line: source.lineOfPart('plain'), what: 'la variante facile de la réponse manque', todo }];
  },
  function easyToRead({ entry, file, lineOfKey, lineOfPart }) {
    // Where nothing is found, the line is not looked for.
    const at = (line: () => number, found: readonly Finding[]): Fault[] => found.map(({ above, ...fault }) => ({ where: file, line: line() + above, ...fault }));
    return [
      ...at(() => lineOfKey(['title']), hardInAnswer(entry.title)),
      ...at(() => lineOfPart('answer'), hardInAnswer(entry.answer)),
      ...at(() => lineOfPart('more'), hardInAnswer(entry.more ?? '')),
      ...at(() => lineOfPart('plain'), hardInPlain(entry.plain)),
    ];
  },
  function urlsAreGood({ entry, file, lineOfKey }) {
    return entry.sources.flatMap(({ url }, at) =>
      isWebAddress(url) ? [] : [{ where: file, line: lineOfKey(['sources', at, 'url']), what: `adresse non valable : ${url}`, todo: 'écrire une adresse complète en https://' }],
    );
  },
  function linksAreGood({ entry, file }) {
    const links = [...`${entry.answer}\n${entry.more ?? ''}\n${entry.plain}`.matchAll(/\]\(([^)\s]*)\)/g)].map(([, url = '']) => url);
    return links.filter((url) => !isWebAddress(url)).map((url) => ({ where: file, what: `lien non valable : ${url}`, todo: 'écrire une adresse complète en https://' }));
  },
  function reviewIsDue({ entry, file, lineOfKey }, today) {
    if (today === '' || entry.reviewBy >= today) return [];
    return [{ where: file, line: lineOfKey(['reviewBy']), what: `relecture dépassée depuis le ${entry.reviewBy}`, todo: 'relire la fiche et ses sources, puis repousser la date' }];
  },
  function saysOnlyWhatIsKnown({ entry, file, lineOfText }) {
    return [entry.title, entry.answer, entry.more ?? '', entry.plain].flatMap(forbidden).map(({ sentence, what, todo }) => {
      const line = lineOfText(sentence);
      return { where: file, ...(line === undefined ? {} : { line }), what, todo };
    });
  },
];

function tooLong(source: Source, part: 'answer' | 'plain', how: string): Fault[] {
  const count = sentencesOf(source.entry[part]).flatMap(({ words }) => words).length;
  if (count <= wordsAtMost) return [];
  const what = `la ${part === 'answer' ? 'réponse' : 'variante facile'} compte ${String(count)} mots`;
  return [{ where: source.file, line: source.lineOfPart(part), what, todo: `la ramener à ${String(wordsAtMost)} mots, ${how}` }];
}

const amount = '(?:\\d+|deux|trois|quatre|cinq|six|sept|huit|dix|douze|quinze|vingt|trente|quarante-huit|une?)';
/** « de 8 h 30 à 17 h » tells when a desk is open, not how long anything lasts. */
const openingHours = /\b(?:de|entre) \d+ ?h(?: ?\d+)? (?:a|et) \d+ ?h(?: ?\d+)?/g;
const duration = new RegExp(`\\b${amount} ?(?:h(?! ?\\d)|heures?|min|minutes?|jours?|semaines?|mois|ans?|annees?)\\b`);

interface Forbidden {
  readonly about: RegExp;
  readonly says: RegExp;
  /** A sentence with this is allowed. */
  readonly unless?: RegExp;
  readonly what: string;
  readonly todo: string;
}

/** What no source says, and what a scam would ask. Tried on each sentence, folded. */
const forbiddenSayings: readonly Forbidden[] = [
  {
    about: /tentative|essai|erreur|mots? de passe|code/,
    says: new RegExp(`\\b(?!une? )${amount} (?:\\w+ )?(?:tentatives?|essais?|erreurs?|echecs?|mauvais|mots de passe (?:faux|errones|incorrects)|fois)\\b`),
    what: 'un nombre de tentatives que rien ne confirme',
    todo: 'écrire « plusieurs essais »',
  },
  { about: /bloqu|blocage|verrouill/, says: duration, what: 'une durée de blocage que rien ne confirme', todo: 'retirer la durée' },
  { about: /inactivit|inactif|inutilis|sans connexion|(?:pas|jamais) (?:\w+ )?(?:connecte|utilise|servi)|desactiv/, says: duration, what: "une durée d'inactivité que rien ne confirme", todo: 'écrire « longtemps »' },
  { about: /codes? provisoires?/, says: duration, what: "une durée de validité du code provisoire que rien ne confirme", todo: 'retirer la durée' },
  {
    about: /\b(?:donnez|communiquez|envoyez|transmettez|dictez|indiquez|ecrivez|fournissez|confirmez|quels? (?:est|sont) v(?:otre|os))\b/,
    says: /mots? de passe|\biban\b|\brib\b|coordonnees bancaires|numero de (?:la |votre )?carte bancaire/,
    unless: /\bne\b|\bn'|jamais|refuse/,
    what: 'un secret demandé (mot de passe, coordonnées bancaires)',
    todo: 'ne jamais le demander : une arnaque ferait de même',
  },
];

function forbidden(text: string): { sentence: string; what: string; todo: string }[] {
  return text.split(/(?<=[.!?…])\s+|\n+/).flatMap((sentence) => {
    const plain = sentence.replace(/\*\*/g, '');
    const folded = fold(plain).replace(openingHours, '');
    return forbiddenSayings
      .filter(({ about, says, unless }) => about.test(folded) && says.test(folded) && !(unless?.test(folded) ?? false))
      .map(({ what, todo }) => ({ sentence, what: `${what} : « ${plain.trim()} »`, todo }));
  });
}

/** What a text says that the product must not: the same rules for answers, dialogs and standing messages. */
export function forbiddenFacts(text: string): { readonly what: string; readonly todo: string }[] {
  return forbidden(text).map(({ what, todo }) => ({ what, todo }));
}

interface Said {
  readonly text: string;
  readonly where: string;
  /** Looked for only where there is something to tell of it. */
  readonly line?: () => number;
  readonly owner: string;
}

/** A phrasing or message that belongs to two subjects teaches nothing and answers at random. */
function duplicates({ sources, families }: Library, of: 'asks' | 'screens'): Fault[] {
  const said: Said[] = [
    ...sources.flatMap(({ entry, file, lineOfKey }) =>
      entry[of].map((text, at) => ({ text, where: file, line: () => lineOfKey([of, at]), owner: entry.id })),
    ),
    ...(of === 'asks' ? families.flatMap(({ id, asks, file }) => asks.map((text) => ({ text, where: file, owner: id }))) : []),
  ];
  const first = new Map<string, Said>();
  return said.flatMap((one): Fault[] => {
    const key = foldedWords(one.text);
    const before = first.get(key);
    if (before === undefined) first.set(key, one);
    if (before === undefined || before.owner === one.owner) return [];
    const line = one.line === undefined ? {} : { line: one.line() };
    return [{ where: one.where, ...line, what: `« ${one.text} » est déjà dans ${before.owner}`, todo: "ne la garder qu'à un endroit" }];
  });
}

function unknownRelated({ sources }: Library): Fault[] {
  const ids = new Set(sources.map(({ entry }) => entry.id));
  return sources.flatMap(({ entry, file, lineOfKey }) =>
    entry.related.flatMap((id, at) =>
      ids.has(id) && id !== entry.id ? [] : [{ where: file, line: lineOfKey(['related', at]), what: `« ${id} » n'est pas une autre fiche`, todo: "corriger l'identifiant ou le retirer" }],
    ),
  );
}

function missingRequired({ sources, folder }: Library): Fault[] {
  const ids = new Set(sources.map(({ entry }) => entry.id));
  return requiredEntries
    .filter((id) => !ids.has(id))
    .map((id) => ({ where: `${folder}/${id}.md`, what: 'cette fiche est indispensable et manque (ou ne se lit pas)', todo: "l'écrire, ou corriger son en-tête" }));
}

/** Every fault of every rule, in the order of the files. `today` empty: no date is checked. */
export function checkLibrary(library: Library, today: string): Fault[] {
  return [
    ...library.sources.flatMap((source) => entryRules.flatMap((rule) => rule(source, today))),
    ...library.families.flatMap(({ id, redirect, file }) => forbiddenFacts(redirect).map((fault) => ({ where: file, what: `${id} : ${fault.what}`, todo: fault.todo }))),
    ...duplicates(library, 'asks'),
    ...duplicates(library, 'screens'),
    ...unknownRelated(library),
    ...missingRequired(library),
  ];
}

/** Tries each entry's `mustMatch` and `mustNotMatch` on a trained understanding: no code needed to add a test. */
export function checkMatches(entries: readonly Entry[], decide: (text: string) => Decision): Fault[] {
  return entries.flatMap((entry) => {
    const where = `${entry.id}.md`;
    const missed = entry.mustMatch.filter((text) => decide(text).candidates[0]?.entry !== entry.id || decide(text).kind === 'none');
    const taken = entry.mustNotMatch.filter((text) => decide(text).entry === entry.id);
    return [
      ...missed.map((text) => ({ where, what: `« ${text} » ne mène pas à cette fiche`, todo: 'ajouter des formulations voisines, ou retirer celles qui trompent ailleurs' })),
      ...taken.map((text) => ({ where, what: `« ${text} » mène à cette fiche`, todo: 'retirer les formulations qui trompent, ou en donner à la bonne fiche' })),
    ];
  });
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:\/\/[^/]+\.[a-z]/.test(url);
}
