import { decodeJwt, importJWK, jwtVerify } from 'jose';
import { LIMITS } from '../../../src/attempts/limits.js';
import { PROOF_AUDIENCE, publicPart } from '../../../src/identity/proof.js';
import { challengeOf, KNOWN, proofIn, Proving, RIGHT, STRANGER, WRONG } from '../../support/proving.js';

let proving: Proving;
beforeEach(async () => { proving = await Proving.open(); });
afterEach(() => proving.close());

describe('a challenge', () => {
  it('gives, for the right code, a proof that the backend can verify and that opens one thing', async () => {
    const id = await proving.asked();
    const proof = proofIn(await proving.challenges.check(id, 'c1', RIGHT));
    const options = { issuer: 'sesame', audience: PROOF_AUDIENCE, currentDate: new Date(proving.clock.now()) };
    const { payload } = await jwtVerify(proof, await importJWK(publicPart(proving.key), 'EdDSA'), options);
    expect(payload).toMatchObject({ sub: 's_known', act: 'unlock', jti: id });
    expect((payload.exp! - payload.iat!) * 1000).toBe(LIMITS.proofLifeMs);
  });

  it('binds its proof to the conversation and to the number, by keyed hashes that tell neither', async () => {
    const one = decodeJwt(proofIn(await proving.challenges.check(await proving.asked('c1'), 'c1', RIGHT)));
    proving.clock.pass(LIMITS.betweenSendsMs);
    const other = decodeJwt(proofIn(await proving.challenges.check(await proving.asked('c2'), 'c2', RIGHT)));
    expect(one['acc']).toBe(other['acc']);
    expect(one['cnv']).not.toBe(other['cnv']);
    expect(JSON.stringify([one, other])).not.toMatch(new RegExp(`${KNOWN.nir}|"c1"|"c2"`));
  });

  it.each(['unlock', 'reset', 'reactivate', 'post-code', 'correction', 'fraud'] as const)('gives a proof for %s alone where that was asked for', async (purpose) => {
    const id = challengeOf(await proving.challenges.send({ conversationId: 'c1', purpose }, KNOWN));
    await proving.handOver(id, RIGHT);
    expect(decodeJwt(proofIn(await proving.challenges.check(id, 'c1', RIGHT)))['act']).toBe(purpose);
  });

  it('gives the same single-use id when the right code is typed again after a crash', async () => {
    const id = await proving.asked();
    const proofs = [await proving.challenges.check(id, 'c1', RIGHT), await proving.challenges.check(id, 'c1', RIGHT)];
    expect(proofs.map((one) => decodeJwt(proofIn(one)).jti)).toEqual([id, id]);
  });

  it('does not judge a code before the mail was handed over', async () => {
    const id = challengeOf(await proving.send());
    expect(await proving.tried(id, 'c1', RIGHT)).toEqual(['not-sent-yet']);
  });

  it('takes the same ways for an identity that matches nobody, and can never be met', async () => {
    const id = await proving.asked('c1', STRANGER, null);
    expect(await proving.tried(id, 'c1', RIGHT, WRONG, '11111111', '22222222', '33333333')).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'dead']);
  });

  it('treats a right number with a wrong birth date as it treats a stranger', async () => {
    const outcome = await proving.send('c1', { ...KNOWN, birthDate: '1955-08-20' });
    expect(outcome).toMatchObject({ kind: 'sent', outbox: [{ kind: 'mail.code' }] });
    expect((await proving.challenges.find(challengeOf(outcome)))?.subject).toBeNull();
  });

  it('keeps no number, no date and no code in what it stores', async () => {
    const id = await proving.asked();
    await proving.tried(id, 'c1', WRONG);
    const kept = JSON.stringify([await proving.challenges.find(id), await proving.store.read('identities/c1')]);
    for (const secret of [KNOWN.nir, KNOWN.birthDate, RIGHT]) expect(kept).not.toContain(secret);
  });
});

describe('asking for codes', () => {
  it('goes on with the code already asked for when the same form comes twice', async () => {
    const first = await proving.send();
    const again = await proving.send();
    expect(challengeOf(again)).toBe(challengeOf(first));
    expect(again).toMatchObject({ outbox: [{ id: `code/${challengeOf(first)}` }] });
  });

  it('does not tell a corrected birth date from another wrong one', async () => {
    const ask = async (conversation: string, ...dates: string[]): Promise<string[]> => {
      const kinds: string[] = [];
      for (const birthDate of dates) kinds.push((await proving.send(conversation, { ...KNOWN, birthDate })).kind);
      proving.clock.pass(LIMITS.betweenSendsMs);
      return kinds;
    };
    expect(await ask('c1', '1955-08-01', '1955-08-02')).toEqual(await ask('c2', '1955-08-01', KNOWN.birthDate));
  });

  it('waits a minute between two sends, from wherever they are asked', async () => {
    await proving.send('c1');
    expect((await proving.send('c2')).kind).toBe('too-soon');
    proving.clock.pass(LIMITS.betweenSendsMs);
    expect((await proving.send('c2')).kind).toBe('sent');
  });
});
