import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Arrival, IdentityProvider, Passage } from '../../../src/franceconnect/ports.js';
import { createProvider, type ProviderOptions } from '../../../src/franceconnect/provider.js';
import { BentProvider, CLIENT, type Bent } from '../../support/bent-provider.js';

const PASSAGE: Passage = { state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) };
const QUERY = `?code=a-code&state=${PASSAGE.state}`;

let served: BentProvider;
beforeEach(async () => {
  served = await BentProvider.open();
  served.nonce = PASSAGE.nonce;
});
afterEach(() => served.close());

function provider(more: Partial<ProviderOptions> = {}): IdentityProvider {
  return createProvider({
    ...{ issuer: served.url, clientId: CLIENT.id, clientSecret: CLIENT.secret, level: 'eidas2', signing: 'ES256' },
    returnUrl: () => 'http://localhost:1/franceconnect/retour',
    farewellUrl: () => 'http://localhost:1/franceconnect/fin',
    ...more,
  });
}

async function arrives(bent: Bent = {}, more: Partial<ProviderOptions> = {}, query = QUERY): Promise<Arrival> {
  served.bent = bent;
  return provider(more).arrive(query, PASSAGE);
}

const expired = Math.floor(Date.now() / 1000) - 3600;

describe('FranceConnect as a provider', () => {
  it('is asked for the level, the pivot identity and a code bound to this browser’s departure', async () => {
    const url = await provider().departure(PASSAGE);
    const asked = Object.fromEntries(url?.searchParams ?? []);
    expect(asked).toMatchObject({ response_type: 'code', client_id: CLIENT.id, state: PASSAGE.state, nonce: PASSAGE.nonce, acr_values: 'eidas2', code_challenge_method: 'S256', redirect_uri: 'http://localhost:1/franceconnect/retour' });
    expect(asked['scope']?.split(' ').sort()).toEqual(['birthcountry', 'birthdate', 'birthplace', 'family_name', 'gender', 'given_name', 'openid']);
    expect(url?.href).not.toContain(PASSAGE.verifier);
    expect(url?.href).not.toContain(CLIENT.secret);
  });

  it('gives the identity, the level and the token to say farewell with', async () => {
    expect(await arrives()).toEqual({
      kind: 'identified',
      pivot: { givenName: 'Zélie', familyName: 'D’Ailleurs-Essai', birthDate: '1985-02-14', gender: 'female', birthPlace: '75990', birthCountry: '99100' },
      level: 'eidas2',
      idToken: expect.stringMatching(/^eyJ/) as string,
    });
    expect(served.asked.find(({ path }) => path === '/token')?.body.get('code_verifier')).toBe(PASSAGE.verifier);
  });

  it.each<[string, Bent]>([
    ['another nonce', { claims: { nonce: 'm'.repeat(43) } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['a token for another client', { claims: { aud: 'another-client' } }],
    ['another issuer', { claims: { iss: 'https://autre.example' } }],
    ['an expired token', { claims: { exp: expired, iat: expired - 60 } }],
    ['a token signed with the client’s secret', { alg: 'HS256' }],
    ['an unsigned token', { alg: 'none' }],
    ['a token signed with another key', { alg: 'other-key' }],
    ['a token altered on the way', { altered: true }],
    ['an identity that is not signed', { identity: 'plain' }],
    ['an identity signed with another key', { identity: 'other-key' }],
    ['an identity about somebody else', { userinfo: { sub: 'another-subject' } }],
    ['an identity without a birth date', { userinfo: { birthdate: undefined } }],
  ])('O02: refuses %s', async (_name, bent) => {
    expect(await arrives(bent)).toMatchObject({ kind: 'refused' });
  });

  it('O03: refuses a level that is missing, unknown or lower than asked, and takes a higher one', async () => {
    expect(await arrives({ claims: { acr: undefined } })).toMatchObject({ kind: 'refused', why: 'acr-missing' });
    expect(await arrives({ claims: { acr: 'loa-9' } })).toMatchObject({ kind: 'refused', why: 'acr-missing' });
    expect(await arrives({ claims: { acr: 'eidas1' } })).toMatchObject({ kind: 'refused', why: 'acr-lower' });
    expect(await arrives({ claims: { acr: 'eidas1' } }, { level: 'eidas1' })).toMatchObject({ kind: 'identified', level: 'eidas1' });
    expect(await arrives({ claims: { acr: 'eidas3' } })).toMatchObject({ kind: 'identified', level: 'eidas3' });
  });

  it('O04: believes one issuer only, at the discovery and on the way back', async () => {
    served.bent = { issuer: 'https://auth.autre.example/api/v2' };
    expect(await provider().departure(PASSAGE)).toBeUndefined();
    expect(await arrives({}, {}, `${QUERY}&iss=https%3A%2F%2Fautre.example`)).toMatchObject({ kind: 'refused' });
  });

  it('O05: gives up once the exchange takes longer than it may, and says that it may be tried again', async () => {
    expect(await arrives({ delayMs: 2_000 }, { timeoutMs: 150 })).toMatchObject({ kind: 'unavailable' });
    const started = performance.now();
    await arrives({ delayMs: 120 }, { timeoutMs: 200 });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('tells a code used before from a provider that breaks, and both from one that is gone', async () => {
    expect(await arrives({ tokenStatus: 400 })).toMatchObject({ kind: 'refused', why: 'invalid_grant' });
    expect(await arrives({ tokenStatus: 503 })).toMatchObject({ kind: 'unavailable' });
    expect(await arrives({}, { issuer: 'http://127.0.0.1:9' })).toMatchObject({ kind: 'unavailable' });
    expect(await provider({ issuer: 'http://127.0.0.1:9' }).departure(PASSAGE)).toBeUndefined();
  });

  it('O08: tells a refusal by the person from a fault of the provider', async () => {
    const error = (name: string): string => `?error=${name}&error_description=x&state=${PASSAGE.state}`;
    expect(await arrives({}, {}, error('access_denied'))).toEqual({ kind: 'declined' });
    expect(await arrives({}, {}, error('server_error'))).toMatchObject({ kind: 'unavailable' });
    expect(await arrives({}, {}, error('invalid_scope'))).toMatchObject({ kind: 'refused', why: 'invalid_scope' });
    expect(served.asked.map(({ path }) => path)).not.toContain('/token');
  });

  it('O02: reads what is signed and then encrypted for it, and nothing encrypted for another', async () => {
    const own = await keyPair();
    const other = await keyPair();
    expect(await arrives({ encryptFor: own.open }, { decryption: own.secret })).toMatchObject({ kind: 'identified' });
    expect(await arrives({ encryptFor: other.open }, { decryption: own.secret })).toMatchObject({ kind: 'refused' });
    expect(provider({ decryption: own.secret }).keys()).toEqual({ keys: [{ ...own.open, alg: 'RSA-OAEP-256', use: 'enc' }] });
  });

  it('O09: says farewell with the token and an address of ours, and revokes what it was given', async () => {
    await arrives();
    const url = await provider().farewell('an-id-token', 'a-mark');
    expect(Object.fromEntries(url?.searchParams ?? [])).toMatchObject({ id_token_hint: 'an-id-token', state: 'a-mark', post_logout_redirect_uri: 'http://localhost:1/franceconnect/fin' });
    expect(served.asked.find(({ path }) => path === '/revoke')?.body.get('token')).toBe('an-access-token');
  });
});

async function keyPair(): Promise<{ open: JWK; secret: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair('RSA-OAEP-256', { extractable: true });
  return { open: { ...(await exportJWK(publicKey)), kid: 'enc' }, secret: { ...(await exportJWK(privateKey)), kid: 'enc', alg: 'RSA-OAEP-256' } };
}
