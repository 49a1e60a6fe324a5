import type { Ticket } from '../../../src/conversation/handoff.js';
import type { DeskAction } from '../../../src/handoff/acts.js';
import { inWords } from '../../../src/handoff/action.js';
import { Queue } from '../../../src/handoff/queue.js';
import { staff } from '../../support/staff.js';
import { World } from '../../support/world.js';

let world: World;
beforeEach(async () => {
  world = await World.open();
  world.advisers.availability = 'open';
});
afterEach(() => world.close());

let said = 0;
async function say(text: string, conversationId = 'c'): Promise<void> {
  said += 1;
  await world.assistant.hear({ kind: 'words', id: `m${String(said)}`, conversationId, channel: 'web', at: world.clock.now(), text });
  await world.calm();
}
async function requested(conversationId = 'c'): Promise<Ticket> {
  await say('je veux un conseiller', conversationId);
  return (await world.store.load(conversationId))!.state.ticket!;
}
const act = async (ticket: string, name: string, action: DeskAction): Promise<string> => {
  const { id } = staff(name);
  const outcome = await world.advisers.desk.act(ticket, { id, name }, action);
  return outcome.kind;
};
const adviserWords = async (): Promise<string[]> => (await world.said('c')).flatMap((entry) => (entry.author === 'adviser' ? [entry.text] : []));

