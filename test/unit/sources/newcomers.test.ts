/** How many conversations may begin from one place, and what of a place leaves the doors. */
import { createNewcomers, NEWCOMERS, type Place } from '../../../src/sources/newcomers.js';
import { createSources, type Arrival, type SourcesOptions } from '../../../src/sources/whence.js';
import { SimulatedClock } from '../../support/clock.js';

const key = new Uint8Array(32).fill(3);
const from = (remoteAddress: string, forwarded?: string): Arrival => ({ headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, socket: { remoteAddress } });

describe('I05: new conversations', () => {
  let clock: SimulatedClock;
  let admit: ReturnType<typeof createNewcomers>;
  beforeEach(() => {
    clock = new SimulatedClock();
    admit = createNewcomers(clock);
  });
  const place = (address: string, range: string, crowd: Place['crowd'] = 'ordinary'): Place => ({ address, range, crowd });
  const admitted = (times: number, where: (at: number) => Place): number => Array.from({ length: times }, (_, at) => admit('conversation', where(at))).filter((wait) => wait === undefined).length;

  it('are ten a minute from one address, and its neighbours keep their own', () => {
    expect(admitted(1_000, () => place('a', 'r'))).toBe(10);
    expect(admitted(10, () => place('b', 'r'))).toBe(10);
  });

  it('are sixty a minute from one range, however many addresses it has, and everybody elsewhere comes in', () => {
    expect(admitted(1_000, (at) => place(`bot ${String(at)}`, 'r'))).toBe(60);
    expect(admitted(100, (at) => place(`person ${String(at)}`, `range ${String(at)}`))).toBe(100);
  });

  it('wait as long as they are told, and no longer', () => {
    admitted(10, () => place('a', 'r'));
    clock.pass(20_500);
    const wait = admit('conversation', place('a', 'r'));
    expect(wait).toBe(40);
    clock.pass(wait! * 1_000);
    expect(admitted(20, () => place('a', 'r'))).toBe(10);
  });

  it('are not held back by those who keep asking', () => {
    admitted(10, () => place('a', 'r'));
    for (let second = 0; second < 59; second += 1) {
      clock.pass(1_000);
      expect(admit('conversation', place('a', 'r'))).toBeGreaterThan(0);
    }
    clock.pass(1_000);
    expect(admit('conversation', place('a', 'r'))).toBeUndefined();
  });

  it('and tokens are counted each on its own', () => {
    admitted(10, () => place('a', 'r'));
    expect(admit('token', place('a', 'r'))).toBeUndefined();
  });

  it('are more where many people share an address, and not counted on one’s own machine', () => {
    expect(admitted(1_000, () => place('a', 'r', 'large'))).toBe(100);
    expect(admitted(5_000, () => place('own', 'own', 'free'))).toBe(5_000);
  });

  it('from ever new places take a bounded memory, and who is over a limit just now stays over it', () => {
    for (let at = 0; at < 60_000; at += 1) admit('token', place(`x${String(at)}`, `y${String(at)}`));
    admitted(10, () => place('a', 'r'));
    for (let at = 0; at < 20_000; at += 1) admit('token', place(`z${String(at)}`, `w${String(at)}`));
    expect(admit('conversation', place('a', 'r'))).toBeGreaterThan(0);
  });
});

describe('a source', () => {
  const open = (more: Partial<SourcesOptions> = {}) => createSources({ key, clock: new SimulatedClock(), ...more });

  it('tells the same range and device from another, and holds neither', () => {
    const sources = open();
    const of = (address: string, device: string) => sources.sourceOf(sources.whence(from(address)), { device });
    const one = of('203.0.113.7', 'dl_alice');
    expect(of('203.0.113.99', 'dl_alice')).toEqual(one);
    expect(of('203.0.114.7', 'dl_alice').range).not.toBe(one.range);
    expect(of('203.0.113.7', 'dl_bob')).toEqual({ range: one.range, device: expect.not.stringMatching(one.device!) as string });
    expect(JSON.stringify(one)).not.toMatch(/203|alice/);
    for (const hash of [one.range, one.device!]) expect(Buffer.from(hash, 'base64url')).toHaveLength(16);
  });

  it('is another under another key', () => {
    const other = open({ key: new Uint8Array(32).fill(4) });
    expect(other.whence(from('203.0.113.7')).range).not.toBe(open().whence(from('203.0.113.7')).range);
  });

  it('comes from behind our proxies, and from nowhere else', () => {
    const sources = open({ proxies: ['10.0.0.1'] });
    const straight = sources.whence(from('203.0.113.7'));
    expect(sources.whence(from('10.0.0.1', '9.9.9.9, 203.0.113.7'))).toEqual(straight);
    expect(sources.whence(from('203.0.113.7', '9.9.9.9'))).toEqual(straight);
  });

  it('is in a crowd where that was configured, and free on one’s own machine only where it is local', () => {
    const crowdOf = (more: Partial<SourcesOptions>, address: string, forwarded?: string) => open(more).whence(from(address, forwarded)).crowd;
    expect(crowdOf({ crowded: ['203.0.113.0/24'] }, '203.0.113.9')).toBe('large');
    expect(crowdOf({ crowded: ['203.0.113.0/24'] }, '203.0.114.9')).toBe('ordinary');
    expect([crowdOf({ local: true }, '127.0.0.1'), crowdOf({ local: true }, '::1'), crowdOf({}, '127.0.0.1')]).toEqual(['free', 'free', 'ordinary']);
    expect(crowdOf({ local: true, proxies: ['127.0.0.1'] }, '127.0.0.1', '203.0.113.9')).toBe('ordinary');
  });

  it('that cannot be read is one place for all', () => {
    const sources = open();
    expect(sources.whence({ headers: {}, socket: {} })).toEqual(sources.whence(from('garbage')));
    expect(NEWCOMERS).toEqual({ perAddress: 10, perRange: 60 });
  });

  it('is not opened over a network that cannot be read', () => {
    expect(() => open({ proxies: ['proxy'] })).toThrow(/proxy/);
  });
});
