// The channel that the echo bot speaks to: plays the connector's address for answers, posts activities as a channel does,
// and times each answer from the moment of posting, in milliseconds.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Pool } from 'undici';

const PATIENCE = 30_000;

/** Opens the channel; `people` of them post to the bot at `url`. */
export async function openChannel(url, people) {
  const hearing = new Map();
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json').end(`{"id":"${randomUUID()}"}`);
      const { replyToId } = JSON.parse(Buffer.concat(parts).toString());
      hearing.get(replyToId)?.();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const serviceUrl = `http://127.0.0.1:${server.address().port}`;
  const pool = new Pool(url, { connections: people, pipelining: 1 });

  const say = async (conversation, text) => {
    const id = randomUUID();
    const activity = { type: 'message', id, timestamp: new Date().toISOString(), channelId: 'local', serviceUrl, from: { id: `person-${conversation}`, role: 'user' }, recipient: { id: 'bot', role: 'bot' }, conversation: { id: conversation }, locale: 'fr-FR', text };
    const started = performance.now();
    const answered = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to "${text}"`)), PATIENCE);
      hearing.set(id, () => { clearTimeout(timer); hearing.delete(id); resolve(performance.now() - started); });
    });
    const acknowledged = pool.request({ method: 'POST', path: '/api/messages', headers: { 'content-type': 'application/json' }, body: JSON.stringify(activity) }).then(async ({ statusCode, body }) => {
      await body.dump();
      if (statusCode >= 300) throw new Error(`the bot answered ${statusCode}`);
      return performance.now() - started;
    });
    const [ack, answer] = await Promise.all([acknowledged, answered]);
    return { ack, answer };
  };
  const person = () => {
    const conversation = randomUUID();
    return { say: (text) => say(conversation, text), leave: () => undefined };
  };
  return { person };
}
