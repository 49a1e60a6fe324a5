/**
 * Case A11 of the threat model: one code tried on ten thousand accounts, on a simulated clock. How many tries are judged,
 * and how long ordinary people are kept waiting meanwhile.
 */
import { LIMITS } from '../../../src/attempts/limits.js';
import { KNOWN, Proving, RIGHT } from '../../support/proving.js';

const ACCOUNTS = 10_000;
const SPRAYED = '12345678';
/** Tries a second. */
const FAST = 50;

let proving: Proving;
beforeEach(async () => { proving = await Proving.open(); });
afterEach(() => proving.close());

const account = (n: number): typeof KNOWN => ({ nir: `1531245${String(n).padStart(6, '0')}`, birthDate: '1953-12-04' });

interface Sprayed {
  readonly judged: number;
  readonly minutes: number;
  readonly alertMs: number;
  /** Seconds after which each person who came meanwhile had proved who they are; nothing where they never could. */
  readonly waited: readonly (number | undefined)[];
}

/** Somebody who comes in the thick of it from home, and tries again when told to wait a minute. */
class Honest {
  done: number | undefined;
  private readonly since = proving.clock.now();
  private next = this.since;
  constructor(private readonly name: string, private readonly identity: typeof KNOWN) {}

  async look(): Promise<void> {
    if (this.done !== undefined || proving.clock.now() < this.next) return;
    this.next += LIMITS.minuteMs;
    const asked = await proving.send(this.name, this.identity, `home of ${this.name}`);
    if (asked.kind !== 'sent') return;
    await proving.handOver(asked.challenge, RIGHT);
    const { kind } = await proving.challenges.check(asked.challenge, this.name, RIGHT);
    expect(kind).toBe(this.identity === KNOWN ? 'proved' : 'wrong');
    this.done = (proving.clock.now() - this.since) / 1000;
  }
}

/** Asks for a code for each account and tries the same one on it, from so many ranges of addresses in turn. */
async function spray(ranges: number): Promise<Sprayed> {
  const started = proving.clock.now();
  let alertMs = Number.NaN;
  const people: Honest[] = [];
  for (let n = 0; n < ACCOUNTS; n += 1) {
    const name = `sprayer${String(n)}`;
    const asked = await proving.send(name, account(n), `range${String(n % ranges)}`);
    if (asked.kind === 'sent') {
      await proving.handOver(asked.challenge, null);
      expect((await proving.challenges.check(asked.challenge, name, SPRAYED)).kind).toBe('wrong');
    }
    if (Number.isNaN(alertMs) && proving.log.includes('identity.sprayed')) alertMs = proving.clock.now() - started;
    if (n % 2_000 === 1_500) people.push(new Honest(`honest${String(n)}`, n === 1_500 ? KNOWN : account(ACCOUNTS + n)));
    if (n % FAST !== FAST - 1) continue;
    proving.clock.pass(1000);
    for (const one of people) await one.look();
  }
  const waited = people.map(({ done }) => done);
  const sprayed = { judged: proving.judged() - waited.filter((one) => one !== undefined).length, minutes: (proving.clock.now() - started) / LIMITS.minuteMs, alertMs, waited };
  process.stdout.write(`${JSON.stringify({ accounts: ACCOUNTS, ranges, ...sprayed })}\n`);
  return sprayed;
}

it('A11: of ten thousand accounts sprayed from two hundred networks few are tried, and whoever comes meanwhile is let in within five seconds', async () => {
  const { judged, alertMs, waited } = await spray(200);
  expect(alertMs).toBeLessThanOrEqual(LIMITS.minuteMs);
  expect(judged).toBeLessThanOrEqual(LIMITS.wrongPerMinuteAtMost);
  expect(waited.map((seconds) => seconds !== undefined && seconds <= 5)).toEqual([true, true, true, true, true]);
}, 120_000);

it('A11: sprayed from ten thousand networks, no more are tried than the limit of everybody allows', async () => {
  const { judged, alertMs, minutes } = await spray(ACCOUNTS);
  expect(alertMs).toBeLessThanOrEqual(LIMITS.minuteMs);
  expect(judged).toBeLessThanOrEqual((LIMITS.wrongPerMinuteAtMost + 1) * (Math.ceil(minutes) + 1));
}, 120_000);

it('A11: codes that were sent before the hold are judged, so that nobody who holds one is turned away', async () => {
  const mine = await proving.asked('honest');
  for (let n = 0; n <= LIMITS.wrongPerMinute; n += 1) {
    const name = `sprayer${String(n)}`;
    await proving.tried(await proving.asked(name, account(n), null), name, SPRAYED);
  }
  expect((await proving.send('another', account(9_999))).kind).toBe('busy');
  expect(await proving.tried(mine, 'honest', RIGHT)).toEqual(['proved']);
});
