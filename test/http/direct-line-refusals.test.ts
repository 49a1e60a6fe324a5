/** Everything that the web door turns away: the exact status and code, and never a word of our insides. */
import { connect } from 'node:net';
import { SesameError } from '../../src/conversation/errors.js';
import { SECRET, WebDoor, type Answer } from '../support/web-door.js';

let door: WebDoor;
let mine: Awaited<ReturnType<WebDoor['begin']>>;
let other: Awaited<ReturnType<WebDoor['begin']>>;

beforeAll(async () => {
  door = await WebDoor.open();
  mine = await door.begin();
  other = await door.begin();
});
afterAll(() => door.close());

function expectRefusal(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.json.error.code]).toEqual([status, code]);
  expect(Object.keys(answer.json)).toEqual(['error']);
  expect(Object.keys(answer.json.error)).toEqual(['code', 'message']);
  expect(answer.text).not.toMatch(/\bat .*:\d+:\d+|node_modules|Error:/);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
}

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const message = (more: object) => ({ type: 'message', ...more });
const form = (more: object) => message({ value: { place: 'here', ...more } });
const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`field${String(index)}`, 'x']));

describe('a posted activity', () => {
  it.each<[string, unknown, number, string]>([
    ['that is not JSON', '{"type":', 400, 'BadSyntax'],
    ['that is a list', [], 400, 'BadSyntax'],
    ['that is a bare word', '"message"', 400, 'BadSyntax'],
    ['that nests 33 levels', nested(33), 400, 'BadSyntax'],
    ['that nests 8,000 levels', nested(8_000), 400, 'BadSyntax'],
    ['that names __proto__', '{"type":"message","text":"a","x":{"__proto__":{"admin":true}}}', 400, 'BadSyntax'],
    ['without a type', { text: 'a' }, 400, 'MissingProperty'],
    ['with an object for a type', { type: { a: 1 } }, 400, 'BadArgument'],
    ['of an unknown type', { type: 'invoke', text: 'a' }, 400, 'BadArgument'],
    ['without words', message({}), 400, 'MissingProperty'],
    ['with blank words', message({ text: '  \n' }), 400, 'MissingProperty'],
    ['with a number for words', message({ text: 12 }), 400, 'BadArgument'],
    ['with a list for words', message({ text: ['a'] }), 400, 'BadArgument'],
    ['with over 10,000 characters', message({ text: 'a'.repeat(10_001) }), 413, 'MessageSizeTooBig'],
    ['over 16 KiB', message({ text: 'é'.repeat(9_000) }), 413, 'MessageSizeTooBig'],
    ['over a megabyte', message({ text: 'a'.repeat(1_500_000) }), 413, 'MessageSizeTooBig'],
    ['with an empty id', message({ text: 'a', id: '' }), 400, 'BadArgument'],
    ['with a number for an id', message({ text: 'a', id: 5 }), 400, 'BadArgument'],
    ['with an id of 201 characters', message({ text: 'a', channelData: { clientActivityID: 'x'.repeat(201) } }), 400, 'BadArgument'],
    ['under the id of the opening', message({ text: 'a', id: 'opening' }), 400, 'BadArgument'],
    ['with a form whose field is a number', form({ nir: 255 }), 400, 'BadArgument'],
    ['with a form whose field is an object', form({ nir: {} }), 400, 'BadArgument'],
    ['with a form of 21 fields', form(many), 400, 'BadArgument'],
    ['with a form field that is a number', form({ nir: 1 }), 400, 'BadArgument'],
    ['with a form whose place is a number', form({ place: 3 }), 400, 'BadArgument'],
  ])('%s is refused', async (_, body, status, code) => {
    const before = door.assistant.heard.length;
    expectRefusal(await door.call('POST', `${mine.path}/activities`, { token: mine.token, body }), status, code);
    expect(door.assistant.heard).toHaveLength(before);
  });

  it.each([
    ['as plain text', { 'content-type': 'text/plain' }],
    ['as a web form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['as something like JSON', { 'content-type': 'application/jsonp' }],
    ['compressed', { 'content-encoding': 'gzip' }],
  ])('sent %s is refused', async (_, headers) => {
    const answer = await door.call('POST', `${mine.path}/activities`, { token: mine.token, body: message({ text: 'a' }), headers });
    expectRefusal(answer, 415, 'UnsupportedMediaType');
  });

  it('is taken up to 10,000 characters and 32 levels', async () => {
    const long = await door.call('POST', `${mine.path}/activities`, { token: mine.token, body: message({ text: 'a'.repeat(10_000) }) });
    const deep = await door.call('POST', `${mine.path}/activities`, { token: mine.token, body: `{"type":"typing","value":${nested(31)}}` });
    expect([long.status, deep.status]).toEqual([200, 200]);
  });

  it('with a file is refused in words', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    expectRefusal(await door.call('POST', `${mine.path}/upload?userId=a`, { token: mine.token, body: '--x--', headers }), 415, 'BadAttachment');
  });
});

