/** Codes by post: asked for one day, answered another, from any conversation. */
import { decodeJwt } from 'jose';
import { writtenCodeReader } from '../../../src/answers/details.js';
import { LIMITS } from '../../../src/attempts/limits.js';
import { ALPHABET } from '../../../src/attempts/written.js';
import { LETTER_CODE_LENGTH, REFERENCE_LENGTH, type Copied } from '../../../src/identity/letters.js';
import { KNOWN, letterIn, proofIn, Proving, RIGHT, STRANGER } from '../../support/proving.js';

const DAY = 24 * 3_600_000;
const UNLOCK = { purpose: 'unlock' } as const;

let proving: Proving;
beforeEach(async () => { proving = await Proving.open(); });
afterEach(() => proving.close());

async function checked(copied: Copied, conversationId = 'later'): Promise<string> {
  return (await proving.letters.check({ conversationId, ...UNLOCK }, copied)).kind;
}

describe('a code by post', () => {
  it('A13: is ten characters of thirty-two, without I, L, O and U', async () => {
    expect([ALPHABET.length, new Set(ALPHABET).size, /[ILOU]/.test(ALPHABET)]).toEqual([32, 32, false]);
    const { reference, code } = await proving.posted();
    expect([code.length, reference.length]).toEqual([LETTER_CODE_LENGTH, REFERENCE_LENGTH]);
    expect(Array.from(`${code}${reference}`).every((character) => ALPHABET.includes(character))).toBe(true);
  });

  it('A13: is good to the end of its twenty-first day, over restarts, and no longer', async () => {
    const copied = await proving.posted();
    await proving.restart();
    proving.clock.pass(21 * DAY);
    expect(await checked(copied)).toBe('proved');
    proving.clock.pass(30 * DAY);
    const other = await proving.posted('c9', STRANGER);
    expect(await checked(other)).toBe('wrong');
    const second = await proving.posted('c2');
    proving.clock.pass(21 * DAY + 1000);
    expect(await checked(second, 'later-still')).toBe('expired');
  });

  it('A13: dies after five tries, the right one included, whatever the conversations', async () => {
    const copied = await proving.posted();
    const kinds: string[] = [];
    for (let n = 0; n < 6; n += 1) kinds.push(await checked({ ...copied, code: n === 5 ? copied.code : '0000000000' }, `c${String(n)}`));
    expect(kinds).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'dead', 'dead']);
  });

  it('A13: of a hundred guesses at once, none is one too many', async () => {
    const copied = await proving.posted();
    const kinds = await Promise.all(Array.from({ length: 100 }, (_, n) => checked({ ...copied, code: '0000000000' }, `c${String(n)}`)));
    expect(kinds.filter((kind) => kind === 'wrong')).toHaveLength(LIMITS.triesPerLetter - 1);
    expect(await checked(copied, 'other')).toBe('dead');
  });

  it('A13: serves once; only a turn that died with the answer hears it again', async () => {
    const copied = await proving.posted();
    const first = proofIn(await proving.letters.check({ conversationId: 'c1', ...UNLOCK }, copied));
    const again = proofIn(await proving.letters.check({ conversationId: 'c1', ...UNLOCK }, copied));
    expect(decodeJwt(again).jti).toBe(decodeJwt(first).jti);
    expect(await checked(copied, 'c2')).toBe('expired');
    proving.clock.pass(LIMITS.proofLifeMs);
    expect(await checked(copied, 'c1')).toBe('expired');
  });

  it('gives a proof of the conversation it is answered in, for what is wanted there', async () => {
    const copied = await proving.posted('asked-here');
    const proof = decodeJwt(proofIn(await proving.letters.check({ conversationId: 'answered-there', purpose: 'reset' }, copied)));
    expect(proof).toMatchObject({ sub: 's_known', act: 'reset' });
    expect(proof['acc']).toEqual(expect.any(String));
  });

  it('tells a stranger nothing: same outcomes, and no letter is printed', async () => {
    const known = await proving.letters.ask({ conversationId: 'a' }, KNOWN);
    const unknown = await proving.letters.ask({ conversationId: 'b' }, STRANGER);
    expect([known.kind, unknown.kind]).toEqual(['asked', 'asked']);
    expect(await proving.letters.printed(letterIn(unknown).payload['letter'] ?? '')).toBeUndefined();
    const reference = unknown.kind === 'asked' ? unknown.reference : '';
    const kinds: string[] = [];
    for (let n = 0; n < 6; n += 1) kinds.push(await checked({ reference, code: '0000000000' }, `c${String(n)}`));
    expect(kinds).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'dead', 'dead']);
  });

  it.each([['known', KNOWN], ['unknown', STRANGER]])('leaves once in seven days and twice in thirty, for a number that is %s', async (_who, identity) => {
    const kinds: string[] = [];
    for (const days of [0, 3, 4, 7, 15, 1]) {
      proving.clock.pass(days * DAY);
      kinds.push((await proving.letters.ask({ conversationId: `c${String(kinds.length)}` }, identity)).kind);
    }
    expect(kinds).toEqual(['asked', 'recent', 'asked', 'recent', 'limited', 'asked']);
  });

  it('is one letter, with one code, however often its turn or its hand-over dies', async () => {
    const [first, again] = [await proving.letters.ask({ conversationId: 'c1' }, KNOWN), await proving.letters.ask({ conversationId: 'c1' }, KNOWN)];
    expect(again).toEqual(first);
    const id = letterIn(first).payload['letter'] ?? '';
    const printed = [await proving.letters.printed(id), (await proving.restart(), await proving.letters.printed(id))];
    expect(printed[1]).toEqual(printed[0]);
    expect(printed[0]?.letter).toMatchObject({ template: 'code', key: `letter/${id}` });
  });

  it('may be asked for from a code by mail, without the number again', async () => {
    const challenge = await proving.challenges.find(await proving.asked('c1', KNOWN, RIGHT));
    expect((await proving.letters.insteadOf(challenge)).kind).toBe('asked');
    expect((await proving.letters.insteadOf(undefined)).kind).toBe('expired');
  });

  it('stops a conversation that tries references, and a range of addresses that does', async () => {
    const one: string[] = [];
    for (let n = 0; n < 6; n += 1) one.push(await checked({ reference: `0000000${String(n)}`, code: '0000000000' }));
    expect(one).toEqual([...Array<string>(5).fill('wrong'), 'limited']);
    const many: string[] = [];
    for (let n = 0; n < 11; n += 1) {
      many.push((await proving.letters.check({ conversationId: `c${String(n)}`, ...UNLOCK, source: { range: 'r' } }, { reference: '00000000', code: '0000000000' })).kind);
    }
    expect(many.filter((kind) => kind === 'limited')).toHaveLength(1);
  });

  it('keeps no number, no code and no reference', async () => {
    const { reference, code } = await proving.posted();
    const kept = JSON.stringify(await proving.store.list(''));
    expect(kept).toContain('s_known');
    for (const secret of [KNOWN.nir, KNOWN.birthDate, reference, code]) expect(kept).not.toContain(secret);
  });

  it.each([
    ['7k3m-9qwx-4t', '7K3M9QWX4T'],
    ['7K3M 9QWX 4T', '7K3M9QWX4T'],
    ['７Ｋ３Ｍ９ＱＷＸ４Ｔ', '7K3M9QWX4T'],
    ['oil3m-9qwxu', '0113M9QWXV'],
    ['7K3M\u200b9QWX‑4T', '7K3M9QWX4T'],
  ])('is read from « %s »', (typed, value) => {
    expect(writtenCodeReader(10).read(typed)).toEqual({ ok: true, value });
  });

  it.each([['', 'empty'], ['7K3M', 'length'], ['7K3M9QWX4T7', 'length'], ['7K3M9QWX4é', 'signs'], ['7K3M9QWX4😀', 'signs']])('is not read from « %s »: %s', (typed, reason) => {
    expect(writtenCodeReader(10).read(typed)).toEqual({ ok: false, reason });
  });
});
