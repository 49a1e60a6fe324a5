/** Masking what people write: every kind of secret in every spelling we know of, and nothing that is none. */
import { createMask, MASK } from '../../../src/redaction/mask.js';

const mask = createMask(() => Date.UTC(2026, 10, 23));

const SECRETS: readonly (readonly [string, string, string])[] = [
  ['mon numéro est 2 55 08 14 168 025 38 merci', 'nir', `mon numéro est ${MASK} merci`],
  ['255081416802538', 'nir', MASK],
  ['nir 2.55.08.14.168.025 sans la clé', 'nir', `nir ${MASK} sans la clé`],
  ['2 84 05 2a 321 025 52', 'nir', MASK],
  ['2-55-08-14-168-025-38', 'nir', MASK],
  ['2/55/08/14/168/025', 'nir', MASK],
  ['２５５０８１４１６８０２５', 'nir', MASK],
  ['٢٥٥٠٨١٤١٦٨٠٢٥', 'nir', MASK],
  ['2 55 O8 14 168 O25 38', 'nir', MASK],
  ['le début c’est 2 55 08 14', 'nir', `le début c’est ${MASK}`],
  ['deux cinquante-cinq zéro huit quatorze cent soixante-huit zéro vingt-cinq', 'nir', MASK],
  ['c’est un quatre-vingt-cinq zéro deux 75 cent seize zéro un deux', 'nir', `c’est ${MASK}`],
  ['je suis né le 12/03/1955 à Lyon', 'birth-date', `je suis né le ${MASK} à Lyon`],
  ['12.3.55', 'birth-date', MASK],
  ['12-03-1955', 'birth-date', MASK],
  ['12 03 1955', 'birth-date', MASK],
  ['1955-03-12', 'birth-date', MASK],
  ['12031955', 'birth-date', MASK],
  ['née le 1er mars 1985', 'birth-date', `née le ${MASK}`],
  ['douze mars mille neuf cent cinquante-cinq', 'birth-date', MASK],
  ['le douze mars dix-neuf cent cinquante cinq', 'birth-date', `le ${MASK}`],
  ['ma fille née le 04/05/2019', 'birth-date', `ma fille née le ${MASK}`],
  ['naissance 120355', 'birth-date', `naissance ${MASK}`],
  ['ma carte 4111 1111 1111 1111', 'card', `ma carte ${MASK}`],
  ['FR76 3000 6000 0112 3456 7890 189', 'iban', MASK],
  ['mon iban fr7630006000011234567890189 ok', 'iban', `mon iban ${MASK} ok`],
  ['DE89 3704 0044 0532 0130 00', 'iban', MASK],
  ['GB29 NWBK 6016 1331 9268 19 c’est le mien', 'iban', `${MASK} c’est le mien`],
  ['mon mot de passe est Soleil2024! il marche pas', 'password', `mon mot de passe est ${MASK} il marche pas`],
  ['mdp : Toto1234', 'password', `mdp : ${MASK}`],
  ['mdp=azerty99', 'password', `mdp=${MASK}`],
  ['mon mdp cest Minou75', 'password', `mon mdp cest ${MASK}`],
  ['mon mot de passe c’est leontine', 'password', `mon mot de passe c’est ${MASK}`],
  ['j’ai tapé Minou1975 comme mot de passe', 'password', `j’ai tapé ${MASK} comme mot de passe`],
  ['mot de passe « Bretagne29 »', 'password', `mot de passe « ${MASK} »`],
  ['le code est 7319 0462', 'code', `le code est ${MASK}`],
  ['73190462', 'code', MASK],
  ['7.3.1.9.0.4.6.2', 'code', MASK],
  ['sept trois un neuf zéro quatre six deux', 'code', MASK],
  ['le code reçu est 482913', 'code', `le code reçu est ${MASK}`],
  ['7K4MP-9QX2T', 'code', MASK],
  ['code du courrier 7k4mp9qx2t', 'code', `code du courrier ${MASK}`],
  ['mon code de reprise ABCD-23EF', 'code', `mon code de reprise ${MASK}`],
  ['écrivez à jean.dupont@exemple.fr', 'email', `écrivez à ${MASK}`],
  ['jean.dupont arobase exemple point fr', 'email', MASK],
  ['jean.dupont @ exemple.fr', 'email', MASK],
  ['appelez le 06 12 34 56 78', 'phone', `appelez le ${MASK}`],
  ['+33 6 12 34 56 78', 'phone', MASK],
  ['+33 (0)6 12 34 56 78', 'phone', MASK],
  ['+32 470 12 34 56', 'phone', MASK],
  ['zéro six douze trente-quatre cinquante-six soixante-dix-huit', 'phone', MASK],
];

