import { STEP_LIFE_MS } from '../../../src/franceconnect/attempts.js';
import { TestPassage, PIVOT } from '../../support/passage.js';

let passage: TestPassage;
beforeEach(async () => {
  passage = await TestPassage.open();
});
afterEach(() => passage.close());

const back = (state: string): string => `/franceconnect/retour?code=a-code&state=${state}`;

describe('leaving for FranceConnect', () => {
  it('shows a page first, with the number of the discussion, and takes nobody anywhere by itself', async () => {
    const slots = await passage.begin();
    const { status, shown, headers } = await passage.visitor().get(String(slots['link']));
    expect(status).toBe(200);
    expect(shown).toMatchObject({ notice: 'before', conversationId: 'c1', onward: { number: slots['number'] } });
    expect(headers.get('set-cookie')).toMatch(/^sesame-passage=[\w-]{43}; Path=\/franceconnect; HttpOnly; SameSite=Lax; Max-Age=1200$/);
    expect(passage.departures).toHaveLength(0);
  });

  it('O01: a link lent to somebody else, straight past the page, goes nowhere', async () => {
    const slots = await passage.begin();
    expect(await passage.visitor().get(`${String(slots['link'])}&suite=1`)).toMatchObject({ status: 403, shown: { notice: 'stranger' } });
    expect(passage.departures).toHaveLength(0);
  });

  it('O01: a link serves the browser that took it, and no other', async () => {
    const slots = await passage.begin();
    await passage.leave(passage.visitor(), slots);
    const other = passage.visitor();
    expect(await other.get(String(slots['link']))).toMatchObject({ status: 403, shown: { notice: 'stranger' } });
  });

  it('O01: a state, a nonce and a verifier are 256 bits each and never the same twice', async () => {
    const [one, two] = [passage.visitor(), passage.visitor()];
    await passage.leave(one, await passage.begin('c1'));
    await passage.leave(two, await passage.begin('c2'));
    const secrets = passage.departures.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier]);
    expect(new Set(secrets).size).toBe(6);
    expect(secrets.filter((secret) => /^[\w-]{43}$/.test(secret))).toHaveLength(6);
  });

  it('O08: whoever closed the window may leave again; only the last departure counts', async () => {
    const visitor = passage.visitor();
    const slots = await passage.begin();
    const first = await passage.leave(visitor, slots);
    const second = await passage.leave(visitor, slots);
    expect(await visitor.get(back(first))).toMatchObject({ status: 410, shown: { notice: 'used' } });
    expect(await visitor.get(back(second))).toMatchObject({ status: 200, shown: { notice: 'back' } });
    expect(await passage.finish(slots)).toMatchObject({ outcome: 'proved' });
  });

  it('O08: two windows of one browser both come back', async () => {
    const visitor = passage.visitor();
    const [one, two] = [await passage.begin('c1'), await passage.begin('c2')];
    const states = [await passage.leave(visitor, one), await passage.leave(visitor, two)];
    for (const state of states) expect((await visitor.get(back(state))).status).toBe(200);
    expect((await passage.finish(one, 'c1')).outcome).toBe('proved');
    expect((await passage.finish(two, 'c2')).outcome).toBe('proved');
  });

  it('says kindly that the provider cannot be reached, and the link still serves after', async () => {
    const visitor = passage.visitor();
    const slots = await passage.begin();
    passage.reachable = false;
    await visitor.get(String(slots['link']));
    expect(await visitor.get(`${String(slots['link'])}&suite=1`)).toMatchObject({ status: 503, shown: { notice: 'trouble', conversationId: 'c1' } });
    passage.reachable = true;
    expect(await passage.leave(visitor, slots)).toMatch(/^[\w-]{43}$/);
  });

  it.each([['a link nobody gave', 'nothing', 404, 'unknown'], ['no link', '', 404, 'unknown']])('refuses %s', async (_name, ticket, status, notice) => {
    expect(await passage.visitor().get(`/franceconnect/aller?billet=${ticket}`)).toMatchObject({ status, shown: { notice } });
  });
});

