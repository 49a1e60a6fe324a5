/** Tokens and connections: of another conversation (C02), after their end (C03), and lent before somebody proved who they are (C04). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { directLineRoutes } from '../../src/channels/direct-line.js';
import { createTokens } from '../../src/channels/tokens.js';
import type { Store } from '../../src/conversation/ports.js';
import type { Utterance } from '../../src/conversation/utterance.js';
import { createSeats, seatKey, type Seats } from '../../src/sources/seats.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { SimulatedClock } from '../support/clock.js';
import { plenty } from '../support/plenty.js';
import { MemoryAssistant, SECRET, until, WebDoor, type Answer } from '../support/web-door.js';

/** Takes every form for one that proves who somebody is. */
class ProvingAssistant extends MemoryAssistant {
  seats!: Seats;

  override async hear(utterance: Utterance) {
    const { conversationId, source } = utterance;
    if (utterance.kind === 'form' && source?.seat !== undefined) await this.seats.keep(conversationId, source.seat);
    return super.hear(utterance);
  }
}

let folder: string;
let store: Store;
let door: WebDoor;
let clock: SimulatedClock;
let assistant: ProvingAssistant;
const sockets: WebSocket[] = [];

async function openDoor(): Promise<void> {
  store = await openEmbeddedStore({ folder });
  const seats = createSeats({ records: store, clock });
  assistant.seats = seats;
  door = await WebDoor.open({ assistant, clock, sources: plenty(clock), tokens: createTokens({ key: new Uint8Array(32).fill(7), clock, seats }) });
}
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-seats-'));
  clock = new SimulatedClock();
  assistant = new ProvingAssistant(clock);
  await openDoor();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await door.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Window {
  readonly token: string;
  readonly texts: string[];
  code: number | undefined;
}

/** A window that reads along. */
function watch({ token, streamUrl }: Answer['json']): Window {
  const socket = new WebSocket(streamUrl);
  sockets.push(socket);
  const window: Window = { token, texts: [], code: undefined };
  socket.on('message', (data) => {
    const text = (data as Buffer).toString();
    if (text !== '') window.texts.push(...(JSON.parse(text) as Answer['json']).activities.map((one) => one.text ?? ''));
  });
  // Refused before it opened: it closes as well.
  socket.on('error', () => undefined);
  socket.on('close', (code) => (window.code = code));
  return window;
}

const begin = async (): Promise<Answer['json']> => (await door.call('POST', '/api/conversation', { headers: { 'sec-fetch-site': 'same-origin' } })).json;
const at = (id: string): string => `/v3/directline/conversations/${id}`;
const prove = (id: string, token: string): Promise<Answer> => door.call('POST', `${at(id)}/activities`, { token, body: { type: 'message', value: { place: 'code#1', code: '1234 5678' } } });
const refreshed = async (token: string): Promise<Answer> => door.call('POST', '/v3/directline/tokens/refresh', { token });

/** Everything a token opens, by status. */
async function reach(id: string, token: string): Promise<number[]> {
  const body = { type: 'message', text: 'encore moi' };
  const calls: [string, string, unknown?][] = [['GET', at(id)], ['GET', `${at(id)}/activities`], ['POST', `${at(id)}/activities`, body], ['POST', '/v3/directline/conversations'], ['POST', '/v3/directline/tokens/refresh']];
  return Promise.all(calls.map(async ([method, where, sent]) => (await door.call(method, where, { token, ...(sent === undefined ? {} : { body: sent }) })).status));
}

describe('C02: the token of one conversation, on every route of another', () => {
  const verbs = { get: 'GET', post: 'POST', del: 'DELETE' } as const;
  const routes = directLineRoutes({ config: { secrets: [] } } as unknown as Parameters<typeof directLineRoutes>[0]);
  const table = routes.filter(({ path: where }) => where.includes(':conversationId')).map(({ verb, path: where }) => [verbs[verb], where] as const);

  it('has routes to try', () => {
    expect(table.length).toBeGreaterThanOrEqual(4);
  });

  it.each(table)('%s %s is refused in the same words as one that does not exist', async (method, where) => {
    const [mine, other] = [await begin(), await begin()];
    const body = method === 'POST' ? { body: { type: 'message', text: 'x' } } : {};
    const asked = await door.call(method, where.replace(':conversationId', other.conversationId), { token: mine.token, ...body });
    const invented = await door.call(method, where.replace(':conversationId', 'A'.repeat(22)), { token: mine.token, ...body });
    expect([asked.status, asked.text]).toEqual([403, invented.text]);
    expect(invented.status).toBe(403);
  });

  it('opens no stream, and erases and renews nothing but its own', async () => {
    const [mine, other] = [await begin(), await begin()];
    const stranger = watch({ ...mine, streamUrl: mine.streamUrl.replace(mine.conversationId, other.conversationId) });
    await until(() => stranger.code !== undefined);
    expect(stranger.texts).toEqual([]);
    expect((await refreshed(mine.token)).json.conversationId).toBe(mine.conversationId);
    expect((await door.call('DELETE', '/api/conversation', { token: mine.token })).status).toBe(204);
    expect((await door.call('GET', `${at(other.conversationId)}/activities`, { token: other.token })).status).toBe(200);
  });
});

