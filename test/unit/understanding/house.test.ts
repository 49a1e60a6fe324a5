// The knowledge as it stands, read by the understanding as it stands: what its own authors promise of it.
import { join } from 'node:path';
import { createUnderstanding } from '../../../src/understanding/decide.js';
import { loadKnowledge } from '../../../src/understanding/knowledge.js';
import { checkMatches } from '../../../src/understanding/rules.js';

const knowledge = loadKnowledge(join(__dirname, '../../../knowledge'), '');
const understanding = createUnderstanding(knowledge);

test('the content has no fault', () => {
  expect(knowledge.faults).toEqual([]);
});

test('every entry is reached by what must reach it, and by nothing that must not', () => {
  expect(checkMatches(knowledge.entries, (text) => understanding.decide(text))).toEqual([]);
});

test('someone who writes as on an old phone is understood', () => {
  expect(understanding.decide('jarive plus a me connecté jai mis 5 fois un mauvai mdp')).toMatchObject({ kind: 'answer', entry: 'compte-bloque-tentatives' });
});

test.each(['allume la lumière du salon', 'recette de la tarte aux pommes', 'compte', 'numéro'])('« %s » is not answered', (text) => {
  expect(understanding.decide(text).kind).not.toBe('answer');
});

test.each(["mon compte n'est pas bloqué", 'je ne suis pas bloqué', 'mon compte na jamais ete verouillé'])('« %s » is not answered with the blocked account', (text) => {
  expect(understanding.decide(text).entry).not.toBe('compte-bloque-tentatives');
});

test('what is denied leaves the floor to what is not', () => {
  const { candidates } = understanding.decide("mon compte n'est pas bloqué mais le code n'arrive pas");
  expect(candidates[0]?.entry).toBe('code-provisoire');
  expect(candidates.find(({ entry }) => entry === 'compte-bloque-tentatives')?.score ?? 0).toBeLessThan(0.2);
});

test('a message dictated with its punctuation is understood as if it was typed', () => {
  const dictated = understanding.decide("bonjour virgule mon compte est bloqué point comment faire point d'interrogation à la ligne merci");
  expect(dictated).toEqual(understanding.decide('bonjour mon compte est bloqué comment faire merci'));
  expect(dictated.candidates[0]?.entry).toBe('compte-bloque-tentatives');
  expect(understanding.decide("je cherche un point d'accueil virgule où aller point d'interrogation").candidates[0]?.entry).toBe('france-services');
});
