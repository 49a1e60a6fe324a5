/**
 * Thirty made-up insured people, one at least for every blocking cause, as many more as a bench asks for, and the page
 * that shows them to whoever tries Sésame. Nobody real can have these numbers: commune 990 (90 overseas) and orders from
 * 901 are the mark of the set.
 */
import { createHash } from 'node:crypto';
import { nirKey } from '../identity/nir.js';
import type { BlockingCause } from '../account/port.js';
import type { Account } from './store.js';

export interface Person {
  /** Opaque, drawn at random once: nothing of the number is in it. */
  readonly subject: string;
  /** 13 characters, without the key. */
  readonly nir: string;
  readonly birthDate: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  /** Whether a letter can reach them. */
  readonly hasAddress: boolean;
  /** How the account stands at first. */
  readonly cause: BlockingCause | null;
}

type Row = readonly [subject: string, nir: string, birthDate: string, name: string, cause?: BlockingCause];

const ROWS: readonly Row[] = [
  ['s_a8c0ad10ee4bbe14', '1850275990901', '1985-02-14', 'Camille Exemple', 'too-many-attempts'],
  ['s_5ed8cbc4450313be', '2720313990902', '1972-03-08', 'Odile Fictif', 'too-many-attempts'],
  ['s_f89fdd425bcc0fd9', '1940859990903', '1994-08-23', 'Marius Essai', 'too-many-attempts'],
  ['s_65a2b978e85cbf72', '268042A990904', '1968-04-30', 'Ghislaine Maquette', 'too-many-attempts'],
  ['s_4d83d4074083bbd1', '1551297490905', '1955-12-02', 'Firmin Prototype', 'too-many-attempts'],
  ['s_bb568f402a689675', '2900699990906', '1990-06-17', 'Inès Spécimen', 'too-many-attempts'],
  ['s_84ffdb5ee22413ff', '2241169990907', '1924-11-05', 'Léontine Modèle', 'too-many-attempts'],
  ['s_698f44fff9d382b6', '1631131990908', '1963-11-19', 'Anatole Sans-Courriel', 'too-many-attempts'],
  ['s_0a38993877bfd636', '2810635990909', '1981-06-01', 'Solène Démo', 'inactivity'],
  ['s_17d9b7178d1f5423', '147012B990910', '1947-01-27', 'Prosper Imaginaire', 'inactivity'],
  ['s_b4ad4eb6398f1cd1', '1990567990911', '1999-05-12', 'Titouan Factice', 'regime-change'],
  ['s_b7864c8ca5c2d1e9', '2780997290912', '1978-09-09', 'Rosalie Témoin', 'regime-change'],
  ['s_04bb3eca82fca0be', '2000244990913', '2000-02-29', 'Aliénor Échantillon', 'wrong-data'],
  ['s_723a5432ba713b99', '1661099990914', '1966-10-03', 'Baptiste Gabarit', 'wrong-data'],
  ['s_0df1d5809ae56e96', '2060733990915', '2006-07-21', 'Zoé Ébauche', 'provisional-code'],
  ['s_b0fca3cf112dc530', '1881038990916', '1988-10-11', 'Corentin Brouillon', 'provisional-code'],
  ['s_a474416cbc790920', '2590480990917', '1959-04-16', 'Huguette Esquisse', 'email-obsolete'],
  ['s_c1cbe3b8b394de42', '1771276990918', '1977-12-25', 'Fulbert Croquis', 'email-obsolete'],
  ['s_5f537a635d1f7e6e', '1510821990919', '1951-08-07', 'Lucien Simulacre', 'phone-obsolete'],
  ['s_c4d5f343751dacbf', '2960354990920', '1996-03-31', 'Maëlle Canevas', 'phone-obsolete'],
  ['s_c6ec9f235a09b078', '2830106990921', '1983-01-18', 'Noémie Pastiche', 'caisse-change'],
  ['s_6dd3d7a4e12b797d', '1700597690922', '1970-05-05', 'Saïd Chimère', 'caisse-change'],
  ['s_92f625f4b22ccdc8', '1920992990923', '1992-09-14', 'Gaspard Fantaisie', 'fraud-suspected'],
  ['s_ccb79e9276cc24ed', '2650734990924', '1965-07-10', 'Yvonne Mirage', 'fraud-suspected'],
  ['s_960361df1bc48fcf', '2751149990925', '1975-11-28', 'Clotilde Doublure', 'closed-by-mistake'],
  ['s_38971b6494676e49', '1800257990926', '1980-02-06', 'Octave Hypothèse', 'closed-by-mistake'],
  ['s_60b2b3879894bd5d', '1970414990927', '1997-04-19', 'Théo Parabole'],
  ['s_c45606b43917c3ef', '2620887990928', '1962-08-15', 'Bernadette Allégorie'],
  ['s_bd69022ba296e26a', '292062A990929', '1992-06-26', 'Ornella Fable'],
  ['s_971fac60111e806a', '1730397190930', '1973-03-22', 'Aimé Légende'],
];

/** The one person with no e-mail on file, so that the way without a code can be tried. */
const WITHOUT_EMAIL = 's_698f44fff9d382b6';
/** And the one whom no letter reaches. */
const WITHOUT_ADDRESS = 's_971fac60111e806a';

