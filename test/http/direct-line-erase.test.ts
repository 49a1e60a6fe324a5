/** « Terminer et effacer mes messages » and opinions over Direct Line, in front of a whole house. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { openJournal } from '../../src/insights/journal.js';
import { createOpinions } from '../../src/insights/opinions.js';
import { holdFrame } from '../support/descriptions.js';
import { until, WebDoor, type Answer } from '../support/web-door.js';
import { World } from '../support/world.js';

let world: World;
let door: WebDoor;
let folder: string;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  world = await World.open();
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-erase-'));
  const opinions = createOpinions({ store: world.store, journal: openJournal(path.join(folder, 'opinions.jsonl')), clock: world.clock });
  door = await WebDoor.open({ assistant: world.assistant, opinions });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await door.close();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Frame {
  readonly activities: readonly { readonly type: string; readonly id: string; readonly conversation: { readonly id: string } }[];
  readonly watermark: string;
}

/** A window that reads along. */
function watch(url: string): { frames: Frame[]; closed: () => number | undefined } {
  const socket = new WebSocket(url);
  sockets.push(socket);
  const frames: Frame[] = [];
  let code: number | undefined;
  socket.on('message', (data) => {
    const text = (data as Buffer).toString();
    if (text !== '') frames.push(JSON.parse(text) as Frame);
  });
  socket.on('close', (ended) => (code = ended));
  return { frames, closed: () => code };
}

async function begun(): Promise<{ id: string; token: string; path: string; streamUrl: string }> {
  const { conversationId: id, token } = (await door.call('POST', '/api/token', { headers: { 'sec-fetch-site': 'same-origin' } })).json;
  const { streamUrl } = (await door.call('POST', '/v3/directline/conversations', { token })).json;
  await world.calm();
  return { id, token, path: `/v3/directline/conversations/${id}`, streamUrl };
}

const erase = (token: string): Promise<Answer> => door.call('DELETE', '/api/conversation', { token });

