/**
 * Case G15 of the threat model: every address that the real server leads to, what people try beside, and every way to be
 * refused. No answer tells a version, a stack or a place on the disk, and nothing is given that was not meant to be.
 */
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { built } from '../support/built.js';
import { RunningSesame } from '../support/running.js';

interface Answer {
  readonly asked: string;
  readonly status: number;
  /** Names and values, as they came. */
  readonly headers: string;
  readonly type: string;
  readonly body: string;
}

let sesame: RunningSesame;
beforeAll(async () => { sesame = await RunningSesame.start(); });
afterAll(() => sesame.stop());

function ask(method: string, where: string, { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(sesame.url);
    // A path as it stands: an URL would tidy it up.
    const sent = request({ host: '127.0.0.1', port, method, path: where, headers: { 'accept': '*/*', 'accept-encoding': 'identity', ...headers }, timeout: 5_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => { resolve({ asked: `${method} ${where}`, status: response.statusCode ?? 0, headers: response.rawHeaders.join('\n'), type: response.headers['content-type'] ?? '', body: text }); });
    });
    sent.on('error', reject).on('timeout', () => sent.destroy(new Error(`${method} ${where}: no answer`)));
    sent.end(body);
  });
}

/** What nobody outside should be told, by what it looks like. */
const TELLING: Readonly<Record<string, RegExp>> = {
  'a header of what it runs on': /^(?:server|x-powered-by|via|x-runtime|x-aspnet.*|x-generator|sourcemap|x-sourcemap)$/im,
  'what it is made with': /\b(?:restify|botbuilder|node\.?js|express|undici|pino|zod)\b|["\s/]v?20\.\d+\.\d+\b/i,
  'a stack': /\bat (?:async )?[\w.<>[\] ]+ \((?:node:|file:|\/)|\.[jt]s:\d+:\d+|\bnode:internal/,
  'a place on the disk': /node_modules|\/(?:home|root|tmp|usr|work|opt|srv)\/[\w-]+|[/\\]dist[/\\](?!\w*$)/,
  'a source map': /sourceMappingURL/,
  'an error of the machine': /\b(?:ENOENT|EACCES|ECONNREFUSED|TypeError|ReferenceError|SyntaxError|ZodError|SesameError)\b/,
  'a file of the project': /"devDependencies"|\[core\]\s*repositoryformatversion|BEGIN (?:RSA |EC )?PRIVATE KEY|ref: refs\/heads/,
};

function told({ asked, headers, type, body }: Answer): string[] {
  // A script may name the errors that it throws itself.
  const looked = Object.entries(TELLING).filter(([what]) => !(what === 'an error of the machine' && type.includes('javascript')));
  return looked.flatMap(([what, looks]) => (looks.test(headers) || looks.test(body) ? [`${asked}: ${what}: ${looks.exec(`${headers}\n${body}`)?.[0] ?? ''}`] : []));
}

/** Every address of ours in it, query strings and all. */
function leadsTo({ type, body }: Answer): readonly string[] {
  if (!/html|css|javascript/.test(type)) return [];
  const found = [...body.matchAll(/(?:href|src|action|formaction)="([^"]+)"|url\(["']?([^"')]+)|["'`](\/(?:public|aide|api|v3|discussion|demo)[\w./-]*)["'`]/g)];
  const urls = found.map(([, attribute, css, script]) => new URL((attribute ?? css ?? script ?? '').replaceAll('&amp;', '&'), sesame.url));
  return urls.filter(({ origin }) => origin === new URL(sesame.url).origin).map(({ pathname, search }) => pathname + search);
}

async function crawl(from: readonly string[]): Promise<readonly Answer[]> {
  const known = new Set(from);
  const all: Answer[] = [];
  for (const where of known) {
    const answer = await ask('GET', where, { headers: { accept: 'text/html,*/*' } });
    all.push(answer);
    for (const next of leadsTo(answer)) if (known.size < 1_000) known.add(next);
  }
  return all;
}

