import { createFranceConnectActions, FRANCECONNECT_OUTCOMES } from '../../../src/franceconnect/actions.js';
import { LINKS_A_DAY, STEP_LIFE_MS } from '../../../src/franceconnect/attempts.js';
import type { Arrival, Level } from '../../../src/franceconnect/ports.js';
import type { PivotMatch } from '../../../src/identity/ports.js';
import { PIVOT, TestPassage } from '../../support/passage.js';

let passage: TestPassage;
beforeEach(async () => {
  passage = await TestPassage.open();
});
afterEach(() => passage.close());

/** A whole passage, and how it ends in the conversation. */
async function ends(given: { level?: Level; idp?: string; match?: PivotMatch | 'down'; numbered?: string | null } = {}): Promise<string> {
  const { level = 'eidas2', idp, match = { kind: 'match', subject: 's_zelie' }, numbered } = given;
  passage.arrival = { kind: 'identified', pivot: PIVOT, level, ...(idp === undefined ? {} : { idp }), idToken: 't' };
  passage.match = match;
  passage.numbered = numbered;
  const conversationId = `c-${String(passage.departures.length)}`;
  const slots = await passage.begin(conversationId, { purpose: 'unlock', ...(numbered === undefined ? {} : { challenge: 'a-challenge' }) });
  const visitor = passage.visitor();
  await visitor.get(`/franceconnect/retour?code=c&state=${await passage.leave(visitor, slots)}`);
  return (await passage.finish(slots, conversationId)).outcome;
}

describe('what FranceConnect proves', () => {
  it('O03: eidas2 and eidas3 prove; eidas1 identifies and proves nothing', async () => {
    expect(await ends({ level: 'eidas2' })).toBe('proved');
    expect(await ends({ level: 'eidas3' })).toBe('proved');
    expect(await ends({ level: 'eidas1' })).toBe('identified');
  });

  it('O07: an account of the Assurance Maladie cannot be what opens itself', async () => {
    expect(await ends({ level: 'eidas2', idp: 'ameli' })).toBe('identified');
    expect(await ends({ level: 'eidas3', idp: 'cnam-fi-low' })).toBe('identified');
    expect(await ends({ level: 'eidas3', idp: 'la-poste' })).toBe('proved');
  });

  it('B06: nobody, several people and somebody else than the number given end the same way', async () => {
    expect(await ends({ match: { kind: 'none' } })).toBe('not-matched');
    expect(await ends({ match: { kind: 'several' } })).toBe('not-matched');
    expect(await ends({ numbered: 's_other' })).toBe('not-matched');
    expect(await ends({ numbered: null })).toBe('not-matched');
    expect(await ends({ numbered: 's_zelie' })).toBe('proved');
  });

  it('O06: the identity reaches the backend letter for letter', async () => {
    await ends();
    expect(passage.asked).toEqual([PIVOT]);
  });

  it('ends as unavailable where the account backend is down', async () => {
    expect(await ends({ match: 'down' })).toBe('unavailable');
  });

  it.each<[Arrival['kind'], Arrival]>([
    ['refused', { kind: 'refused', why: 'acr-lower' }],
    ['unavailable', { kind: 'unavailable', why: 'TIMEOUT' }],
  ])('passes on that an arrival was %s, and asks the backend nothing', async (kind, arrival) => {
    const visitor = passage.visitor();
    const slots = await passage.begin();
    passage.arrival = arrival;
    await visitor.get(`/franceconnect/retour?code=c&state=${await passage.leave(visitor, slots)}`);
    expect(await passage.finish(slots)).toEqual({ outcome: kind });
    expect(passage.asked).toEqual([]);
  });
});

describe('the actions of FranceConnect', () => {
  it('give one use of a proof, however often they run', async () => {
    const visitor = passage.visitor();
    const slots = await passage.begin();
    await visitor.get(`/franceconnect/retour?code=c&state=${await passage.leave(visitor, slots)}`);
    expect(await passage.finish(slots)).toEqual(await passage.finish(slots));
  });

  it('give nothing to another conversation, and nothing once ten minutes have passed', async () => {
    const visitor = passage.visitor();
    const slots = await passage.begin();
    await visitor.get(`/franceconnect/retour?code=c&state=${await passage.leave(visitor, slots)}`);
    expect(await passage.finish(slots, 'another')).toEqual({ outcome: 'expired' });
    passage.clock.pass(STEP_LIFE_MS - 1);
    expect((await passage.finish(slots)).outcome).toBe('proved');
    passage.clock.pass(1);
    expect(await passage.finish(slots)).toEqual({ outcome: 'expired' });
  });

  it('say that nothing came yet while the person is away', async () => {
    const slots = await passage.begin();
    expect(await passage.finish(slots)).toEqual({ outcome: 'not-yet' });
    await passage.leave(passage.visitor(), slots);
    expect(await passage.finish(slots)).toEqual({ outcome: 'not-yet' });
  });

  it('send a code to somebody identified, and to nobody else', async () => {
    const visitor = passage.visitor();
    const slots = await passage.begin();
    const send = passage.actions['identity.send-identified-code'];
    expect(await send.run({ conversationId: 'c1', slots })).toEqual({ outcome: 'expired' });
    passage.arrival = { kind: 'identified', pivot: PIVOT, level: 'eidas1', idToken: 't' };
    await visitor.get(`/franceconnect/retour?code=c&state=${await passage.leave(visitor, slots)}`);
    expect(await send.run({ conversationId: 'another', slots })).toEqual({ outcome: 'expired' });
    expect(await send.run({ conversationId: 'c1', slots })).toMatchObject({ outcome: 'sent', slots: { challenge: 'a-challenge' } });
    expect(passage.sent).toEqual(['s_zelie']);
  });

  it('give so many links a day and no more', async () => {
    for (let link = 0; link < LINKS_A_DAY; link += 1) await passage.begin();
    await expect(passage.begin()).rejects.toThrow('limited');
    passage.clock.pass(24 * 3_600_000);
    await expect(passage.begin()).resolves.toMatchObject({ purpose: 'unlock' });
  });

  it('are there where nothing is configured, and say so', async () => {
    const actions = createFranceConnectActions(undefined);
    const outcomes = await Promise.all(Object.values(actions).map((action) => action.run({ conversationId: 'c1', slots: {} })));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['not-offered', 'expired', 'expired']);
    expect(Object.keys(actions)).toEqual(Object.keys(FRANCECONNECT_OUTCOMES));
  });
});
