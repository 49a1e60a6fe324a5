/** The page about privacy (P03): everything that must be known before identity is given, with the durations that are kept to. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { privacyBody, renderPrivacy, type Periods } from '../../../src/site/privacy.js';
import { pageTexts } from '../../../src/site/texts.js';

const texts = pageTexts.parse(parse(readFileSync('dialogs/pages.yaml', 'utf8')));
const DAY = 86_400_000;
const periods: Periods = { trace: DAY, letterTrace: 31 * DAY, code: 9 * 60_000, letter: 20 * DAY, messages: 6 * DAY, resumption: 8 * DAY, withAdviser: 29 * DAY, audit: { months: 11 } };
const page = renderPrivacy({ texts, periods });
const plain = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/&#39;/g, '’').replace(/\s+/g, ' ');

it.each([
  ['who answers for the data', texts.privacy.operator.name],
  ['who looks after them', texts.privacy.operator.delegate],
  ['where to write', texts.privacy.operator.email],
  ['why identity is asked', 'retrouver votre dossier'],
  ['the right to know', 'droit d’accès'],
  ['the right to erase', 'droit d’effacement'],
  ['the right to object', 'droit d’opposition'],
  ['where to complain', 'CNIL'],
  ['that one may refuse', 'Rien ne vous oblige'],
  ['help without a telephone', 'accueil de votre CPAM'],
  ['help by letter', 'Par courrier'],
])('P03: it tells %s', (_, words) => {
  expect(plain(page)).toContain(words);
});

it('P03: it tells each duration as it is handed in, and none of its own', () => {
  const said = [...plain(page).matchAll(/\d+ (?:minutes?|heures?|jours?|mois)/g)].map(([found]) => found.replace(/\s/g, ' '));
  expect([...said].sort()).toEqual(['11 mois', '20 jours', '24 heures', '29 jours', '31 jours', '6 jours', '8 jours', '9 minutes']);
});

it('P03: contact details that nobody filled in are told to be an example, and others are not', () => {
  expect(plain(page)).toContain(texts.privacy.example);
  const filled = { ...texts, privacy: { ...texts.privacy, operator: { ...texts.privacy.operator, example: false } } };
  expect(plain(renderPrivacy({ texts: filled, periods }))).not.toContain(texts.privacy.example);
});

it('P03: its content may name no duration that nothing keeps to', () => {
  const [first] = texts.privacy.kept.items;
  const wrong = { ...texts.privacy, kept: { ...texts.privacy.kept, items: [{ ...first, time: 'Gardé {toujours}.' }] } };
  expect(pageTexts.safeParse({ ...texts, privacy: wrong }).success).toBe(false);
});

it('P03: it is light, needs no script, and is the same in the frame of the self-help', () => {
  expect(Buffer.byteLength(page)).toBeLessThan(20_000);
  expect(page).not.toContain('<script');
  expect(page).toContain(privacyBody({ texts, periods }).source);
});
