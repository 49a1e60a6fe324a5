/** Tokens, tickets, secrets and origins: what opens, what does not, and for how long. */
import { SignJWT } from 'jose';
import { createOriginCheck } from '../../../src/sources/origins.js';
import { createSecretCheck, createTokens, newConversationId } from '../../../src/channels/tokens.js';
import { SimulatedClock } from '../../support/clock.js';

const key = new Uint8Array(32).fill(1);
const claims = { conversation: 'c1', user: 'dl_alice' };
const setup = () => {
  const clock = new SimulatedClock();
  return { clock, tokens: createTokens({ key, clock }) };
};
const sign = (payload: Record<string, unknown>, { alg = 'HS256', by = key } = {}) => new SignJWT(payload).setProtectedHeader({ alg }).sign(by);

describe('a token', () => {
  it('gives back its claims for half an hour, then says that it has expired', async () => {
    const { clock, tokens } = setup();
    const token = await tokens.issue(claims);
    clock.pass(1_799_000);
    expect(await tokens.read(token)).toEqual(claims);
    clock.pass(2_000);
    expect(await tokens.read(token)).toBe('expired');
  });

  it('is nothing when another key signed it, even expired', async () => {
    const { clock, tokens } = setup();
    const forged = await createTokens({ key: new Uint8Array(32).fill(2), clock }).issue(claims);
    clock.pass(10_000_000);
    expect(await tokens.read(forged)).toBeUndefined();
  });

  it('is nothing for another use, with another algorithm, without an end, or with odd claims', async () => {
    const { clock, tokens } = setup();
    const good = { conversation: 'c1', user: 'u', aud: 'sesame:direct-line', exp: Math.floor(clock.now() / 1000) + 60 };
    expect(await tokens.read(await sign(good))).toEqual({ conversation: 'c1', user: 'u' });
    const { exp: _end, ...endless } = good;
    const wrong = [{ ...good, aud: 'proof' }, { ...good, conversation: 1 }, { ...good, user: undefined }, endless];
    for (const payload of wrong) expect(await tokens.read(await sign(payload))).toBeUndefined();
    expect(await tokens.read(await sign(good, { alg: 'HS512', by: new Uint8Array(64).fill(1) }))).toBeUndefined();
  });

  it.each(['', 'a', 'a.b.c', '....', 'é'.repeat(5_000)])('that is no token at all (%#) is nothing', async (text) => {
    expect(await setup().tokens.read(text)).toBeUndefined();
  });

  it('needs a key of 32 bytes', () => {
    expect(() => createTokens({ key: new Uint8Array(31), clock: new SimulatedClock() })).toThrow(/32/);
  });
});

describe('a ticket', () => {
  it('opens once', async () => {
    const { tokens } = setup();
    const ticket = await tokens.ticket(claims);
    expect(await tokens.redeem(ticket)).toEqual(claims);
    expect(await tokens.redeem(ticket)).toBeUndefined();
  });

  it('opens within a minute', async () => {
    const { clock, tokens } = setup();
    const [early, late] = [await tokens.ticket(claims), await tokens.ticket(claims)];
    clock.pass(58_999);
    expect(await tokens.redeem(early)).toEqual(claims);
    clock.pass(1_001);
    expect(await tokens.redeem(late)).toBeUndefined();
  });

  it('given by one process opens once at another, where both know what is spent', async () => {
    const clock = new SimulatedClock();
    const spent = new Set<string>();
    const spend = (id: string): Promise<boolean> => Promise.resolve(!spent.has(id) && spent.add(id).has(id));
    const [one, other] = [createTokens({ key, clock, spend }), createTokens({ key, clock, spend })];
    const ticket = await one.ticket(claims);
    expect(await other.redeem(ticket)).toEqual(claims);
    expect(await one.redeem(ticket)).toBeUndefined();
  });

  it('is no token, and a token is no ticket', async () => {
    const { tokens } = setup();
    expect(await tokens.read(await tokens.ticket(claims))).toBeUndefined();
    expect(await tokens.redeem(await tokens.issue(claims))).toBeUndefined();
  });
});

describe('conversation ids', () => {
  it('hold 128 bits and never come twice', () => {
    const ids = Array.from({ length: 1_000 }, newConversationId);
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.every((id) => /^[\w-]{22}$/.test(id))).toBe(true);
  });
});

describe('a secret', () => {
  it('is recognised among several, whole only', () => {
    const isSecret = createSecretCheck(['first', 'second']);
    expect(['first', 'second', 'firs', 'firstt', ''].map(isSecret)).toEqual([true, true, false, false, false]);
    expect(createSecretCheck([])('')).toBe(false);
  });
});

describe('an origin', () => {
  const check = (local: boolean) => createOriginCheck({ publicUrl: () => 'http://localhost:3978', origins: ['https://site.example'], local });

  it.each<[string, boolean, boolean]>([
    ['http://localhost:3978', true, true],
    ['https://site.example', true, true],
    ['https://site.example:444', false, false],
    ['https://sub.site.example', false, false],
    ['http://127.0.0.1:3978', false, true],
    ['http://[::1]:3978', false, true],
    ['https://127.0.0.1:3978', false, false],
    ['http://127.0.0.1:3979', false, false],
    ['http://localhost.evil.example:3978', false, false],
    ['null', false, false],
    ['', false, false],
  ])('%s is allowed: %s; on one’s own machine: %s', (origin, online, local) => {
    expect([check(false)(origin), check(true)(origin)]).toEqual([online, local]);
  });
});
