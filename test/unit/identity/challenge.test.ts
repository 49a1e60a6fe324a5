import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt, importJWK, jwtVerify, type JWK } from 'jose';
import type { Store } from '../../../src/conversation/ports.js';
import { Challenges, type SendOutcome } from '../../../src/identity/challenge.js';
import { LIMITS } from '../../../src/identity/limits.js';
import { newProofKey, PROOF_AUDIENCE, publicPart } from '../../../src/identity/proof.js';
import { openEmbeddedStore } from '../../../src/storage/embedded.js';
import { SimulatedClock } from '../../support/clock.js';

const KNOWN = { nir: '2550814168025', birthDate: '1955-08-19' };
const STRANGER = { nir: '1531245007231', birthDate: '1953-12-04' };
const RIGHT = '73190462';

let folder: string;
let store: Store;
let clock: SimulatedClock;
let key: JWK;
let challenges: Challenges;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-challenge-'));
  store = await openEmbeddedStore({ folder });
  clock = new SimulatedClock();
  key = await newProofKey('test');
  const registry = {
    identify: (nir: string, birthDate: string) =>
      Promise.resolve(nir === KNOWN.nir && birthDate === KNOWN.birthDate ? { kind: 'match' as const, subject: 's_known' } : { kind: 'none' as const }),
    contactOf: () => Promise.resolve({ kind: 'none' as const }),
  };
  challenges = new Challenges(store, registry, { hash: Buffer.alloc(32, 1), proof: key }, clock);
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks for a code and hands it over, as the courier does. */
async function asked(conversationId = 'c1', identity = KNOWN, code: string | null = RIGHT): Promise<string> {
  const outcome = await challenges.send(conversationId, 'unlock', identity);
  const id = challengeOf(outcome);
  await challenges.noteSent((await challenges.find(id))!, code);
  return id;
}

function challengeOf(outcome: SendOutcome): string {
  if (outcome.kind !== 'sent') throw new Error(`not sent: ${outcome.kind}`);
  return outcome.challenge;
}

describe('a challenge', () => {
  it('gives, for the right code, a proof that the backend can verify and that opens one thing', async () => {
    const id = await asked();
    const outcome = await challenges.check(id, 'c1', RIGHT);
    const proof = outcome.kind === 'proved' ? outcome.proof : '';
    const options = { issuer: 'sesame', audience: PROOF_AUDIENCE, currentDate: new Date(clock.now()) };
    const { payload } = await jwtVerify(proof, await importJWK(publicPart(key), 'EdDSA'), options);
    expect(payload).toMatchObject({ sub: 's_known', act: 'unlock', jti: id });
    expect((payload.exp! - payload.iat!) * 1000).toBe(LIMITS.proofLifeMs);
  });

  it('gives the same single-use id when the right code is typed again after a crash', async () => {
    const id = await asked();
    const proofs = [await challenges.check(id, 'c1', RIGHT), await challenges.check(id, 'c1', RIGHT)];
    expect(proofs.map((one) => (one.kind === 'proved' ? decodeJwt(one.proof).jti : one.kind))).toEqual([id, id]);
  });

  it('dies after five tries, and then refuses the right code too', async () => {
    const id = await asked();
    const seen: string[] = [];
    for (let i = 0; i < LIMITS.triesPerCode; i += 1) seen.push((await challenges.check(id, 'c1', '00000000')).kind);
    expect(seen).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'dead']);
    expect((await challenges.check(id, 'c1', RIGHT)).kind).toBe('dead');
  });

  it('judges no more than five of a hundred guesses made at once', async () => {
    const id = await asked();
    const guesses = await Promise.all(Array.from({ length: 100 }, () => challenges.check(id, 'c1', '00000000')));
    expect(guesses.filter(({ kind }) => kind === 'wrong')).toHaveLength(LIMITS.triesPerCode - 1);
    expect((await challenges.check(id, 'c1', RIGHT)).kind).toBe('dead');
  });

  it('allows ten tries a day against one account, whatever the codes and conversations', async () => {
    let judged = 0;
    for (const conversation of ['c1', 'c2', 'c3']) {
      const id = await asked(conversation);
      for (let i = 0; i < 4; i += 1) judged += (await challenges.check(id, conversation, '00000000')).kind === 'wrong' ? 1 : 0;
      clock.pass(LIMITS.betweenSendsMs);
    }
    expect(judged).toBe(LIMITS.triesPerAccountDay);
    clock.pass(LIMITS.dayMs);
    const id = await asked('c4');
    expect((await challenges.check(id, 'c4', RIGHT)).kind).toBe('proved');
  });

  it('lives ten minutes from the moment the mail was handed over, and not a moment more', async () => {
    const id = await asked();
    clock.pass(LIMITS.codeLifeMs - 1);
    expect((await challenges.check(id, 'c1', '00000000')).kind).toBe('wrong');
    clock.pass(1);
    expect((await challenges.check(id, 'c1', RIGHT)).kind).toBe('expired');
  });

  it('does not judge a code before the mail was handed over', async () => {
    const id = challengeOf(await challenges.send('c1', 'unlock', KNOWN));
    expect((await challenges.check(id, 'c1', RIGHT)).kind).toBe('not-sent-yet');
  });

  it('cannot be met from another conversation', async () => {
    const id = await asked('c1');
    expect((await challenges.check(id, 'c2', RIGHT)).kind).toBe('expired');
  });

  it('is replaced by the next one: only the last code counts', async () => {
    const first = await asked();
    clock.pass(LIMITS.betweenSendsMs);
    const second = challengeOf(await challenges.resend(first));
    await challenges.noteSent((await challenges.find(second))!, '11112222');
    expect((await challenges.check(first, 'c1', RIGHT)).kind).toBe('expired');
    expect((await challenges.check(second, 'c1', '11112222')).kind).toBe('proved');
  });

  it('takes the same ways for an identity that matches nobody, and can never be met', async () => {
    const id = await asked('c1', STRANGER, null);
    const kinds: string[] = [];
    for (const code of [RIGHT, '00000000', '11111111', '22222222', '33333333', '44444444']) {
      kinds.push((await challenges.check(id, 'c1', code)).kind);
    }
    expect(kinds).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'dead', 'dead']);
  });

  it('treats a right number with a wrong birth date as it treats a stranger', async () => {
    const outcome = await challenges.send('c1', 'unlock', { ...KNOWN, birthDate: '1955-08-20' });
    expect(outcome).toMatchObject({ kind: 'sent', outbox: [{ kind: 'mail.code' }] });
    expect((await challenges.find(challengeOf(outcome)))?.subject).toBeNull();
  });
});

