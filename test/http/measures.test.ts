/** What the internal port tells of real turns, in the whole house; and B09: the public port tells nothing of it, and no label names anybody. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { createApp, type Running } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { createInternal, inJson, type InternalServer } from '../../src/internal.js';
import { readKeys } from '../../src/keys.js';
import { openMeasures } from '../../src/measured.js';
import { createMask } from '../../src/redaction/mask.js';
import { SimulatedClock } from '../support/clock.js';
import { eventually } from '../support/running.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sesame-measures-'));
let app: Running;
let internal: InternalServer;
let inside = '';
beforeAll(async () => {
  const clock = new SimulatedClock();
  const config = { ...readConfig({ DATA_DIR: folder, INTERNAL_PORT: '0', TRACES: 'on' }), port: 0 };
  const measures = await openMeasures({ config, clock });
  const note = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (event === 'internal.listening') inside = String(fields['url']);
  };
  const log = measures.log({ info: note, warn: note, error: note });
  // Nobody answers there: calls fail, and are measured as such.
  const backend = { url: 'http://127.0.0.1:9', token: 'none' };
  app = await createApp({ config, keys: await readKeys(folder), backend, clock, mask: createMask(() => clock.now()), log, measures });
  internal = createInternal({ at: config.internal, routes: { ...measures.routes, ...inJson(app.health) }, log });
  await internal.listen();
  await app.listen();
});
afterAll(async () => {
  await app.close();
  await internal.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = async (): Promise<string> => (await fetch(`${inside}/metrics`)).text();
const value = (text: string, series: string): number => Number(text.split('\n').find((line) => line.startsWith(`${series} `))?.slice(series.length + 1) ?? 'NaN');
const seriesIn = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' ')));

interface Begun {
  readonly token: string;
  readonly conversationId: string;
  readonly streamUrl: string;
}

async function begin(): Promise<Begun> {
  return (await (await fetch(`${app.url()}/api/conversation`, { method: 'POST', headers: { origin: app.url() } })).json()) as Begun;
}

async function say(text: string, { token, conversationId }: Begun): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await fetch(`${app.url()}/v3/directline/conversations/${conversationId}/activities`, { method: 'POST', headers, body: JSON.stringify({ type: 'message', text }) });
  await app.assistant.settled();
}

/** Everything there is to measure, with a word that must be nowhere. */
async function talk(): Promise<Begun> {
  const begun = await begin();
  for (const text of ['mon compte est bloqué après plusieurs essais', 'Débloquer mon compte', 'pervenche 2 55 08 14 168 025 38', 'parler à un conseiller']) await say(text, begun);
  return begun;
}

it('tells each step of a turn, which stage claimed it, and what came in', async () => {
  const before = await read();
  await talk();
  const after = await read();
  const grown = (series: string): number => value(after, series) - (value(before, series) || 0);
  for (const step of ['load', 'recognise', 'decide', 'dialog', 'commit']) expect([step, grown(`sesame_turn_step_seconds_count{step="${step}"}`)]).toEqual([step, 5]);
  expect(grown('sesame_turn_seconds_count')).toBe(5);
  expect(grown('sesame_turns_total{stage="welcome",end="closed"}')).toBe(1);
  expect(grown('sesame_turns_total{stage="answerFromKnowledge",end="closed"}')).toBeGreaterThan(0);
  expect(grown('sesame_accept_seconds_count{end="accepted"}')).toBe(5);
  expect(grown('sesame_http_requests_total{route="activities",status="2xx"}')).toBe(4);
  expect(grown('sesame_http_requests_total{route="conversation",status="2xx"}')).toBe(1);
  expect(grown('sesame_turn_wait_seconds_count')).toBeGreaterThanOrEqual(5);
  expect(value(after, 'sesame_turns_queued')).toBe(0);
  expect(after).not.toMatch(/sesame_turns_total\{[^}]*"other"/);
});

