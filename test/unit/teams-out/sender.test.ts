/** The way out to Teams: what arrives, in which order, and what is said when something may not have. */
import { setImmediate as soon } from 'node:timers/promises';
import { IDLE } from '../../../src/handoff/queue.js';
import { pace } from '../../../src/teams/delivery.js';
import { TeamsRefusal } from '../../../src/teams/ports.js';
import { CLAIRE, MemoryTeams, openDesk, ticketIn, type Call, type Mishap } from './desk.js';

let desk: Awaited<ReturnType<typeof openDesk>>;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const said = (texts: readonly string[]): readonly string[] => texts.map((text) => text.replace(/^Assuré : /, ''));
const busy = (retryAfterMs?: number): TeamsRefusal => new TeamsRefusal(429, true, retryAfterMs);
/** The first calls of a kind end so; the others well. */
const first = (verb: Call['verb'], ...ends: Mishap[]): ((call: Call) => Mishap) => (call) => (call.verb === verb ? ends.shift() : undefined);

/** A request taken by Claire, with all that goes with it sent. */
async function held(): Promise<void> {
  await desk.commit(ticketIn('requested'), { text: 'bonjour' });
  desk.start();
  await desk.settled();
  await desk.take();
  await desk.settled();
}

test('posts the card of a request once, and tells the desk that advisers see it', async () => {
  await desk.commit(ticketIn('requested'));
  desk.start();
  await desk.settled();
  expect(desk.teams.taken.map(({ verb, where }) => [verb, where])).toEqual([['startThread', '751'], ['update', '751;messageid=1']]);
  expect((await desk.current()).phase).toBe('waiting');
  expect(await desk.threads.ticketAt('751;messageid=1')).toBe(ticketIn('waiting').id);
});

test('gives what was said before to whoever takes it, then each message as it comes', async () => {
  await held();
  await desk.say('un');
  await desk.say('deux');
  await desk.settled();
  const [history, ...after] = desk.teams.texts;
  expect(history).toContain('Assuré : bonjour');
  expect(said(after)).toEqual(['un', 'deux']);
});

test('shows several changes of a card by one call, as it is at the end of them', async () => {
  await desk.commit(ticketIn('requested'));
  await desk.commit(ticketIn('held', { holder: CLAIRE }));
  await desk.commit(ticketIn('waiting', { because: 'idle' }));
  expect(await desk.store.due(desk.clock.now(), 10)).toHaveLength(3);
  desk.start();
  await desk.settled();
  expect(desk.teams.calls.map(({ verb }) => verb)).toEqual(['startThread']);
  expect(JSON.stringify(desk.teams.calls[0]?.activity)).toContain(desk.texts.state.waiting);
});

test('waits as long as Teams asks, and lets nothing of the same request overtake', async () => {
  await held();
  desk.teams.mishap = first('reply', busy(7000), busy(3000));
  await desk.say('un');
  await desk.say('deux');
  await desk.settled();
  expect(said(desk.teams.texts).slice(1)).toEqual(['un', 'deux']);
  expect(desk.waits).toEqual(expect.arrayContaining([7000, 3000]));
});

test('lets another request pass one that waits', async () => {
  const other = ticketIn('requested', { id: 'other', conversationId: 'c2', caisse: '131' });
  desk.teams.mishap = ({ where }) => (where === '751' && desk.teams.taken.length < 2 ? busy(1000) : undefined);
  await desk.commit(ticketIn('requested'));
  await desk.commit(other);
  desk.start();
  await desk.settled();
  expect(desk.teams.taken[0]?.where).toBe('131');
  expect(desk.teams.taken.some(({ where }) => where === '751')).toBe(true);
});

test('says of a message that it may be there twice where the answer was lost, and of no other', async () => {
  await held();
  desk.teams.mishap = first('reply', 'lost', busy(10), undefined, busy(10));
  await desk.say('un');
  await desk.say('deux');
  await desk.settled();
  const [, ...after] = desk.teams.texts;
  expect(said(after)).toEqual(['un', `${desk.texts.label['said-again']}\n\nAssuré : un`, 'deux']);
  const ids = desk.teams.taken.filter(({ verb }) => verb === 'reply').map(({ activity }) => JSON.stringify(activity['channelData']));
  expect(ids[1]).toBe(ids[2]);
});

test('says so on the card as well, and keeps saying it', async () => {
  desk.teams.mishap = first('startThread', 'lost');
  await desk.commit(ticketIn('requested'));
  desk.start();
  await desk.settled();
  const [one, two, update] = desk.teams.taken.map(({ activity }) => JSON.stringify(activity).includes(desk.texts.label.repeated));
  expect([one, two, update]).toEqual([false, true, true]);
});

