import path from 'node:path';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { loadCaisses } from '../../../src/staff/caisses.js';
import { loadRoster } from '../../../src/staff/roster.js';
import { asksForSigns, ENTRIES_WITH_NEED, findCaisse, needOf, placeOf } from '../../../src/staff/routing.js';

const ROOT = path.join(__dirname, '..', '..', '..');
const directory = loadCaisses(path.join(ROOT, 'knowledge', 'caisses.csv'));
const roster = loadRoster(path.join(ROOT, 'config', 'advisers.yaml'), directory);

function codes(text: string): string {
  const found = findCaisse(directory, text);
  if (found.kind === 'none') return 'none';
  return found.kind === 'one' ? found.caisse.code : `ask ${found.choices.map(({ code }) => code).join(' ')}`;
}

const SAID: readonly (readonly [string, string])[] = [
  ['33000', '331'],
  ['69 003', '691'],
  ['j’habite au 12 rue des Lilas, 13001 Marseille', '131'],
  ['2A', '201'],
  ['20200', '202'],
  ['20000', '201'],
  ['97400', '974'],
  ['97133', 'none'],
  ['98000', 'none'],
  ['59491', 'ask 594 595 597 599'],
  ['64100', '641'],
  ['64000', '642'],
  ['64', 'ask 641 642'],
  ['le 93', '931'],
  ['je suis dans le 93', '931'],
  ['j’habite dans le neuf trois', '931'],
  ['le quatre-vingt-treize', '931'],
  ['dans le treize', '131'],
  ['département 1', '011'],
  ['(33)', '331'],
  ['974', '974'],
  ['cpam de lyon', '691'],
  ['CPAM LYON', '691'],
  ['la cpam du 59', 'ask 594 595 597 599'],
  ['cpam des flandres', '594'],
  ['Seine Saint Denis', '931'],
  ['seine-st-denis', '931'],
  ['Saint-Denis', 'ask 931 974'],
  ['Saint-Denis de la Réunion', '974'],
  ['Saint-Denis, dans le 93', '931'],
  ['je suis à Bayonne', '641'],
  ['bonjour, je voudrais parler à quelqu’un, j’habite Pau', '642'],
  ['le pays basque', '641'],
  ['nord', 'ask 594 595 597 599'],
  ['Lens 62', '624'],
  ['Pas-de-Calais', 'ask 623 624'],
  ['Calais', '623'],
  ['eure et loir', '281'],
  ['dans l’Eure', '271'],
  ['la Loire', '422'],
  ['Loire atlantique', '441'],
  ['Indre-et-Loire', '371'],
  ['côte d’or', '211'],
  ['le havre', '763'],
  ['alsace', 'ask 673 682'],
  ['corse', 'ask 201 202'],
  ['Mayotte', '976'],
  ['la Lozère', '481'],
  ['marseile', '131'],
  ['bayone', '641'],
  ['paris 15', '751'],
  ['13 rue de Lyon, 75012 Paris', '751'],
  ['mon numéro de département est le 6', '061'],
  ['20', 'ask 201 202'],
  ['boulogne', 'ask 623 921'],
  ['62 800, à Liévin', 'ask 623 624'],
  ['Lyon ou Grenoble', 'ask 381 691'],
];

const NOT_SAID: readonly string[] = [
  '',
  'je ne sais pas',
  'j’ai 69 ans',
  'depuis le 12 mars',
  'j’ai été bloqué le 12, rien ne marche depuis',
  'cher monsieur, je n’arrive plus à me connecter à mon compte',
  'j’ai un lot de soucis avec une somme à payer',
  'ça fait plusieurs tours que je recommence ma demande',
  'mon compte est bloqué depuis trois jours',
  'ma caisse a reçu mon courrier le 12 et ne répond pas',
  '06 12 34 56 78',
  'cpam',
];

describe('the caisse that a person means', () => {
  it.each(SAID)('hears « %s » as %s', (text, expected) => {
    const got = codes(text);
    const sorted = (all: string): string => all.split(' ').sort().join(' ');
    expect(sorted(got)).toBe(sorted(expected));
  });

  it.each(NOT_SAID)('hears no caisse in « %s »', (text) => {
    expect(codes(text)).toBe('none');
  });

  it('knows each caisse by its own name and by each of its towns', () => {
    const wrong = [...directory.caisses.values()].flatMap(({ code, name, towns }) => [name, ...towns].filter((text) => !codes(text).includes(code)));
    expect(wrong).toEqual([]);
  });

  it('finds a caisse for every department, by its number alone', () => {
    const lost = [...directory.byDepartment].filter(([department, all]) => codes(department) !== (all.length === 1 ? all[0] : `ask ${all.join(' ')}`));
    expect(lost).toEqual([]);
    expect(directory.byDepartment.size).toBe(101);
  });

  it('never throws and never offers more than five, whatever is typed', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('le', '93', 'cpam', 'saint', 'denis', 'neuf', 'trois', '2', 'a', 'nord', 'Lyon', '591', '00'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const found = findCaisse(directory, pieces.join(' '));
        return found.kind !== 'ask' || (found.choices.length >= 2 && found.choices.length <= 5);
      }),
    );
  });
});

describe('the need of a request', () => {
  it.each([
    [{ reason: 'suspected-fraud' }, 'fraud'],
    [{ reason: 'asked-by-person', entry: 'suspicion-fraude' }, 'fraud'],
    [{ reason: 'third-party', entry: 'panne-technique' }, 'third-party'],
    [{ reason: 'misunderstood', thirdParty: true }, 'third-party'],
    [{ reason: 'not-proved', entry: 'franceconnect' }, 'technical'],
    [{ reason: 'technical' }, 'technical'],
    [{ reason: 'suspected-fraud', signs: true }, 'sign-language'],
    [{ reason: 'distress' }, 'general'],
    [{ reason: 'asked-by-person', entry: 'toString' }, 'general'],
  ] as const)('of %j is %s', (asked, need) => {
    expect(needOf(asked)).toBe(need);
  });

  it('names entries that the knowledge has', () => {
    expect(ENTRIES_WITH_NEED.filter((entry) => !existsSync(path.join(ROOT, 'knowledge', `${entry}.md`)))).toEqual([]);
  });

  it.each([
    ['je suis sourde, je ne peux pas téléphoner', true],
    ['avez-vous quelqu’un en LSF ?', true],
    ['langue des signes', true],
    ['mon compte est bloqué', false],
    ['la sourdine', false],
  ])('hears sign language asked for: « %s », %s', (text, expected) => {
    expect(asksForSigns(text)).toBe(expected);
  });
});

describe('the queue of a request', () => {
  it.each([
    ['691', 'fraud', '691', 'fraud'],
    ['691', 'sign-language', 'national', 'sign-language'],
    ['641', 'technical', 'national', 'technical'],
    ['131', 'general', 'national', 'general'],
    [undefined, 'third-party', 'national', 'third-party'],
    ['974', 'general', '974', 'general'],
  ] as const)('of caisse %s, need %s, is %s, %s', (caisse, need, queue, served) => {
    expect(placeOf(roster, caisse, need)).toEqual({ caisse: queue, need: served });
  });

  it('keeps to the caisse, as a general request, what nobody serves anywhere', () => {
    const posts = new Map([...roster.posts].map(([code, post]) => [code, { ...post, serves: ['general' as const] }]));
    expect(placeOf({ ...roster, posts }, '691', 'fraud')).toEqual({ caisse: '691', need: 'general' });
    expect(placeOf({ ...roster, posts }, '131', 'fraud')).toEqual({ caisse: 'national', need: 'general' });
  });
});