export const people: readonly Person[] = ROWS.map(([subject, nir, birthDate, name, cause = null]) => {
  const [firstName = '', lastName = ''] = name.split(' ');
  const email = subject === WITHOUT_EMAIL ? null : `${ascii(firstName)}.${ascii(lastName)}@exemple.fr`;
  return { subject, nir, birthDate, firstName, lastName, email, hasAddress: subject !== WITHOUT_ADDRESS, cause };
});

/** Born in one of twelve months of fifty years, two and two. */
const ONE_LAP = 1200;
/** A second lap is born a day later; more laps would share their numbers. */
const CROWD_AT_MOST = 2 * ONE_LAP;

/**
 * So many more people, always the same, all locked after too many attempts. They come as twins, told apart by their
 * numbers only, so that an identity without a number finds several.
 */
export function crowd(size: number): readonly Person[] {
  return Array.from({ length: Math.min(size, CROWD_AT_MOST) }, (_, index) => {
    const [lap, pair] = [Math.floor(index / ONE_LAP), Math.floor((index % ONE_LAP) / 2)];
    const [year, month] = [String(50 + (Math.floor(pair / 12) % 50)), String((pair % 12) + 1).padStart(2, '0')];
    const subject = `s_${createHash('sha256').update(`crowd ${String(index)}`).digest('hex').slice(0, 16)}`;
    return {
      ...{ subject, nir: `1${year}${month}75990${String(931 + 2 * lap + (index % 2))}`, birthDate: `19${year}-${month}-${String(15 + lap)}` },
      ...{ firstName: 'Modèle', lastName: 'Foule', email: `foule-${String(index)}@exemple.fr`, hasAddress: true, cause: 'too-many-attempts' },
    };
  });
}

function ascii(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** How the accounts stand before anybody acts, by subject. `at` is epoch milliseconds. */
export function firstAccounts(at: number, everybody: readonly Person[] = people): ReadonlyMap<string, Account> {
  const updatedAt = new Date(at).toISOString();
  return new Map(
    everybody.map(({ subject, cause }) => {
      const state = cause === null ? 'open' : 'locked';
      return [subject, { state, cause, revision: 1, updatedAt }];
    }),
  );
}

/** The two-digit key of a number, as it is written. */
export function keyOf(nir: string): string {
  return String(nirKey(nir)).padStart(2, '0');
}

/** A person and how the account stands now. */
export type PersonNow = Person & { readonly state: 'open' | 'locked' };

const CAUSES: Readonly<Record<BlockingCause, string>> = {
  'too-many-attempts': 'trop d’essais de mot de passe',
  inactivity: 'longue inactivité',
  'regime-change': 'changement de régime',
  'wrong-data': 'données d’état civil à corriger',
  'provisional-code': 'code provisoire en attente',
  'email-obsolete': 'adresse e-mail périmée',
  'phone-obsolete': 'numéro de téléphone périmé',
  'caisse-change': 'changement de caisse',
  'fraud-suspected': 'activité suspecte',
  'closed-by-mistake': 'compte fermé par erreur',
};

const STYLE = `body{font:1rem/1.5 sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1b1b35;background:#fff}
ul{list-style:none;padding:0;display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr))}
li{border:1px solid #5c5c80;border-radius:.5rem;padding:1rem}h2{margin:0 0 .5rem;font-size:1.1rem}
dl{margin:0}dt{font-weight:bold}dd{margin:0 0 .25rem;overflow-wrap:anywhere}`;

/** A plain page, without script, of the people and how their accounts stand. */
export function peoplePage(now: readonly PersonNow[]): string {
  return `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Personnes fictives pour essayer Sésame</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Personnes fictives pour essayer Sésame</h1>
<p>Ces personnes n’existent pas. Choisissez-en une, donnez son numéro et sa date de naissance à Sésame,
puis revenez ici : vous verrez si son compte a été débloqué.</p>
<p><a href="/demo">Actualiser la liste</a></p>
<ul>
${now.map(card).join('\n')}
</ul>
</main>
</body>
</html>
`;
}

function card(person: PersonNow): string {
  const state = person.state === 'open' ? 'ouvert' : 'bloqué';
  const lines: readonly (readonly [string, string])[] = [
    ['Numéro de sécurité sociale', `${grouped(person.nir)} ${keyOf(person.nir)}`],
    ['Date de naissance', person.birthDate.split('-').reverse().join('/')],
    ['Adresse e-mail', person.email ?? 'aucune'],
    ['Compte', state],
    ['Cause du blocage', person.cause === null ? 'aucune' : CAUSES[person.cause]],
  ];
  const items = lines.map(([term, value]) => `<dt>${escaped(term)}</dt><dd>${escaped(value)}</dd>`).join('');
  return `<li><h2>${escaped(`${person.firstName} ${person.lastName}`)}</h2><dl>${items}</dl></li>`;
}

function grouped(nir: string): string {
  return nir.replace(/^(.)(..)(..)(..)(...)(...)$/, '$1 $2 $3 $4 $5 $6');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);
}
