import { MASK, maskSecrets } from '../../../src/identity/redaction.js';

const SECRETS: readonly (readonly [string, string, string])[] = [
  ['mon numéro est 2 55 08 14 168 025 38 merci', 'nir', `mon numéro est ${MASK} merci`],
  ['255081416802538', 'nir', MASK],
  ['nir 2.55.08.14.168.025 sans la clé', 'nir', `nir ${MASK} sans la clé`],
  ['2 84 05 2a 321 025 52', 'nir', MASK],
  ['2-55-08-14-168-025-38', 'nir', MASK],
  ['ma carte 4111 1111 1111 1111', 'card', `ma carte ${MASK}`],
  ['FR76 3000 6000 0112 3456 7890 189', 'iban', MASK],
  ['mon iban fr7630006000011234567890189 ok', 'iban', `mon iban ${MASK} ok`],
  ['DE89 3704 0044 0532 0130 00', 'iban', MASK],
  ['mon mot de passe est Soleil2024! il marche pas', 'password', `mon mot de passe est ${MASK} il marche pas`],
  ['mdp : Toto1234', 'password', `mdp : ${MASK}`],
  ['mdp=azerty99', 'password', `mdp=${MASK}`],
  ['mon mdp cest Minou75', 'password', `mon mdp cest ${MASK}`],
  ['le code est 7319 0462', 'code', `le code est ${MASK}`],
  ['73190462', 'code', MASK],
  ['écrivez à jean.dupont@exemple.fr', 'email', `écrivez à ${MASK}`],
  ['appelez le 06 12 34 56 78', 'phone', `appelez le ${MASK}`],
  ['+33 6 12 34 56 78', 'phone', MASK],
];

const ORDINARY: readonly string[] = [
  'jarive plus a me connecté jai mis 5 fois un mauvai mdp',
  'mon mot de passe est bloqué',
  'mon mot de passe est incorrect depuis hier',
  'mon mot de passe : oublié',
  'le mot de passe est expiré',
  'erreur Y010004 avec FranceConnect',
  'je dois appeler le 36 46 ou pas',
  'le 05 53 35 62 37 m’a appelé, est-ce vous ?',
  'j’habite au 12 rue des Lilas, 69003 Lyon',
  'j’ai essayé 3 fois puis 4 fois en 2026',
  'le 12/03/2026 à 10h30',
  'code postal 75011',
  'IL ME FAUT UN RENDEZ VOUS AVEC VOTRE CAISSE',
];

describe('masking secrets', () => {
  it.each(SECRETS)('masks what must not be kept in « %s »', (typed, kind, masked) => {
    expect(maskSecrets(typed)).toEqual({ text: masked, found: [kind] });
  });

  it.each(ORDINARY)('leaves « %s » as it is', (typed) => {
    expect(maskSecrets(typed)).toEqual({ text: typed, found: [] });
  });

  it('masks several secrets of one message, and names each kind once', () => {
    const { text, found } = maskSecrets('2 55 08 14 168 025 38 et 1 53 12 45 007 231 60, mdp: Soleil99');
    expect(text).toBe(`${MASK} et ${MASK}, mdp: ${MASK}`);
    expect(found).toEqual(['password', 'nir']);
  });

  it('masks a number cut by invisible characters', () => {
    expect(maskSecrets('2550814\u200b168025\u200d38').text).toBe(MASK);
  });

  it.each(['1'.repeat(10_000), '1 '.repeat(5_000), 'mdp est '.repeat(1_250), 'a@'.repeat(5_000), 'FR7 '.repeat(2_500), 'x.'.repeat(5_000) + '@'])(
    'is not held up by a hostile text (%#)',
    (typed) => {
      const started = performance.now();
      maskSecrets(typed);
      expect(performance.now() - started).toBeLessThan(500);
    },
  );
});
