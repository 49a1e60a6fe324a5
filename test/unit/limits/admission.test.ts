/** Who is let in, and which turns run: refused before anything is accepted, never after. */
import { BusyError } from '../../../src/conversation/errors.js';
import { createAdmission, type Admission, type Coming } from '../../../src/limits/admission.js';
import { LIMITS } from '../../../src/limits/settings.js';
import { SimulatedClock } from '../../support/clock.js';

let clock: SimulatedClock;
beforeEach(() => {
  clock = new SimulatedClock();
});

const words = (conversationId: string): Coming => ({ conversationId, kind: 'words' });
const opening = (conversationId: string): Coming => ({ conversationId, kind: 'opening' });
const open = (more: Partial<typeof LIMITS>): Admission => createAdmission(clock, { ...LIMITS, messageBurst: 1_000, messagesPerMinute: 60_000, ...more });

/** Turns that go on until they are ended. */
class UnderWay {
  readonly ends: (() => void)[] = [];
  taken = 0;

  enter(admission: Admission, coming: Coming): Promise<string> {
    return admission.admit(coming, (until) => {
      this.taken += 1;
      until(new Promise<void>((resolve) => this.ends.push(resolve)));
      return Promise.resolve('accepted');
    }).catch((error: unknown) => (error instanceof BusyError ? `${error.code} ${String(error.retryAfter)}` : String(error)));
  }

  async endAll(): Promise<void> {
    for (const end of this.ends.splice(0)) end();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a conversation', () => {
  it('has its messages taken in as fast as a person writes, and not faster', async () => {
    const admission = open({ messageBurst: 5, messagesPerMinute: 60, unanswered: 100 });
    const way = new UnderWay();
    const told = await Promise.all(Array.from({ length: 8 }, () => way.enter(admission, words('a'))));
    expect(told).toEqual([...Array<string>(5).fill('accepted'), ...Array<string>(3).fill('too-many-messages 1')]);
    expect(way.taken).toBe(5);
    expect(await way.enter(admission, words('b'))).toBe('accepted');
    clock.pass(1_000);
    expect(await way.enter(admission, words('a'))).toBe('accepted');
  });

  it('has so many messages that wait for an answer, and room again once they are answered', async () => {
    const admission = open({ unanswered: 3 });
    const way = new UnderWay();
    const told = await Promise.all(Array.from({ length: 4 }, () => way.enter(admission, words('a'))));
    expect(told).toEqual(['accepted', 'accepted', 'accepted', 'too-many-messages 1']);
    expect(await way.enter(admission, words('b'))).toBe('accepted');
    await way.endAll();
    expect(await way.enter(admission, words('a'))).toBe('accepted');
  });
});

describe('everybody together', () => {
  it('are taken in until the queue is full; newcomers are asked first to come back', async () => {
    const admission = open({ turns: 4, turnsWaiting: 6 });
    const way = new UnderWay();
    const newcomers = await Promise.all(Array.from({ length: 9 }, (_, at) => way.enter(admission, opening(String(at)))));
    expect(newcomers.filter((one) => one === 'accepted')).toHaveLength(7);
    const others = await Promise.all(Array.from({ length: 5 }, (_, at) => way.enter(admission, words(String(at)))));
    expect(others.filter((one) => one === 'accepted')).toHaveLength(3);
    expect(others.at(-1)).toMatch(/^overloaded [2-5]$/);
    expect(way.taken).toBe(10);
    await way.endAll();
    expect(await way.enter(admission, opening('again'))).toBe('accepted');
  });

  it('give their place back when what they asked for fails', async () => {
    const admission = open({ turns: 1, turnsWaiting: 1 });
    for (let times = 0; times < 5; times += 1) {
      await expect(admission.admit(words('a'), () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

describe('turns', () => {
  it('of people who are in the middle of something do not wait for those of newcomers', async () => {
    const admission = open({ turns: 8 });
    const begun: string[] = [];
    for (let at = 0; at < 20; at += 1) void admission.run('opening', () => new Promise(() => void begun.push('opening')));
    await admission.run('words', () => Promise.resolve(void begun.push('words')));
    expect(begun).toEqual(['opening', 'words']);
  });

  it('run so many at a time, in the order of asking, and go on after one that breaks', async () => {
    const admission = open({ turns: 2 });
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const run = (at: number): Promise<void> => admission.run('words', () => {
      begun.push(at);
      return new Promise<void>((resolve, reject) => ends.push(at === 0 ? () => { reject(new Error('broke')); } : resolve));
    });
    const all = Promise.allSettled([0, 1, 2, 3, 4].map(run));
    expect(begun).toEqual([0, 1]);
    for (let at = 0; at < 5; at += 1) {
      ends[at]?.();
      await new Promise((resolve) => setImmediate(resolve));
      expect(begun).toEqual([0, 1, 2, 3, 4].slice(0, Math.min(at + 3, 5)));
    }
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'fulfilled']);
  });
});
