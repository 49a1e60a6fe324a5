import { readConfig } from '../../../src/config.js';
import { FaultsError } from '../../../src/conversation/errors.js';

const GIVEN = { FRANCECONNECT_ISSUER: 'https://auth.fournisseur.example/api/v2', FRANCECONNECT_CLIENT_ID: 'sesame', FRANCECONNECT_CLIENT_SECRET: 'made-up-secret-hunter2' };

function faultsOf(env: Record<string, string>): readonly { where: string; what: string; todo: string }[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return error instanceof FaultsError ? error.faults : [];
  }
}

describe('the settings of FranceConnect', () => {
  it('are all absent, and then it is not offered', () => {
    expect(readConfig({}).franceConnect).toBeUndefined();
  });

  it('ask for a level that proves, unless told', () => {
    expect(readConfig(GIVEN).franceConnect).toEqual({ issuer: GIVEN.FRANCECONNECT_ISSUER, clientId: 'sesame', clientSecret: 'made-up-secret-hunter2', level: 'eidas2', signing: 'ES256' });
    expect(readConfig({ ...GIVEN, FRANCECONNECT_LEVEL: 'eidas1', FRANCECONNECT_SIGNING: 'RS256' }).franceConnect).toMatchObject({ level: 'eidas1', signing: 'RS256' });
  });

  it.each(Object.keys(GIVEN))('are all told where %s is missing', (name) => {
    const { [name]: _without, ...rest } = GIVEN as Record<string, string>;
    expect(faultsOf(rest).map(({ where }) => where)).toEqual([name]);
  });

  it('refuse what no provider has, and never repeat a secret', () => {
    const faults = faultsOf({ ...GIVEN, FRANCECONNECT_LEVEL: 'eidas9', FRANCECONNECT_SIGNING: 'HS256', FRANCECONNECT_DECRYPTION_KEY: '{"kty":"RSA","n":"x","e":"AQAB","alg":"RSA-OAEP"}', FRANCECONNECT_CLIENT_ID: '' });
    expect(faults.map(({ where }) => where).sort()).toEqual(['FRANCECONNECT_CLIENT_ID', 'FRANCECONNECT_DECRYPTION_KEY', 'FRANCECONNECT_LEVEL', 'FRANCECONNECT_SIGNING']);
    expect(JSON.stringify(faults)).not.toMatch(/hunter2|AQAB/);
  });

  it('want https in production', () => {
    const faults = faultsOf({ ...GIVEN, FRANCECONNECT_ISSUER: 'http://localhost:1', NODE_ENV: 'production' });
    expect(faults.map(({ where }) => where)).toContain('FRANCECONNECT_ISSUER');
  });
});
