/**
 * Made-up secrets, spelt as people spell them, and sentences that hold them. Everything is drawn from a seed, so that a
 * run can be had again; numbers have valid keys and belong to nobody.
 */
import type { SecretKind } from '../../src/conversation/utterance.js';

export type Draw = (below: number) => number;

/** The same numbers for the same seed. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export const pick = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length)]!;
const two = (value: number): string => String(value).padStart(2, '0');
const digits = (draw: Draw, count: number): string => Array.from({ length: count }, () => String(draw(10))).join('');

/** A secret as it is, and as it was typed. */
export interface Planted {
  readonly kind: SecretKind;
  /** Without separators. */
  readonly bare: string;
  readonly typed: string;
}

export function drawNir(draw: Draw): Planted {
  const department = pick(draw, ['75', '69', '13', '33', '59', '971', '2A', '2B', '44', '99']);
  const bare = `${String(1 + draw(2))}${two(30 + draw(70))}${two(1 + draw(12))}${department}${digits(draw, 8 - department.length)}`;
  const number = Number(bare.replace('2A', '19').replace('2B', '18'));
  const full = `${bare}${two(97 - (number % 97))}`;
  const groups = (separator: string): string => full.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, ['$1', '$2', '$3', '$4', '$5', '$6', '$7'].join(separator));
  const typed = pick(draw, [full, bare, groups(' '), groups('.'), groups('-'), groups('/'), groups(' ').slice(0, -3), `${bare} ${full.slice(-2)}`, groups('\u00a0'), groups(', '), groups('_'), full.toLowerCase()]);
  return { kind: 'nir', bare, typed };
}

const MONTHS = ['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'];

export function drawBirthDate(draw: Draw): Planted {
  const [day, month, year] = [1 + draw(28), 1 + draw(12), 1932 + draw(75)];
  const [d, m, y] = [two(day), two(month), String(year)];
  const typed = pick(draw, [`${d}/${m}/${y}`, `${d}.${m}.${y}`, `${d}-${m}-${y}`, `${d} ${m} ${y}`, `${String(day)}/${String(month)}/${y}`, `${d}${m}${y}`, `${y}-${m}-${d}`, `${d}/${m}/${y.slice(2)}`, `${String(day)} ${MONTHS[month - 1]!} ${y}`, `${d} / ${m} / ${y}`]);
  return { kind: 'birth-date', bare: `${d}${m}${y}`, typed };
}

/** With a check that holds. */
export function drawIban(draw: Draw): Planted {
  const [country, length] = pick(draw, [['FR', 23], ['BE', 12], ['DE', 18], ['ES', 20], ['PT', 21], ['LU', 16]] as const);
  const account = digits(draw, length);
  const rest = Array.from(`${account}${country}00`).reduce((sum, one) => (sum * (/\d/.test(one) ? 10 : 100) + Number.parseInt(one, 36)) % 97, 0);
  const bare = `${country}${two(98 - rest)}${account}`;
  const spaced = bare.replace(/(.{4})(?=.)/g, '$1 ');
  return { kind: 'iban', bare, typed: pick(draw, [bare, spaced, spaced.replaceAll(' ', '-'), bare.toLowerCase(), `${bare.slice(0, 4)} ${bare.slice(4)}`]) };
}

export function drawCard(draw: Draw): Planted {
  const head = `4${digits(draw, 14)}`;
  const sum = Array.from(head).reduce((total, one, i) => total + (i % 2 === 1 ? Number(one) : Number(one) < 5 ? Number(one) * 2 : Number(one) * 2 - 9), 0);
  const bare = `${head}${String((10 - (sum % 10)) % 10)}`;
  return { kind: 'card', bare, typed: pick(draw, [bare, bare.replace(/(.{4})(?=.)/g, '$1 '), bare.replace(/(.{4})(?=.)/g, '$1-')]) };
}

export function drawPhone(draw: Draw): Planted {
  const tail = `${pick(draw, ['6', '7', '1', '4', '9'])}${digits(draw, 8)}`;
  const pairs = (separator: string): string => `0${tail}`.replace(/(..)(?=.)/g, `$1${separator}`);
  return { kind: 'phone', bare: tail, typed: pick(draw, [`0${tail}`, pairs(' '), pairs('.'), pairs('-'), `+33 ${tail}`, `+33${tail}`, `0033 ${tail}`, `+33 (0)${tail}`, `+33 ${tail.slice(0, 1)} ${tail.slice(1).replace(/(..)(?=.)/g, '$1 ')}`]) };
}

