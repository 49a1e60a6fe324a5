/** Who is let in at `/api/messages`, held against a connector, metadata and keys that are ours, on loopback. */
import { generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import type { Route } from '../../src/channels/direct-line.js';
import type { Incoming } from '../../src/connector/activity.js';
import { createConnector, createTeamsDoor, type TeamsOptions } from '../../src/teams/adapter.js';
import { SimulatedClock } from '../support/clock.js';
import { activityFrom, APP_ID, FakeConnector, TENANT, type Served } from '../support/connector.js';
import { LIMITS } from '../../src/limits/settings.js';
import { WebDoor } from '../support/web-door.js';

const ADVISER = { oid: 'a0000000-0000-4000-8000-000000000001' };
const ISSUER = 'https://api.botframework.com';
const THREAD = '19:rhone@thread.tacv2;messageid=1700000000001';

let fake: FakeConnector;
let door: WebDoor;
let heard: Incoming[];
let options: TeamsOptions;
const clock = new SimulatedClock();

async function open(more: Partial<TeamsOptions> = {}): Promise<void> {
  options = {
    credentials: { appId: APP_ID, secret: 'made-up', tenant: TENANT },
    ...{ local: false, serviceUrl: fake.serviceUrl, serviceOrigins: [fake.origin], metadataUrl: fake.metadataUrl, tokenUrl: fake.tokenUrl, clock },
    log: { warn: () => undefined },
    ...more,
  };
  const teams: Route = createTeamsDoor(options, createConnector(options), (activity) => {
    heard.push(activity);
    return Promise.resolve({ text: 'entendu' });
  });
  // Microsoft's addresses are few, and not counted.
  door = await WebDoor.open({ teams, limits: { ...LIMITS, requestsPerSecond: 1_000 } });
}

beforeEach(async () => {
  fake = await FakeConnector.open();
  heard = [];
  await open();
});
afterEach(async () => {
  await door.close();
  await fake.close();
});

async function send(authorization: string | undefined, body: string): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
  const response = await fetch(`${door.url}/api/messages`, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}
const post = (authorization: string | undefined, more: Record<string, unknown> = {}) => send(authorization, JSON.stringify(activityFrom(fake, ADVISER, THREAD, { text: 'bonjour', ...more })));
const bearer = async (claims: JWTPayload = {}, header = {}, key?: Parameters<FakeConnector['token']>[3]): Promise<string> => `Bearer ${await fake.token(clock.now(), claims, header, key)}`;
const inSeconds = (seconds: number): number => Math.floor(clock.now() / 1000) + seconds;

describe('the door of Teams', () => {
  it('hears what the connector sends, and answers in the same thread with a token of its own', async () => {
    fake.threads.set(THREAD, [{ id: 'root', activity: {} }]);
    expect((await post(await bearer())).status).toBe(200);
    expect(heard.map(({ text }) => text)).toEqual(['bonjour']);
    expect(fake.wordsIn(THREAD)).toEqual(['entendu']);
    expect(fake.calls.at(-1)?.authorization).toBe('Bearer bot-1');
  });

  it('answers a pressed button to the one who pressed it, and posts nothing', async () => {
    const { status, text } = await post(await bearer(), { type: 'invoke', name: 'adaptiveCard/action', value: {} });
    expect([status, JSON.parse(text)]).toEqual([200, { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'entendu' }]);
    expect(fake.calls).toEqual([]);
  });

  it('refuses every forged, foreign, late or early token with one and the same answer', async () => {
    const other = await generateKeyPair('RS256');
    const secret = new TextEncoder().encode(JSON.stringify(fake.jwk));
    const unsigned = new UnsecuredJWT({ aud: APP_ID, iss: ISSUER, serviceurl: fake.serviceUrl, exp: inSeconds(600) }).encode();
    const trap = `${fake.origin}/trap`;
    const without = async (claim: string): Promise<string> => `Bearer ${await fake.token(clock.now(), { [claim]: undefined })}`;
    const forged: Readonly<Record<string, string | undefined>> = {
      nothing: undefined,
      empty: '',
      basic: 'Basic dTpw',
      garbage: 'Bearer a.b.c',
      unsigned: `Bearer ${unsigned}`,
      'signed with the public key': `Bearer ${await new SignJWT({ aud: APP_ID }).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret)}`,
      'another key under our key id': await bearer({}, {}, other.privateKey),
      'a key that the token brings': await bearer({}, { jku: trap, x5u: trap, jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } }, other.privateKey),
      'unknown key id': await bearer({}, { kid: 'key-2' }),
      'no key id': await bearer({}, { kid: undefined }),
      'look-alike issuer': await bearer({ iss: 'https://api.botframework.com.example' }),
      'emulator issuer': await bearer({ iss: `https://sts.windows.net/${TENANT}/`, appid: APP_ID, ver: '1.0' }),
      'government issuer': await bearer({ iss: 'https://api.botframework.us' }),
      'a skill, under our issuer': await bearer({ appid: APP_ID, ver: '1.0' }),
      'no issuer': await without('iss'),
      'another bot': await bearer({ aud: '22222222-2222-4222-8222-222222222222' }),
      'two audiences': await bearer({ aud: [APP_ID, 'other'] }),
      'no audience': await without('aud'),
      'ended two minutes ago': await bearer({ exp: inSeconds(-120) }),
      'begins in two minutes': await bearer({ nbf: inSeconds(120) }),
      'never ends': await without('exp'),
      'no service': await without('serviceurl'),
      'a service elsewhere': await bearer({ serviceurl: 'http://169.254.169.254/' }),
    };
    const answers = await Promise.all(Object.entries(forged).map(async ([name, token]) => [name, await post(token)] as const));
    const [first] = answers;
    expect(answers.filter(([, { status, text }]) => status !== 401 || text !== first?.[1].text)).toEqual([]);
    expect(heard).toEqual([]);
    expect(fake.calls).toEqual([]);
  });

  it('forgives a clock that is half a minute off', async () => {
    const ends = [await post(await bearer({ exp: inSeconds(-30) })), await post(await bearer({ nbf: inSeconds(30) }))];
    expect(ends.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('refuses a good token with an activity of another service or channel', async () => {
    const services = ['http://169.254.169.254/', `${fake.origin}/other/`, fake.serviceUrl.replace('127.0.0.1', 'user@127.0.0.1'), 'https://smba.trafficmanager.net.example/', 'file:///etc/passwd'];
    const channels = ['', 'emulator', 'webchat', undefined];
    const token = await bearer();
    const ends = await Promise.all([...services.map((serviceUrl) => post(token, { serviceUrl })), ...channels.map((channelId) => post(token, { channelId }))]);
    expect(ends.map(({ status }) => status)).toEqual(Array.from(ends, () => 401));
    expect([heard, fake.calls]).toEqual([[], []]);
  });

  it('refuses a key that is not endorsed for Teams', async () => {
    fake.openId.keys = { kind: 'json', body: { keys: [{ ...fake.jwk, endorsements: ['webchat'] }] } };
    expect((await post(await bearer())).status).toBe(401);
  });

  it('fetches the keys once a minute at most, whatever is forged, and takes new ones then', async () => {
    const forged = await bearer({}, { kid: 'nobody' });
    for (let round = 0; round < 10; round += 1) await Promise.all(Array.from({ length: 100 }, () => post(forged)));
    expect(fake.fetched).toMatchObject({ metadata: 1, keys: 1 });
    clock.pass(61_000);
    fake.openId.keys = { kind: 'json', body: { keys: [{ ...fake.jwk, kid: 'key-2' }] } };
    expect((await post(await bearer({}, { kid: 'key-2' }))).status).toBe(200);
    expect(fake.fetched.keys).toBe(2);
  });

  it.each<[string, (fake: FakeConnector) => Served]>([
    ['is down', () => ({ kind: 'answer', status: 503 })],
    ['is silent', () => ({ kind: 'silence' })],
    ['is a page', () => ({ kind: 'answer', status: 200, body: '<html></html>' })],
    ['is five megabytes', ({ origin }) => ({ kind: 'json', body: { jwks_uri: `${origin}/openid/keys`, issuer: ISSUER, more: 'x'.repeat(5_000_000) } })],
    ['is elsewhere', ({ origin }) => ({ kind: 'answer', status: 302, location: `${origin}/openid/configuration?again` })],
    ['names keys elsewhere', ({ origin }) => ({ kind: 'json', body: { jwks_uri: `${origin.replace('127.0.0.1', 'localhost')}/openid/keys`, issuer: ISSUER } })],
    ['is of another issuer', ({ origin }) => ({ kind: 'json', body: { jwks_uri: `${origin}/openid/keys`, issuer: 'https://api.botframework.us' } })],
  ])('lets no one in while the metadata %s, and answers all the same', async (_name, fault) => {
    fake.openId.metadata = fault(fake);
    expect((await post(await bearer())).status).toBe(401);
    expect(fake.fetched.keys).toBe(0);
  });

  it('lives a day on the keys it knows, and not longer', async () => {
    await post(await bearer());
    fake.openId.metadata = { kind: 'answer', status: 503 };
    clock.pass(23 * 3_600_000);
    expect((await post(await bearer())).status).toBe(200);
    clock.pass(2 * 3_600_000);
    expect((await post(await bearer())).status).toBe(401);
  });

  it('refuses what is no activity, in a word and without falling', async () => {
    const authorization = await bearer();
    const bodies = ['[]', '"x"', '{"type":{"a":1}}', '{"type":"message"}', '{', '{"type":"message","serviceUrl":1}', `{"a":"${'x'.repeat(200_000)}"}`];
    const ends = await Promise.all(bodies.map((body) => send(authorization, body)));
    expect(ends.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400, 413]);
    expect(ends.filter(({ text }) => /\bat \/|node_modules|127\.0\.0\.1/.test(text))).toEqual([]);
    expect((await post(authorization, { timestamp: 'not a date', extra: { deep: [[[]]] } })).status).toBe(200);
  });

  it('has no door for streams, pipes or skills', async () => {
    const places = [['GET', '/api/messages'], ['POST', '/api/skills/v3/conversations'], ['POST', '/v3/conversations']] as const;
    const ends = await Promise.all(places.map(([method, where]) => fetch(door.url + where, { method })));
    expect(ends.map(({ status }) => status)).toEqual([405, 404, 404]);
  });
});

describe('the door of Teams without credentials', () => {
  it('does not open outside local mode, nor with a connector beyond loopback', () => {
    const { credentials: _none, ...bare } = options;
    const openings = [bare, { ...bare, local: true, serviceOrigins: ['https://smba.trafficmanager.net'] }];
    for (const one of openings) expect(() => createTeamsDoor(one, createConnector(one), () => Promise.resolve({}))).toThrow(/local mode/);
  });

  it('hears the local client, and neither pages nor other hosts', async () => {
    const { credentials: _none, ...bare } = options;
    const local = { ...bare, local: true };
    const teams = createTeamsDoor(local, createConnector(local), () => Promise.resolve({}));
    const ask = (headers: Record<string, string>) => teams.answer({ headers, json: () => Promise.resolve(activityFrom(fake, ADVISER, THREAD)) });
    const ends = await Promise.all([ask({ host: 'localhost:3978' }), ask({ host: 'evil.example' }), ask({ host: 'localhost:3978', origin: 'https://evil.example' })]);
    expect(ends.map(({ status }) => status)).toEqual([200, 401, 401]);
  });
});

describe('calls to the connector', () => {
  it('starts a thread, updates its card and adds to it, with one token for all', async () => {
    const connector = createConnector(options);
    const thread = await connector.startThread({ tenant: TENANT, channel: '19:rhone@thread.tacv2' }, { type: 'message', text: 'carte' });
    await connector.update(thread, thread.rootId, { type: 'message', text: 'carte, prise' });
    await connector.reply(thread, { type: 'message', text: 'suite' });
    expect(fake.threads.get(thread.conversationId)?.map(({ activity }) => activity['text'])).toEqual(['carte, prise', 'suite']);
    expect(fake.fetched.token).toBe(1);
  });

  it('tells what failed: whether to try again, and when', async () => {
    const connector = createConnector({ ...options, timeoutMs: 200 });
    const thread = { serviceUrl: fake.serviceUrl, conversationId: 'c', rootId: '1' };
    const faults = [{ kind: 'answer', status: 429, retryAfter: '7' }, { kind: 'answer', status: 500 }, { kind: 'answer', status: 403 }, { kind: 'silence' }, { kind: 'answer', status: 307, location: 'http://127.0.0.1:1/' }] as const;
    const told: unknown[] = [];
    for (const fault of faults) {
      fake.mishap = () => fault;
      told.push(await connector.reply(thread, { type: 'message' }).catch((error: unknown) => error));
    }
    expect(told).toMatchObject([
      { status: 429, passing: true, retryAfterMs: 7000 },
      { status: 500, passing: true },
      { status: 403, passing: false },
      { status: 0, passing: true },
      { status: 0, passing: true },
    ]);
    await expect(connector.reply({ ...thread, serviceUrl: 'http://169.254.169.254/' }, { type: 'message' })).rejects.toMatchObject({ passing: false });
  });
});
