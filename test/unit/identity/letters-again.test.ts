/** Case A14 of the threat model, for the post: whoever asks for a letter before its owner does cannot spoil it. */
import { LIMITS } from '../../../src/attempts/limits.js';
import type { LetterOutcome } from '../../../src/identity/letters.js';
import { KNOWN, letterIn, Proving, STRANGER } from '../../support/proving.js';

const UNLOCK = { purpose: 'unlock' } as const;
const WRONG_DATE = { ...KNOWN, birthDate: '1955-08-20' };

let proving: Proving;
beforeEach(async () => { proving = await Proving.open(); });
afterEach(() => proving.close());

const ask = (conversationId: string, identity = KNOWN): Promise<LetterOutcome> => proving.letters.ask({ conversationId }, identity);
const referenceOf = (outcome: LetterOutcome): string => ('reference' in outcome ? outcome.reference : `no reference: ${outcome.kind}`);
const check = (conversationId: string, reference: string, code: string): Promise<string> => proving.letters.check({ conversationId, ...UNLOCK }, { reference, code }).then(({ kind }) => kind);

/** Tries until a reference is dead, from a new conversation each time. */
async function kill(reference: string): Promise<void> {
  for (let n = 0; n < LIMITS.triesPerLetter; n += 1) await check(`killer${reference}${String(n)}`, reference, '0000000000');
}

/** What is printed for a letter that somebody asked for. */
async function printed(outcome: LetterOutcome): Promise<{ reference: string; code: string }> {
  const letter = (await proving.letters.printed(letterIn({ ...outcome, kind: 'asked' } as LetterOutcome).payload['letter'] ?? ''))?.letter;
  return { reference: letter?.reference.replace('-', '') ?? 'nothing was printed', code: letter?.code ?? '0000000000' };
}

describe('a letter that somebody else asked for', () => {
  it('A14: serves the owner, whom it reaches', async () => {
    const letter = await printed(await ask('attacker'));
    expect(await check('owner', letter.reference, letter.code)).toBe('proved');
  });

  it('A14: serves the owner after its reference was spoilt, under a reference of their own', async () => {
    const asked = await ask('attacker');
    const letter = await printed(asked);
    await kill(referenceOf(asked));
    expect(await check('owner', letter.reference, letter.code)).toBe('dead');
    const again = await ask('owner-again');
    expect(again).toMatchObject({ kind: 'recent', outbox: [] });
    expect(await check('owner-again', referenceOf(again), letter.code)).toBe('proved');
    // Used once is used up, whatever it is called.
    expect(await check('attacker', referenceOf(await ask('attacker-again')), letter.code)).toBe('expired');
  });

  it('A14: serves the owner all its life, though both letters of the month were asked for and spoilt', async () => {
    await kill(referenceOf(await ask('attacker')));
    proving.clock.pass(LIMITS.weekMs);
    const second = await ask('attacker-2');
    const letter = await printed(second);
    await kill(referenceOf(second));
    proving.clock.pass(LIMITS.letterLifeMs - LIMITS.dayMs);
    const again = await ask('owner');
    expect(again.kind).toBe('recent');
    expect(await check('owner', referenceOf(again), letter.code)).toBe('proved');
  });

  it('A14: with a wrong birth date keeps no letter from the owner, and tells nobody which date is right', async () => {
    expect((await ask('attacker', WRONG_DATE)).kind).toBe('asked');
    const other = await ask('attacker-2', { ...KNOWN, birthDate: '1955-08-21' });
    const owner = await ask('owner');
    expect([other.kind, owner.kind]).toEqual(['recent', 'recent']);
    const letter = await printed(owner);
    expect(await check('owner', letter.reference, letter.code)).toBe('proved');
    expect(await check('attacker-2', referenceOf(other), letter.code)).toBe('wrong');
  });

  it('A14: says the same to a stranger who asks again, and gives a reference that never serves', async () => {
    const said = [await ask('a', STRANGER), await ask('b', STRANGER)];
    expect(said.map(({ kind }) => kind)).toEqual(['asked', 'recent']);
    const kinds: string[] = [];
    for (let n = 0; n < 6; n += 1) kinds.push(await check(`c${String(n)}`, referenceOf(said[1]!), '0000000000'));
    expect(kinds).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'dead', 'dead']);
  });

  it('A13: prints no more for being asked again and again', async () => {
    let items = 0;
    for (let n = 0; n < 10; n += 1) {
      const outcome = await ask(`c${String(n)}`);
      items += 'outbox' in outcome ? outcome.outbox.length : 0;
    }
    expect(items).toBe(1);
  });
});
