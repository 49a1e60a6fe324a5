/** The client over lost connections: nothing said is lost, nothing is sent or shown twice. */
import type { Activity } from '../../../src/line/wire.js';
import { World } from './outside.js';

const ACTIVITIES = 'POST /v3/directline/conversations/c1/activities';
const reply = (n: number, more: Partial<Activity> = {}): Activity => ({ type: 'message', id: `c1|${String(n)}`, from: { id: 'sesame', role: 'bot' }, text: 'Bonjour', ...more });
const echo = (n: number, tag: string): Activity => reply(n, { from: { id: 'u', role: 'user' }, channelData: { clientActivityID: tag } });

let world: World;
beforeEach(() => {
  world = new World();
});

describe('beginning', () => {
  it('begins a conversation in one request and follows its stream at the endpoint it was given', async () => {
    await world.online();
    expect(world.calls.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/conversation']);
    expect(world.calls[0]?.token).toBe('');
    expect(world.socket().url).toBe('ws://sesame.test/v3/stream?t=once');
    expect(world.states()).toEqual(['connecting', 'online']);
  });

  it('keeps the token and the conversation for a reload', async () => {
    await world.online();
    expect(world.keptSession()).toEqual({ token: 't1', conversationId: 'c1' });
  });

  it('waits longer and longer while the server cannot be reached', async () => {
    world.faults.set('POST /api/conversation', ['cut', 'cut', 503, 'cut']);
    world.client().start();
    await world.pass(0);
    expect(world.states()).toEqual(['connecting', 'offline']);
    for (const [wait, tries] of [[999, 1], [1, 2], [1_999, 2], [1, 3], [3_999, 3], [1, 4]] as const) {
      await world.pass(wait);
      expect(world.calls).toHaveLength(tries);
    }
  });

  it('polls when sockets are not allowed, and shows each message once', async () => {
    world.socketsForbidden = true;
    world.client().start();
    await world.pass(0);
    world.transcript.push(reply(1));
    await world.pass(1_500);
    world.transcript.push(reply(2));
    await world.pass(4_500);
    expect(world.said('message')).toHaveLength(2);
    expect(world.states()).toEqual(['connecting', 'online']);
  });

  it('polls when a socket neither opens nor fails', async () => {
    world.client().start();
    await world.pass(0);
    expect(world.states()).toEqual(['connecting']);
    await world.pass(10_000);
    expect(world.socket().closed).toBe(true);
    expect(world.states()).toEqual(['connecting', 'online']);
  });
});

describe('receiving', () => {
  it('shows an activity once, however often it comes', async () => {
    await world.online();
    world.frame(reply(1));
    world.frame(reply(1), reply(2));
    expect(world.said('message')).toHaveLength(2);
  });

  it('takes keep-alives and broken frames in silence', async () => {
    await world.online();
    for (const data of ['', '{', 'null', '[]', '{"activities":"x"}', new ArrayBuffer(2)]) world.socket().onmessage?.({ data });
    expect(world.states()).toEqual(['connecting', 'online']);
    expect(world.said('message')).toHaveLength(0);
  });

  it('gives up a stream that has gone silent, and comes back where it was', async () => {
    await world.online();
    world.frame(reply(1), reply(2));
    await world.pass(44_000);
    world.socket().onmessage?.({ data: '' });
    await world.pass(44_000);
    expect(world.sockets).toHaveLength(1);
    await world.pass(3_000);
    expect(world.sockets).toHaveLength(2);
    expect(world.calls.at(-1)?.path).toBe('/v3/directline/conversations/c1?watermark=2');
  });

  it('tells of typing, but not as a message', async () => {
    await world.online();
    world.frame({ type: 'typing' });
    expect(world.said('typing')).toHaveLength(1);
    expect(world.said('message')).toHaveLength(0);
  });

  it('names an adviser who is writing', async () => {
    await world.online();
    world.frame({ type: 'typing', from: { id: 'adviser', name: 'Camille' } });
    expect(world.said('typing')).toEqual([{ kind: 'typing', name: 'Camille' }]);
  });
});

describe('sending', () => {
  it('tells that the person is writing while it is connected, and never again later', async () => {
    const client = world.client();
    expect(await client.aside({ type: 'typing' })).toBe(false);
    expect(world.posts()).toHaveLength(0);
    client.start();
    await world.pass(0);
    world.socket().onopen?.();
    expect(await client.aside({ type: 'typing' })).toBe(true);
    expect(world.posts().map(({ body }) => body)).toEqual([{ type: 'typing', from: { id: 'person' } }]);
    expect(world.said('delivered')).toHaveLength(0);
  });

  it('sends in order, one at a time', async () => {
    const client = await world.online();
    for (const text of ['un', 'deux', 'trois']) client.say(text);
    await world.pass(0);
    expect(world.posts().map(({ body }) => body?.text)).toEqual(['un', 'deux', 'trois']);
    expect(world.said('delivered')).toHaveLength(3);
  });

  it('keeps what is said before the connection, and while it is lost', async () => {
    const client = world.client();
    client.start();
    client.say('tôt');
    await world.pass(0);
    expect(world.posts()).toHaveLength(0);
    world.socket().onopen?.();
    await world.pass(0);
    world.socket().onclose?.();
    client.say('pendant');
    await world.pass(1_000);
    world.socket().onopen?.();
    await world.pass(0);
    expect(world.posts().map(({ body }) => body?.text)).toEqual(['tôt', 'pendant']);
  });

  it('sends a form again under the same mark when the answer was lost', async () => {
    world.faults.set(ACTIVITIES, ['cut', 503]);
    const client = await world.online();
    const tag = client.submit({ place: 'p', code: '123456' });
    for (const wait of [0, 1_000, 2_000]) {
      await world.pass(wait);
      if (!world.socket().closed) world.socket().onopen?.();
    }
    await world.pass(0);
    expect(world.posts()).toHaveLength(3);
    expect(new Set(world.posts().map(({ body }) => body?.channelData.clientActivityID))).toEqual(new Set([tag]));
    expect(world.said('delivered')).toEqual([{ kind: 'delivered', tag }]);
  });

  it('takes an echo for a proof of arrival, and does not send again', async () => {
    world.faults.set(ACTIVITIES, ['cut']);
    const client = await world.online();
    const tag = client.say('bonjour');
    world.frame(echo(1, tag));
    await world.pass(1_000);
    world.socket().onopen?.();
    await world.pass(0);
    expect(world.posts()).toHaveLength(1);
    expect(world.said('delivered')).toEqual([{ kind: 'delivered', tag }]);
  });

  it('says so when a message is refused for good, and goes on with the next', async () => {
    world.faults.set(ACTIVITIES, [413]);
    const client = await world.online();
    const tag = client.say('trop long');
    client.say('court');
    await world.pass(0);
    expect(world.said('refused')).toEqual([{ kind: 'refused', tag }]);
    expect(world.posts()).toHaveLength(2);
    expect(world.states()).toEqual(['connecting', 'online']);
  });
});

describe('a conversation that lasts', () => {
  it('shows the history after a reload as a replay, and only the rest as news', async () => {
    world.kept = JSON.stringify({ token: 't9', conversationId: 'c9' });
    world.transcript.push(reply(1), echo(2, 'old'));
    await world.online();
    world.frame(reply(2), reply(3));
    expect(world.calls.map(({ path }) => path)).toEqual(['/v3/directline/conversations/c9/activities?watermark=', '/v3/directline/conversations/c9?watermark=2']);
    expect(world.said('message').map((event) => event.kind === 'message' && event.replay)).toEqual([true, true, false]);
  });

  it('reads the history once, and after a cut only asks for the rest', async () => {
    world.kept = JSON.stringify({ token: 't9', conversationId: 'c9' });
    world.transcript.push(reply(1));
    await world.online();
    world.socket().onclose?.();
    await world.pass(1_000);
    expect(world.calls.filter(({ path }) => path.includes('/activities'))).toHaveLength(1);
    expect(world.calls.at(-1)?.path).toBe('/v3/directline/conversations/c9?watermark=1');
  });

  it.each([401, 403, 404])('begins a new one when the former is gone (%i)', async (status) => {
    world.kept = JSON.stringify({ token: 't9', conversationId: 'c9' });
    world.faults.set('GET /v3/directline/conversations/c9/activities', [status]);
    world.client().start();
    await world.pass(0);
    expect(world.said('renewed')).toHaveLength(1);
    expect(world.kept).toBeNull();
    await world.pass(1_000);
    expect(world.keptSession()).toMatchObject({ conversationId: 'c1' });
  });

  it('carries words over to the new one, but never a form', async () => {
    world.faults.set(ACTIVITIES, [403]);
    const client = await world.online();
    client.say('bonjour');
    const form = client.submit({ place: 'p', code: '123456' });
    await world.pass(1_000);
    world.socket().onopen?.();
    await world.pass(0);
    expect(world.posts().map(({ path, body }) => [path.split('/')[4], body?.text])).toEqual([['c1', 'bonjour'], ['c2', 'bonjour']]);
    expect(world.said('refused')).toEqual([{ kind: 'refused', tag: form }]);
  });

  it('changes its token at half of its life', async () => {
    const client = await world.online();
    const alive = async (): Promise<void> => {
      await world.pass(30_000);
      world.socket().onmessage?.({ data: '' });
    };
    for (let n = 0; n < 30; n += 1) await alive();
    expect(world.calls.at(-1)).toMatchObject({ path: '/v3/directline/tokens/refresh', token: 'Bearer t1' });
    client.say('bonjour');
    await world.pass(0);
    expect(world.posts()[0]?.token).toBe('Bearer t1+');
  });

  it('forgets the conversation when it ends, and begins another when asked', async () => {
    const client = await world.online();
    world.frame({ type: 'endOfConversation', id: 'c1|1' });
    expect(world.states().at(-1)).toBe('ended');
    expect(world.kept).toBeNull();
    client.again();
    await world.pass(0);
    expect(world.keptSession()).toMatchObject({ conversationId: 'c2' });
  });

  it('does nothing more once stopped', async () => {
    const client = await world.online();
    client.stop();
    const before = world.calls.length;
    await world.pass(3_600_000);
    expect(world.calls).toHaveLength(before);
    expect(world.socket().closed).toBe(true);
  });
});
