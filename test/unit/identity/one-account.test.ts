/** Case O03 of the threat model: one person has one budget, by number or by FranceConnect, and no number tells whose it is. */
import { LIMITS } from '../../../src/attempts/limits.js';
import { Challenges, type SendOutcome } from '../../../src/identity/challenge.js';
import { countedBy, namedBy } from '../../../src/identity/counted.js';
import { startCourier } from '../../../src/identity/courier.js';
import { Letters } from '../../../src/identity/letters.js';
import { challengeOf, KNOWN, letterIn, Proving, RIGHT, STRANGER, WRONG } from '../../support/proving.js';
import { content } from '../../support/world.js';

const KEY = Buffer.alloc(32, 1);
const NAMED = { nir: namedBy('s_known'), birthDate: '' };

let proving: Proving;
/** Challenges for whoever was named by FranceConnect, as the wiring makes them. */
let named: Challenges;
beforeEach(async () => {
  proving = await Proving.open();
  const registry = { identify: () => Promise.resolve({ kind: 'match' as const, subject: 's_known' }), contactOf: () => Promise.resolve({ kind: 'none' as const }) };
  const write = (event: string): void => void proving.log.push(event);
  named = new Challenges({ records: proving.store, registry, keys: { hash: KEY, proof: proving.key }, clock: proving.clock, log: { info: write, warn: write } });
});
afterEach(() => proving.close());

const sendNamed = (conversationId = 'fc'): Promise<SendOutcome> => named.send({ conversationId, purpose: 'unlock' }, NAMED);

async function askedNamed(conversationId = 'fc'): Promise<string> {
  const id = challengeOf(await sendNamed(conversationId));
  await named.noteSent((await named.find(id))!, RIGHT);
  return id;
}

/** Wrong tries by one way: so many of each code, since the waits between them leave no more. */
async function burn(codes: readonly number[], ask: (conversation: string) => Promise<string>, by: Challenges): Promise<void> {
  for (const [n, tries] of codes.entries()) {
    const name = `burner${String(n)}`;
    const id = await ask(name);
    for (let taken = 0; taken < tries; taken += 1) {
      const outcome = await by.check(id, name, WRONG);
      expect(outcome.kind).toBe('wrong');
      proving.clock.pass('waitMs' in outcome && taken < tries - 1 ? outcome.waitMs : 0);
    }
    proving.clock.pass(LIMITS.hourMs);
  }
}

