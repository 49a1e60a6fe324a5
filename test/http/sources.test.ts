/** Where people come from, at the web doors: limits of newcomers, proxies, hashes instead of addresses, and a Host that is not ours. */
import { request, type IncomingMessage } from 'node:http';
import { createSources, type SourcesOptions } from '../../src/sources/whence.js';
import { SimulatedClock } from '../support/clock.js';
import { PlainBrowser, SelfHelp } from '../support/self-help.js';
import { SECRET, until, WebDoor, type Answer } from '../support/web-door.js';

let door: WebDoor;
let clock: SimulatedClock;
const key = new Uint8Array(32).fill(6);

/** A door behind a proxy on this machine, so that a test can come from anywhere. */
async function open(more: Partial<SourcesOptions> = {}): Promise<void> {
  clock = new SimulatedClock();
  door = await WebDoor.open({ sources: createSources({ key, clock, proxies: ['127.0.0.1'], ...more }) });
}
afterEach(() => door.close());

const page = { 'sec-fetch-site': 'same-origin' };
const come = (where: string, from: string, token?: string): Promise<Answer> =>
  door.call('POST', where, { ...(token === undefined ? {} : { token }), headers: { ...(token === undefined ? page : {}), 'x-forwarded-for': from } });
const statuses = async (times: number, call: (at: number) => Promise<Answer>): Promise<number[]> => {
  const found: number[] = [];
  for (let at = 0; at < times; at += 1) found.push((await call(at)).status);
  return found;
};
const count = (found: readonly number[], status: number): number => found.filter((one) => one === status).length;

describe('I05: newcomers', () => {
  it.each([['/api/conversation', 201], ['/api/token', 200]])('at %s are ten a minute from one address, then told when to come back', async (where, status) => {
    await open();
    expect(await statuses(10, () => come(where, '203.0.113.7'))).toEqual(Array(10).fill(status));
    const refused = await come(where, '203.0.113.7');
    expect([refused.status, refused.json.error.code]).toEqual([429, 'LimitExceeded']);
    expect(Number(refused.headers.get('retry-after'))).toBe(60);
    expect((await come(where, '203.0.113.8')).status).toBe(status);
    clock.pass(60_000);
    expect((await come(where, '203.0.113.7')).status).toBe(status);
  });

  it('are sixty a minute from a /24 or a /64, and everybody else comes in', async () => {
    await open();
    for (const flood of [(at: number) => `203.0.113.${String(at)}`, (at: number) => `2001:db8::${at.toString(16)}`]) {
      expect(count(await statuses(75, (at) => come('/api/conversation', flood(at))), 201)).toBe(60);
    }
    expect(count(await statuses(40, (at) => come('/api/conversation', `198.51.${String(at)}.1`)), 201)).toBe(40);
    expect(door.assistant.heard).toHaveLength(160);
  });

  it('with tokens open ten conversations, and those open already are not counted', async () => {
    await open();
    const tokens: string[] = [];
    for (let at = 0; at < 11; at += 1) tokens.push((await come('/api/token', `192.0.2.${String(at)}`)).json.token);
    const opened = await statuses(11, (at) => come('/v3/directline/conversations', '203.0.113.7', tokens[at]));
    expect([count(opened, 201), opened.at(-1)]).toEqual([10, 429]);
    expect(await statuses(20, () => come('/v3/directline/conversations', '203.0.113.7', tokens[0]))).toEqual(Array(20).fill(200));
  });

  it('that a server of ours speaks for are not counted by its address', async () => {
    await open();
    expect(count(await statuses(30, () => come('/v3/directline/conversations', '203.0.113.7', SECRET)), 201)).toBe(30);
  });

  it('from an office that shares one address are many more', async () => {
    await open({ crowded: ['203.0.113.0/24'] });
    expect(count(await statuses(110, () => come('/api/conversation', '203.0.113.7')), 201)).toBe(100);
  });

  it('who are refused once said nothing: no conversation was opened, and none is left to pay for', async () => {
    await open();
    await statuses(30, () => come('/api/conversation', '203.0.113.7'));
    expect(door.assistant.heard).toHaveLength(10);
  });
});