describe('a body without an end', () => {
  it('is refused as soon as it is too big, not once it has all come', async () => {
    const { port } = new URL(door.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(`POST ${mine.path}/activities HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${mine.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
        socket.write(`${(20_000).toString(16)}\r\n${'a'.repeat(20_000)}\r\n`);
      });
      socket.once('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('a caller', () => {
  const unsigned = () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none', typ: 'JWT' })}.${part({ conversation: mine.id, user: 'x', aud: 'sesame:direct-line', exp: 9_999_999_999 })}.`;
  };
  const tampered = () => `${mine.token.slice(0, -4)}AAAA`;

  it.each<[string, () => string | undefined, number, string]>([
    ['without a token', () => undefined, 401, 'Unauthorized'],
    ['with an unsigned token', unsigned, 403, 'Forbidden'],
    ['with a tampered token', tampered, 403, 'Forbidden'],
    ['with a wrong secret', () => `${SECRET}x`, 403, 'Forbidden'],
    ['with the token of another conversation', () => other.token, 403, 'Forbidden'],
  ])('%s gets nothing', async (_, token, status, code) => {
    const given = token();
    for (const [method, where] of [['GET', ''], ['GET', '/activities'], ['POST', '/activities'], ['POST', '/upload']] as const) {
      const body = method === 'POST' ? { body: message({ text: 'a' }) } : {};
      const answer = await door.call(method, mine.path + where, { ...(given === undefined ? {} : { token: given }), ...body });
      expectRefusal(answer, status, code);
    }
  });

  it('cannot tell a conversation of someone else from one that does not exist', async () => {
    const real = await door.call('GET', `${other.path}/activities`, { token: mine.token });
    const invented = await door.call('GET', '/v3/directline/conversations/AAAAAAAAAAAAAAAAAAAAAA/activities', { token: mine.token });
    expect([real.status, real.text]).toEqual([invented.status, invented.text]);
  });

  it('finds no conversation that was never opened', async () => {
    const token = await door.tokens.issue({ conversation: 'never', user: 'dl_x' });
    expectRefusal(await door.call('GET', '/v3/directline/conversations/never/activities', { token }), 404, 'ConversationNotFound');
    expectRefusal(await door.call('GET', '/v3/directline/conversations/never', { token: SECRET }), 404, 'ConversationNotFound');
  });

  it('needs a secret to generate tokens, and a token to refresh one', async () => {
    expectRefusal(await door.call('POST', '/v3/directline/tokens/generate', { token: mine.token }), 403, 'Forbidden');
    expectRefusal(await door.call('POST', '/v3/directline/tokens/refresh', { token: SECRET }), 403, 'Forbidden');
  });

  it('has no secret to guess when none is set', async () => {
    const closed = await WebDoor.open({}, { secrets: [] });
    expectRefusal(await closed.call('POST', '/v3/directline/tokens/generate', { token: 'x' }), 403, 'Forbidden');
    await closed.close();
  });

  it.each([[{ user: { id: 'sesame' } }], [{ user: { id: 7 } }], [{ user: { id: '' } }]])('may not be named %j', async (body) => {
    expectRefusal(await door.call('POST', '/v3/directline/tokens/generate', { token: SECRET, body }), 400, 'BadArgument');
  });

  it.each(['x', '-1', '1.5', '1e1', '99', '9999999999999999999'])('may not resume from "%s"', async (watermark) => {
    const token = other.token;
    expectRefusal(await door.call('GET', `${other.path}/activities?watermark=${watermark}`, { token }), 400, 'BadArgument');
    expectRefusal(await door.call('GET', `${other.path}?watermark=${watermark}`, { token }), 400, 'BadArgument');
  });
});

describe('a fault of ours', () => {
  afterEach(() => {
    door.assistant.fault = undefined;
  });

  it('in the store says when to come back', async () => {
    door.assistant.fault = new SesameError('store-unavailable', 'the disk is full at /secret/place');
    const answer = await door.call('POST', `${mine.path}/activities`, { token: mine.token, body: message({ text: 'a' }) });
    expectRefusal(answer, 503, 'ServiceUnavailable');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.text).not.toContain('secret');
    expect(door.log.at(-2)).toMatchObject({ level: 'error', event: 'http.failed', fields: { code: 'store-unavailable' } });
  });

  it('that nobody foresaw shows neither its words nor its place', async () => {
    door.assistant.fault = new TypeError('cannot read 2550814168025');
    expectRefusal(await door.call('POST', `${mine.path}/activities`, { token: mine.token, body: message({ text: 'a' }) }), 500, 'ServiceError');
    expect(JSON.stringify(door.log)).not.toContain('2550814168025');
  });
});
