import path from 'node:path';
import { loadCaisses } from '../../../src/staff/caisses.js';
import { Presence } from '../../../src/staff/presence.js';
import { loadRoster, type Roster } from '../../../src/staff/roster.js';

const ROOT = path.join(__dirname, '..', '..', '..');
const roster = loadRoster(path.join(ROOT, 'config', 'advisers.yaml'), loadCaisses(path.join(ROOT, 'knowledge', 'caisses.csv')));
const id = (end: number): string => `00000000-0000-4000-8000-000000000${String(end)}`;
const [KARIM, LOUISE, HELENE, AUDITOR] = [id(201), id(202), id(203), id(901)];
/** Ten in the morning of a Monday in Lyon. */
const NOW = Date.parse('2026-11-23T09:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let presence: Presence;

beforeEach(() => {
  presence = new Presence(() => roster);
});

describe('presence', () => {
  it('counts on nobody who gave no sign', () => {
    expect(presence.capacity('691', 'general', NOW)).toEqual({ present: 0, free: 0, places: 0 });
  });

  it('counts on who was active in the last twenty minutes, and not on who was before', () => {
    presence.active(KARIM, NOW);
    expect(presence.isPresent(KARIM, NOW + 19 * MINUTE)).toBe(true);
    expect(presence.isPresent(KARIM, NOW + 20 * MINUTE)).toBe(false);
  });

  it('counts all day on who said « available », and no longer the next morning', () => {
    presence.available(KARIM, NOW);
    expect(presence.isPresent(KARIM, NOW + 6 * HOUR)).toBe(true);
    expect(presence.isPresent(KARIM, NOW + 24 * HOUR)).toBe(false);
  });

  it('leaves alone who said « away », even while they finish what they hold', () => {
    presence.away(KARIM, NOW);
    presence.active(KARIM, NOW + MINUTE);
    expect(presence.isPresent(KARIM, NOW + MINUTE)).toBe(false);
    presence.available(KARIM, NOW + 2 * MINUTE);
    expect(presence.isPresent(KARIM, NOW + 2 * MINUTE)).toBe(true);
  });

  it('does not take leaving at midnight for a sign of being there', () => {
    const midnight = Date.parse('2026-11-23T23:00Z');
    presence.away(KARIM, midnight - MINUTE);
    expect(presence.isPresent(KARIM, midnight + MINUTE)).toBe(false);
  });

  it('gives the places left for a need, by those who serve it', () => {
    for (const one of [KARIM, LOUISE, HELENE]) presence.available(one, NOW);
    expect(presence.capacity('691', 'general', NOW)).toEqual({ present: 3, free: 3, places: 9 });
    expect(presence.capacity('691', 'technical', NOW)).toEqual({ present: 1, free: 1, places: 3 });
    for (const ticket of ['t1', 't2', 't3', 't3']) presence.took(KARIM, ticket);
    expect(presence.capacity('691', 'general', NOW)).toEqual({ present: 3, free: 2, places: 6 });
    expect(presence.capacity('691', 'technical', NOW)).toEqual({ present: 1, free: 0, places: 0 });
    presence.took(HELENE, 't3');
    presence.left('t1');
    expect([presence.load(KARIM), presence.load(HELENE)]).toEqual([1, 1]);
  });

  it('takes on nothing while the caisse is closed, nor for a caisse it does not know', () => {
    presence.available(KARIM, NOW);
    expect(presence.capacity('691', 'general', NOW + 2.75 * HOUR).present).toBe(0);
    expect(presence.capacity('691', 'general', NOW + 4 * HOUR).present).toBe(1);
    expect(presence.capacity('131', 'general', NOW).present).toBe(0);
  });

  it('counts on no auditor, and on nobody who has left the roster', () => {
    let current: Roster = roster;
    presence = new Presence(() => current);
    presence.available(AUDITOR, NOW);
    presence.available(KARIM, NOW);
    expect(presence.capacity('national', 'general', NOW).present).toBe(0);
    current = { ...roster, advisers: new Map([...roster.advisers].filter(([key]) => key !== KARIM)) };
    expect(presence.isPresent(KARIM, NOW)).toBe(false);
    expect(presence.capacity('691', 'general', NOW).present).toBe(0);
  });
});
