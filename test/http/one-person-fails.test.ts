/** B08 over HTTP: an account backend that fails for one person only, person by person, beside those for whom it is well. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApp, type Running } from '../../src/app.js';
import { LIMITS } from '../../src/attempts/limits.js';
import { readConfig } from '../../src/config.js';
import { readKeys } from '../../src/keys.js';
import { createMask } from '../../src/redaction/mask.js';
import { SimulatedClock } from '../support/clock.js';
import { MARTIN } from '../support/world.js';

/** What the backend answers to a look-up. */
const ANSWERS: Readonly<Record<string, readonly [status: number, body: string]>> = {
  'somebody': [200, '{"match":"one","subject":"s_martin"}'],
  'nobody': [200, '{"match":"none"}'],
  'refused with 404': [404, '{"error":{"code":"not-found","message":"x"}}'],
  'refused with 409': [409, '{"error":{"code":"conflict","message":"x"}}'],
  'refused with 423': [423, '{"error":{"code":"locked","message":"x"}}'],
  'failing with 500': [500, '{"error":{"code":"internal","message":"x"}}'],
  'answered with nonsense': [200, '<html>'],
};

const folder = mkdtempSync(path.join(tmpdir(), 'sesame-one-person-'));
const quiet = (): void => undefined;
let lookUp: readonly [number, string] = [500, ''];
let backend: Server;
let app: Running;
const clock = new SimulatedClock();
beforeAll(async () => {
  backend = createServer((request, response) => {
    const [status, body] = request.url === '/health' ? [200, '{"status":"ok"}'] : request.url === '/v1/subjects/identify' ? lookUp : [200, '{"subject":"s_martin","email":null}'];
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body);
  }).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const config = { ...readConfig({ DATA_DIR: folder }), port: 0 };
  const url = `http://127.0.0.1:${String((backend.address() as AddressInfo).port)}`;
  app = await createApp({ config, keys: await readKeys(folder), backend: { url, token: 'none' }, clock, mask: createMask(() => clock.now()), log: { info: quiet, warn: quiet, error: quiet } });
  await app.listen();
});
afterAll(async () => {
  await app.close();
  backend.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Said {
  readonly activities: readonly { readonly from: { readonly role: string }; readonly attachments?: readonly { readonly content: { readonly actions: readonly { readonly data: { place?: string } }[] } }[] }[];
}

/** Everything a client is told, and how it is told, for an identity sent in a conversation of its own. */
async function told(birthDate: string): Promise<{ said: string; tookMs: number }> {
  const begun = (await (await fetch(`${app.url()}/api/conversation`, { method: 'POST', headers: { origin: app.url() } })).json()) as { token: string; conversationId: string };
  const at = `${app.url()}/v3/directline/conversations/${begun.conversationId}/activities`;
  const headers = { authorization: `Bearer ${begun.token}`, 'content-type': 'application/json' };
  const post = (activity: object): Promise<Response> => fetch(at, { method: 'POST', headers, body: JSON.stringify({ type: 'message', ...activity }) });
  const read = async (): Promise<Said> => (await (await fetch(at, { headers })).json()) as Said;
  for (const text of ['mon compte est bloqué après plusieurs essais', 'Débloquer mon compte']) await post({ text });
  let place: string | undefined;
  while (place === undefined) {
    place = (await read()).activities.flatMap(({ attachments = [] }) => attachments).flatMap(({ content }) => content.actions).find(({ data }) => data.place !== undefined)?.data.place;
  }
  const start = performance.now();
  const sent = await post({ value: { place, nir: MARTIN.nir, birthDate } });
  const tookMs = performance.now() - start;
  const { activities } = await read();
  const since = activities.slice(activities.findLastIndex(({ from }) => from.role === 'user'));
  // What differs from one conversation to the next of the same person.
  const plain = JSON.stringify(since, (name, value: unknown) => (['id', 'replyToId', 'timestamp', 'place'].includes(name) ? undefined : value));
  const names = [...sent.headers.keys()].sort().join(' ');
  return { said: [String(sent.status), names, String((await sent.text()).length), plain].join('\n'), tookMs };
}

test('B08: whatever the backend answers for one person, they are told what the others are, and not before the others', async () => {
  const heard: Record<string, { said: string; tookMs: number }> = {};
  for (const [index, [who, answer]] of Object.entries(ANSWERS).entries()) {
    lookUp = answer;
    // One number stands for them all: on the day after, nothing that the others did counts any more.
    clock.pass(25 * 3_600_000);
    heard[who] = await told(`${String(10 + index)}/08/1955`);
  }
  const [first] = Object.values(heard);
  expect(first?.said).toContain('Votre code');
  for (const [who, { said, tookMs }] of Object.entries(heard)) {
    expect([who, said]).toEqual([who, first?.said]);
    expect([who, tookMs >= LIMITS.replyGridMs * 0.9]).toEqual([who, true]);
  }
});
