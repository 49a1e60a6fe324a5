import { readConfig } from '../../src/config.js';
import { FaultsError } from '../../src/conversation/errors.js';
import { LIMITS } from '../../src/limits/settings.js';

function faultsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return error instanceof FaultsError ? error.faults.map(({ where }) => where) : ['another error'];
  }
}

describe('the configuration', () => {
  it('needs nothing to be set on one’s own machine', () => {
    expect(readConfig({})).toMatchObject({ mode: 'local', host: '127.0.0.1', port: 3978, dataFolder: './var' });
  });

  it('reads what is set', () => {
    const config = readConfig({
      PORT: '0',
      DATA_DIR: '/data',
      PUBLIC_URL: 'https://aide.example.fr/',
      ALLOWED_ORIGINS: 'https://www.example.fr, https://example.fr',
      ACCOUNT_BACKEND_URL: 'https://comptes.example.fr/api/',
      ACCOUNT_BACKEND_TOKEN: 'secret',
      SMTP_URL: 'smtps://user:pass@relay.example.fr',
    });
    expect(config).toMatchObject({
      port: 0,
      publicUrl: 'https://aide.example.fr',
      allowedOrigins: ['https://www.example.fr', 'https://example.fr'],
      backend: { url: 'https://comptes.example.fr/api', token: 'secret' },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('has an internal port where one is set, on this machine alone unless told, and never the public one', () => {
    expect(readConfig({})).not.toHaveProperty('internal');
    expect(readConfig({ INTERNAL_PORT: '9464' }).internal).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(readConfig({ INTERNAL_PORT: '0', PORT: '0', INTERNAL_HOST: '::1' }).internal).toEqual({ host: '::1', port: 0 });
    expect(faultsOf({ INTERNAL_PORT: '3978' })).toEqual(['INTERNAL_PORT']);
    expect(faultsOf({ INTERNAL_PORT: '8080', PORT: '8080' })).toEqual(['INTERNAL_PORT']);
    expect(faultsOf({ INTERNAL_PORT: 'metrics' })).toEqual(['INTERNAL_PORT']);
    expect([readConfig({}).traces, readConfig({ TRACES: 'on' }).traces, faultsOf({ TRACES: 'yes' })]).toEqual([false, true, ['TRACES']]);
  });

  it('tells every fault at once', () => {
    const env = { PORT: 'eighty', PUBLIC_URL: 'aide', ALLOWED_ORIGINS: 'https://a.fr/path', ACCOUNT_BACKEND_URL: 'https://b.fr', SMTP_URL: 'https://c.fr', LOG_LEVEL: 'loud' };
    expect(faultsOf(env).sort()).toEqual(['ALLOWED_ORIGINS', 'LOG_LEVEL', 'PORT', 'PUBLIC_URL', 'SMTP_URL']);
  });

  it('reads where Redis is, and refuses what is no address of it without repeating it', () => {
    for (const url of ['redis://127.0.0.1:6379', 'rediss://user:pass@redis.example.fr:6380/2', 'redis+cluster://a:1,b:2,c', 'rediss+cluster://user:pass@a:1,b:2', 'redis+sentinel://:pass@a:1,b:2/sesame']) {
      expect(readConfig({ REDIS_URL: url }).redisUrl).toBe(url);
    }
    expect(readConfig({})).not.toHaveProperty('redisUrl');
    for (const url of ['127.0.0.1:6379', 'http://redis', 'redis://', 'redis+cluster://', 'redis+sentinel://a:1,b:2', 'redis+sentinel://a:1/', 'redis+other://a']) {
      expect([url, faultsOf({ REDIS_URL: url })]).toEqual([url, ['REDIS_URL']]);
    }
    expect(() => readConfig({ REDIS_URL: 'redis+other://user:hunter2@a' })).not.toThrow(/hunter2/);
  });

  it('gives load balancers no time unless told, and at most a minute', () => {
    expect([readConfig({}).drainMs, readConfig({ DRAIN_MS: '5000' }).drainMs]).toEqual([0, 5_000]);
    for (const wrong of ['60001', '-1', '1.5', 'five']) expect([wrong, faultsOf({ DRAIN_MS: wrong })]).toEqual([wrong, ['DRAIN_MS']]);
  });

  it('does not repeat an address that may hold a password', () => {
    const read = (): unknown => readConfig({ SMTP_URL: 'htp://user:hunter2@relay' });
    expect(read).toThrow(/SMTP_URL/);
    expect(read).not.toThrow(/hunter2/);
  });

  it('reads proxies and crowded ranges as addresses and networks, and trusts neither names nor the whole internet', () => {
    const config = readConfig({ TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::1', CROWDED_RANGES: '203.0.113.0/24' });
    expect(config).toMatchObject({ trustedProxies: ['10.0.0.0/8', '2001:db8::1'], crowdedRanges: ['203.0.113.0/24'] });
    expect(readConfig({})).toMatchObject({ trustedProxies: [], crowdedRanges: [] });
    for (const wrong of ['proxy.example.fr', '0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0.0/x', '10.0.0', '10.0.0.1 10.0.0.2']) {
      expect([wrong, faultsOf({ TRUSTED_PROXIES: wrong, CROWDED_RANGES: wrong })]).toEqual([wrong, ['TRUSTED_PROXIES', 'CROWDED_RANGES']]);
    }
  });

  it('reads how much may come in at a time, stricter in production, and takes no limit of nothing', () => {
    expect(readConfig({ MAX_STREAMS: '7', UNCOUNTED_RANGES: '10.0.0.0/8' })).toMatchObject({ limits: { streams: 7, unanswered: 64 }, uncountedRanges: ['10.0.0.0/8'] });
    expect(readConfig({}).limits.messageBurst).toBeGreaterThan(LIMITS.messageBurst);
    expect(faultsOf({ MAX_STREAMS: '0', MAX_TURNS: 'many', MAX_CONNECTIONS: '-1', UNCOUNTED_RANGES: 'here' })).toEqual(['UNCOUNTED_RANGES', 'MAX_CONNECTIONS', 'MAX_STREAMS', 'MAX_TURNS']);
  });

  it('refuses to start in production with stand-ins', () => {
    expect(faultsOf({ NODE_ENV: 'production' }).sort()).toEqual(['ACCOUNT_BACKEND_URL', 'MAIL_FROM', 'PUBLIC_URL', 'SMTP_URL', 'TRUSTED_PROXIES']);
    expect(faultsOf({ NODE_ENV: 'production', TRUSTED_PROXIES: '10.0.0.1', PUBLIC_URL: 'http://aide.fr', ACCOUNT_BACKEND_URL: 'https://b.fr', ACCOUNT_BACKEND_TOKEN: 't', SMTP_URL: 'smtp://r', MAIL_FROM: 'a@b.fr' })).toEqual(['PUBLIC_URL']);
  });
});
