// One person over Direct Line: opens a conversation, posts, and hears the answer on the stream. Times are from the moment
// of posting, in milliseconds.
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { WebSocket } from 'ws';

/** How long an answer may take before the person counts as having heard nothing, in milliseconds. */
const PATIENCE = 30_000;

/** A line to the server: `connections` kept open, as browsers of so many people do. */
export function openLine(url, connections) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const ask = async (path, body, token) => {
    const headers = { 'content-type': 'application/json', origin: url, ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const { statusCode, body: answer } = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(body) });
    const said = await answer.json();
    if (statusCode >= 300) throw new Error(`${path} answered ${statusCode}: ${JSON.stringify(said)}`);
    return said;
  };
  const line = { url, ask, person: () => openPerson(line) };
  return line;
}

async function openPerson(line) {
  const { conversationId, token, streamUrl } = await line.ask('/api/conversation', {});
  const person = new DirectLinePerson(line, conversationId, token);
  await person.listen(streamUrl);
  return person;
}

class DirectLinePerson {
  #socket;
  #hearing = new Map();
  #greeted;

  constructor(line, conversation, token) {
    this.line = line;
    this.path = `/v3/directline/conversations/${conversation}/activities`;
    this.token = token;
  }

  /** Resolves once the greeting is there. */
  async listen(streamUrl) {
    const greeting = new Promise((resolve, reject) => {
      this.#greeted = resolve;
      // Sockets of a bench on one machine: frames of a few kilobytes, no compression, as the server has it.
      this.#socket = new WebSocket(streamUrl, { perMessageDeflate: false, origin: this.line.url });
      this.#socket.on('error', reject);
      this.#socket.on('close', () => { for (const { reject: lost } of this.#hearing.values()) lost(new Error('the stream was closed')); });
    });
    this.#socket.on('message', (data) => { this.#hear(data); });
    await greeting;
  }

  /** Resolves with how long the acknowledgement and the answer took, once both are there. */
  async say(text) {
    const tag = randomUUID();
    const started = performance.now();
    const answered = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to "${text}"`)), PATIENCE);
      this.#hearing.set(tag, { resolve: () => { clearTimeout(timer); resolve(performance.now() - started); }, reject });
    });
    const acknowledged = this.line.ask(this.path, { type: 'message', from: { id: 'person' }, text, channelData: { clientActivityID: tag } }, this.token).then(() => performance.now() - started);
    const [ack, answer] = await Promise.all([acknowledged, answered]);
    return { ack, answer };
  }

  leave() {
    this.#socket.terminate();
  }

  #hear(data) {
    if (data.length === 0) return;
    for (const { id, from, replyToId, channelData } of JSON.parse(data.toString()).activities) {
      const own = this.#hearing.get(channelData?.clientActivityID);
      if (own) own.id = id;
      else if (from?.role === 'bot') this.#answered(id, replyToId);
    }
  }

  /** What an action brings, after the words that began it, names no message: it is the answer to those before it. */
  #answered(id, replyToId) {
    this.#greeted();
    for (const [tag, waiting] of this.#hearing) {
      if (waiting.id === undefined || (replyToId === undefined ? id < waiting.id : replyToId !== waiting.id)) continue;
      this.#hearing.delete(tag);
      waiting.resolve();
    }
  }
}
