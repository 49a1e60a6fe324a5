/** The client before a server that has no time yet: it waits as long as it was asked to, and nobody sees an error. */
import { World } from './outside.js';

const ACTIVITIES = 'POST /v3/directline/conversations/c1/activities';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('a server that is busy', () => {
  it('is given the message again when it said, over the same connection, and nobody is told of an error', async () => {
    world.faults.set(ACTIVITIES, ['busy', 'busy']);
    const client = await world.online();
    const tag = client.say('un');
    client.say('deux');
    await world.pass(2_999);
    expect(world.posts()).toHaveLength(1);
    await world.pass(3_001);
    expect(world.posts().map(({ body }) => body?.text)).toEqual(['un', 'un', 'un', 'deux']);
    expect(new Set(world.posts().slice(0, 3).map(({ body }) => body?.channelData.clientActivityID))).toEqual(new Set([tag]));
    expect([world.said('waiting').length, world.said('refused').length, world.said('delivered').length]).toEqual([2, 0, 2]);
    expect([world.states(), world.sockets.length]).toEqual([['connecting', 'online'], 1]);
  });

  it('is asked to open a conversation no sooner than it said', async () => {
    world.faults.set('POST /api/conversation', ['busy']);
    world.client().start();
    await world.pass(2_999);
    expect([world.calls.length, world.states()]).toEqual([1, ['connecting', 'busy']]);
    await world.pass(1);
    world.socket().onopen?.();
    expect(world.states()).toEqual(['connecting', 'busy', 'online']);
  });

  it('does not keep a message waiting for an hour, whatever it says', async () => {
    world.retryAfter = 3_600;
    world.faults.set(ACTIVITIES, ['busy']);
    const client = await world.online();
    client.say('un');
    await world.pass(60_000);
    expect(world.posts()).toHaveLength(2);
  });
});
