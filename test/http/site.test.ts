/** The site as browsers get it: compressed, tagged, kept or not, loaded from elsewhere, and framed by whom. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { send } from '../../src/aide/frame.js';
import type { ServerOptions } from '../../src/channels/server.js';
import { WebDoor } from '../support/web-door.js';

const page = (title: string): string => `<!doctype html><title>${title}</title>${'<p>Votre compte ameli est bloqué ?</p>'.repeat(20)}`;
const pages = { home: page('Accueil'), discussion: page('Discussion'), notFound: page('Page introuvable'), mailbox: () => Promise.resolve(page('Courrier')) };
const SHEET = 'body { margin: 0 }\n'.repeat(50);
const HOSTS = ['https://site.example', 'https://autre.example:8443'];

let folder: string;
let door: WebDoor;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-site-'));
  for (const name of ['site.css', 'site-0a1b2c3d.css']) writeFileSync(path.join(folder, name), SHEET);
  writeFileSync(path.join(folder, 'integrity.json'), '{}');
  const aide: ServerOptions['aide'] = async (_, response) => {
    await Promise.resolve();
    send(response, { page: page('Aide') });
  };
  door = await WebDoor.open({ pages, aide, publicFolder: folder }, { origins: HOSTS });
});
afterAll(async () => {
  await door.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request as it is: `fetch` would add its own codings, and undo them. */
function ask(where: string, headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    get(door.url + where, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }); });
    }).on('error', reject);
  });
}

const decode = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body: Buffer) => body };

describe('a body', () => {
  it.each([['/public/site.css', SHEET], ['/', pages.home], ['/discussion', pages.discussion], ['/nulle-part', pages.notFound]])('of %s comes as its reader likes it', async (where, whole) => {
    for (const coding of ['br', 'gzip', 'identity'] as const) {
      const { headers, body } = await ask(where, { accept: 'text/html', 'accept-encoding': coding });
      expect([coding, headers['content-encoding']]).toEqual([coding, coding === 'identity' ? undefined : coding]);
      expect(headers.vary).toContain('Accept-Encoding');
      expect(Number(headers['content-length'])).toBe(body.length);
      expect(decode[coding](body).toString()).toBe(whole);
    }
  });

  it('that holds what someone wrote is never compressed', async () => {
    expect((await ask('/demo/courrier', { 'accept-encoding': 'br, gzip' })).headers['content-encoding']).toBeUndefined();
  });
});

describe('a file', () => {
  it('has a tag for each coding, and is not sent again to who has it', async () => {
    const tags = await Promise.all(['br', 'gzip', 'identity'].map(async (coding) => (await ask('/public/site.css', { 'accept-encoding': coding })).headers.etag!));
    expect(new Set(tags).size).toBe(3);
    for (const known of [tags[0]!, `W/${tags[0]!}`, `"other", ${tags[0]!}`, '*']) {
      const again = await ask('/public/site.css', { 'accept-encoding': 'br', 'if-none-match': known });
      expect([known, again.status, again.body.length, again.headers.etag, again.headers['cache-control']]).toEqual([known, 304, 0, tags[0], 'no-cache']);
      expect(again.headers['content-length']).toBeUndefined();
    }
    expect((await ask('/public/site.css', { 'accept-encoding': 'gzip', 'if-none-match': tags[0]! })).status).toBe(200);
  });

  it('is kept for good under a name that holds its hash, and asked for again under any other', async () => {
    expect((await door.call('GET', '/public/site-0a1b2c3d.css')).headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await door.call('GET', '/public/site.css')).headers.get('cache-control')).toBe('no-cache');
  });

  it('may be loaded, and its digest checked, from any site', async () => {
    const { headers } = await door.call('GET', '/public/site.css', { headers: { origin: 'https://unknown.example' } });
    expect([headers.get('access-control-allow-origin'), headers.get('cross-origin-resource-policy')]).toEqual(['*', 'cross-origin']);
  });

  it('can be asked about without being sent', async () => {
    const head = await door.call('HEAD', '/public/site.css');
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([200, '', 'text/css; charset=utf-8']);
  });

  it('of the build that is for us alone is not given', async () => {
    expect((await door.call('GET', '/public/integrity.json')).status).toBe(404);
  });
});

describe('a page', () => {
  const framers = (headers: IncomingHttpHeaders): string | undefined => /frame-ancestors ([^;]*)/.exec(String(headers['content-security-policy']))?.[1];

  it.each(['/', '/aide', '/aide/fiche/compte-bloque', '/demo/courrier', '/nulle-part', '/public/site.css', '/health', '/public/nothing.js'])('at %s is framed by nobody', async (where) => {
    expect(framers((await ask(where, { accept: 'text/html' })).headers)).toBe("'none'");
  });

  it('with the discussion alone is framed by us and by the allowed origins', async () => {
    expect(framers((await ask('/discussion')).headers)).toBe(`'self' ${HOSTS.join(' ')}`);
  });

  it('may load and reach nothing but us, and make no markup out of text', async () => {
    for (const where of ['/', '/discussion', '/demo/courrier', '/nulle-part']) {
      const { headers } = await ask(where, { accept: 'text/html' });
      const policy = String(headers['content-security-policy']).split('; ');
      expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "require-trusted-types-for 'script'", 'trusted-types sesame dompurify', `connect-src 'self' ${door.url.replace('http:', 'ws:')}`]));
      expect(policy.join(' ')).not.toMatch(/unsafe|https?:\/\/\*|\swss?:\s/);
      expect(headers['permissions-policy']).toBe('camera=(), microphone=(), geolocation=()');
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    }
  });

  it('is kept by no browser: what someone said must not come back with a button', async () => {
    for (const where of ['/', '/discussion', '/demo/courrier']) expect((await ask(where)).headers['cache-control']).toBe('no-store');
  });

  it('speaks to the stream of the address that people know', async () => {
    const named = await WebDoor.open({ pages }, { publicUrl: () => 'https://sesame.example/', origins: [] });
    const policy = (await named.call('GET', '/')).headers.get('content-security-policy');
    expect(policy).toContain("connect-src 'self' wss://sesame.example;");
    expect((await named.call('GET', '/discussion')).headers.get('content-security-policy')).toMatch(/frame-ancestors 'self'$/);
    await named.close();
  });
});
