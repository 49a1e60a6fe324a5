// A small knowledge of made-up entries, enough to tell three subjects and one near subject apart.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry, Family } from '../../../src/understanding/knowledge.js';
import type { Lexicon } from '../../../src/matching/normalise.js';

export const lexicon: Lexicon = {
  abbreviations: { mdp: 'mot de passe', pk: 'pourquoi', svp: "s'il vous plaît", jé: "j'ai", 'pb co': 'problème de connexion' },
  synonyms: [['site', 'portail']],
  fillers: ['je voudrais'],
  courtesies: ['bonjour', 'merci', "s'il vous plaît", 'svp'],
  stopwords: 'a ai au aux avec c ce ces d dans de des du elle en est et il j je l la le les ma me mes mon n ne on ou par pas pour qu que qui s sa se ses son suis sur t un une vous y'.split(' '),
  keep: ['carotte'],
};

function entry(id: string, asks: readonly string[], more: Partial<Entry> = {}): Entry {
  return {
    id, title: id.replace(/-/g, ' '), kind: 'cause', asks: [...asks], screens: [], keywords: [], related: [],
    sources: [{ label: 'Exemple', url: 'https://exemple.fr/page' }], owner: 'Équipe', reviewBy: '2030-01-01',
    mustMatch: ['exemple'], mustNotMatch: [], answer: 'Voici ce que vous pouvez faire.', plain: 'Faites ceci.', ...more,
  };
}

export const entries: readonly Entry[] = [
  entry('mot-de-passe-oublie', [
    "j'ai oublié mon mot de passe", 'mot de passe perdu', 'je ne me souviens plus de mon mot de passe',
    'comment réinitialiser le mot de passe', 'je voudrais un nouveau mot de passe', 'le mot de passe ne me revient pas',
  ]),
  entry('compte-bloque', [
    'mon compte est bloqué', "j'ai tapé trop de fois un mauvais mot de passe", 'compte verrouillé après plusieurs essais',
    "je n'arrive plus à me connecter", 'pourquoi mon compte est verrouillé', 'débloquer mon compte',
  ], { screens: ["l'accès à votre espace est suspendu"] }),
  entry('panne-du-site', [
    'le site ne répond pas', 'la page reste blanche', 'le portail est en panne', 'rien ne se charge sur le site',
    'le service est indisponible', "l'application se ferme toute seule",
  ]),
];

export const families: readonly Family[] = [
  {
    id: 'remboursements', title: 'Remboursements', redirect: 'Voyez votre caisse.',
    asks: ["je n'ai pas reçu mon remboursement", 'où en est mon remboursement', 'combien rembourse une paire de lunettes', 'feuille de soins à envoyer'],
  },
];

/** Runs `work` with a new folder holding these files, and removes it after. */
export function withFolder<T>(files: Readonly<Record<string, string>>, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'understanding-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
