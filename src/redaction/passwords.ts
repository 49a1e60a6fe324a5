/**
 * Finds passwords that people announce: « mon mot de passe est … », « … comme mot de passe ». A word in an ordinary
 * complaint about a password is none.
 */
import { matchesOf, type Finder } from './shadow.js';

const NAME = String.raw`(?:mots? ?de ?pass(?:e|es)?|mot passe|mdp|password|pwd|code (?:secret|confidentiel|perso(?:nnel)?|d.acc[eè]s|pin|de connexion)|phrase secr[eè]te)`;
const LINK = String.raw`(?:[:=]|->|=>|→|est|[eé]tait|sera|serait|c['’ ]?est|c['’ ]?[eé]tait|cest|ct|devient)`;
const FILLER = String.raw`(?:actuel|ameli|donc|bien|toujours|le suivant|celui[- ]ci|suivant)`;
const OPEN = String.raw`["“«'‘(]?\s?`;
const TOKEN = String.raw`(?<secret>[^\s"“”»«]{4,64}(?: \d{2,8}(?!\d))?)`;

/** Said to be the password: whatever is no ordinary word. */
const SAID = new RegExp(String.raw`(?<![\p{L}\p{N}])${NAME}\s{0,3}(?:${FILLER}\s{0,3}){0,2}(?:${LINK}\s{0,3}){1,2}(?:${FILLER}\s{0,3}:?\s{0,3}){0,2}${OPEN}${TOKEN}`, 'dgiu');
/** « pass: … »: the word is too common for more. */
const SHORT = new RegExp(String.raw`(?<![\p{L}\p{N}])passe?\s{0,2}[:=]\s{0,2}${OPEN}${TOKEN}`, 'dgiu');
/** Not said to be, but right after, and made as only passwords are. */
const NEAR = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${NAME}|passe?)[\s,]{1,3}(?:[\p{L}'’]{1,12}[\s:,]{1,3}){0,4}?${OPEN}${TOKEN}`, 'dgiu');
const AFTER = new RegExp(String.raw`(?<![^\s"“«'(])(?<secret>[^\s"“”»«]{6,64})["”»')]?\s{1,2}(?:comme|est|c['’ ]?est|en|pour|qui est)\s{1,2}(?:mon |le |notre |son |un )?(?:mots? ?de ?passe|mdp|password)`, 'dgiu');

export const passwords: readonly Finder[] = [
  (text) => matchesOf(text, SAID, ({ groups }) => (isSecret(groups?.['secret'] ?? '') ? 'password' : undefined)),
  (text) => matchesOf(text, SHORT, ({ groups }) => (isMade(groups?.['secret'] ?? '') ? 'password' : undefined)),
  (text) => matchesOf(text, NEAR, ({ groups }) => (isMade(groups?.['secret'] ?? '') ? 'password' : undefined)),
  (text) => matchesOf(text, AFTER, ({ groups }) => (isMade(groups?.['secret'] ?? '') ? 'password' : undefined)),
];

/** Words that follow « mon mot de passe est » in an ordinary complaint: beginnings, of four letters or more. */
const ORDINARY =
  /^(?:bloqu|incorr|inval|fauss|erron|expir|refus|oubli|perdu|perim|toujours|juste|correct|mauvais|reconn|inconnu|encore|impossib|provis|rejet|celui|celle|dans|devenu|bidon|compliq|vieux|ancien|obligat|accept|demand|nouv|chang|ameli|donc|quoi|marche|aussi|tout|tres|vrai|jamais|tellement|souvent|deja|cela|chez|avec|sans|comme|enregist|differ|ident|simple|difficile|long|court|introuv|illisib|inutil|valid|actif|inactif|desactiv|verrou|bizarre|pareil|autre|quel|secret|confid|prive|perso|pret|recu|envoy|arriv|modif|reinit|redemand|apparem|peut|probab|sensib|cense|suppos|possib|necess|visib|cach|ecrit|note|indiqu|affich|desormais|mainten|aujourd|hier|exact|vide|blanc|point|rien|juge|consid|soumis|trop|bonne|faux|celles|ceux|pour|cette|parce|depuis|quand|alors|puis|mais|hors|sous|entre|apres|avant|presque|parfois|rarement|systemat|automat|normal|tjrs|jms|pourtant|cependant|temporaire|fonction|conforme|robuste|faible|fort|securis|protege|compromis|vole|pirat|connu|partag|unique|propre|mien|notre|votre|leur|saisi|tape|rentr|mis|place|bloc|efface|supprim|annul|manqu|absent|perso|inadapt|incompat|insuff|caduc|obsol|limit|suspend|gele|reste|trouv|introuv|redonn|donn|renvoy|transm|gard|conserv|memoris|sauveg|pré|prer|impos|choisi|attribu|fourni|genere|cree|creer|lequel|laquelle|lui|elle|moi|bien|gros|petit|grand|meme|identique|toutes|tous)/;
const SHORT_WORDS = new Set('bon pas plus non que qui pour une un le la les mon ma mes ne se son sur en au aux ou et il si tel ko ok nok nul mal dit ce ça ca hs mort bons'.split(' '));

/** Whether what is said to be a password may be one. */
function isSecret(token: string): boolean {
  const bare = token.replace(/[.,;:!?)…'’]+$/u, '');
  if (/^\d+(?:%|€|fois|h|x|e|eme|er)?$/i.test(bare)) return /^\d{4,}$/.test(bare);
  if (/\d/.test(bare)) return bare.length >= 4;
  if (/^[\p{L}'’.-]+$/u.test(bare)) return bare.length >= 4 && !isOrdinary(bare);
  return bare.length >= 4 && /[\p{L}]/u.test(bare);
}

function isOrdinary(word: string): boolean {
  const folded = word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replace(/^(?:qu|d|l|n|s|j|c|m|t)['’]/, '');
  return folded.length < 4 || ORDINARY.test(folded) || SHORT_WORDS.has(folded);
}

/** Names of things that hold letters and figures, and what ours are made of. */
const THINGS = /^(?:iphone|ipad|ios|android|windows|win|galaxy|samsung|chrome|firefox|covid|huawei|redmi|xiaomi|[a-z]?\d{3,7}|[a-z]{1,3}\d{1,3})[\d.+]*$/i;
const COUNTED = /^\d+ ?(?:er|e|eme|ème|fois|x|h|heures?|j|jours?|min|minutes?|mois|ans?|euros?|%)\d*$/iu;

/** Letters with figures or signs among them, as only passwords are. */
function isMade(token: string): boolean {
  const bare = token.replace(/[.,;:!?)…]+$/u, '');
  if (bare.length < 6 || THINGS.test(bare) || COUNTED.test(bare) || /^https?:|^www\.|[/@].*\.[a-z]{2,}$/i.test(bare)) return false;
  const letters = /\p{L}/u.test(bare);
  return letters && (/\d/.test(bare.replace(/^['’(]/, '')) || /\p{L}[!#$%&*+=_?@^~]/u.test(bare) || /[!#$%&*+=_?^~]\p{L}/u.test(bare));
}
