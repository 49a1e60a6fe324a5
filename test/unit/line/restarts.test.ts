/** The client beside servers that come and go: whoever is sent elsewhere does not notice; whoever finds nobody is told. */
import type { Activity } from '../../../src/line/wire.js';
import { World } from './outside.js';

const ACTIVITIES = 'POST /v3/directline/conversations/c1/activities';
const reply = (n: number): Activity => ({ type: 'message', id: `c1|${String(n)}`, from: { id: 'sesame', role: 'bot' }, text: 'Bonjour' });

let world: World;
beforeEach(() => {
  world = new World();
});

describe('a server that restarts', () => {
  it('is left for another without a word, for a stream that it closes and for a message that it does not take', async () => {
    world.faults.set(ACTIVITIES, [503]);
    const client = await world.online();
    world.frame(reply(1));
    world.socket().onclose?.();
    await world.pass(500);
    world.socket().onopen?.();
    world.frame(reply(2));
    client.say('bonjour');
    await world.pass(600);
    world.socket().onopen?.();
    await world.pass(0);
    expect(world.posts()).toHaveLength(2);
    expect(world.said('delivered')).toHaveLength(1);
    expect(world.states()).toEqual(['connecting', 'online', 'connecting', 'online', 'connecting', 'online']);
  });

  it('is left without a word as often as it happens, though nothing was said meanwhile', async () => {
    await world.online();
    for (let restart = 0; restart < 5; restart += 1) {
      world.socket().onclose?.();
      await world.pass(300);
      world.socket().onopen?.();
      await world.pass(2_000);
    }
    expect(world.sockets).toHaveLength(6);
    expect(world.states()).not.toContain('offline');
  });

  it('is told as a lost connection when each stream is closed as soon as it is open, and tried less and less often', async () => {
    await world.online();
    const waits: number[] = [];
    for (let time = 0; time < 5; time += 1) {
      const before = world.sockets.length;
      world.socket().onclose?.();
      let waited = 0;
      for (; world.sockets.length === before; waited += 100) await world.pass(100);
      waits.push(waited);
      world.socket().onopen?.();
      world.frame(reply(time + 1));
    }
    expect(waits).toEqual([300, 600, 4_000, 8_000, 16_000]);
    expect(world.states()).toContain('offline');
  });

  it('is told as a lost connection when nobody else is there, and found again less and less often', async () => {
    await world.online();
    world.faults.set('GET /v3/directline/conversations/c1', ['cut', 503, 503]);
    world.socket().onclose?.();
    const asked = (): number => world.calls.filter(({ path }) => path.startsWith('/v3/directline/conversations/c1?')).length;
    for (const [wait, times, state] of [[299, 0, 'connecting'], [1, 1, 'connecting'], [599, 1, 'connecting'], [1, 2, 'offline'], [3_999, 2, 'offline'], [1, 3, 'offline']] as const) {
      await world.pass(wait);
      expect([asked(), world.states().at(-1)]).toEqual([times, state]);
    }
  });
});