const ORDINARY: readonly string[] = [
  'jarive plus a me connecté jai mis 5 fois un mauvai mdp',
  'mon mot de passe est bloqué',
  'mon mot de passe est incorrect depuis hier',
  'mon mot de passe : oublié',
  'le mot de passe est expiré',
  'mon mot de passe est toujours refusé',
  'erreur Y010004 avec FranceConnect',
  'je dois appeler le 36 46 ou pas',
  'le 05 53 35 62 37 m’a appelé, est-ce vous ?',
  'le 0 806 00 00 00 me rappelle',
  'j’habite au 12 rue des Lilas, 69003 Lyon',
  'j’ai essayé 3 fois puis 4 fois en 2026',
  'le 12/03/2026 à 10h30',
  'depuis le 12 mars 2026, et le 13 mars aussi',
  'bloqué du 12/10/2026 au 15/10/2026',
  'depuis le douze mars deux mille vingt-six',
  'le 3 novembre 26',
  'en 2024-2025 ça marchait',
  'code postal 75011',
  'j’ai un iphone15 et un mot de passe iphone15',
  'un deux trois nous irons au bois',
  'IL ME FAUT UN RENDEZ VOUS AVEC VOTRE CAISSE',
];

describe('masking secrets', () => {
  it.each(SECRETS)('masks what must not be kept in « %s »', (typed, kind, masked) => {
    expect(mask(typed)).toEqual({ text: masked, found: [kind] });
  });

  it.each(ORDINARY)('leaves « %s » as it is', (typed) => {
    expect(mask(typed)).toEqual({ text: typed, found: [] });
  });

  it('masks several secrets of one message, and names each kind once', () => {
    const { text, found } = mask('2 55 08 14 168 025 38 et 1 53 12 45 007 231 60, mdp: Soleil99');
    expect(text).toBe(`${MASK} et ${MASK}, mdp: ${MASK}`);
    expect(found).toEqual(['password', 'nir']);
  });

  it('masks a number and the birth date beside it, each as what it is', () => {
    const { text, found } = mask('2 55 08 14 168 025 38 19/08/1955');
    expect(text).toBe(`${MASK} ${MASK}`);
    expect(found).toEqual(['birth-date', 'nir']);
  });

  it('masks a number cut by invisible characters', () => {
    expect(mask('2550814\u200b168025\u200d38').text).toBe(MASK);
  });

  it('tells a birth date by the day it is, whatever the year to come', () => {
    const later = createMask(() => Date.UTC(2045, 0, 1));
    expect([mask('le 12/03/2026').found, later('le 12/03/2026').found]).toEqual([[], ['birth-date']]);
  });

  it.each(['1'.repeat(100_000), '1 '.repeat(50_000), '1/2/'.repeat(25_000), 'mdp est '.repeat(12_500), 'a@'.repeat(50_000), 'FR7 '.repeat(25_000), `${'x.'.repeat(50_000)}@`, 'un '.repeat(33_000), 'quatre-vingt-'.repeat(8_000), 'mot de passe '.repeat(7_700), '12 mars '.repeat(12_500), 'AB12-'.repeat(20_000), 'a arobase '.repeat(10_000), "'(".repeat(50_000), 'code : '.repeat(14_000), '(0)'.repeat(33_000)])(
    'takes a time that grows with the length of a hostile text, not faster (%#)',
    (typed) => {
      const time = (text: string): number => {
        const started = performance.now();
        mask(text);
        return performance.now() - started;
      };
      time(typed);
      // Ten times as long may take ten times as long; three times that, and it grows faster than the text.
      expect(time(typed)).toBeLessThan(Math.max(2_000, 30 * time(typed.slice(0, typed.length / 10))));
    },
  );
});