describe('coming back from FranceConnect', () => {
  it('lets the conversation go on, and keeps a reference but no name', async () => {
    const visitor = passage.visitor();
    const slots = await passage.begin();
    await visitor.get(back(await passage.leave(visitor, slots)));
    expect(passage.told).toMatchObject([{ conversationId: 'c1', id: slots['passage'] }]);
    expect(await passage.finish(slots)).toEqual({ outcome: 'proved', slots: { proof: `proof s_zelie unlock ${String(slots['passage'])}` } });
    const stored = await passage.stored();
    const kept = [PIVOT.givenName, PIVOT.familyName, PIVOT.birthDate, PIVOT.birthPlace, 'an-id-token', ...passage.departures.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier])];
    expect(kept.filter((one) => stored.includes(one))).toEqual([]);
    expect(stored).toContain('s_zelie');
  });

  it('O01: refuses a missing, a made-up and a reused state', async () => {
    const visitor = passage.visitor();
    const state = await passage.leave(visitor, await passage.begin());
    expect(await visitor.get('/franceconnect/retour?code=a-code')).toMatchObject({ status: 404, shown: { notice: 'unknown' } });
    expect(await visitor.get(back('x'.repeat(43)))).toMatchObject({ status: 404, shown: { notice: 'unknown' } });
    expect((await visitor.get(back(state))).status).toBe(200);
    expect(await visitor.get(back(state))).toMatchObject({ status: 410, shown: { notice: 'used' } });
    expect(passage.told).toHaveLength(1);
  });

  it('O01: another browser is refused, and uses nothing up', async () => {
    const visitor = passage.visitor();
    const slots = await passage.begin();
    const state = await passage.leave(visitor, slots);
    expect(await passage.visitor().get(back(state))).toMatchObject({ status: 403, shown: { notice: 'stranger' } });
    expect(await passage.finish(slots)).toEqual({ outcome: 'not-yet' });
    expect((await visitor.get(back(state))).status).toBe(200);
  });

  it('O01: of a hundred returns at once with one state, one is taken', async () => {
    const visitor = passage.visitor();
    const state = await passage.leave(visitor, await passage.begin());
    const answers = await Promise.all(Array.from({ length: 100 }, () => visitor.get(back(state))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(passage.asked).toHaveLength(1);
  });

  it('O01: a state lives ten minutes, to the millisecond', async () => {
    const [early, late] = [passage.visitor(), passage.visitor()];
    const states = [await passage.leave(early, await passage.begin('c1')), await passage.leave(late, await passage.begin('c2'))];
    passage.clock.pass(STEP_LIFE_MS - 1);
    expect((await early.get(back(states[0]!))).status).toBe(200);
    passage.clock.pass(1);
    expect(await late.get(back(states[1]!))).toMatchObject({ status: 410, shown: { notice: 'expired' } });
  });

  it('O08: a consent refused ends as such, and costs nothing', async () => {
    const visitor = passage.visitor();
    const slots = await passage.begin();
    passage.arrival = { kind: 'declined' };
    const state = await passage.leave(visitor, slots);
    expect(await visitor.get(`/franceconnect/retour?error=access_denied&state=${state}`)).toMatchObject({ status: 200, shown: { notice: 'back' } });
    expect(await passage.finish(slots)).toEqual({ outcome: 'declined' });
    expect(passage.asked).toHaveLength(0);
  });

  it('O09: goes by the provider’s farewell, and knows the way back from it', async () => {
    passage.farewell = 'https://fournisseur.example/fin';
    const visitor = passage.visitor();
    const { status, location } = await visitor.get(back(await passage.leave(visitor, await passage.begin())));
    expect([status, location?.split('?')[0]]).toEqual([303, 'https://fournisseur.example/fin']);
    const mark = new URL(location ?? '').searchParams.get('state') ?? '';
    expect((await visitor.get(`/franceconnect/fin?state=${mark}`)).shown).toEqual({ notice: 'back', conversationId: 'c1' });
    expect((await visitor.get(`/franceconnect/fin?state=${mark}x`)).shown).toEqual({ notice: 'back' });
  });

  it('writes in its reports why, and neither the state, nor the code, nor a name', async () => {
    const visitor = passage.visitor();
    passage.arrival = { kind: 'refused', why: 'OAUTH_INVALID_RESPONSE' };
    const state = await passage.leave(visitor, await passage.begin());
    await visitor.get(back(state));
    await visitor.get(back(state));
    expect(passage.reported).toEqual(['franceconnect.refused {"why":"OAUTH_INVALID_RESPONSE"}', 'franceconnect.refused {"why":"used"}']);
  });
});
