import { dialogsNamed, loadKnowledge, type Knowledge } from '../../../src/understanding/knowledge.js';
import { checkMatches, forbiddenFacts, requiredEntries } from '../../../src/understanding/rules.js';
import { entries, withFolder } from './fixtures.js';

const today = '2026-06-15';
const asksOf = (id: string): string[] => Array.from({ length: 12 }, (_, at) => `${id} formulation ${'abcdefghijkl'[at] ?? ''}`);

function card(id: string, change: (text: string) => string = (text) => text): string {
  return change(
    [
      '---', `id: ${id}`, `title: Titre de ${id}`, 'kind: cause', 'asks:', ...asksOf(id).map((ask) => `  - ${ask}`),
      'screens: []', 'keywords: [mot]', 'related: []', 'sources:', '  - label: Exemple', '    url: https://exemple.fr/page',
      'owner: Équipe', 'reviewBy: 2027-01-01', 'mustMatch: [un exemple]', 'mustNotMatch: []', '---', 'Voici la réponse.', '', '<!-- facile -->', '', 'La voici en plus simple.', '',
    ].join('\n'),
  );
}

const families = '---\nfamilies:\n  - id: autre\n    title: Autre sujet\n    asks: [tout autre chose]\n    redirect: Voyez ailleurs.\n---\n';
const lexicon = 'abbreviations: {mdp: mot de passe}\nsynonyms: [[site, portail]]\nfillers: [bonjour]\nstopwords: [le]\nkeep: []\n';
const sound = Object.fromEntries([...requiredEntries.map((id) => [`${id}.md`, card(id)]), ['hors-sujet.md', families], ['lexicon.yaml', lexicon]]) as Record<string, string>;

