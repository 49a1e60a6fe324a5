/**
 * Finds secrets that people type by mistake and masks them, before anything is stored, logged or sent on. It prefers
 * to mask a harmless number over letting a real one through.
 */
import type { SecretKind } from '../conversation/utterance.js';

export interface Masked {
  readonly text: string;
  /** What was found, each kind once, in the order of the rules. */
  readonly found: readonly SecretKind[];
}

interface Rule {
  readonly kind: SecretKind;
  readonly pattern: RegExp;
  /** Whether a run that has the shape really is one; a shape alone is enough where this is absent. */
  readonly accepts?: (found: string) => boolean;
  /** What stays readable, such as the words that announce a password. */
  readonly keeps?: (found: string) => string;
}

/** What people put between groups of digits. */
const GAP = String.raw`[ .\-_/\u00a0\u202f]{0,3}`;
const digits = (least: number, most: number): string => `\\d(?:${GAP}\\d){${String(least - 1)},${String(most - 1)}}`;

/** `mot de passe : xxx`, `mdp c'est xxx`, `code secret=xxx`; what follows the announcement is the secret. */
const PASSWORD =
  /(?:mot de passe|mots de passe|mdp|password|passe|pass|pwd|code (?:secret|confidentiel|perso(?:nnel)?))\s*(?:(?:est|etait|était|c'est|c’est|cest|actuel|est le suivant)\s*:?|[:=])\s*["«']?\s*([^\s"»']{4,64})/giu;

/** Words that follow « mon mot de passe est » in an ordinary complaint. */
const NOT_A_PASSWORD =
  /^(?:bloqu|incorrect|invalide|faux|fausse|erron|expir|refus|oubli|perdu|pas|plus|trop|tjrs|toujours|bon|juste|correct|mauvais|reconnu|inconnu|périm|perim|bien|non|encore|impossible|provisoire|refusé|rejet|le|la|un|une|pour|que|qui|celui|dans|sur|devenu|bidon|compliqu|vieux|ancien|obligatoire|accept|demand|nouveau|changé|change|mon|ma|mes|ameli|donc|où|ou|quoi|marche|ne|n'|aussi|tout|très|tres|vrai|jamais)/iu;

const RULES: readonly Rule[] = [
  {
    kind: 'password',
    pattern: PASSWORD,
    accepts: (found) => !NOT_A_PASSWORD.test(secretPart(found)),
    keeps: (found) => found.slice(0, found.length - secretPart(found).length),
  },
  { kind: 'iban', pattern: new RegExp(`(?<![\\p{L}\\p{N}])FR${GAP}\\d${GAP}\\d(?:${GAP}[A-Z0-9]){23}`, 'giu'), accepts: isIban },
  { kind: 'iban', pattern: /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?(?=[A-Z]{0,2}\d)[A-Z0-9]{1,3})?(?![\p{L}\p{N}])/giu, accepts: isIban },
  { kind: 'card', pattern: new RegExp(`(?<!\\d)${digits(16, 19)}(?!\\d)`, 'gu'), accepts: passesLuhn },
  // The NIR with or without its key; Corsica has a letter. A longer run of digits may hold one, so it goes too.
  { kind: 'nir', pattern: new RegExp(`(?<!\\d)[1-8](?:${GAP}\\d){4}${GAP}(?:2${GAP}[ABab]|\\d${GAP}\\d)(?:${GAP}\\d){6,40}(?!\\d)`, 'gu') },
  { kind: 'email', pattern: /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,4}/gu },
  { kind: 'phone', pattern: new RegExp(`(?<!\\d)(?:(?:\\+|00)33${GAP}(?:\\(0\\))?${GAP}|0)[1-9](?:${GAP}\\d){8}(?!\\d)`, 'gu'), accepts: isPersonalPhone },
  // Not across a slash: that is a date, which people need to tell.
  { kind: 'code', pattern: /(?<!\d[ .\-/\u00a0\u202f]?)\d(?:[ .\-\u00a0\u202f]?\d){7}(?![ .\-/\u00a0\u202f]?\d)/gu },
];

/** What takes a secret's place, readable by a person and by nothing else. */
export const MASK = '•••';

/** Public numbers that answers and people may quote (fact base, section 5). */
const PUBLIC_NUMBERS = new Set(['0553356237', '0187520070', '0974757678', '0033184903646', '33184903646']);

/** Masks every secret in a text; linear in its length for any input. */
export function maskSecrets(text: string): Masked {
  const found: SecretKind[] = [];
  let masked = text.normalize('NFC').replace(/[\u200b-\u200f\u2060\ufeff]/g, '');
  for (const rule of RULES) {
    masked = masked.replace(rule.pattern, (run: string) => {
      if (rule.accepts && !rule.accepts(run)) return run;
      if (!found.includes(rule.kind)) found.push(rule.kind);
      return `${rule.keeps?.(run) ?? ''}${MASK}`;
    });
  }
  return found.length === 0 ? { text, found } : { text: masked, found };
}

function secretPart(found: string): string {
  return /[^\s"»':=]+$/u.exec(found)?.[0] ?? '';
}

function isPersonalPhone(found: string): boolean {
  return !PUBLIC_NUMBERS.has(found.replace(/\D/g, ''));
}

/** The check digit of bank cards. */
function passesLuhn(found: string): boolean {
  const values = Array.from(found.replace(/\D/g, ''), Number).reverse();
  const sum = values.reduce((total, digit, i) => total + (i % 2 === 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9), 0);
  return sum % 10 === 0;
}

/** Two letters, two digits and at least ten digits among the rest: an ordinary sentence has no such run. */
function isIban(found: string): boolean {
  const bare = found.replace(/[^\p{L}\p{N}]/gu, '');
  return bare.length >= 15 && bare.length <= 34 && bare.replace(/\D/g, '').length >= 12;
}