describe('one account', () => {
  it('O03: ten tries a day, whatever the way they come by', async () => {
    await burn([4, 2], (name) => proving.asked(name), proving.challenges);
    await burn([2, 1], (name) => askedNamed(name), named);
    const last = await askedNamed('last');
    expect(await named.check(last, 'last', WRONG)).toMatchObject({ kind: 'wrong', notify: 's_known' });
    expect(proving.judged()).toBe(LIMITS.triesPerAccountDay);
    expect(await named.check(last, 'last', RIGHT)).toEqual({ kind: 'limited' });
    expect(proving.judged()).toBe(LIMITS.triesPerAccountDay);
  });

  it('O03: tries by FranceConnect leave none to a number, which is answered as a stranger is', async () => {
    const guessed = async (identity: typeof KNOWN): Promise<string[]> => {
      const id = await proving.asked(identity.nir, identity, RIGHT);
      return proving.tried(id, identity.nir, WRONG, WRONG, RIGHT, RIGHT, WRONG);
    };
    await burn([4, 2, 2, 1], (name) => askedNamed(name), named);
    // The ninth try left one; it goes to the first guess with the number.
    expect(await guessed(KNOWN)).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'dead']);
    expect(await guessed(STRANGER)).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'dead']);
  });

  it('O03: codes by FranceConnect are among the five of a day, and the number answers as ever while none leaves', async () => {
    for (let n = 0; n < LIMITS.sendsPerDay; n += 1) {
      await askedNamed(`fc${String(n)}`);
      proving.clock.pass(LIMITS.hourMs);
    }
    expect((await sendNamed('sixth')).kind).toBe('limited');
    const kinds: string[] = [];
    const mails: string[] = [];
    for (const identity of [KNOWN, STRANGER]) {
      const sent = await proving.send(identity.nir, identity);
      kinds.push(sent.kind);
      await proving.store.withTurn(identity.nir, (lease) =>
        proving.store.commitTurn({ lease, state: { conversationId: identity.nir, openedAt: 0, lastTurnAt: 0, frames: [], trail: [], nextFrameId: 1, misunderstood: 0, offered: [], holder: 'assistant' }, expected: 0, entries: [], outbox: sent.kind === 'sent' ? sent.outbox : [] }),
      );
    }
    const courier = startCourier({
      ...{ outbox: proving.store, challenges: proving.challenges, letters: proving.letters, clock: proving.clock, texts: content().mails, label: String },
      registry: { identify: () => Promise.resolve({ kind: 'none' }), contactOf: () => Promise.resolve({ kind: 'email', email: 'martin@exemple.fr' }) },
      mailer: { send: ({ subject }) => Promise.resolve(void mails.push(subject)) },
      poster: { post: () => Promise.resolve() },
      log: { info: () => undefined, warn: () => undefined },
    });
    await courier.settled();
    await courier.stop();
    expect([kinds, mails]).toEqual([['sent', 'sent'], []]);
    proving.clock.pass(LIMITS.dayMs);
    expect(await proving.tried(await proving.asked('next-day'), 'next-day', RIGHT)).toEqual(['proved']);
  });

  it('O03: only the last code of a person is good, whichever way it was asked for', async () => {
    const first = await proving.asked('c1');
    proving.clock.pass(LIMITS.betweenSendsMs);
    const second = await askedNamed('fc');
    // A stranger’s number would hear « wrong »: so does this one.
    expect(await proving.tried(first, 'c1', RIGHT)).toEqual(['wrong']);
    expect((await named.check(second, 'fc', RIGHT)).kind).toBe('proved');
    proving.clock.pass(LIMITS.betweenSendsMs);
    const third = await proving.asked('c3');
    expect((await named.check(second, 'fc', RIGHT)).kind).toBe('expired');
    expect(await proving.tried(third, 'c3', RIGHT)).toEqual(['proved']);
  });

  it('O03: a wait after failures with the number holds by FranceConnect as well', async () => {
    const first = await proving.asked('c1');
    await proving.tried(first, 'c1', WRONG, WRONG, WRONG, WRONG, WRONG);
    const other = countedBy({ account: '', subject: 's_known' }, KEY).person;
    expect((await proving.store.counted(`wait/${other}`, proving.clock.now())).resetsAt).toBe(proving.clock.now() + LIMITS.minuteMs);
  });

  it('O03: one letter a week for one person, and the number does not tell that it was asked for otherwise', async () => {
    const challenge = await named.find(await askedNamed('fc'));
    const first = await new Letters({ records: proving.store, registry: { identify: () => Promise.resolve({ kind: 'none' }), contactOf: () => Promise.resolve({ kind: 'none' }) }, keys: { hash: KEY, proof: proving.key }, clock: proving.clock }, named.guard).insteadOf(challenge);
    const printed = await proving.letters.printed(letterIn(first).payload['letter'] ?? '');
    const [again, stranger] = [await proving.letters.ask({ conversationId: 'n' }, KNOWN), await proving.letters.ask({ conversationId: 's' }, STRANGER)];
    expect([again.kind, stranger.kind]).toEqual(['asked', 'asked']);
    expect(again.kind === 'asked' ? again.outbox : ['none']).toEqual([]);
    const copied = { reference: again.kind === 'asked' ? again.reference : '', code: printed?.letter.code ?? '' };
    expect((await proving.letters.check({ conversationId: 'n', purpose: 'unlock' }, copied)).kind).toBe('proved');
  });
});