test('goes on where an earlier process stopped, without sending again what it had noted as sent', async () => {
  await held();
  await desk.say('un');
  await desk.settled();
  const { last } = (await desk.threads.of(ticketIn('held').id)).current!;
  const sender = desk.start();
  await sender.stop();
  // As if the process had died between the note and the outbox.
  const ticket = await desk.current();
  const late = { id: 'relay-again', kind: 'handoff.relay', payload: { ticket: ticket.id, conversation: 'c1', seq: String(ticket.relayedUpTo) }, dueAt: 0, tries: 0 };
  await desk.commit(ticket, { outbox: [late] });
  await desk.settled();
  expect(said(desk.teams.texts).slice(1)).toEqual(['un']);
  expect((await desk.threads.of(ticket.id)).current?.last).toBe(last);
});

test('tells the person of a message that Teams will never take, once, and goes on', async () => {
  await held();
  desk.teams.mishap = first('reply', new TeamsRefusal(403, false));
  await desk.say('un');
  await desk.say('deux');
  await desk.settled();
  const entries = await desk.store.transcript('c1', 0);
  expect(entries.filter((entry) => entry.author === 'assistant' && entry.reply.kind === 'text' && entry.reply.text === 'undelivered')).toHaveLength(1);
  expect(said(desk.teams.texts).slice(1)).toEqual(['deux']);
  expect(desk.logged).toContain('teams.refused');
});

test('starts another thread where the first was deleted, and tells it everything', async () => {
  await held();
  await desk.say('un');
  await desk.settled();
  desk.teams.mishap = ({ where }) => (where === '751;messageid=1' ? new TeamsRefusal(404, false) : undefined);
  await desk.say('deux');
  await desk.settled();
  const replies = desk.teams.taken.filter(({ verb }) => verb === 'reply');
  expect(replies.at(-1)?.where).not.toBe('751;messageid=1');
  for (const words of ['bonjour', 'un', 'deux']) expect(String(replies.at(-1)?.activity['text'])).toContain(`Assuré : ${words}`);
});

test('shows another caisse nothing that was said until one of its advisers has taken it', async () => {
  await held();
  await desk.desk.act(ticketIn('held').id, CLAIRE, { kind: 'transfer', id: 'away', to: { kind: 'caisse', caisse: '131' } });
  await desk.settled();
  const there = (): string => JSON.stringify(desk.teams.taken.filter(({ where }) => where.startsWith('131')));
  expect(desk.teams.taken.some(({ where, verb }) => where === '131' && verb === 'startThread')).toBe(true);
  expect(there()).not.toContain('bonjour');
  expect(JSON.stringify(desk.teams.taken.filter(({ where }) => where.startsWith('751')).at(-1))).toContain(desk.texts.state.moved);
  await desk.take();
  await desk.settled();
  expect(there()).toContain('bonjour');
});

test('leaves a request of a caisse without a channel to be found by operators', async () => {
  await desk.commit(ticketIn('requested', { caisse: '999' }));
  desk.start();
  await desk.settled();
  expect(desk.logged).toContain('teams.no-place');
  expect((await desk.current()).phase).toBe('requested');
});

test('reminds an adviser once, a process that died after it included', async () => {
  await held();
  const ticket = await desk.current();
  const idle = (id: string) => ({ id, kind: IDLE, payload: { ticket: ticket.id, conversation: 'c1' }, dueAt: 0, tries: 0 });
  await desk.commit(ticket, { outbox: [idle('idle/1')] });
  await desk.settled();
  await desk.threads.posted(ticket.id, 'idle/2');
  await desk.commit(ticket, { outbox: [idle('idle/2')] });
  await desk.settled();
  expect(desk.teams.texts.filter((text) => text === desk.texts.label.idle)).toHaveLength(1);
});

test('passes on that someone is writing, and forgets it where Teams does not take it', async () => {
  await desk.commit(ticketIn('requested'));
  const sender = desk.start();
  await desk.settled();
  while ((await desk.store.due(Number.MAX_SAFE_INTEGER - 1, 1)).length > 0) await soon();
  await soon();
  await sender.typing(ticketIn('waiting').id);
  desk.teams.mishap = first('reply', busy(60_000));
  await sender.typing(ticketIn('waiting').id);
  expect(desk.teams.taken.filter(({ activity }) => activity.type === 'typing')).toHaveLength(1);
  expect(desk.logged).toContain('teams.typing-lost');
});

test('makes no more than fifty calls in any second, whoever calls', async () => {
  const teams = new MemoryTeams();
  const at: number[] = [];
  teams.mishap = () => {
    at.push(desk.clock.now());
    return undefined;
  };
  const slow = pace(teams, 50, (ms) => Promise.resolve().then(() => { desk.clock.pass(ms); }), desk.clock);
  const thread = { serviceUrl: 'https://teams', conversationId: 'c', rootId: '1' };
  for (let n = 0; n < 200; n += 1) await slow.reply(thread, { type: 'message' });
  const most = Math.max(...at.map((start) => at.filter((one) => one >= start && one < start + 1000).length));
  expect(most).toBeLessThanOrEqual(50);
  expect(at.at(-1)! - at[0]!).toBeLessThan(4100);
});