/** As sent by e-mail: eight figures. */
export function drawCode(draw: Draw): Planted {
  // No code here could be read as a recent date, whose days are left alone.
  const bare = `${String(4 + draw(6))}${digits(draw, 7)}`;
  return { kind: 'code', bare, typed: pick(draw, [bare, `${bare.slice(0, 4)} ${bare.slice(4)}`, bare.replace(/(..)(?=.)/g, '$1 '), bare.replace(/(.)(?=.)/g, '$1 '), `${bare.slice(0, 4)}-${bare.slice(4)}`, `${bare.slice(0, 3)} ${bare.slice(3, 6)} ${bare.slice(6)}`]) };
}

const LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ';

/** As sent by post: ten letters and figures. */
export function drawPostalCode(draw: Draw): Planted {
  const bare = `${String(2 + draw(8))}${LETTERS.charAt(draw(LETTERS.length))}${Array.from({ length: 8 }, () => pick(draw, Array.from(`${LETTERS}23456789`))).join('')}`;
  return { kind: 'code', bare, typed: pick(draw, [bare, `${bare.slice(0, 5)}-${bare.slice(5)}`, `${bare.slice(0, 5)} ${bare.slice(5)}`]) };
}

export function drawPassword(draw: Draw): Planted {
  const bare = `${pick(draw, ['Soleil', 'Minou', 'Doudou', 'azerty', 'Bretagne', 'chaussette'])}${digits(draw, 4)}${pick(draw, ['', '!', '@', '?!'])}`;
  return { kind: 'password', bare, typed: bare };
}

export function drawEmail(draw: Draw): Planted {
  const bare = `${pick(draw, ['camille', 'j.dupont', 'odile-martin', 'p_durand'])}${digits(draw, 3)}@${pick(draw, ['exemple.fr', 'courrier.example', 'mail.exemple.com'])}`;
  return { kind: 'email', bare, typed: pick(draw, [bare, bare.toUpperCase()]) };
}

/** What people write around a secret, by kind. */
export const AROUND: Readonly<Record<SecretKind, readonly string[]>> = {
  nir: ['mon numéro de sécu c’est {}', '{}', 'mon compte est bloqué, num {} merci', 'voici mon numéro : {}. Je fais quoi ?', 'bonjour {} jarive pas a me connecter', 'numéro de ma mère ({}) et le mien'],
  'birth-date': ['je suis né le {}', '{}', 'née le {} à Lyon', 'ma date de naissance est {} et ça ne marche pas', 'Martin {} Paris', 'compte bloqué, naissance : {}'],
  card: ['ma carte bancaire {}', 'ils m’ont demandé le numéro {} de ma carte', '{}', 'carte : {}, cryptogramme donné aussi'],
  iban: ['mon iban est {}', '{}', 'j’ai changé de compte, IBAN {} à mettre', 'rib : {} merci'],
  password: ['mon mot de passe est {} et ça marche pas', 'mdp : {}', 'mdp={}', 'mon mdp c’est {}', 'j’ai mis {} comme mot de passe', 'le mot de passe {} est refusé', 'avec le mdp {} ça bloque', 'mon mot de passe était « {} »', 'code confidentiel : {}', 'password {}'],
  code: ['le code est {}', '{}', 'j’ai reçu {} par mail', 'le code {} ne marche pas', 'mon code : {}, c’est bon ?'],
  email: ['mon adresse {} a changé', '{}', 'écrivez-moi à {} svp', 'mail: {}'],
  phone: ['appelez-moi au {}', '{}', 'mon numéro est le {}, merci', 'tel: {}'],
};

const DRAWS: readonly ((draw: Draw) => Planted)[] = [drawNir, drawBirthDate, drawIban, drawCard, drawPhone, drawCode, drawPostalCode, drawPassword, drawEmail];

/** A secret of the kind whose turn it is, within a sentence. */
export function drawSentence(draw: Draw, turn: number): Planted & { readonly sentence: string } {
  const planted = DRAWS[turn % DRAWS.length]!(draw);
  return { ...planted, sentence: pick(draw, AROUND[planted.kind]).replace('{}', () => planted.typed) };
}
