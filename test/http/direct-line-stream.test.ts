/** The live side: every entry once and in order, whatever happens to the socket, and no room for those who abuse it. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { createStreams } from '../../src/channels/stream.js';
import { createSignals } from '../../src/signals.js';
import { SimulatedClock } from '../support/clock.js';
import { hold, holdFrame } from '../support/descriptions.js';
import { adviserSays, until, WebDoor } from '../support/web-door.js';

let door: WebDoor;
const open: WebSocket[] = [];
const readers: Reader[] = [];

beforeEach(async () => {
  door = await WebDoor.open();
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate();
  await door.close();
  for (const { frames, handshake } of readers.splice(0)) {
    frames.forEach(holdFrame);
    if (handshake !== undefined) holdUpgrade(handshake, '');
  }
});

interface Frame {
  readonly activities: readonly { readonly id: string; readonly text?: string }[];
  readonly watermark: string;
}

class Reader {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  handshake: IncomingMessage | undefined;
  closeCode: number | undefined;

  constructor(url: string, options: { origin?: string } = {}) {
    this.socket = new WebSocket(url, options);
    open.push(this.socket);
    readers.push(this);
    this.socket.on('upgrade', (answer) => {
      this.handshake = answer;
    });
    this.socket.on('message', (data) => {
      const text = (data as Buffer).toString();
      if (text !== '') this.frames.push(JSON.parse(text) as Frame);
    });
    this.socket.on('close', (code) => {
      this.closeCode = code;
    });
    this.socket.on('error', () => undefined);
  }

  get seqs(): readonly number[] {
    return this.frames.flatMap(({ activities }) => activities.map(({ id }) => Number(id.split('|')[1])));
  }

  get watermark(): string {
    return this.frames.at(-1)?.watermark ?? '0';
  }
}

function holdUpgrade(answer: IncomingMessage, text: string): void {
  const headers = new Headers(Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]));
  hold({ method: 'GET', address: '/v3/directline/conversations/x/stream', status: answer.statusCode ?? 0, headers, text });
}

/** The HTTP status that an upgrade was refused with. */
async function refusal(url: string, options: { origin?: string } = {}): Promise<number | undefined> {
  const socket = new WebSocket(url, options);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  holdUpgrade(response, await textOf(response));
  socket.terminate();
  return response.statusCode;
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const speak = (id: string, from: number, to: number) => {
  for (let line = from; line <= to; line += 1) door.assistant.say(id, adviserSays(`ligne ${String(line)}`));
};
const streamOf = async ({ path, token }: { path: string; token: string }, watermark: string) =>
  (await door.call('GET', `${path}?watermark=${watermark}`, { token })).json.streamUrl;

describe('a stream', () => {
  it('replays what was said and goes on with what is said, without a gap or a double', async () => {
    const talk = await door.begin();
    speak(talk.id, 2, 250);
    const reader = new Reader(talk.streamUrl);
    // The replay takes several pages: these lines fall in the middle of it.
    await until(() => reader.frames.length > 0);
    speak(talk.id, 251, 400);
    await until(() => reader.seqs.length >= 400);
    speak(talk.id, 401, 410);
    await until(() => reader.seqs.length >= 410);
    expect(reader.seqs).toEqual(upTo(410));
    expect(reader.watermark).toBe('410');
  });

  it('misses nothing said while the last page is being read', async () => {
    const talk = await door.begin();
    const { assistant } = door;
    const read = assistant.transcript.bind(assistant);
    let late = 0;
    assistant.transcript = async (id, after, limit) => {
      const found = await read(id, after, limit);
      // Said after the store was read, before the stream hears of what it read.
      if (found.length <= 1 && late < 3) speak(id, (late += 1) + 1, late + 1);
      return found;
    };
    const reader = new Reader(talk.streamUrl);
    await until(() => reader.seqs.length >= 4);
    speak(talk.id, 5, 5);
    await until(() => reader.seqs.length >= 5);
    expect(reader.seqs).toEqual(upTo(5));
  });

  it('puts what one commit adds into one frame', async () => {
    const talk = await door.begin();
    const reader = new Reader(talk.streamUrl);
    await until(() => reader.frames.length === 1);
    speak(talk.id, 2, 4);
    await until(() => reader.frames.length === 2);
    expect(reader.frames[1]?.activities.map(({ text }) => text)).toEqual(['ligne 2', 'ligne 3', 'ligne 4']);
  });

  it('gives exactly the rest to a client that was cut and comes back', async () => {
    const talk = await door.begin();
    const first = new Reader(talk.streamUrl);
    speak(talk.id, 2, 5);
    await until(() => first.seqs.length === 5);
    first.socket.terminate();
    await until(() => door.assistant.followers(talk.id) === 0);
    speak(talk.id, 6, 9);
    const second = new Reader(await streamOf(talk, first.watermark));
    speak(talk.id, 10, 12);
    await until(() => second.seqs.length >= 7);
    expect([...first.seqs, ...second.seqs]).toEqual(upTo(12));
  });

  it('hears nothing that clients send on it', async () => {
    const talk = await door.begin();
    const reader = new Reader(talk.streamUrl);
    await until(() => reader.frames.length === 1);
    const before = door.assistant.heard.length;
    reader.socket.send(JSON.stringify({ type: 'message', text: 'par ici' }));
    reader.socket.send('');
    speak(talk.id, 2, 2);
    await until(() => reader.seqs.length === 2);
    expect(door.assistant.heard).toHaveLength(before);
  });

  it('ends for a client that sends over 16 KiB', async () => {
    const talk = await door.begin();
    const reader = new Reader(talk.streamUrl);
    await once(reader.socket, 'open');
    reader.socket.send('x'.repeat(20_000));
    await until(() => reader.closeCode !== undefined);
    expect(reader.closeCode).toBe(1009);
    await until(() => door.assistant.followers(talk.id) === 0);
  });

  it('lets go of a reader too slow, and catches it up when it comes back', async () => {
    const talk = await door.begin();
    const slow = new Reader(talk.streamUrl);
    await until(() => slow.frames.length === 1);
    slow.socket.pause();
    let said = 1;
    // The network in between holds several megabytes of its own before anything waits on our side.
    while (door.assistant.followers(talk.id) > 0 && said < 1_000) {
      said += 1;
      door.assistant.say(talk.id, adviserSays('x'.repeat(100_000)));
      await new Promise((resolve) => setImmediate(resolve));
      if (said === 400) slow.socket.resume();
    }
    await until(() => slow.closeCode !== undefined);
    expect(slow.closeCode).toBe(1013);
    expect(slow.seqs.length).toBeLessThan(said);
    const back = new Reader(await streamOf(talk, slow.watermark));
    await until(() => back.seqs.at(-1) === said);
    expect([...slow.seqs, ...back.seqs]).toEqual(upTo(said));
  });

  it('says goodbye with 1012 when the server stops', async () => {
    const talk = await door.begin();
    const reader = new Reader(talk.streamUrl);
    await until(() => reader.frames.length === 1);
    await door.close();
    await until(() => reader.closeCode !== undefined);
    expect(reader.closeCode).toBe(1012);
  });
});

describe('a stream is refused', () => {
  it('to a ticket used before, made up, or too old', async () => {
    const talk = await door.begin();
    const reader = new Reader(talk.streamUrl);
    await once(reader.socket, 'open');
    expect(await refusal(talk.streamUrl)).toBe(403);
    expect(await refusal(talk.streamUrl.replace(/t=.*/, 't=invented'))).toBe(403);
    const late = await streamOf(talk, '0');
    door.clock.pass(60_001);
    expect(await refusal(late)).toBe(403);
  });

  it('to the ticket of another conversation', async () => {
    const [mine, other] = [await door.begin(), await door.begin()];
    expect(await refusal(mine.streamUrl.replace(mine.id, other.id))).toBe(403);
  });

  it('to a page of an origin that is not allowed', async () => {
    const talk = await door.begin();
    expect(await refusal(talk.streamUrl, { origin: 'https://evil.example' })).toBe(403);
    const allowed = new Reader(await streamOf(talk, '0'), { origin: 'https://site.example' });
    await once(allowed.socket, 'open');
  });

  it('from a watermark past the end', async () => {
    const talk = await door.begin();
    expect(await refusal(talk.streamUrl.replace('watermark=0', 'watermark=7'))).toBe(400);
  });

  it('to what is no WebSocket handshake', async () => {
    const { streamUrl } = await door.begin();
    const asked = get(streamUrl.replace('ws:', 'http:'), { headers: { connection: 'Upgrade', upgrade: 'websocket' } });
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    holdUpgrade(answer, await textOf(answer));
    expect(answer.statusCode).toBe(400);
    expect((await door.call('GET', streamUrl.replace(/^ws:\/\/[^/]+/, ''))).status).toBe(404);
  });

  it('to a sixth tab', async () => {
    const talk = await door.begin();
    for (let tab = 0; tab < 5; tab += 1) await once(new Reader(await streamOf(talk, '0')).socket, 'open');
    expect(await refusal(await streamOf(talk, '0'))).toBe(429);
    open[0]!.terminate();
    await until(() => door.assistant.followers(talk.id) === 4);
    await once(new Reader(await streamOf(talk, '0')).socket, 'open');
  });
});

describe('signs of life', () => {
  it('are sent to those who wait, and end a socket that gives none', async () => {
    const { createServer } = await import('node:http');
    const { assistant, tokens } = door;
    const { id } = await door.begin();
    const streams = createStreams({ assistant, tokens, allowsOrigin: () => true, labels: { fieldMissing: '' }, report: () => undefined, keepAliveMs: 20 });
    const server = createServer().on('upgrade', (request, socket, head) => void streams.upgrade(request, socket, head)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const connect = async (options: object) => new WebSocket(`ws://127.0.0.1:${String(port)}/v3/directline/conversations/${id}/stream?t=${await tokens.ticket({ conversation: id, user: 'x' })}`, options);
    const alive = await connect({});
    const dead = await connect({ autoPong: false });
    open.push(alive, dead);
    let empty = 0;
    alive.on('message', (data) => (empty += (data as Buffer).length === 0 ? 1 : 0));
    await once(dead, 'close');
    await until(() => empty > 5);
    expect(alive.readyState).toBe(WebSocket.OPEN);
    alive.terminate();
    server.close();
  });
});

describe('what is beside the words', () => {
  const signals = createSignals(new SimulatedClock());
  beforeEach(async () => {
    await door.close();
    door = await WebDoor.open({ signals });
  });

  it('shows that an adviser is writing to whoever reads at that moment, and moves no watermark', async () => {
    const talk = await door.begin();
    const other = await door.begin();
    const [reader, elsewhere] = [new Reader(talk.streamUrl), new Reader(other.streamUrl)];
    await until(() => reader.frames.length === 1 && elsewhere.frames.length === 1);
    signals.adviserTypes(talk.id, 'Camille');
    await until(() => reader.frames.length === 2);
    expect(reader.frames[1]).toEqual({ activities: [{ type: 'typing', channelId: 'directline', conversation: { id: talk.id }, from: { id: 'adviser', name: 'Camille', role: 'bot' } }], watermark: '1' });
    speak(talk.id, 2, 2);
    speak(other.id, 2, 2);
    await until(() => reader.frames.length === 3 && elsewhere.frames.length === 2);
    expect(reader.watermark).toBe('2');
    expect(elsewhere.frames[1]?.activities.map(({ text }) => text)).toEqual(['ligne 2']);
    expect((await door.call('GET', `${talk.path}/activities`, { token: talk.token })).json.activities).toHaveLength(2);
  });

  it('tells the advisers who is writing and who has left, of one’s own conversation only', async () => {
    const told: string[] = [];
    signals.heardBy({ typed: (id) => void told.push(`typed ${id}`), left: (id) => Promise.resolve(void told.push(`left ${id}`)) });
    const [talk, other] = [await door.begin(), await door.begin()];
    for (const type of ['typing', 'endOfConversation', 'event']) {
      await door.call('POST', `${talk.path}/activities`, { token: talk.token, body: { type } });
      await door.call('POST', `${talk.path}/activities`, { token: other.token, body: { type } });
    }
    expect(told).toEqual([`typed ${talk.id}`, `left ${talk.id}`]);
  });
});
