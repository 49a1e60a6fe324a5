/** How parts are judged, and since when: probes on small stand-ins for the store, the outbox and the backend. */
import type { OutboxItem } from '../../../src/conversation/ports.js';
import { healthAnswers } from '../../../src/health/answers.js';
import { createCheckup, type Condition } from '../../../src/health/checkup.js';
import { probeBackend, probeStore, probeWaiting } from '../../../src/health/probes.js';
import { Readiness } from '../../../src/health/readiness.js';
import { SimulatedClock } from '../../support/clock.js';

const clock = new SimulatedClock();
const MINUTE = 60_000;

describe('a checkup', () => {
  it('tells since when a part is as it is, and tells each change once', async () => {
    let state: Condition = 'ok';
    const changes: string[] = [];
    const checkup = createCheckup({ probes: { store: () => Promise.resolve(state) }, clock, changed: (part, now) => changes.push(`${part} ${now}`) });
    const since = async (): Promise<string | undefined> => (await checkup.look()).parts['store']?.since;
    const first = await since();
    clock.pass(MINUTE);
    expect(await since()).toBe(first);
    state = 'down';
    clock.pass(MINUTE);
    expect(await since()).toBe(new Date(clock.now()).toISOString());
    clock.pass(MINUTE);
    await since();
    expect(changes).toEqual(['store down']);
  });

  it('is as bad as its worst part, and takes a probe that throws or never answers for one that is down', async () => {
    const probes = { one: () => Promise.resolve<Condition>('degraded'), two: () => Promise.reject(new Error('no')), three: () => new Promise<Condition>(() => undefined), four: () => Promise.resolve<Condition>('ok') };
    const { status, parts } = await createCheckup({ probes, clock, changed: () => undefined, patienceMs: 20 }).look();
    expect(status).toBe('down');
    expect(Object.values(parts).map(({ state }) => state)).toEqual(['degraded', 'down', 'down', 'ok']);
  });

  it('asks the parts once for all who ask in the same second', async () => {
    let asked = 0;
    const checkup = createCheckup({ probes: { store: () => Promise.resolve<Condition>((asked += 1) > 0 ? 'ok' : 'down') }, clock, changed: () => undefined });
    await Promise.all([checkup.look(), checkup.look(), checkup.look()]);
    expect(asked).toBe(1);
    clock.pass(1_000);
    await checkup.look();
    expect(asked).toBe(2);
  });
});

describe('the probe of the store', () => {
  const counter = { count: 0, resetsAt: 0 };
  const probed = (reads: boolean, writes: boolean): Promise<Condition> => {
    const answer = (well: boolean) => () => (well ? Promise.resolve(counter) : Promise.reject(new Error('full')));
    return probeStore({ counted: answer(reads), count: answer(writes) }, clock)();
  };

  it('tells a store that only reads from one that is not there', async () => {
    expect([await probed(true, true), await probed(true, false)]).toEqual(['ok', 'degraded']);
    await expect(probed(false, true)).rejects.toThrow('full');
  });
});

describe('the probe of the backend', () => {
  it.each([
    [true, true, 'ok'],
    [true, false, 'degraded'],
    [false, true, 'down'],
  ] as const)('there: %s, our calls succeed: %s: %s', async (there, up, state) => {
    expect(await probeBackend({ isThere: () => Promise.resolve(there), isUp: () => Promise.resolve(up) })()).toBe(state);
  });
});

describe('the probe of what waits to be sent', () => {
  const item = (lateMs: number, tries = 0): OutboxItem => ({ id: String(lateMs), kind: 'mail.code', payload: {}, dueAt: clock.now() - lateMs, tries });
  const probed = (...items: readonly OutboxItem[]): Promise<Condition> => probeWaiting({ due: () => Promise.resolve(items) }, ['mail.code'], clock)();

  it('is well while nothing waits for long', async () => {
    expect([await probed(), await probed(item(5_000), item(-MINUTE, 1))]).toEqual(['ok', 'ok']);
  });

  it('is worse the longer something waits that nobody tries', async () => {
    expect([await probed(item(0), item(2 * MINUTE)), await probed(item(11 * MINUTE))]).toEqual(['degraded', 'down']);
  });

  it('is degraded when most of what waits was tried in vain, and not for one bad address', async () => {
    const vain = (n: number): OutboxItem => ({ ...item(-n, 5), id: `vain${String(n)}` });
    expect(await probed(vain(1), item(0), item(1))).toBe('ok');
    expect(await probed(vain(1), vain(2), vain(3), item(0))).toBe('degraded');
  });
});

describe('what the internal port answers', () => {
  const open = (state: Condition) => {
    const readiness = new Readiness(clock);
    const answers = healthAnswers(readiness, createCheckup({ probes: { store: () => Promise.resolve(state) }, clock, changed: () => undefined }));
    return { readiness, ask: async (path: string) => answers[path]?.() };
  };

  it('is ready once it listens and never again once it drains', async () => {
    const { readiness, ask } = open('ok');
    const statuses: unknown[] = [(await ask('/health/ready'))?.status];
    for (const step of ['open', 'drain', 'open'] as const) {
      readiness[step]();
      statuses.push((await ask('/health/ready'))?.status);
    }
    expect(statuses).toEqual([503, 200, 503, 503]);
    expect(await ask('/health/live')).toMatchObject({ status: 200 });
  });

  it('stays ready while a part is down: every instance shares it, and none would be left to say so', async () => {
    const { readiness, ask } = open('down');
    readiness.open();
    expect(await ask('/health')).toMatchObject({ status: 503, body: { status: 'down', parts: { store: { state: 'down' } }, life: { phase: 'ready' } } });
    expect(await ask('/health/ready')).toMatchObject({ status: 200 });
  });
});
