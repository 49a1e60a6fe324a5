/** What is too hard for each kind of text, where it stands and how to mend it. */
import { hardInAnswer, hardInBubble, hardInPlain } from '../../../src/reading/limits.js';

const sentence = (words: number): string => `${Array.from({ length: words }, () => 'mot').join(' ')}.`;
const official = 'L’actualisation préalable des informations administratives conditionne l’accessibilité des services dématérialisés. Toute réclamation nécessite la transmission simultanée de tous les justificatifs correspondants.';

test.each([
  ['an answer', hardInAnswer, 25, 20],
  ['a bubble', hardInBubble, 30, 20],
  ['a plain variant', hardInPlain, 15, 15],
])('%s takes one sentence of its longest, and no longer one', (_kind, hardIn, longest, mean) => {
  const fill = Array.from({ length: 4 }, () => sentence(mean - 8)).join(' ');
  expect(hardIn(`${fill}\n\n${sentence(longest)}`)).toEqual([]);
  expect(hardIn(`${fill}\n\n${sentence(longest + 1)}`)).toMatchObject([{ above: 2, what: expect.stringContaining(`une phrase de ${String(longest + 1)} mots`) }]);
});

test.each([['an answer', hardInAnswer], ['a bubble', hardInBubble]])('%s of sentences that are all long is dense', (_kind, hardIn) => {
  expect(hardIn(`${sentence(21)} ${sentence(21)}`)).toMatchObject([{ above: 0, what: expect.stringContaining('21 mots par phrase') }]);
  expect(hardIn(`${sentence(20)} ${sentence(20)}`)).toEqual([]);
});

test('a bubble over 500 characters is too long, however short its sentences', () => {
  const long = 'Voici un mot. '.repeat(36).trim();
  expect(hardInBubble(long)).toMatchObject([{ what: `un texte de ${String(long.length)} caractères`, todo: expect.stringContaining('500') }]);
  expect(hardInBubble('Voici un mot. '.repeat(35).trim())).toEqual([]);
});

test('long words make an answer hard by its LIX, and a plain variant by its index, which names some', () => {
  expect(hardInAnswer(official)).toMatchObject([{ what: expect.stringContaining('indice LIX') }]);
  expect(hardInPlain(official)).toMatchObject([{ what: expect.stringContaining('Kandel et Moles'), todo: expect.stringContaining('« L’actualisation »') }]);
  expect(hardInBubble(official)).toEqual([]);
});

test('an index is not asked of a text too short to have one', () => {
  expect(hardInPlain('Réinitialisation indisponible momentanément.')).toEqual([]);
});
