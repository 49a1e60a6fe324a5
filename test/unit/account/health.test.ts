import { Health, type HealthOptions } from '../../../src/account/health.js';
import { SimulatedClock } from '../../support/clock.js';

const REST = 10_000;
const failing = (ended: string): boolean => ended === 'bad';

let now: number;
let told: string[];

beforeEach(() => {
  now = Date.UTC(2026, 0, 15, 9);
  told = [];
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});

afterEach(() => {
  jest.restoreAllMocks();
});

function health(options: HealthOptions = {}): Health {
  return new Health({ restMs: REST, changed: (state) => void told.push(state), ...options });
}

async function end(one: Health, ...ends: readonly string[]): Promise<string[]> {
  const came: string[] = [];
  for (const ended of ends) came.push(await one.guard(() => Promise.resolve(ended), failing));
  return came;
}

const BAD = Array.from({ length: 5 }, () => 'bad');
const there = () => Promise.resolve(true);
const gone = () => Promise.resolve(false);

describe('the health of the account backend', () => {
  it('lets calls through as long as failures do not follow one another', async () => {
    const one = health();
    expect(await end(one, ...BAD.slice(1), 'good', ...BAD.slice(1), 'good')).not.toContain('resting');
    expect(told).toEqual([]);
  });

  it('gives rest after five failures in a row, and makes no call meanwhile', async () => {
    const one = health();
    await end(one, ...BAD);
    const call = jest.fn(() => Promise.resolve('good'));
    expect(await one.guard(call, failing)).toBe('resting');
    expect(call).not.toHaveBeenCalled();
    expect(await one.isUp(there)).toBe(false);
    expect(told).toEqual(['resting']);
  });

  it('lets one call try after the rest, and is back when it goes well', async () => {
    const one = health();
    await end(one, ...BAD);
    now += REST;
    expect(await end(one, 'good', 'good')).toEqual(['good', 'good']);
    expect(told).toEqual(['resting', 'back']);
    expect(await one.isUp(gone)).toBe(true);
  });

  it('rests again when that one call fails', async () => {
    const one = health();
    await end(one, ...BAD);
    now += REST;
    expect(await end(one, 'bad', 'good')).toEqual(['bad', 'resting']);
  });

  it('ends an incident by itself: whoever asks after the rest has the backend asked', async () => {
    const one = health();
    await end(one, ...BAD);
    now += REST;
    expect(await one.isUp(gone)).toBe(false);
    now += REST;
    expect(await one.isUp(there)).toBe(true);
    expect(told).toEqual(['resting', 'resting', 'back']);
  });

  it('asks nothing of a backend that is well', async () => {
    const probe = jest.fn(there);
    expect(await health().isUp(probe)).toBe(true);
    expect(probe).not.toHaveBeenCalled();
  });

  it('is an incident when half of the calls fail, although never five in a row; an old failure counts no more', async () => {
    const clock = new SimulatedClock();
    const one = health({ clock });
    await end(one, ...Array.from({ length: 4 }, () => ['bad', 'good']).flat());
    expect(await one.isUp(there)).toBe(true);
    await end(one, 'bad', 'good');
    expect(await one.isUp(there)).toBe(false);
    expect(told).toEqual([]);
    clock.pass(121_000);
    expect(await one.isUp(there)).toBe(true);
  });

  it('lets an error of our own through', async () => {
    await expect(health().guard(() => Promise.reject(new RangeError('ours')), failing)).rejects.toThrow('ours');
  });
});
