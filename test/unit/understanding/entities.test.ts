import { findEntities } from '../../../src/understanding/entities.js';

describe('error codes', () => {
  test.each([
    ['erreur Y010004 avec FranceConnect', ['Y010004']],
    ['franceconnect me met 010004', ['010004']],
    ["j'ai le code d'erreur y000001 puis Y000001", ['Y000001']],
    ['mon dossier 010004', []],
    ['code 0100045', []],
  ])('in « %s » are %j', (text, codes) => {
    expect(findEntities(text).errorCodes).toEqual(codes);
  });
});

describe('dates', () => {
  test.each([
    ['depuis le 12/03/2024 ça ne marche plus', ['2024-03-12']],
    ['le 1er août 2025 et le 3.9.2025', ['2025-09-03', '2025-08-01']],
    ['le 31/02/2024', []],
    ['2 fois sur 3', []],
  ])('in « %s » are %j', (text, dates) => {
    expect(findEntities(text).dates).toEqual(dates);
  });
});

describe('postcodes', () => {
  test.each([
    ["j'habite à Lyon 69003", ['69003']],
    ['97400 Saint-Denis', ['97400']],
    ['99999', []],
    ['il me doit 12000 euros', []],
    ['né le 12/03/1985', []],
    ['0612345678', []],
  ])('in « %s » are %j', (text, postcodes) => {
    expect(findEntities(text).postcodes).toEqual(postcodes);
  });
});

describe('for whom the person writes', () => {
  test.each([
    ['le compte de ma mère est bloqué', 'parent'],
    ['ma grand mère ne peut plus entrer', 'parent'],
    ['mon fils a perdu son code', 'child'],
    ['MON MARI n’arrive pas à se connecter', 'partner'],
    ['je suis sa tutrice', 'ward'],
    ['mon compte est bloqué', null],
    ['mon filtre bloque les mails', null],
  ])('is read in « %s » as %s', (text, who) => {
    expect(findEntities(text).thirdParty).toBe(who);
  });
});

describe('a death', () => {
  test.each(['mon père est décédé', 'suite au décès de ma femme', 'ma mère est morte', 'je suis veuve'])('is read in « %s »', (text) => {
    expect(findEntities(text).deceased).toBe(true);
  });
  test.each(['mon téléphone est mort', 'je suis mort de rire', 'mon ordi est mort'])('is not read in « %s »', (text) => {
    expect(findEntities(text).deceased).toBe(false);
  });
});

test('messages on screen are found whatever their accents and case', () => {
  expect(findEntities('ça dit VOTRE COMPTE EST BLOQUE !', ['Votre compte est bloqué', 'Page introuvable']).screens).toEqual(['Votre compte est bloqué']);
});

test('a very long text costs a moment', () => {
  const before = performance.now();
  findEntities('1/1/'.repeat(5_000));
  findEntities('ma grand '.repeat(5_000));
  expect(performance.now() - before).toBeLessThan(100);
});