function load(change: Readonly<Record<string, string | undefined>> = {}): Knowledge {
  const files = Object.entries({ ...sound, ...change }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return withFolder(Object.fromEntries(files), (folder) => loadKnowledge(folder, today));
}

/** Faults of one card, without the folder's made-up name. */
const faultsOf = (change: (text: string) => string) =>
  load({ 'inactivite.md': card('inactivite', change) }).faults.map(({ where, ...rest }) => ({ file: where.split('/')[1], ...rest }));

test('loads sound content without a fault', () => {
  const knowledge = load();
  expect(knowledge.faults).toEqual([]);
  expect(knowledge.entries).toHaveLength(requiredEntries.length);
  expect(knowledge.families.map(({ id }) => id)).toEqual(['autre']);
  expect(knowledge.lexicon.abbreviations).toEqual({ mdp: 'mot de passe' });
});

test('parts the answer from its longer part', () => {
  const { entries: read } = load({ 'inactivite.md': card('inactivite', (text) => text.replace('\n<!-- facile', '\n<!-- suite -->\n\nEt voici le reste.\n\n<!-- facile')) });
  expect(read.find(({ id }) => id === 'inactivite')).toMatchObject({ answer: 'Voici la réponse.', more: 'Et voici le reste.', plain: 'La voici en plus simple.' });
});

test('reads files written on Windows', () => {
  const { faults, entries: read } = load({ 'inactivite.md': `\uFEFF${card('inactivite').replace(/\n/g, '\r\n')}` });
  expect(faults).toEqual([]);
  expect(read.find(({ id }) => id === 'inactivite')?.answer).toBe('Voici la réponse.');
});

test.each([
  ['a missing key', (t: string) => t.replace('owner: Équipe\n', ''), { what: '« owner » manque' }],
  ['an unknown key', (t: string) => t.replace('owner:', 'ownr: x\nowner:'), { what: 'clé inconnue : ownr' }],
  ['a text where a list is due', (t: string) => t.replace('keywords: [mot]', 'keywords: mot'), { what: "« keywords » n'a pas la forme attendue", line: 19 }],
  ['an unknown kind', (t: string) => t.replace('kind: cause', 'kind: autre'), { what: '« kind » a une valeur inconnue', line: 4 }],
  ['a date of another shape', (t: string) => t.replace('2027-01-01', '01/01/2027'), { what: '« reviewBy » est mal écrit', todo: 'écrire une date AAAA-MM-JJ' }],
  ['a review in the past', (t: string) => t.replace('2027-01-01', '2026-06-14'), { what: 'relecture dépassée depuis le 2026-06-14', line: 25 }],
  ['fewer than 12 phrasings', (t: string) => t.replace('  - inactivite formulation c\n', ''), { what: '11 formulations différentes', line: 6 }],
  ['an id that is not the file name', (t: string) => t.replace('id: inactivite', 'id: inaction'), { what: "l'id « inaction » n'est pas le nom du fichier", line: 2 }],
  ['an unknown related entry', (t: string) => t.replace('related: []', 'related: [nulle-part]'), { what: "« nulle-part » n'est pas une autre fiche" }],
  ['a bad address', (t: string) => t.replace('https://exemple.fr/page', 'exemple'), { what: 'adresse non valable : exemple', line: 23 }],
  ['a bad link in the answer', (t: string) => t.replace('la réponse', '[ici](javascript:x)'), { what: 'lien non valable : javascript:x' }],
  ['an empty answer', (t: string) => t.replace('Voici la réponse.', ''), { what: 'la réponse est vide' }],
  ['an answer over 80 words', (t: string) => t.replace('Voici la réponse.', 'mot '.repeat(81)), { what: 'la réponse compte 81 mots', line: 29 }],
  ['a missing plain variant', (t: string) => t.replace('<!-- facile -->\n\nLa voici en plus simple.\n', ''), { what: 'la variante facile de la réponse manque', todo: expect.stringContaining('<!-- facile -->') }],
  ['a plain variant over 80 words', (t: string) => t.replace('en plus simple', `en${' mot.'.repeat(80)}`), { what: 'la variante facile compte 83 mots', line: 33 }],
  ['a plain variant with a sentence over 15 words', (t: string) => t.replace('La voici', `Oui.\n- La voici ${'et puis là '.repeat(4)}`), { what: expect.stringMatching(/^une phrase de 17 mots/), line: 34 }],
  ['a plain variant that is no plainer', (t: string) => t.replace('La voici en plus simple.', 'La réinitialisation nécessite une identification préalable. '.repeat(5)), { what: expect.stringContaining('indice de Kandel et Moles'), todo: expect.stringContaining('« réinitialisation »'), line: 33 }],
  ['a bad link in the plain variant', (t: string) => t.replace('plus simple', '[ici](javascript:x)'), { what: 'lien non valable : javascript:x' }],
  ['a forbidden fact in the plain variant', (t: string) => t.replace('La voici en plus simple.', 'Votre compte est bloqué 24 h.'), { what: expect.stringContaining('une durée de blocage'), line: 33 }],
  ['a phrasing of another entry', (t: string) => t.replace('inactivite formulation a', 'Prevention  FORMULATION a !'), { what: expect.stringContaining('est déjà dans') }],
  ['a YAML that cannot be read', (t: string) => t.replace('owner: Équipe', 'owner: "Équipe'), { what: expect.stringContaining('le YAML ne se lit pas') }],
  ['a missing front matter', (t: string) => t.replace('---\n', ''), { what: "l'en-tête entre deux lignes « --- » manque", line: 1 }],
])('tells of %s, where it is and what to do', (_what, change, fault) => {
  const found = faultsOf(change);
  expect(found).toContainEqual(expect.objectContaining(fault));
  expect(found.every(({ file, todo }) => file !== undefined && todo.length > 5)).toBe(true);
});

test('leaves the dates alone when it is given none', () => {
  const old = { ...sound, 'inactivite.md': card('inactivite', (text) => text.replace('2027-01-01', '2020-01-01')) };
  expect(withFolder(old, (folder) => loadKnowledge(folder, '')).faults).toEqual([]);
});

test('tells of every fault at once, from every file', () => {
  const { faults } = load({
    'inactivite.md': card('inactivite', (text) => text.replace('kind: cause', 'kind: autre').replace('owner: Équipe\n', '')),
    'prevention.md': card('prevention', (text) => text.replace('2027', '2020')),
    'hors-sujet.md': undefined,
    'lexicon.yaml': 'abbreviations: {}\n',
  });
  const files = faults.map(({ where }) => where.split('/')[1]);
  expect(files.filter((file) => file === 'inactivite.md').length).toBeGreaterThanOrEqual(3);
  expect(new Set(files)).toEqual(new Set(['inactivite.md', 'prevention.md', 'hors-sujet.md', 'lexicon.yaml']));
});

test('tells of a required entry that is missing, and of a folder that is', () => {
  expect(load({ 'contact-cpam.md': undefined }).faults).toMatchObject([{ what: expect.stringContaining('indispensable') }]);
  expect(loadKnowledge('/nowhere/at/all', today).faults).toHaveLength(1);
});

test('refuses a YAML that grows by aliases, without growing with it', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at] ?? ''}`).join(',')}]`)].join('\n');
  expect(load({ 'lexicon.yaml': bomb }).faults.length).toBeGreaterThan(0);
});

