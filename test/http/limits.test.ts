/** Floods and slow clients at the real server: who is turned away, in which words, and that everybody else is served. */
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { BusyError } from '../../src/conversation/errors.js';
import { keepDoor } from '../../src/limits/door.js';
import { LIMITS, type LimitSettings } from '../../src/limits/settings.js';
import { createSources } from '../../src/sources/whence.js';
import { SimulatedClock } from '../support/clock.js';
import { SelfHelp } from '../support/self-help.js';
import { until, WebDoor } from '../support/web-door.js';

const key = new Uint8Array(32).fill(6);
const lines: Socket[] = [];
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const line of lines.splice(0)) line.destroy();
  for (const close of closing.splice(0)) await close();
});

/** A raw connection and what came back on it. */
class Line {
  text = '';
  isClosed = false;
  readonly socket: Socket;

  constructor(url: string, localAddress = '127.0.0.1') {
    this.socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress });
    lines.push(this.socket);
    this.socket.on('data', (data) => (this.text += data.toString()));
    this.socket.on('error', () => undefined);
    this.socket.once('close', () => (this.isClosed = true));
  }

  ask(head: string): this {
    this.socket.write(`${head}\r\nHost: x\r\n\r\n`);
    return this;
  }

  get statuses(): readonly number[] {
    return [...this.text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
  }

  async closed(): Promise<this> {
    await until(() => this.isClosed);
    return this;
  }
}

async function open(limits: Partial<LimitSettings>, more: Parameters<typeof WebDoor.open>[0] = {}): Promise<WebDoor> {
  const clock = new SimulatedClock();
  const door = await WebDoor.open({ sources: createSources({ key, clock }), limits: { ...LIMITS, ...limits }, ...more });
  closing.push(() => door.close());
  return door;
}

describe('connections', () => {
  it('of one address are so many; one more is told so and closed, and the neighbour comes in', async () => {
    const door = await open({ connectionsPerAddress: 3 });
    const silent = Array.from({ length: 3 }, () => new Line(door.url));
    await until(() => silent.every(({ socket }) => !socket.connecting));
    const refused = await new Line(door.url).ask('GET /health HTTP/1.1').closed();
    expect(refused.statuses).toEqual([429]);
    expect(refused.text).toMatch(/Retry-After: 5\r\n[^]*"code":"LimitExceeded"/);
    expect((await neighbour(door.url)).statuses).toEqual([200]);
    silent[0]?.socket.destroy();
    await until(async () => (await new Line(door.url).ask('GET /health HTTP/1.1\r\nConnection: close').closed()).statuses[0] === 200);
  });

  it('are so many in all: the next is told so', async () => {
    const door = await open({ connections: 2 });
    const silent = [new Line(door.url), new Line(door.url, '127.0.0.2')];
    await until(() => silent.every(({ socket }) => !socket.connecting));
    const api = await new Line(door.url, '127.0.0.3').ask('GET /v3/directline/conversations/x HTTP/1.1').closed();
    expect([api.statuses, /"code":"ServiceUnavailable"/.test(api.text)]).toEqual([[503], true]);
  });

  it('of somebody on the simple page are refused in words for people', async () => {
    const help = await SelfHelp.open({ limits: { ...LIMITS, connections: 1 } });
    closing.push(() => help.close());
    const silent = new Line(help.url);
    await until(() => !silent.socket.connecting);
    const page = await new Line(help.url, '127.0.0.3').ask('GET /aide/recherche?q=x HTTP/1.1').closed();
    expect(page.statuses).toEqual([503]);
    expect(page.text).toMatch(/Retry-After: 5\r\n[^]*<h1[^>]*>Sésame est très demandé en ce moment<\/h1>/);
  });

  it('past those that can be told why are cut without a word', async () => {
    const door = await open({ connectionsPerAddress: 1 });
    const many = Array.from({ length: 40 }, () => new Line(door.url));
    await until(() => many.filter(({ isClosed }) => isClosed).length >= 20);
    expect(many.every(({ text }) => text === '')).toBe(true);
    expect((await neighbour(door.url)).statuses).toEqual([200]);
  });
});

const neighbour = (url: string): Promise<Line> => new Line(url, '127.0.0.9').ask('GET /health HTTP/1.1\r\nConnection: close').closed();