describe('I07: a client that names addresses of its own choosing', () => {
  it('is one address all the same, behind our proxy', async () => {
    await open();
    expect(count(await statuses(30, (at) => come('/api/conversation', `9.9.9.${String(at)}, 127.0.0.1, 203.0.113.7`)), 201)).toBe(10);
  });

  it('is one address all the same, where there is no proxy', async () => {
    await open({ proxies: [] });
    expect(count(await statuses(30, (at) => come('/api/conversation', `9.9.${String(at)}.9`)), 201)).toBe(10);
  });
});

describe('an utterance', () => {
  it('says where it comes from in keyed hashes: the range, the client and its connection', async () => {
    await open();
    const { conversationId: id, token } = (await come('/api/conversation', '203.0.113.7')).json;
    const headers = { 'x-forwarded-for': '203.0.113.200' };
    await door.call('POST', `/v3/directline/conversations/${id}/activities`, { token, headers, body: { type: 'message', text: 'Bonjour' } });
    await door.call('POST', `/v3/directline/conversations/${id}/activities`, { token, headers, body: { type: 'message', value: { place: 'p', nir: 'x' } } });
    const [opening, ...said] = door.assistant.heard.map(({ source }) => source);
    expect(opening).toEqual({ range: expect.any(String) as string, device: expect.any(String) as string, seat: expect.any(String) as string });
    expect(said).toEqual([opening, opening]);
    expect(JSON.stringify(opening)).not.toContain('203.0');
    await come('/api/conversation', '198.51.100.7');
    const other = door.assistant.heard.at(-1)?.source;
    for (const part of ['range', 'device', 'seat'] as const) expect(other?.[part]).not.toBe(opening?.[part]);
    expect(JSON.stringify(door.log)).not.toMatch(/203\.0|198\.51/);
  });
});

describe('D12: a Host that is not ours', () => {
  const ask = (method: string, path: string, headers: Record<string, string>): Promise<{ answer: IncomingMessage; body: string }> =>
    new Promise((resolve, reject) => {
      const sent = request(door.url + path, { method, headers: { ...headers, 'host': 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher', 'forwarded': 'host=evil.example' } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => { resolve({ answer, body: Buffer.concat(chunks).toString() }); });
      });
      sent.on('error', reject).end();
    });

  it('is in no address that the web door gives', async () => {
    await open();
    const { body } = await ask('POST', '/api/conversation', page);
    const begun = JSON.parse(body) as Answer['json'];
    expect(begun.streamUrl.startsWith(door.url.replace('http:', 'ws:'))).toBe(true);
    const again = await ask('GET', `/v3/directline/conversations/${begun.conversationId}`, { authorization: `Bearer ${begun.token}` });
    await until(async () => (await door.assistant.transcript(begun.conversationId, 0)).length === 1);
    const said = await ask('GET', `/v3/directline/conversations/${begun.conversationId}/activities`, { authorization: `Bearer ${begun.token}` });
    for (const { answer, body: text } of [again, said]) {
      expect(answer.statusCode).toBe(200);
      expect(text + JSON.stringify(answer.headers)).not.toContain('evil');
    }
  });

  it('is in no page and no redirect of the self-help page', async () => {
    await open();
    const help = await SelfHelp.open();
    try {
      await door.close();
      Object.assign(door, { url: help.url });
      for (const path of ['/aide', '/aide/conversation', '/aide/code', '/aide/recherche?q=0612345678', '/aide/nulle-part']) {
        const { answer, body } = await ask('GET', path, {});
        expect(body + JSON.stringify(answer.headers)).not.toContain('evil');
        expect(answer.headers.location ?? '/').toMatch(/^\/(?!\/)/);
      }
    } finally {
      await help.close();
    }
  });
});

describe('the self-help page', () => {
  it('hears where people come from, too, and knows their browser by the session alone', async () => {
    await open();
    const help = await SelfHelp.open();
    try {
      const hear = jest.spyOn(help.world.assistant, 'hear');
      const [one, other] = [new PlainBrowser(help), new PlainBrowser(help)];
      for (const browser of [one, other]) {
        await browser.look('/aide');
        await browser.press('Commencer', { dit: 'bonjour' });
      }
      const sources = hear.mock.calls.map(([{ source }]) => source);
      expect(sources).toHaveLength(4);
      expect(new Set(sources.map((source) => source?.range)).size).toBe(1);
      expect(sources.map((source) => source?.device === sources[0]?.device)).toEqual([true, true, false, false]);
      expect(sources.map((source) => source?.seat)).toEqual([undefined, undefined, undefined, undefined]);
    } finally {
      await help.close();
    }
  });
});
