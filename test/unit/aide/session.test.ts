/** Who holds a conversation: what is ours, what is over, and where a post may come from. */
import { createSessions, fromOurPage, type Sessions } from '../../../src/aide/session.js';
import { World } from '../../support/world.js';

const MINUTE = 60_000;

let world: World;
let sessions: Sessions;
beforeEach(async () => {
  world = await World.open();
  sessions = createSessions({ key: new Uint8Array(32).fill(1), records: world.store, clock: world.clock });
});
afterEach(() => world.close());

describe('a session', () => {
  it('comes back as it was sealed, and never from another key or another hand', async () => {
    const session = { ...sessions.fresh(false), before: 'page-before' };
    const sealed = sessions.seal(session);
    expect(await sessions.open(sealed)).toEqual(session);
    const other = createSessions({ key: new Uint8Array(32).fill(2), records: world.store, clock: world.clock });
    const forged = `${Buffer.from(JSON.stringify(session)).toString('base64url')}.${sealed.split('.')[1] ?? ''}x`;
    for (const text of [other.seal(session), forged, '', '.', undefined, 'a.b.c']) expect(await sessions.open(text)).toBeUndefined();
  });

  it('lasts a day of silence, and four minutes on a public terminal', async () => {
    const [own, terminal] = [sessions.seal(sessions.fresh(false)), sessions.seal(sessions.fresh(true))];
    world.clock.pass(4 * MINUTE);
    expect(await sessions.open(terminal)).toBeDefined();
    world.clock.pass(MINUTE);
    expect([await sessions.open(terminal), (await sessions.open(own)) !== undefined]).toEqual([undefined, true]);
    world.clock.pass(24 * 60 * MINUTE);
    expect(await sessions.open(own)).toBeUndefined();
  });

  it('once ended opens nothing, whoever kept its cookie', async () => {
    const session = sessions.fresh(false);
    await sessions.end(session);
    await sessions.end(session);
    expect(await sessions.open(sessions.seal(session))).toBeUndefined();
  });

  it('takes the forms it gave, and no other session’s', () => {
    const [one, other] = [sessions.fresh(false), sessions.fresh(false)];
    expect([sessions.holds(one, sessions.formToken(one)), sessions.holds(one, sessions.formToken(other)), sessions.holds(one, '')]).toEqual([true, false, false]);
  });
});

describe('where a post comes from', () => {
  const isOwn = (origin: string): boolean => origin === 'https://aide.example';
  it.each([
    [true, { origin: 'https://aide.example', 'sec-fetch-site': 'same-origin' }],
    [true, { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    [true, {}],
    [false, { origin: 'null' }],
    [false, { origin: 'https://evil.example' }],
    [false, { origin: 'https://aide.example', 'sec-fetch-site': 'same-site' }],
    [false, { 'sec-fetch-site': 'none' }],
  ])('is believed (%s): %j', (believed, headers) => {
    expect(fromOurPage(headers, isOwn)).toBe(believed);
  });
});
