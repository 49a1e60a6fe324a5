/** The rest of the web door: pages, files, origins, headers, strange addresses, and the way it closes. */
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { createServer } from '../../src/channels/server.js';
import { faultsOf } from '../support/descriptions.js';
import { WebDoor } from '../support/web-door.js';

const pages = {
  home: '<!doctype html><title>Accueil</title>',
  discussion: '<!doctype html><title>Discussion</title>',
  mailbox: () => Promise.resolve('<!doctype html><title>Courrier</title>'),
  notFound: '<!doctype html><title>Page introuvable</title>',
};
let door: WebDoor;

beforeAll(async () => {
  door = await WebDoor.open({ pages });
});
afterAll(() => door.close());

/** One request as raw bytes, for what no client would send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(Number(new URL(door.url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => (got += data.toString()));
    socket.on('close', () => { resolve(got); });
  });
}

describe('pages and files', () => {
  it.each([['/', 'Accueil'], ['/discussion', 'Discussion'], ['/demo/courrier', 'Courrier']])('shows %s under a strict policy', async (where, title) => {
    const page = await door.call('GET', where);
    expect(page.status).toBe(200);
    expect(page.text).toContain(title);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy');
    for (const rule of ["default-src 'none'", "script-src 'self'", "base-uri 'none'"]) expect(policy).toContain(rule);
    expect(policy).not.toContain('unsafe');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('has no mailbox where there is none to show', async () => {
    const bare = await WebDoor.open({ pages: { home: pages.home, discussion: pages.discussion, notFound: pages.notFound } });
    expect((await bare.call('GET', '/demo/courrier')).status).toBe(404);
    await bare.close();
  });

  it.each(['/public/notes.txt', '/public/..%2f..%2fpackage.json', '/public/%2e%2e/%2e%2e/package.json', '/public/', '/public/constructor'])('gives no %s', async (where) => {
    expect((await door.call('GET', where)).status).toBe(404);
  });

  it('says that a page is missing in the language of who asks', async () => {
    const browser = await door.call('GET', '/nulle-part', { headers: { accept: 'text/html,*/*' } });
    expect([browser.status, browser.text]).toEqual([404, pages.notFound]);
    const program = await door.call('GET', '/nowhere');
    expect([program.status, program.json.error.code]).toEqual([404, 'NotFound']);
    const method = await door.call('DELETE', '/health');
    expect([method.status, method.json.error.code]).toEqual([405, 'MethodNotAllowed']);
  });

  it('says that it is well, and what it runs on to nobody', async () => {
    const health = await door.call('GET', '/health');
    expect(health.json).toEqual({ status: 'ok' });
    expect(health.headers.get('server')).toBeNull();
    expect(health.headers.get('x-powered-by')).toBeNull();
  });

  it('does not start without its public folder', () => {
    const broken = () => createServer({ ...({} as Parameters<typeof createServer>[0]), config: { publicUrl: () => 'http://x', origins: [], secrets: [], local: false }, publicFolder: '/does/not/exist' });
    expect(broken).toThrow(/public folder/);
  });
});

describe('strange addresses', () => {
  it.each([
    ['a target that is no URL', 'GET http://[ HTTP/1.1\r\nHost: x', 400, 'MalformedAddress'],
    ['a host that is no host', 'GET / HTTP/1.1\r\nHost: [', 400, 'MalformedAddress'],
    ['a broken escape', 'GET /%E0%A4%A HTTP/1.1\r\nHost: x', 404, 'NotFound'],
    ['two slashes', 'GET //evil.example/ HTTP/1.1\r\nHost: x', 404, 'NotFound'],
    ['an upgrade to nowhere', 'GET /elsewhere HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade', 404, 'NotFound'],
  ])('survives %s', async (_, head, status, described) => {
    const answer = await raw(`${head}\r\n${head.includes('Upgrade') ? '' : 'Connection: close\r\n'}\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
    expect(faultsOf(['components', 'responses', described, 'content', 'application/json', 'schema'], JSON.parse(answer.split('\r\n\r\n')[1]!))).toEqual([]);
    expect((await door.call('GET', '/health')).status).toBe(200);
  });

  it('keeps query strings out of the log', async () => {
    await door.call('GET', '/health?nir=2550814168025');
    expect(door.log.some(({ fields }) => fields['path'] === '/health')).toBe(true);
    expect(JSON.stringify(door.log)).not.toContain('2550814168025');
  });
});

describe('origins', () => {
  const ask = (headers: Record<string, string>) => door.call('POST', '/api/token', { headers });

  it.each<[string, () => Record<string, string>, number]>([
    ['our own page', () => ({ origin: door.url }), 200],
    ['an allowed page', () => ({ origin: 'https://site.example' }), 200],
    ['an allowed name under another scheme', () => ({ origin: 'http://site.example' }), 403],
    ['a name that begins alike', () => ({ origin: 'https://site.example.evil.example' }), 403],
    ['a sandboxed page', () => ({ origin: 'null' }), 403],
    ['a same-origin request without an origin', () => ({ 'sec-fetch-site': 'same-origin' }), 200],
    ['a cross-site request without an origin', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
    ['no browser at all', () => ({}), 403],
  ])('from %s, asking for a token', async (_, headers, status) => {
    const answer = await ask(headers());
    expect(answer.status).toBe(status);
    if (status === 200) expect(Object.keys(answer.json).sort()).toEqual(['conversationId', 'expires_in', 'token']);
    else expect(answer.json.error.code).toBe('Forbidden');
  });

  it('are told what they may do before they do it', async () => {
    for (const where of ['/api/token', '/v3/directline/conversations/x/activities']) {
      const allowed = await door.call('OPTIONS', where, { headers: { origin: 'https://site.example' } });
      expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, 'https://site.example']);
      expect(allowed.headers.get('access-control-allow-headers')).toContain('Authorization');
      const refused = await door.call('OPTIONS', where, { headers: { origin: 'https://evil.example' } });
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    }
  });

  it('may be any loopback name of ours on one’s own machine', async () => {
    const local = await WebDoor.open({}, { local: true });
    const { port } = new URL(local.url);
    const from = async (origin: string) => (await local.call('POST', '/api/token', { headers: { origin } })).status;
    expect(await from(`http://localhost:${port}`)).toBe(200);
    expect(await from('http://localhost:1')).toBe(403);
    expect((await local.call('POST', '/api/token')).status).toBe(200);
    await local.close();
  });
});

describe('the end', () => {
  it('lets a request under way finish, and takes no one new', async () => {
    const closing = await WebDoor.open();
    const { token, path: where } = await closing.begin();
    const { assistant } = closing;
    const hear = assistant.hear.bind(assistant);
    const gate = new EventEmitter();
    assistant.hear = async (utterance) => {
      gate.emit('reached');
      await once(gate, 'go on');
      return hear(utterance);
    };
    const reached = once(gate, 'reached');
    const underWay = closing.call('POST', `${where}/activities`, { token, body: { type: 'message', text: 'à bientôt' } });
    await reached;
    const closed = closing.close();
    await expect(closing.call('GET', '/health')).rejects.toThrow();
    gate.emit('go on');
    expect((await underWay).status).toBe(200);
    await closed;
  });
});
