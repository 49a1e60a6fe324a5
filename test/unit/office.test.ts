/** The office over the project's own roster of made-up advisers: real hours, presence, queue and estimates. */
import path from 'node:path';
import type { Availability, Ticket } from '../../src/conversation/handoff.js';
import type { Office, Right, Rights } from '../../src/handoff/ports.js';
import { Queue } from '../../src/handoff/queue.js';
import { directory } from '../../src/house.js';
import { createOffice, createRights, roleOf, tellWaits } from '../../src/office.js';
import { Presence } from '../../src/staff/presence.js';
import { loadRoster, type Roster } from '../../src/staff/roster.js';
import { createWaitEstimator } from '../../src/waiting/wait.js';

const FULL = loadRoster(path.join(__dirname, '..', '..', 'config', 'advisers.yaml'), directory());
const id = (end: number): string => `00000000-0000-4000-8000-000000000${String(end)}`;
const NAMES: Readonly<Record<number, string>> = { 101: 'Nadia', 201: 'Karim', 202: 'Louise', 203: 'Hélène', 301: 'Awa', 901: 'Irène' };
const who = (end: number) => ({ id: id(end), name: NAMES[end] ?? '' });
/** Ten in the morning of a Monday in Lyon. */
const MONDAY = Date.parse('2026-11-23T09:00Z');
const HOUR = 3_600_000;

let roster: Roster;
let presence: Presence;
let queue: Queue;
let office: Office;
let rights: Rights;

beforeEach(async () => {
  roster = FULL;
  presence = new Presence(() => roster);
  queue = await Queue.restore({ list: () => Promise.resolve([]) });
  office = createOffice({ directory: directory(), roster: () => roster, presence, queue, estimator: createWaitEstimator(), durations: [], nationalName: 'l’équipe nationale' });
  rights = createRights(() => roster);
});

function ticket(name: string, more: Partial<Ticket> = {}): Ticket {
  return { id: name, conversationId: `c-${name}`, caisse: '691', need: 'general', reason: 'asked-by-person', phase: 'waiting', requestedAt: MONDAY, since: MONDAY, activeAt: MONDAY, tried: [], proved: 'no', relayedUpTo: 0, ...more };
}
const ask = (at: number, ahead = 0): Availability => office.availability({ ticket: 'mine', caisse: '691', need: 'general', ahead, at });

describe('availability', () => {
  it('promises nobody when nobody is there, or is there for another need', () => {
    expect(ask(MONDAY)).toEqual({ kind: 'nobody' });
    presence.available(id(203), MONDAY);
    expect(ask(MONDAY).kind).toBe('open');
    expect(office.availability({ ticket: 'mine', caisse: '691', need: 'technical', ahead: 0, at: MONDAY })).toEqual({ kind: 'nobody' });
  });

  it('tells the place and a range that grows with who came first', () => {
    presence.available(id(201), MONDAY);
    const [first, fourth] = [ask(MONDAY), ask(MONDAY, 3)];
    expect(first).toMatchObject({ kind: 'open', position: 1 });
    expect(fourth).toMatchObject({ kind: 'open', position: 4 });
    if (first.kind !== 'open' || fourth.kind !== 'open') throw new Error('both are open');
    expect(first.least).toBeLessThan(first.most);
    expect(fourth.most).toBeGreaterThan(first.most);
  });

  it('is closed at lunch, in the evening and on an exceptional closure, and names the next opening', () => {
    presence.available(id(201), MONDAY);
    expect(ask(Date.parse('2026-11-23T12:00Z'))).toEqual({ kind: 'closed', opens: Date.parse('2026-11-23T12:30Z') });
    expect(ask(Date.parse('2026-11-23T18:00Z'))).toEqual({ kind: 'closed', opens: Date.parse('2026-11-24T07:30Z') });
    // The 24th is closed, the 25th a holiday, and then comes the week-end.
    expect(ask(Date.parse('2026-12-24T09:00Z'))).toEqual({ kind: 'closed', opens: Date.parse('2026-12-28T07:30Z') });
  });

  it('refuses past the cap of the queue, and where the wait is too long to tell', () => {
    presence.available(id(201), MONDAY);
    expect(ask(MONDAY, 20)).toEqual({ kind: 'full' });
    expect(ask(MONDAY, 19).kind).toBe('full');
    presence.available(id(202), MONDAY);
    presence.available(id(203), MONDAY);
    expect(ask(MONDAY, 9).kind).toBe('open');
  });

  it('counts those who are busy: who holds three conversations answers later than who holds none', () => {
    presence.available(id(201), MONDAY);
    const free = ask(MONDAY);
    for (const name of ['a', 'b', 'c']) {
      presence.took(id(201), name);
      queue.put(ticket(name, { phase: 'held', holder: who(201) }));
    }
    const busy = ask(MONDAY);
    if (free.kind !== 'open' || busy.kind !== 'open') throw new Error('both are open');
    expect(busy.most).toBeGreaterThan(free.most);
  });

  it('knows nobody at a caisse that is not in the roster', () => {
    expect(office.availability({ ticket: 'mine', caisse: '751', need: 'general', ahead: 0, at: MONDAY })).toEqual({ kind: 'nobody' });
    expect([office.knows('691'), office.knows('751')]).toEqual([true, false]);
  });
});

