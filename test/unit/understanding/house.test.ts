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
