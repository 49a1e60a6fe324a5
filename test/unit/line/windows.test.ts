/** One conversation over reloads, windows and its own end: what is kept, what is passed on, what is forgotten. */
import type { Activity } from '../../../src/line/wire.js';
import { World } from './outside.js';

const KEPT = JSON.stringify({ token: 't9', conversationId: 'c9' });
const said = (id: string, tag: string): Activity => ({ type: 'message', id, from: { id: 'u', role: 'user' }, text: 'bonjour', channelData: { clientActivityID: tag } });

let world: World;
beforeEach(() => {
  world = new World();
});

describe('words that did not leave before a reload', () => {
  it('are kept, shown again and sent under the same mark', async () => {
    const before = world.client();
    before.start();
    await world.pass(0);
    const tag = before.say('mon compte est bloqué');
    before.stop();

    const after = new World();
    after.kept = world.kept ?? KEPT;
    after.unsent = world.unsent;
    await after.online();
    await after.pass(0);
    expect(after.said('recalled')).toEqual([{ kind: 'recalled', tag, text: 'mon compte est bloqué' }]);
    expect(after.posts().map(({ body }) => [body?.text, body?.channelData.clientActivityID])).toEqual([['mon compte est bloqué', tag]]);
    expect(after.unsent).toBeNull();
  });

  it('are not sent again when the history shows that they arrived', async () => {
    world.kept = KEPT;
    world.unsent = JSON.stringify([{ tag: 'old', text: 'bonjour' }]);
    world.transcript.push(said('c9|1', 'old'));
    await world.online();
    await world.pass(0);
    expect(world.posts()).toEqual([]);
    expect(world.unsent).toBeNull();
  });

  it('never hold what a form was filled with', async () => {
    const client = world.client();
    client.start();
    await world.pass(0);
    client.submit({ place: 'p', nir: '2 55 08' });
    expect(world.unsent).toBeNull();
    client.say('et aussi');
    expect(world.unsent).not.toContain('255');
    expect(world.unsent).not.toContain('2 55');
  });

  it.each(['', '{', '[]', '[{"tag":"","text":"a"},{"text":"b"},3]', 'null'])('are nothing where what was kept cannot be read: %j', async (kept) => {
    world.unsent = kept;
    await world.online();
    expect(world.said('recalled')).toEqual([]);
  });
});

describe('another window of the site', () => {
  it('is asked for its conversation, whose history is shown', async () => {
    world.theirs = KEPT;
    world.transcript.push(said('c9|1', 'x'));
    await world.online();
    expect(world.calls.map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`)).toEqual(['GET /v3/directline/conversations/c9/activities', 'GET /v3/directline/conversations/c9']);
    expect(world.said('message')).toHaveLength(1);
  });

  it('is told ours once there is one, and nothing once we have stopped', async () => {
    const client = world.client();
    client.start();
    expect(world.give()).toBeNull();
    await world.pass(0);
    expect(JSON.parse(world.give() ?? '')).toMatchObject({ conversationId: 'c1' });
    client.stop();
    expect(world.give()).toBeNull();
  });

  describe('in which the person proved who they are, so that ours is closed', () => {
    const OTHER = JSON.stringify({ token: 'proved', conversationId: 'c9' });
    const PAGE = '/v3/directline/conversations/c9';

    /** Online with a conversation of ours, until the server takes it away. */
    async function lose(theirs: string | null, refusals = [403, 403]): Promise<void> {
      world.kept = KEPT;
      await world.online();
      world.theirs = theirs;
      world.faults.set(`GET ${PAGE}`, refusals);
      world.socket().onclose?.();
      await world.pass(60_000);
    }

    it('lets us go on with the same conversation', async () => {
      await lose(OTHER);
      expect(world.calls.filter(({ token }) => token === 'Bearer proved')).toHaveLength(1);
      expect(world.keptSession()).toMatchObject({ token: 'proved+', conversationId: 'c9' });
      expect(world.said('renewed')).toEqual([]);
      expect(world.calls.filter(({ path }) => path === '/api/conversation')).toEqual([]);
    });

    it('goes on as it was before its connection broke, where the proof was on its way by that one', async () => {
      await lose(OTHER, [403]);
      expect(world.calls.filter(({ token }) => token === 'Bearer proved')).toEqual([]);
      expect(world.calls.filter(({ path, token }) => path.startsWith(PAGE) && token === 'Bearer t9').length).toBeGreaterThan(1);
      expect(world.said('renewed')).toEqual([]);
      expect(world.keptSession()).toMatchObject({ conversationId: 'c9' });
    });

    it.each<[string, string | null]>([
      ['is of another conversation', JSON.stringify({ token: 'proved', conversationId: 'c8' })],
      ['has lost it, too', OTHER],
      ['is not there', null],
    ])('does not, where it %s: another conversation begins', async (_, theirs) => {
      await lose(theirs, [403, 403, 403]);
      expect(world.said('renewed')).toHaveLength(1);
      expect(world.calls.filter(({ path }) => path === '/api/conversation')).toHaveLength(1);
      // Two windows that lost it do not hand each other their old tokens for ever.
      expect(world.calls.filter(({ token }) => token === 'Bearer proved').length).toBeLessThanOrEqual(1);
    });
  });
});

describe('a long history', () => {
  it('is read page after page before anything is news', async () => {
    world.kept = KEPT;
    world.pageSize = 100;
    for (let n = 1; n <= 230; n += 1) world.transcript.push(said(`c9|${String(n)}`, `t${String(n)}`));
    await world.online();
    expect(world.said('message')).toHaveLength(230);
    expect(world.said('message').every((event) => event.kind === 'message' && event.replay)).toBe(true);
  });
});

describe('ending for good', () => {
  it('has the conversation deleted, keeps nothing and begins anew only when asked', async () => {
    const client = await world.online();
    expect(await client.erase()).toBe(true);
    expect(world.calls.at(-1)).toMatchObject({ method: 'DELETE', path: '/api/conversation', token: 'Bearer t1' });
    expect(world.states().at(-1)).toBe('ended');
    expect([world.kept, world.unsent]).toEqual([null, null]);
    await world.pass(100_000);
    expect(world.calls.filter(({ method, path }) => path === '/api/conversation' && method === 'POST')).toHaveLength(1);
    client.again();
    await world.pass(0);
    expect(world.calls.filter(({ method, path }) => path === '/api/conversation' && method === 'POST')).toHaveLength(2);
  });

  it.each([401, 404])('counts a conversation that is gone already as deleted (%i)', async (status) => {
    const client = await world.online();
    world.faults.set('DELETE /api/conversation', [status]);
    expect(await client.erase()).toBe(true);
  });

  it('goes on as before when the server cannot do it now', async () => {
    const client = await world.online();
    world.faults.set('DELETE /api/conversation', [503]);
    expect(await client.erase()).toBe(false);
    expect(world.kept).not.toBeNull();
    expect(world.states().at(-1)).toBe('online');
  });
});