describe('erasing a conversation', () => {
  it('ends every open stream with one endOfConversation and a normal close', async () => {
    const talk = await begun();
    const other = await begun();
    const second = (await door.call('GET', talk.path, { token: talk.token })).json.streamUrl;
    const windows = [watch(talk.streamUrl), watch(second)];
    const elsewhere = watch(other.streamUrl);
    await until(() => [...windows, elsewhere].every(({ frames }) => frames.length > 0));
    expect((await erase(talk.token)).status).toBe(204);
    await until(() => windows.every(({ closed }) => closed() !== undefined));
    for (const { frames, closed } of windows) {
      expect(closed()).toBe(1000);
      frames.forEach(holdFrame);
      expect(frames.flatMap(({ activities }) => activities.filter(({ type }) => type === 'endOfConversation').map(({ conversation }) => conversation.id))).toEqual([talk.id]);
      expect(frames.at(-1)?.activities.map(({ type }) => type)).toEqual(['endOfConversation']);
    }
    expect(elsewhere.closed()).toBeUndefined();
    expect((await door.call('GET', `${other.path}/activities`, { token: other.token })).status).toBe(200);
  });

  it('is seen by whoever polls, and by a stream that opens too late', async () => {
    const talk = await begun();
    expect((await erase(talk.token)).status).toBe(204);
    for (const where of [`${talk.path}/activities`, `${talk.path}/activities?watermark=1`, talk.path]) {
      const asked = await door.call('GET', where, { token: talk.token });
      expect([asked.status, asked.json.error.code]).toEqual([404, 'ConversationNotFound']);
    }
    const late = watch(talk.streamUrl.replace(/watermark=\d+/, 'watermark=0'));
    await until(() => late.closed() !== undefined);
    expect(late.closed()).toBe(1000);
    expect(late.frames.flatMap(({ activities }) => activities.map(({ type }) => type))).toEqual(['endOfConversation']);
  });

  it('is harmless twice, and leaves an old token nothing to open, to renew or to say', async () => {
    const { token, path: where } = await begun();
    const ends = await Promise.all([erase(token), erase(token)]);
    expect(ends.map(({ status }) => status).filter((status) => ![204, 404].includes(status))).toEqual([]);
    expect((await erase(token)).status).toBe(404);
    const uses = [
      await door.call('POST', '/v3/directline/conversations', { token }),
      await door.call('POST', '/v3/directline/tokens/refresh', { token }),
      await door.call('POST', `${where}/activities`, { token, body: { type: 'message', text: 'encore moi' } }),
    ];
    expect(uses.map(({ status, json }) => [status, json.error.code])).toEqual(uses.map(() => [404, 'ConversationNotFound']));
  });

  it('takes one’s own token: none, a bad one or another page of the web erases nothing', async () => {
    const { token, path: where } = await begun();
    expect((await door.call('DELETE', '/api/conversation')).status).toBe(401);
    expect((await erase('made.up.token')).status).toBe(403);
    expect((await door.call('DELETE', '/api/conversation', { token, headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await door.call('GET', `${where}/activities`, { token })).json.activities.length).toBeGreaterThan(0);
  });

  it('may be asked by a page of an allowed origin', async () => {
    const preflight = await door.call('OPTIONS', '/api/conversation', { headers: { origin: 'https://site.example' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')?.split(', ')).toContain('DELETE');
    const { token } = await begun();
    const erased = await door.call('DELETE', '/api/conversation', { token, headers: { origin: 'https://site.example' } });
    expect([erased.status, erased.headers.get('access-control-allow-origin')]).toEqual([204, 'https://site.example']);
  });
});

describe('an opinion', () => {
  const kept = (): object[] => readFileSync(path.join(folder, 'opinions.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as object);

  /** A conversation with an answer of the knowledge in it. */
  async function answered(): Promise<{ id: string; token: string; path: string; about: string; mine: string }> {
    const talk = await begun();
    await door.call('POST', `${talk.path}/activities`, { token: talk.token, body: { type: 'message', text: 'à quoi sert le compte ameli' } });
    await world.calm();
    const said = await world.said(talk.id);
    const seqOf = (fits: (entry: (typeof said)[number]) => boolean): string => `${talk.id}|${String(said.find(fits)?.seq).padStart(7, '0')}`;
    return { ...talk, about: seqOf((entry) => entry.author === 'assistant' && entry.reply.kind === 'text' && entry.reply.entry !== undefined), mine: seqOf(({ author }) => author === 'person') };
  }

  it('is taken once, without an entry, and kept without a word or a name', async () => {
    const { id, token, path: where, about } = await answered();
    const before = (await world.said(id)).length;
    for (const value of [{ about, verdict: 'down', reason: 'did-not-work' }, { about, verdict: 'up' }]) {
      expect((await door.call('POST', `${where}/activities`, { token, body: { type: 'event', name: 'opinion', value } })).status).toBe(200);
    }
    expect(await world.said(id)).toHaveLength(before);
    expect(kept()).toEqual([{ day: '2026-11-23', about: 'role-du-compte', verdict: 'down', reason: 'did-not-work' }]);
    expect(readFileSync(path.join(folder, 'opinions.jsonl'), 'utf8')).not.toContain(id);
  });

  it('is refused where it is none, or about what Sésame did not say', async () => {
    const { id, token, path: where, about, mine } = await answered();
    const { about: others } = await answered();
    const wrong: unknown[] = [undefined, 'up', {}, { verdict: 'up' }, { about, verdict: 'meh' }, { about, verdict: 'down', reason: 'mon numéro est…' }, { about: 2, verdict: 'up' }, { about: `${id}|2`, verdict: 'up' }];
    for (const value of wrong) {
      const asked = await door.call('POST', `${where}/activities`, { token, body: { type: 'event', name: 'opinion', value } });
      expect([value, asked.status, asked.json.error.code]).toEqual([value, 400, 'BadArgument']);
    }
    for (const one of [others, mine, `${id}|0000099`]) {
      // Whose message it is, no description of shapes can say: asked without being held against ours.
      const sent = { method: 'POST', headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ type: 'event', name: 'opinion', value: { about: one, verdict: 'up' } }) };
      const response = await fetch(`${door.url}${where}/activities`, sent);
      expect([one, response.status, ((await response.json()) as Answer['json']).error.code]).toEqual([one, 400, 'BadArgument']);
    }
    expect(() => kept()).toThrow('ENOENT');
  });

  it('leaves other events taken without a word', async () => {
    const { token, path: where } = await begun();
    for (const name of ['opinions', undefined]) expect((await door.call('POST', `${where}/activities`, { token, body: { type: 'event', name, value: 'x' } })).status).toBe(200);
    expect(() => kept()).toThrow('ENOENT');
  });
});
