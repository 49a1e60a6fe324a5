/**
 * Spoils sentences the way hurried people type them, for sets that bring no noisy rows of their own. What it makes is
 * for tests: it is not the inverse of normalising, and shares no table with it.
 */

/** Level 1: accents dropped in half of the texts and letter errors; level 2: also short forms, no punctuation. */
export function makeNoise(text: string, level: 1 | 2, random: () => number): string {
  const short = level === 2 && random() < 0.5 ? shorten(text) : text;
  const bare = level === 2 ? dropPunctuation(short, random() < 1 / 3) : short;
  const plain = random() < 0.5 ? bare.normalize('NFD').replace(/\p{M}+/gu, '').normalize('NFC') : bare;
  return misspell(plain, random);
}

const shortForms: readonly (readonly [RegExp, string])[] = [
  [/\bpourquoi\b/gi, 'pk'], [/\best-ce que\b/gi, 'esk'], [/\bquelqu['’]un\b/gi, 'qqn'], [/\bquelque chose\b/gi, 'qqch'],
  [/\bquand\b/gi, 'qd'], [/\bparce que\b/gi, 'pcq'], [/\bbeaucoup\b/gi, 'bcp'], [/\btoujours\b/gi, 'tjrs'],
  [/\brendez-vous\b/gi, 'rdv'], [/\bmot de passe\b/gi, 'mdp'], [/\bbonjour\b/gi, 'bjr'], [/\bs['’]il vous pla[iî]t\b/gi, 'svp'],
  [/\bqu(?=['’])/gi, 'k'], [/\bque\b/gi, 'ke'], [/\bqui\b/gi, 'ki'], [/\bc['’]est\b/gi, 'c'], [/\bj['’]ai\b/gi, 'g'], [/\bpas\b/gi, 'pa'],
];

function shorten(text: string): string {
  return shortForms.reduce((made, [pattern, form]) => made.replace(pattern, form), text);
}

function dropPunctuation(text: string, apostrophesToo: boolean): string {
  const bare = text.replace(/[.,;:!?«»"()…]/g, ' ').replace(/\s+/g, ' ').trim();
  return apostrophesToo ? bare.replace(/['’]/g, '') : bare;
}

/** One error in one long word in five, and in one word at least where there is a long one. */
function misspell(text: string, random: () => number): string {
  const parts = text.split(/(\p{L}{4,})/u);
  const long = parts.flatMap((part, at) => (/^\p{L}{4,}$/u.test(part) ? [at] : []));
  const hit = new Set(long.filter(() => random() < 0.2));
  const sure = long[Math.floor(random() * long.length)];
  if (hit.size === 0 && sure !== undefined) hit.add(sure);
  return parts.map((part, at) => (hit.has(at) ? slip(part, random) : part)).join('');
}

const rows = ['azertyuiop', 'qsdfghjklm', 'wxcvbn'];
const sounds: readonly (readonly [RegExp, string])[] = [[/ph/, 'f'], [/eau/, 'o'], [/qu/, 'k'], [/an/, 'en'], [/en/, 'an'], [/ss/, 's'], [/ai/, 'é'], [/au/, 'o'], [/er$/, 'é'], [/c(?=[ei])/, 's']];

function slip(word: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (word.length - 2));
  const [before, letter, after] = [word.slice(0, at), word.charAt(at), word.slice(at + 1)];
  const heard = sounds.find(([pattern]) => pattern.test(word));
  switch (Math.floor(random() * 5)) {
    case 0:
      return before + after;
    case 1:
      return before + after.charAt(0) + letter + after.slice(1);
    case 2:
      return before + letter + letter + after;
    case 3:
      return before + neighbour(letter, random) + after;
    default:
      return heard === undefined ? before + after : word.replace(heard[0], heard[1]);
  }
}

/** The key beside, on a French keyboard. */
function neighbour(letter: string, random: () => number): string {
  const row = rows.find((keys) => keys.includes(letter.toLowerCase())) ?? '';
  const at = row.indexOf(letter.toLowerCase());
  return row.charAt(random() < 0.5 ? at - 1 : at + 1) || row.charAt(at - 1) || letter;
}
