/** Streams that are too many, or whose other end floods us: each has its place, its pace and its size. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { adviserSays, until, WebDoor } from '../support/web-door.js';
import { LIMITS, type LimitSettings } from '../../src/limits/settings.js';
import { createSources } from '../../src/sources/whence.js';
import { SimulatedClock } from '../support/clock.js';

let door: WebDoor;
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await door.close();
});

async function open(limits: Partial<LimitSettings>): Promise<void> {
  const sources = createSources({ key: new Uint8Array(32).fill(6), clock: new SimulatedClock(), proxies: ['127.0.0.1'], limits: { perAddress: 1_000, perRange: 1_000 } });
  door = await WebDoor.open({ sources, limits: { ...LIMITS, ...limits } });
}

interface Asked {
  readonly socket: WebSocket;
  /** 101 where it opened, else the status and the seconds to wait. */
  readonly outcome: Promise<readonly (number | string | undefined)[]>;
}

function ask(url: string, from: string): Asked {
  const socket = new WebSocket(url, { headers: { 'x-forwarded-for': from } });
  socket.on('error', () => undefined);
  sockets.push(socket);
  const outcome = new Promise<readonly (number | string | undefined)[]>((resolve) => {
    socket.once('open', () => { resolve([101]); });
    socket.once('unexpected-response', (_request, { statusCode, headers }) => {
      resolve([statusCode, headers['retry-after']]);
      socket.terminate();
    });
  });
  return { socket, outcome };
}

/** A stream of a conversation of its own, asked for from an address behind our proxy. */
async function stream(from: string): Promise<Asked> {
  return ask((await door.begin()).streamUrl, from);
}

const outcomeFrom = async (from: string): Promise<readonly unknown[]> => (await stream(from)).outcome;

describe('I01: streams', () => {
  it('of one address are so many, and one more when one of them is closed', async () => {
    await open({ streamsPerAddress: 2 });
    const one = await stream('203.0.113.7');
    expect([await one.outcome, await outcomeFrom('203.0.113.7')]).toEqual([[101], [101]]);
    expect(await outcomeFrom('203.0.113.7')).toEqual([429, '5']);
    expect(await outcomeFrom('203.0.113.8')).toEqual([101]);
    one.socket.terminate();
    await until(async () => (await outcomeFrom('203.0.113.7'))[0] === 101);
  });

  it('are so many in all', async () => {
    await open({ streams: 2 });
    expect([await outcomeFrom('203.0.113.1'), await outcomeFrom('203.0.113.2')]).toEqual([[101], [101]]);
    expect(await outcomeFrom('203.0.113.3')).toEqual([503, '5']);
  });

  it('that are refused for another reason take no place', async () => {
    await open({ streamsPerAddress: 1 });
    for (let times = 0; times < 5; times += 1) {
      const wrong = ask(`${door.url.replace('http', 'ws')}/v3/directline/conversations/x/stream?t=x`, '203.0.113.7');
      expect([403, 429]).toContain((await wrong.outcome)[0]);
    }
    await until(async () => (await outcomeFrom('203.0.113.7'))[0] === 101);
  });
});

describe('I04: a client that will not be quiet', () => {
  it.each([
    ['messages', (socket: WebSocket) => { socket.send('a'); }, 1008],
    ['pings', (socket: WebSocket) => { socket.ping(); }, 1008],
    ['pieces of one message', (socket: WebSocket) => { socket.send('a', { fin: false }); }, 1006],
  ])('with %s is sent away', async (_, flood, code) => {
    await open({});
    const { socket } = await stream('203.0.113.7');
    await once(socket, 'open');
    for (let times = 0; times < 200; times += 1) flood(socket);
    const [closed] = (await once(socket, 'close')) as [number];
    // A socket cut in the middle of what it sends never learns why.
    expect([code, 1006, 1008]).toContain(closed);
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });

  it('and one that answers as it should is kept', async () => {
    await open({});
    const { socket } = await stream('203.0.113.7');
    await once(socket, 'open');
    for (let times = 0; times < 50; times += 1) socket.send('');
    await once(socket, 'message');
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('a page of a long conversation', () => {
  it('is as long as we would hold for somebody who does not read, and the next ones bring the rest', async () => {
    await open({});
    const { id, path, token } = await door.begin();
    for (let said = 0; said < 60; said += 1) door.assistant.say(id, adviserSays('é'.repeat(10_000)));
    const seen: string[] = [];
    for (let watermark = '0', more = true; more; ) {
      const { json, text, status } = await door.call('GET', `${path}/activities?watermark=${watermark}`, { token });
      expect([status, text.length < 256 * 1024]).toEqual([200, true]);
      seen.push(...json.activities.map((activity) => activity.id));
      more = json.activities.length > 0;
      watermark = json.watermark;
    }
    expect(new Set(seen).size).toBe(61);
    expect(seen).toHaveLength(61);
  });
});