describe('the desk', () => {
  it('gives a request to exactly one of two who take it at once, fifty times', async () => {
    const ends: string[] = [];
    for (let run = 0; run < 50; run += 1) {
      const { id } = await requested(`c${String(run)}`);
      const both = ['Camille', 'Karim'].map((name) => act(id, name, { id: `${name}-${String(run)}`, kind: 'take' }));
      ends.push((await Promise.all(both)).sort().join(' '));
    }
    expect(new Set(ends)).toEqual(new Set(['already-held done']));
  });

  it('acts once on an action id, sent twice, at once, late and after a restart', async () => {
    const { id } = await requested();
    await act(id, 'Camille', { id: 'take', kind: 'take' });
    const hello: DeskAction = { id: 'hello', kind: 'say', text: 'Bonjour' };
    const more: DeskAction = { id: 'more', kind: 'say', text: 'Oui ?' };
    const ends = await Promise.all([hello, more, hello].map((action) => act(id, 'Camille', action)));
    await world.restart();
    expect([...ends, await act(id, 'Camille', hello)]).toEqual(['done', 'done', 'seen', 'seen']);
    expect(await adviserWords()).toEqual(['Bonjour', 'Oui ?']);
  });

  it('tells the queue who holds what, when a colleague takes over and when the person withdraws as well', async () => {
    const { id } = await requested();
    const held: string[] = [];
    world.advisers.queue.watch((before, after) => void held.push(`${before?.holder?.name ?? 'nobody'} > ${after.holder?.name ?? after.phase}`));
    await act(id, 'Camille', { id: 'take', kind: 'take' });
    const { id: karim, name } = staff('Karim');
    await act(id, 'Camille', { id: 'over', kind: 'transfer', to: { kind: 'colleague', holder: { id: karim, name } } });
    await say('annuler ma demande');
    expect(held).toEqual(['nobody > Camille', 'Camille > Karim', 'Karim > abandoned']);
  });

  it('refuses every act of another caisse, changes nothing, and has each attempt on record, before and after', async () => {
    const { id } = await requested();
    const before = await world.store.load('c');
    const acts: DeskAction[] = [
      { id: '1', kind: 'take' },
      { id: '2', kind: 'say', text: 'x' },
      { id: '3', kind: 'release' },
      { id: '4', kind: 'transfer', to: { kind: 'caisse', caisse: '131' } },
      { id: '5', kind: 'hand-back' },
      { id: '6', kind: 'close', reason: 'solved' },
      { id: '7', kind: 'note', note: 'x' },
    ];
    for (const action of acts) expect(await act(id, 'Lucie', action)).toBe('not-yours');
    expect(await world.store.load('c')).toEqual(before);
    expect(world.advisers.audit.map(({ request, when, result }) => [request, when, result])).toEqual(acts.flatMap((action) => [[action.id, 'before', undefined], [action.id, 'after', 'not-yours']]));
    expect(JSON.stringify(world.advisers.audit)).not.toContain('"x"');
  });

  it('says what it does not know, and what is over', async () => {
    expect(await act('no-such-ticket', 'Camille', { id: '1', kind: 'take' })).toBe('unknown-ticket');
    const { id } = await requested();
    await say('annuler ma demande');
    expect(await act(id, 'Camille', { id: '2', kind: 'take' })).toBe('ended');
    const next = await requested();
    expect(next.id).not.toBe(id);
    expect(await act(id, 'Camille', { id: '3', kind: 'take' })).toBe('ended');
    expect(await act(next.id, 'Camille', { id: '4', kind: 'take' })).toBe('done');
  });

  it('does nothing that the audit did not take first', async () => {
    const { id } = await requested();
    world.advisers.audit.push = () => {
      throw new Error('the log is full');
    };
    await expect(act(id, 'Camille', { id: '1', kind: 'take' })).rejects.toThrow('the log is full');
    expect((await world.store.load('c'))?.state.holder).toBe('assistant');
  });

  it('finds the queue again at start, in the order of asking, without those that ended', async () => {
    const tickets: Ticket[] = [];
    for (const name of ['a', 'b', 'c']) {
      world.clock.pass(1000);
      tickets.push(await requested(name));
    }
    await say('annuler ma demande', 'b');
    await act(tickets[2]!.id, 'Camille', { id: '1', kind: 'take' });
    const found = await Queue.restore(world.store);
    expect(found.all()).toEqual(world.advisers.queue.all());
    expect(found.all().map(({ conversationId, phase }) => [conversationId, phase])).toEqual([['a', 'waiting'], ['c', 'held']]);
    expect(found.ahead({ id: 'z', caisse: '751', requestedAt: world.clock.now() + 1 })).toBe(1);
  });

  it('relays each message of the person once and in order, and gives earlier ones on taking', async () => {
    const { id } = await requested();
    await say('un détail en attendant');
    await act(id, 'Camille', { id: 'take', kind: 'take' });
    for (const text of ['un', 'deux', 'trois']) await say(text);
    expect(world.advisers.received).toEqual(['un', 'deux', 'trois']);
    const history = world.advisers.sent.filter(({ kind }) => kind === 'handoff.history');
    const before = (await world.said('c')).slice(0, Number(history[0]?.payload['upTo']));
    expect(history).toHaveLength(1);
    expect(before.at(0)).toMatchObject({ text: 'je veux un conseiller' });
    expect(before.some((entry) => entry.author === 'person' && entry.text === 'un détail en attendant')).toBe(true);
  });

  it('keeps a note beside the ticket, away from the person', async () => {
    const { id } = await requested();
    await act(id, 'Camille', { id: 'n', kind: 'note', note: 'rappeler le service' });
    expect((await world.store.list<{ text: string }>(`note:${id}:`)).map(({ value }) => value)).toMatchObject([{ by: 'Camille', text: 'rappeler le service' }]);
    expect(JSON.stringify(await world.said('c'))).not.toContain('rappeler');
  });

  it('asks by the rule after three misunderstandings, and says so on the ticket', async () => {
    for (const text of ['blorg zup', 'krt plo', 'zzt vlam']) await say(text);
    expect((await world.store.load('c'))?.state.ticket).toMatchObject({ reason: 'misunderstood', phase: 'waiting' });
  });
});

describe('an opening, in words', () => {
  it('is the time where the caisse is, with hours as people write them', () => {
    const at = Date.UTC(2026, 10, 23, 11, 30);
    expect([inWords(at, 'Europe/Paris'), inWords(at, 'America/Guadeloupe'), inWords(at + 30 * 60_000, 'Indian/Reunion')].map((text) => text.replace(/\u00a0/g, ' '))).toEqual([
      'lundi 23 novembre à 12 h 30',
      'lundi 23 novembre à 7 h 30',
      'lundi 23 novembre à 16 h',
    ]);
  });
});