describe('the way of a request', () => {
  it.each([
    ['691', '691'],
    ['641', '641'],
    ['69003', '691'],
    ['le 93', '931'],
    ['Bayonne', '641'],
    ['CPAM du Bas-Rhin', '673'],
    ['97400', '974'],
    ['75012', 'national'],
    ['64', 'national'],
    ['', 'national'],
  ])('leads from « %s » to %s', (caisse, wanted) => {
    expect(office.route({ slots: { caisse }, reason: 'asked-by-person', said: '' })).toEqual({ caisse: wanted, need: 'general' });
  });

  it('leads to who serves the need: at home, else nationally, else to whoever is there', () => {
    const lead = (postcode: string, reason: 'suspected-fraud' | 'technical') => office.route({ slots: { postcode }, reason, said: '' });
    expect(lead('69003', 'suspected-fraud')).toEqual({ caisse: '691', need: 'fraud' });
    expect(lead('67000', 'suspected-fraud')).toEqual({ caisse: 'national', need: 'fraud' });
    expect(lead('93200', 'technical')).toEqual({ caisse: 'national', need: 'technical' });
    expect(office.route({ slots: { postcode: '69003' }, reason: 'suspected-fraud', said: 'bonjour\nje suis sourde, je signe en LSF' })).toEqual({ caisse: 'national', need: 'sign-language' });
    const national = FULL.posts.get('national')!;
    roster = { ...FULL, posts: new Map([...FULL.posts, ['national', { ...national, serves: ['general'] }]]) };
    expect(lead('67000', 'suspected-fraud')).toEqual({ caisse: '673', need: 'general' });
  });

  it('is asked for only while no place is known, and has a name and an hour of its own', () => {
    expect([{}, { caisse: '691' }, { postcode: '69003' }].map((slots) => office.asksWhere(slots))).toEqual([true, false, false]);
    expect(['691', 'national'].map((caisse) => office.nameOf(caisse))).toEqual([directory().caisses.get('691')!.name, 'l’équipe nationale']);
    expect(['974', 'national', '751'].map((caisse) => office.zoneOf(caisse))).toEqual(['Indian/Reunion', 'Europe/Paris', 'Europe/Paris']);
  });
});

describe('the end of a wait', () => {
  it.each([
    ['a Monday morning', '2026-11-23T09:00Z', '2026-11-25T09:00Z'],
    ['a Friday, over the week-end', '2026-11-27T10:00Z', '2026-12-01T07:30Z'],
    ['the eve of a holiday and of a closure', '2026-12-23T09:00Z', '2026-12-29T07:30Z'],
  ])('comes two working days after %s', (_, since, until) => {
    expect(new Date(office.expiryOf('691', Date.parse(since))).toISOString()).toBe(new Date(until).toISOString());
  });

  it('comes two days after where no hours are known', () => {
    expect(office.expiryOf('751', MONDAY) - MONDAY).toBe(48 * HOUR);
  });
});

describe('the rights', () => {
  const RIGHTS: readonly Right[] = ['take', 'say', 'release', 'transfer', 'transfer-away', 'hand-back', 'close', 'note', 'override'];
  const may = (end: number, one: Ticket): string => RIGHTS.filter((right) => rights.may(who(end), right, one)).join(' ');
  const waiting = ticket('waits');
  const held = ticket('held', { phase: 'held', holder: who(201) });

  it.each([
    ['an adviser, what waits', 201, waiting, 'take transfer close note'],
    ['an adviser, what they hold', 201, held, 'take say release transfer hand-back close note'],
    ['a colleague, what another holds', 202, held, 'take'],
    ['the supervisor, what waits', 203, waiting, 'take say release transfer transfer-away hand-back close note override'],
    ['the supervisor, what another holds', 203, held, 'take say release transfer transfer-away hand-back close note override'],
    ['an adviser of another caisse', 301, held, ''],
    ['the supervisor of the national team', 101, held, ''],
    ['an auditor', 901, held, ''],
    ['a stranger', 999, held, ''],
  ])('grant %s', (_, end, one, wanted) => {
    expect(may(end, one)).toBe(wanted);
  });

  it('end with the roster: someone taken out of it may nothing, even on what they hold', () => {
    roster = { ...FULL, advisers: new Map([...FULL.advisers].filter(([one]) => one !== id(201))) };
    expect(may(201, held)).toBe('');
    expect([roleOf(FULL, id(202)), roleOf(roster, id(201)), roleOf(roster, 'system')]).toEqual(['adviser+author', 'stranger', 'system']);
  });
});

test('tells the estimator how long each has waited who waits still', () => {
  const told: [string, number][] = [];
  const ticket = (id: string, phase: 'waiting' | 'held') => ({ id, phase, requestedAt: 60_000 }) as Ticket;
  tellWaits({ all: () => [ticket('a', 'waiting'), ticket('b', 'held')] }, { waiting: (id, minutes) => void told.push([id, minutes]) }, 240_000);
  expect(told).toEqual([['a', 3]]);
});