describe('C03: a token', () => {
  it('after the end of its conversation opens nothing, and its seat leaves no record', async () => {
    const { conversationId: id, token } = await begin();
    await prove(id, token);
    const erase = jest.spyOn(assistant, 'erase');
    expect((await door.call('DELETE', '/api/conversation', { token })).status).toBe(204);
    expect(await reach(id, token)).toEqual(Array(5).fill(404));
    // What the door keeps of a conversation is handed to whoever erases it.
    expect(erase.mock.calls).toEqual([[id, [seatKey(id)]]]);
  });

  it('after half an hour says that it has expired, whoever proved meanwhile', async () => {
    const { conversationId: id, token } = await begin();
    await prove(id, token);
    clock.pass(1_801_000);
    const late = await door.call('GET', `${at(id)}/activities`, { token });
    expect([late.status, late.json.error.code]).toEqual([403, 'TokenExpired']);
  });

  it('that was lost stays lost across a restart, and the one that proved goes on', async () => {
    const lent = await begin();
    const proving = (await door.call('GET', at(lent.conversationId), { token: lent.token })).json;
    await prove(lent.conversationId, proving.token);
    await door.close();
    await store.close();
    await openDoor();
    expect(await reach(lent.conversationId, lent.token)).toEqual(Array(5).fill(403));
    expect(await reach(lent.conversationId, proving.token)).toEqual(Array(5).fill(200));
  });
});

describe('C04: a conversation that was lent', () => {
  it('is lost to the lender at the moment of the proof: 4401, and not one word more', async () => {
    const lender = await begin();
    const { conversationId: id } = lender;
    const attacker = watch(lender);
    // As every client does with a token it is given: it opens, and goes on with what it gets.
    const person = watch((await door.call('POST', '/v3/directline/conversations', { token: lender.token })).json);
    await until(() => attacker.texts.length === 1 && person.texts.length === 1);
    const renewed = (await refreshed(lender.token)).json.token;
    const unused = (await door.call('GET', at(id), { token: lender.token })).json;

    expect((await prove(id, person.token)).status).toBe(200);
    await until(() => attacker.code !== undefined && person.texts.at(-1) === 'Merci.');
    expect([attacker.code, person.code]).toEqual([4401, undefined]);
    expect(attacker.texts).toEqual(['Bonjour.']);
    for (const lost of [lender.token, renewed, unused.token]) expect(await reach(id, lost)).toEqual(Array(5).fill(403));
    const late = watch(unused);
    await until(() => late.code !== undefined);
    expect(late.texts).toEqual([]);

    expect(await reach(id, person.token)).toEqual(Array(5).fill(200));
    await until(() => person.texts.at(-1) === 'Écho : encore moi');
  });

  it('goes on for whoever proved, over refreshes and reconnections, and for a client that keeps its first token', async () => {
    const { conversationId: id, token } = await begin();
    await prove(id, token);
    const later = (await refreshed(token)).json.token;
    const again = (await door.call('GET', at(id), { token: later })).json;
    for (const good of [token, later, again.token]) expect(await reach(id, good)).toEqual(Array(5).fill(200));
    const window = watch(again);
    await until(() => window.texts.includes('Merci.'));
    expect((await prove(id, again.token)).status).toBe(200);
    expect(await reach(id, again.token)).toEqual(Array(5).fill(200));
  });

  it('is lost to a lender who had proved before, once somebody else does', async () => {
    const lender = await begin();
    await prove(lender.conversationId, lender.token);
    const kept = (await refreshed(lender.token)).json.token;
    const person = (await door.call('GET', at(lender.conversationId), { token: kept })).json;
    await prove(lender.conversationId, person.token);
    expect(await reach(lender.conversationId, kept)).toEqual(Array(5).fill(403));
    expect(await reach(lender.conversationId, person.token)).toEqual(Array(5).fill(200));
  });

  it('is refused in the same words as a token that is not ours', async () => {
    const lender = await begin();
    const person = (await door.call('GET', at(lender.conversationId), { token: lender.token })).json;
    await prove(lender.conversationId, person.token);
    const [lost, foreign] = [await door.call('GET', at(lender.conversationId), { token: lender.token }), await door.call('GET', at(lender.conversationId), { token: 'not.one.ofours' })];
    expect([lost.status, lost.text]).toEqual([foreign.status, foreign.text]);
  });

  it('does not touch other conversations, nor a server that shares a secret', async () => {
    const [one, other] = [await begin(), await begin()];
    const window = watch(other);
    await until(() => window.texts.length === 1);
    await prove(one.conversationId, one.token);
    expect(await reach(other.conversationId, other.token)).toEqual(Array(5).fill(200));
    expect(window.code).toBeUndefined();
    const served = (await door.call('GET', at(one.conversationId), { token: SECRET })).json;
    const reading = watch(served);
    await until(() => reading.texts.includes('Merci.'));
  });
});