it('tells actions by name and outcome', async () => {
  const before = await read();
  await talk();
  const after = await read();
  for (const series of ['sesame_actions_total{action="account.service",outcome="up"}', 'sesame_actions_total{action="handoff.request",outcome="nobody"}', 'sesame_action_seconds_count{action="account.service"}']) {
    expect([series, value(after, series) - (value(before, series) || 0)]).toEqual([series, 1]);
  }
  expect(value(after, 'sesame_turn_step_seconds_count{step="actions"}')).toBeGreaterThan(0);
});

it('counts open streams and connections, and takes them back', async () => {
  const { streamUrl } = await begin();
  const before = await read();
  const socket = new WebSocket(streamUrl);
  await new Promise((resolve) => socket.once('message', resolve));
  const during = await read();
  expect(value(during, 'sesame_streams') - value(before, 'sesame_streams')).toBe(1);
  expect(value(during, 'sesame_connections') - value(before, 'sesame_connections')).toBe(1);
  socket.close();
  await eventually(async () => (value(await read(), 'sesame_streams') === value(before, 'sesame_streams') ? true : undefined));
});

it.each(['/metrics', '/metrics/', '/METRICS', '/metrics?format=text', '/internal/metrics', '/health/live', '/health/ready', '/health/metrics', '/debug', '/status'])('B09: the public port has nothing at %s', async (where) => {
  const response = await fetch(app.url() + where);
  expect([response.status, (await response.text()).includes('sesame_')]).toEqual([404, false]);
});

it('B09: the internal port answers what is on its table, to no page and to nothing else', async () => {
  const status = async (where: string, init: RequestInit = {}): Promise<number> => (await fetch(inside + where, init)).status;
  expect(await status('/metrics')).toBe(200);
  expect(await status('/health/live')).toBe(200);
  for (const where of ['/', '/constructor', '/__proto__', '/aide', '/api/conversation', '/metrics/x']) expect([where, await status(where)]).toEqual([where, 404]);
  expect(await status('/metrics', { method: 'POST', body: 'x'.repeat(100_000) })).toBe(404);
  expect(await status('/metrics', { headers: { origin: 'https://example.fr' } })).toBe(403);
});

it('B09, G04: no label names anybody, whatever comes in, and there are no more series for it', async () => {
  const { conversationId } = await talk();
  const before = seriesIn(await read());
  const random = Array.from({ length: 200 }, (_, at) => `/${Math.random().toString(36).slice(2)}/2550814168025${String(at)}`);
  for (const where of random) await fetch(app.url() + where, { method: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'][where.length % 5]! });
  for (const where of random.slice(0, 20)) await fetch(`${app.url()}/v3/directline/conversations${where}`);
  for (let at = 0; at < 5; at += 1) await talk();
  const text = await read();
  const fresh = seriesIn(text).filter((series) => !before.includes(series) && series.startsWith('sesame_') && !/route="(other|activities|conversation|session)"/.test(series));
  expect(fresh).toEqual([]);
  for (const said of [conversationId, 'pervenche', '2550814168025', '25508', 'bloqué', ...random.slice(0, 20)]) expect(text).not.toContain(said);
  // A histogram is one series a set of labels here; its buckets are a fixed multiple.
  expect(new Set(seriesIn(text).filter((series) => !series.includes('_bucket')).map((series) => series.replace(/_(sum|count)(?=\{|$)/, ''))).size).toBeLessThanOrEqual(200);
});

it('knows every address of the house by the name of its route', async () => {
  const others = async (): Promise<number> => {
    const text = await read();
    return seriesIn(text).filter((series) => series.includes('route="other"')).reduce((sum, series) => sum + value(text, series), 0);
  };
  const before = await others();
  const gets = ['/', '/discussion', '/confidentialite', '/demo/courrier', '/public/widget.js', '/health', '/aide', '/aide/confidentialite', '/franceconnect/retour'];
  const posts = ['/api/token', '/api/conversation', '/v3/directline/tokens/generate', '/v3/directline/tokens/refresh', '/v3/directline/conversations', '/v3/directline/conversations/x/activities', '/v3/directline/conversations/x/upload', '/api/messages'];
  for (const where of gets) await fetch(app.url() + where);
  for (const where of posts) await fetch(app.url() + where, { method: 'POST' });
  await fetch(`${app.url()}/v3/directline/session/getsessionid`);
  expect(await others()).toBe(before);
});
