// node bench/faults/flood-attack.mjs NAME URL MS: one attack on a running server, from an address of its own on this machine,
// for so many milliseconds; prints, as one line of JSON, how often each answer came. flood.mjs runs them all.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';

const [, , name, url = 'http://127.0.0.1', ms = '0'] = process.argv;
const { port } = new URL(url);
const end = Date.now() + Number(ms);
const isOver = () => Date.now() >= end;
const counts = {};
const count = (what) => (counts[what] = (counts[what] ?? 0) + 1);
const pause = (forMs) => new Promise((resolve) => setTimeout(resolve, forMs));

/** One request after the other on `lines` connections at once, each as fast as the last was answered. */
async function hammer({ from, lines, make }) {
  const agent = new Agent({ keepAlive: true, maxSockets: lines, localAddress: from });
  await Promise.all(Array.from({ length: lines }, async (_, line) => {
    for (let at = 0; !isOver(); at += 1) {
      const { method = 'POST', path, headers = {}, body } = make(line, at);
      count(await once({ method, path, headers, body, agent }));
    }
  }));
  agent.destroy();
}

function once({ method, path, headers, body, agent }) {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers }, agent });
    asked.once('response', (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part)).once('error', () => resolve('cut')).once('end', () => {
        asked.answer = Buffer.concat(parts).toString();
        resolve(String(response.statusCode));
      });
    });
    asked.once('error', () => resolve('cut'));
    asked.setTimeout(20_000, () => asked.destroy());
    asked.end(body);
    answers.set(path, asked);
  });
}
const answers = new Map();

async function begin(from) {
  const agent = new Agent({ localAddress: from });
  const status = await once({ method: 'POST', path: '/api/conversation', headers: {}, agent });
  return status === '201' ? JSON.parse(answers.get('/api/conversation').answer) : undefined;
}

const held = new Set();

/** A raw connection; told of what came first on it, and of its end. */
function line(from, more = {}) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from, ...more });
    let told = '';
    socket.on('data', (data) => (told ||= data.toString('latin1', 0, 20)));
    socket.once('connect', () => resolve(socket)).on('error', () => resolve(socket));
    held.add(socket);
    socket.once('close', () => held.delete(socket) && count(/^HTTP\/1\.1 (\d+)/.exec(told)?.[1] ?? 'cut'));
  });
}

/** Keeps so many raw connections open, new ones for those that are closed. */
async function keep(many, from, use) {
  await Promise.all(Array.from({ length: many }, async () => {
    while (!isOver()) {
      const socket = await line(from);
      await use(socket);
      await new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', resolve)));
      await pause(5);
    }
  }));
}

async function drip(socket, bytes) {
  while (!socket.destroyed && !isOver()) {
    socket.write(bytes);
    await pause(100);
  }
}

const HEAD = 'Host: x\r\nContent-Type: application/json\r\n';
const ATTACKS = {
  'connections that say nothing': () => keep(2_000, '127.0.0.2', async () => undefined),
  'headers and bodies byte by byte': () => keep(300, '127.0.0.3', (socket) => {
    const slowHead = Math.random() < 0.5;
    socket.write(slowHead ? 'GET / HTTP/1.1\r\n' : `POST /api/token HTTP/1.1\r\n${HEAD}Content-Length: 9000\r\n\r\n`);
    return drip(socket, slowHead ? 'X: y\r\n' : ' ');
  }),
  'messages into one conversation': async () => {
    const { conversationId, token } = await begin('127.0.0.4');
    const path = `/v3/directline/conversations/${conversationId}/activities`;
    const make = (row, at) => ({ path, headers: { authorization: `Bearer ${token}` }, body: JSON.stringify({ type: 'message', text: 'mon compte est bloqué', channelData: { clientActivityID: `${row}x${at}` } }) });
    await hammer({ from: '127.0.0.4', lines: 32, make });
  },
  'new conversations, one address': () => hammer({ from: '127.0.0.5', lines: 32, make: () => ({ path: '/api/conversation' }) }),
  'new conversations, thousands of addresses': () => hammer({
    from: '127.0.0.1', lines: 64,
    make: (row, at) => ({ path: '/api/conversation', headers: { 'x-forwarded-for': `77.${at % 250}.${Math.floor(at / 250) % 250}.${row}` } }),
  }),
  'bodies without end': () => keep(50, '127.0.0.6', async (socket) => {
    const chunked = Math.random() < 0.5;
    socket.write(`POST /api/token HTTP/1.1\r\n${HEAD}${chunked ? 'Transfer-Encoding: chunked' : 'Content-Length: 4000000000'}\r\n\r\n`);
    const piece = chunked ? `10000\r\n${'a'.repeat(65_536)}\r\n` : 'a'.repeat(65_536);
    while (!socket.destroyed && !isOver()) {
      if (!socket.write(piece)) await new Promise((resolve) => { socket.once('drain', resolve).once('close', resolve); });
    }
  }),
  'answers and streams nobody reads': async () => {
    const { conversationId, token, streamUrl } = await begin('127.0.0.7');
    const { pathname, search } = new URL(streamUrl);
    await keep(200, '127.0.0.7', async (socket) => {
      const upgrade = Math.random() < 0.1;
      socket.write(upgrade
        ? `GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
        : `GET /v3/directline/conversations/${conversationId}/activities HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(4));
      socket.pause();
    });
  },
  'requests ahead of their answers': () => keep(50, '127.0.0.8', async (socket) => {
    socket.pause();
    const many = 'GET /discussion HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500);
    while (!socket.destroyed && !isOver()) {
      if (!socket.write(many)) await new Promise((resolve) => { socket.once('drain', resolve).once('close', resolve); setTimeout(resolve, 500); });
    }
  }),
  'upgrades with false tickets': () => hammer({
    from: '127.0.0.10', lines: 32,
    make: () => ({ method: 'GET', path: '/v3/directline/conversations/x/stream?t=x', headers: { 'connection': 'Upgrade', 'upgrade': 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' } }),
  }),
};

if (name === '--list') process.stdout.write(JSON.stringify(Object.keys(ATTACKS)));
else {
  // What hangs when the time is over hangs with the process.
  setTimeout(report, Number(ms) + 100);
  await ATTACKS[name]();
}

function report() {
  if (held.size > 0) counts['still open'] = held.size;
  process.stdout.write(JSON.stringify(counts), () => process.exit(0));
}