describe('asking for codes', () => {
  it.each([
    ['someone known', KNOWN],
    ['a stranger', STRANGER],
  ])('is limited to three an hour and five a day, for %s', async (_who, identity) => {
    const kinds: string[] = [];
    for (const wait of [0, 1, 1, 1, 60, 1, 60].map((minutes) => minutes * 60_000)) {
      clock.pass(wait);
      kinds.push((await challenges.send(`c${String(kinds.length)}`, 'unlock', identity)).kind);
    }
    expect(kinds).toEqual(['sent', 'sent', 'sent', 'limited', 'sent', 'sent', 'limited']);
  });

  it('waits a minute between two sends, from wherever they are asked', async () => {
    await challenges.send('c1', 'unlock', KNOWN);
    expect((await challenges.send('c2', 'unlock', KNOWN)).kind).toBe('too-soon');
    clock.pass(LIMITS.betweenSendsMs);
    expect((await challenges.send('c2', 'unlock', KNOWN)).kind).toBe('sent');
  });

  it('goes on with the code already asked for when the same form comes twice', async () => {
    const first = await challenges.send('c1', 'unlock', KNOWN);
    const again = await challenges.send('c1', 'unlock', KNOWN);
    expect(challengeOf(again)).toBe(challengeOf(first));
    expect(again).toMatchObject({ outbox: [{ id: `code/${challengeOf(first)}` }] });
  });

  it('does not tell a corrected birth date from another wrong one', async () => {
    const ask = async (conversation: string, ...dates: string[]): Promise<string[]> => {
      const kinds: string[] = [];
      for (const birthDate of dates) kinds.push((await challenges.send(conversation, 'unlock', { ...KNOWN, birthDate })).kind);
      clock.pass(LIMITS.betweenSendsMs);
      return kinds;
    };
    expect(await ask('c1', '1955-08-01', '1955-08-02')).toEqual(await ask('c2', '1955-08-01', KNOWN.birthDate));
  });

  it('tries at most three identities in one conversation', async () => {
    const dates = ['1955-08-01', '1955-08-02', '1955-08-03', '1955-08-04'];
    const kinds: string[] = [];
    for (const birthDate of dates) {
      kinds.push((await challenges.send('c1', 'unlock', { ...KNOWN, birthDate })).kind);
      clock.pass(LIMITS.betweenSendsMs);
    }
    expect(kinds).toEqual(['sent', 'sent', 'sent', 'limited']);
  });

  it('keeps no number, no date and no code in what it stores', async () => {
    const id = await asked();
    await challenges.check(id, 'c1', '00000000');
    const kept = JSON.stringify([await challenges.find(id), await store.read(`identities/c1`)]);
    for (const secret of [KNOWN.nir, KNOWN.birthDate, RIGHT]) expect(kept).not.toContain(secret);
  });
});