describe('texts that are hard to read', () => {
  const plain =
    'Votre caisse peut vous aider. Appelez le 36 46, du lundi au vendredi. Vous pouvez aussi passer à l’accueil : une personne vous reçoit. Prenez votre carte avec vous. Tout se règle en peu de temps.';
  const official =
    'L’actualisation préalable des informations administratives conditionne l’accessibilité aux services dématérialisés. Toute réclamation relative à l’irrecevabilité d’une demande nécessite la transmission simultanée des justificatifs correspondants.';
  const endless = `Il faut ${'puis aller voir '.repeat(8)}la caisse.`;
  const hard = (text: string) => faultsOf((t) => t.replace('Voici la réponse.', text));

  test('a plain answer is none', () => {
    expect(hard(plain)).toEqual([]);
  });

  test('an official paragraph is one, with where it is and how to mend it', () => {
    expect(hard(official)).toEqual([{ file: 'inactivite.md', line: 29, what: expect.stringMatching(/^texte difficile à lire : \d+ mots par phrase/), todo: expect.stringContaining('une idée par phrase') }]);
  });

  test('a sentence without end is one, in the longer part as well', () => {
    expect(hard(`${plain}\n\n<!-- suite -->\n\n${plain}\n\n${endless}`)).toMatchObject([{ line: 35, what: expect.stringContaining('une phrase de 28 mots') }]);
  });

  test('a list, a bold question and an address count as people read them', () => {
    const listed = `**Bloqué ?** Voici trois voies :\n\n- votre caisse\n- le [36 46](https://exemple.fr/une/adresse-interminable)\n- un courrier\n\n${plain}`;
    expect(hard(listed)).toEqual([]);
  });
});

test('tells where a phrasing is written, of an entry and of a family', () => {
  const { placeOf, lexicon: read } = load();
  expect(placeOf('inactivite', 'inactivite formulation b')).toMatchObject({ line: 7 });
  expect(placeOf('autre', 'tout autre chose')).toMatchObject({ where: expect.stringMatching(/\/hors-sujet\.md$/), line: 5 });
  expect(read).toMatchObject({ emoji: {}, negations: { denials: [], words: [] } });
});

test('refuses a denied word that is several', () => {
  const { faults } = load({ 'lexicon.yaml': `${lexicon}negations: {denials: [pas], words: [bien reçu]}\n` });
  expect(faults).toMatchObject([{ what: '« negations.words.0 » est mal écrit', line: 6, todo: 'écrire un seul mot' }]);
});

describe('forbidden sayings', () => {
  test.each([
    'Après 3 tentatives, le compte se bloque.',
    'Vous avez droit à cinq essais.',
    'Au bout de trois mauvais mots de passe, c’est bloqué.',
    'Le compte reste bloqué pendant 24 h.',
    'Le blocage dure une heure.',
    'Il est débloqué au bout de 24 heures.',
    'Un compte inutilisé pendant 6 mois est fermé.',
    'Après deux ans d’inactivité, il est supprimé.',
    'Le code provisoire est valable 15 jours.',
    'Donnez-moi votre **mot de passe**.',
    'Envoyez votre IBAN par message.',
    'Quel est votre mot de passe ?',
  ])('« %s » is one', (text) => {
    expect(forbiddenFacts(text)).toHaveLength(1);
  });

  test.each([
    'Après plusieurs essais, le site bloque l’accès.',
    'Une erreur suffit à se tromper de compte.',
    'Si votre compte est bloqué, la caisse vous reçoit de 8 h 30 à 17 h.',
    'Le lien reçu est valable 30 minutes.',
    'Ne donnez jamais votre mot de passe.',
    'Choisissez un mot de passe que vous n’utilisez pas ailleurs.',
    'Composez le 36 46 si votre compte est bloqué.',
    'Le numéro compte 13 chiffres.',
    'Nous ne vous demanderons jamais votre IBAN.',
  ])('« %s » is not', (text) => {
    expect(forbiddenFacts(text)).toEqual([]);
  });
});

test('tells which phrasing misses its entry, and which is taken wrongly', () => {
  const [first] = entries;
  const tried = [{ ...first!, mustMatch: ['oui', 'non'], mustNotMatch: ['oui', 'non'] }];
  const faults = checkMatches(tried, (text) => ({ kind: text === 'oui' ? 'answer' : 'none', entry: text === 'oui' ? first!.id : null, candidates: text === 'oui' ? [{ entry: first!.id, score: 1 }] : [], confidence: 1, because: [] }));
  expect(faults.map(({ what }) => what)).toEqual(['« non » ne mène pas à cette fiche', '« oui » mène à cette fiche']);
});

test('lists the dialogs that entries name', () => {
  expect(dialogsNamed([{ ...entries[0]!, dialog: 'unlock' }, entries[1]!])).toEqual([{ entry: entries[0]!.id, dialog: 'unlock' }]);
});