describe('requests', () => {
  it('of one address come as fast as they may; past that it is told to wait, on a connection that then closes', async () => {
    const door = await open({ requestsPerSecond: 5 });
    const statuses: number[] = [];
    for (let at = 0; at < 25; at += 1) statuses.push((await door.call('GET', '/health')).status);
    expect(statuses).toEqual([...Array<number>(20).fill(200), ...Array<number>(5).fill(429)]);
    const refused = await new Line(door.url).ask('GET /health HTTP/1.1').closed();
    expect(refused.text).toMatch(/^HTTP\/1\.1 429 [^]*Retry-After: 1\r\n/);
    expect((await neighbour(door.url)).statuses).toEqual([200]);
  });

  it.each([
    ['an address of 5,000 characters', `GET /${'a'.repeat(5_000)} HTTP/1.1`, 400],
    ['150 headers', `GET /health HTTP/1.1\r\n${Array.from({ length: 150 }, (_, at) => `X-${String(at)}: 1`).join('\r\n')}`, 400],
    ['a header of 64 KiB', `GET /health HTTP/1.1\r\nX-Long: ${'a'.repeat(65_536)}`, 431],
  ])('with %s are refused, and the connection with them', async (_, head, status) => {
    const door = await open({});
    const refused = await new Line(door.url).ask(head).closed();
    expect(refused.statuses).toEqual([status]);
    expect(refused.text).not.toMatch(/at .*:\d+:\d+|node/i);
  });

  it('that have no end are not read to it', async () => {
    const door = await open({});
    const { path, token } = await door.begin();
    const endless = new Line(door.url).ask(`POST ${path}/activities HTTP/1.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked`);
    const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`;
    let sent = 0;
    while (!endless.isClosed && sent < 4_000) {
      endless.socket.write(chunk);
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await endless.closed();
    expect(sent).toBeLessThan(4_000);
    expect(endless.statuses.filter((status) => status !== 413)).toEqual([]);
  });

  it('that announce more than anybody writes end the connection, whatever is asked', async () => {
    const door = await open({});
    const huge = await new Line(door.url).ask('GET /health HTTP/1.1\r\nContent-Length: 5000000000').closed();
    expect(huge.statuses).toEqual([200]);
  });

  it('for which there is no time now are told when to come back, and were not accepted', async () => {
    const door = await open({});
    const { path, token } = await door.begin();
    for (const [code, status, wire] of [['overloaded', 503, 'ServiceUnavailable'], ['too-many-messages', 429, 'LimitExceeded']] as const) {
      door.assistant.fault = new BusyError(code, 'inside words', 4);
      const answer = await door.call('POST', `${path}/activities`, { token, body: { type: 'message', text: 'Bonjour' } });
      expect([answer.status, answer.json.error.code, answer.headers.get('retry-after')]).toEqual([status, wire, '4']);
      expect(answer.text).not.toContain('inside');
    }
  });
});

describe('slow clients', () => {
  const patience = { headers: 150, request: 300, answer: 400, look: 50 };
  let heard: number;
  let answered: number;
  let url: string;
  beforeEach(async () => {
    [heard, answered] = [0, 0];
    const clock = new SimulatedClock();
    const server: Server = createServer((request, response) => {
      heard += 1;
      if (door.bar(request, response)) return;
      answered += 1;
      if (request.url === '/long') response.end(Buffer.alloc(32 * 1024 * 1024));
      else if (request.url === '/never') return;
      else request.resume().once('end', () => response.end('ok'));
    });
    const door = keepDoor(server, { settings: LIMITS, sources: createSources({ key, clock, free: ['127.0.0.0/8'] }), clock, patience });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as { port: number }).port)}`;
    closing.push(() => new Promise((resolve) => { server.close(resolve).closeAllConnections(); }));
  });

  it('that say nothing, or one header after the other, are closed', async () => {
    const silent = new Line(url);
    const dribbling = new Line(url);
    dribbling.socket.write('GET / HTTP/1.1\r\n');
    const drip = setInterval(() => dribbling.socket.write('X-A: b\r\n'), 20);
    await Promise.all([silent.closed(), dribbling.closed()]);
    clearInterval(drip);
    expect([answered, dribbling.statuses]).toEqual([0, [408]]);
  });

  it('that send their body byte by byte are closed', async () => {
    const slow = new Line(url).ask('POST / HTTP/1.1\r\nContent-Length: 10000');
    const drip = setInterval(() => slow.socket.write('a'), 20);
    await slow.closed();
    clearInterval(drip);
    expect(slow.text).not.toContain('ok');
  });

  it('that do not read their answer are cut', async () => {
    const deaf = new Line(url);
    deaf.socket.pause();
    deaf.ask('GET /long HTTP/1.1');
    await until(() => answered === 1);
    // It learns of it only when it reads: what lay in between comes first.
    await new Promise((resolve) => setTimeout(resolve, 2 * patience.answer));
    deaf.socket.resume();
    await deaf.closed();
    expect(deaf.text.length).toBeLessThan(32 * 1024 * 1024);
  });

  it('that ask on and on without waiting for an answer are cut', async () => {
    const hasty = new Line(url);
    hasty.socket.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200));
    await hasty.closed();
    expect([answered, heard]).toEqual([8, 8]);
  });
});