const FORGOTTEN = [
  ...['.git/HEAD', '.git/config', '.gitignore', '.env', '.env.production', '.npmrc', '.DS_Store', '.stamp', '.well-known/security', 'package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'CHANGELOG.md'],
  ...['node_modules/restify/package.json', 'src/main.ts', 'dist/main.js', 'main.js', 'main.js.map', 'dist/public/sesame-chat.js', 'var/keys.json', 'keys.json', 'store', 'audit', 'mailbox', 'knowledge', 'dialogs/messages.yaml', 'config/advisers.yaml'],
  ...['metrics', 'debug', 'debug/pprof', 'status', 'server-status', 'actuator', 'actuator/env', 'admin', 'console', 'swagger.json', 'openapi.json', 'openapi.yaml', 'graphql', 'api', 'backup', 'backup.zip', 'dump.rdb', 'core', 'phpinfo.php', 'wp-login.php'],
  ...['public/sesame-chat.js.map', 'public/discussion.js.map', 'public/.git/HEAD', 'public/../main.js', 'public/..%2fmain.js', 'public/%2e%2e%2fpackage.json', 'public/....//package.json', 'public/..\\package.json', 'aide/../.env', 'aide/fiche/..%2f..%2fpackage.json', 'aide/fiche/__proto__', '%2e%2e/package.json', '%00', 'x%00.html', '~root'],
].map((name) => `/${name}`);

it('G15: a crawl of the whole site finds no version, no stack, no source map and no place on the disk', async () => {
  const published = readdirSync(path.join(path.dirname(built('main.js')), 'public')).map((name) => `/public/${name}`);
  const answers = await crawl([...published, '/', '/aide', '/discussion', '/confidentialite', '/demo/courrier', '/health', '/robots.txt', '/favicon.ico', '/aide/recherche?q=code', '/nulle-part']);
  expect(answers.flatMap(told)).toEqual([]);
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  // Entries of the knowledge, pages and scripts alike were reached.
  expect(answers.filter(({ asked, status }) => status === 200 && asked.includes('/aide/fiche/')).length).toBeGreaterThan(5);
  expect(answers.filter(({ type }) => type.includes('javascript')).length).toBeGreaterThan(1);
  // No script has a map beside it.
  const maps = await Promise.all(answers.filter(({ type }) => /javascript|css/.test(type)).map(({ asked }) => ask('GET', `${asked.slice(4).split('?')[0] ?? ''}.map`)));
  expect(maps.filter(({ status }) => status !== 404)).toEqual([]);
}, 30_000);

it('G15: gives nothing that was forgotten somewhere, by no way to write it', async () => {
  const answers = await Promise.all(FORGOTTEN.map((where) => ask('GET', where)));
  expect(answers.filter(({ status }) => ![400, 404].includes(status)).map(({ asked, status }) => `${asked}: ${String(status)}`)).toEqual([]);
  expect(answers.flatMap(told)).toEqual([]);
});

it('G15: says no more where it refuses, whatever is wrong with what was asked', async () => {
  const json = { 'content-type': 'application/json', 'origin': sesame.url };
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'origin': sesame.url };
  const [api, token] = ['/v3/directline/conversations/x/activities', '/api/token'];
  const answers = await Promise.all([
    ...['TRACE', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'HEAD'].flatMap((method) => ['/', '/aide', api, token].map((where) => ask(method, where))),
    ...['{', '[]', 'null', '{"__proto__":1}', '['.repeat(500), '\u0000', '{"user":{"id":5}}'].map((body) => ask('POST', token, { headers: json, body })),
    ...['{', '{"type":"message"}'].map((body) => ask('POST', api, { headers: { ...json, authorization: 'Bearer x.y.z' }, body })),
    ...['/aide/conversation', '/aide/dire', '/aide/formulaire', '/aide/code', '/aide/avis', '/aide/fin', '/aide/reprise'].map((where) => ask('POST', where, { headers: form, body: 'dit=%E0%A4&jeton=x' })),
    ...['bytes=0-1', 'bytes=9-1', 'x'].map((range) => ask('GET', '/public/sesame-chat.js', { headers: { range } })),
    ask('POST', token, { headers: { ...json, 'content-encoding': 'gzip' }, body: 'not gzip' }),
    ask('POST', '/aide/dire', { headers: { ...form, 'content-type': 'multipart/form-data; boundary=x' }, body: '--x' }),
    ask('GET', '/v3/directline/conversations/x/stream', { headers: { connection: 'upgrade', upgrade: 'websocket' } }),
    ask('POST', '/api/messages', { headers: json, body: '{"type":{"a":1}}' }),
    ask('GET', '/aide', { headers: { cookie: 'aide=%%%; __Host-aide=x.y' } }),
    ask('GET', `/${'a'.repeat(6_000)}`),
  ]);
  expect(answers.flatMap(told)).toEqual([]);
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  expect(new Set(answers.map(({ status }) => status)).size).toBeGreaterThan(4);
});

it.each<[string, string, string]>([
  ['a header', 'Content-Type\ntext/html\nServer\nx', ''],
  ['a library', '', '{"message":"restify: no such route"}'],
  ['a version', 'X-Version\nv20.20.2', ''],
  ['a stack', '', 'Error: x\n    at Server.handle (/srv/app/main.js:1:1)'],
  ['a path', '', 'cannot read /home/sesame/var'],
  ['a map', '', '//# sourceMappingURL=x.js.map'],
  ['a file', '', 'ref: refs/heads/main'],
])('would see %s', (_what, headers, body) => {
  expect(told({ asked: 'x', status: 200, headers, type: 'text/html', body })).not.toEqual([]);
});
