/** Cases A of the threat model: guessing a code, and shutting somebody out by guessing badly. */
import { codeReader } from '../../../src/answers/details.js';
import { LIMITS } from '../../../src/attempts/limits.js';
import { challengeOf, KNOWN, Proving, RIGHT, STRANGER, WRONG } from '../../support/proving.js';

const MINUTE = 60_000;

let proving: Proving;
beforeEach(async () => { proving = await Proving.open(); });
afterEach(() => proving.close());

/** So many wrong tries against one account, in new conversations, waiting whatever has to be waited for. */
async function burn(tries: number, identity = KNOWN): Promise<string[]> {
  const kinds: string[] = [];
  for (let conversation = 0; kinds.length < tries; conversation += 1) {
    const name = `burner${String(conversation)}`;
    const sent = await proving.send(name, identity);
    if (sent.kind !== 'sent') {
      proving.clock.pass(LIMITS.hourMs);
      continue;
    }
    await proving.handOver(sent.challenge, RIGHT);
    for (let i = 0; i < LIMITS.triesPerCode && kinds.length < tries; i += 1) {
      const outcome = await proving.challenges.check(sent.challenge, name, WRONG);
      if (outcome.kind === 'expired') break;
      if (outcome.kind === 'wait') {
        proving.clock.pass(outcome.waitMs);
        i -= 1;
      } else kinds.push(outcome.kind);
    }
    proving.clock.pass(LIMITS.betweenSendsMs);
  }
  return kinds;
}

describe('guessing', () => {
  it('A01: a code dies after five tries, and then refuses the right one with the same outcome', async () => {
    const id = await proving.asked();
    expect(await proving.tried(id, 'c1', WRONG, WRONG, WRONG, WRONG, WRONG)).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'dead']);
    proving.clock.pass(MINUTE);
    expect(await proving.tried(id, 'c1', RIGHT)).toEqual(['dead']);
    expect(proving.log).toContain('code.dead');
  });

  it('A03: of a hundred guesses at once five are judged, in each of two hundred runs', async () => {
    for (let run = 0; run < 200; run += 1) {
      const identity = { nir: `25508141${String(10_000 + run)}`, birthDate: '1955-08-19' };
      const before = proving.judged();
      const id = await proving.asked(`c${String(run)}`, identity);
      await Promise.all(Array.from({ length: 100 }, () => proving.challenges.check(id, `c${String(run)}`, WRONG)));
      expect([run, proving.judged() - before]).toEqual([run, LIMITS.triesPerCode]);
      proving.clock.pass(MINUTE);
    }
  }, 120_000);

  it('A03: of a hundred guesses at once in all the conversations that have a code, ten are judged at most, and never more in the day', async () => {
    for (let run = 0; run < 20; run += 1) {
      const identity = { nir: `15312450${String(10_000 + run)}`, birthDate: '1953-12-04' };
      const before = proving.judged();
      const ids: string[] = [];
      for (const name of ['x', 'y', 'z']) {
        ids.push(await proving.asked(`${name}${String(run)}`, identity, null));
        proving.clock.pass(LIMITS.betweenSendsMs);
      }
      await Promise.all(Array.from({ length: 100 }, (_, n) => proving.challenges.check(ids[n % 3]!, `${'xyz'.charAt(n % 3)}${String(run)}`, WRONG)));
      expect([run, proving.judged() - before]).toEqual([run, LIMITS.triesPerAccountDay]);
    }
  }, 60_000);

  it('A05: a new code does not give new tries to the account', async () => {
    expect(await burn(LIMITS.triesPerAccountDay)).toHaveLength(LIMITS.triesPerAccountDay);
    const judged = proving.judged();
    proving.clock.pass(LIMITS.hourMs);
    const sent = await proving.send('after');
    if (sent.kind === 'sent') await proving.handOver(sent.challenge, RIGHT);
    const id = sent.kind === 'sent' ? sent.challenge : 'none';
    expect(['limited', 'expired']).toContain((await proving.challenges.check(id, 'after', RIGHT)).kind);
    expect([judged, proving.judged()]).toEqual([LIMITS.triesPerAccountDay, LIMITS.triesPerAccountDay]);
    proving.clock.pass(LIMITS.dayMs);
    expect(await proving.tried(await proving.asked('next-day'), 'next-day', RIGHT)).toEqual(['proved']);
  });

  it('makes an account wait longer after each failure past the fourth, and costs nothing for asking too early', async () => {
    const waits: number[] = [];
    let live: string | undefined;
    for (let failure = 1; failure < LIMITS.triesPerAccountDay; failure += 1) {
      // Two tries a code: it is still alive after the wait of the first.
      const name = `c${String(Math.floor((failure - 1) / 2))}`;
      const id = failure % 2 === 1 ? await proving.asked(name) : (live ?? '');
      live = id;
      const outcome = await proving.challenges.check(id, name, WRONG);
      const waitMs = 'waitMs' in outcome ? outcome.waitMs : -1;
      waits.push(waitMs / MINUTE);
      if (waitMs > 0) expect(await proving.challenges.check(id, name, RIGHT)).toEqual({ kind: 'wait', waitMs });
      proving.clock.pass(failure % 2 === 1 ? waitMs : LIMITS.hourMs);
    }
    expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16]);
  });

  it('A07: a code of one conversation is refused in another, and counted', async () => {
    await proving.asked('a');
    proving.clock.pass(LIMITS.betweenSendsMs);
    const other = await proving.asked('b', KNOWN, '11112222');
    const before = proving.judged();
    expect(await proving.tried(other, 'b', RIGHT)).toEqual(['wrong']);
    expect(proving.judged()).toBe(before + 1);
  });

  it('A07: a challenge cannot be met from another conversation', async () => {
    expect(await proving.tried(await proving.asked('a'), 'b', RIGHT)).toEqual(['expired']);
  });

  it('A08: only the last code is live', async () => {
    const first = await proving.asked();
    proving.clock.pass(LIMITS.betweenSendsMs);
    const second = challengeOf(await proving.challenges.resend(first));
    await proving.handOver(second, '11112222');
    expect(await proving.tried(first, 'c1', RIGHT)).toEqual(['expired']);
    expect(await proving.tried(second, 'c1', '11112222')).toEqual(['proved']);
  });

  it('A09: a code lives ten minutes from its hand-over, and then every answer is the same', async () => {
    const id = challengeOf(await proving.send());
    proving.clock.pass(MINUTE);
    await proving.handOver(id, RIGHT);
    proving.clock.pass(LIMITS.codeLifeMs - 1);
    expect(await proving.tried(id, 'c1', WRONG, RIGHT)).toEqual(['wrong', 'proved']);
    proving.clock.pass(1);
    expect(await proving.tried(id, 'c1', RIGHT, WRONG)).toEqual(['expired', 'expired']);
    const never = challengeOf(await proving.send('c2', STRANGER));
    proving.clock.pass(LIMITS.codeLifeMs);
    expect(await proving.tried(never, 'c2', RIGHT)).toEqual(['expired']);
  });

  it('A10: fifty clicks at once send one code, and five hundred in a day five', async () => {
    let id = await proving.asked();
    let sent = 1;
    for (let round = 0; round < 10; round += 1) {
      proving.clock.pass(round === 0 ? LIMITS.betweenSendsMs : 20 * MINUTE);
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => proving.challenges.resend(id)));
      const went = outcomes.filter(({ kind }) => kind === 'sent');
      expect(went.length).toBeLessThanOrEqual(1);
      for (const outcome of went) id = challengeOf(outcome);
      sent += went.length;
    }
    expect(sent).toBe(LIMITS.sendsPerDay);
  });

  it.each([['someone known', KNOWN], ['a stranger', STRANGER]])('A10: three codes an hour and five a day, for %s', async (_who, identity) => {
    const kinds: string[] = [];
    for (const wait of [0, 1, 1, 1, 60, 1, 60]) {
      proving.clock.pass(wait * MINUTE);
      kinds.push((await proving.send(`c${String(kinds.length)}`, identity)).kind);
    }
    expect(kinds).toEqual(['sent', 'sent', 'sent', 'limited', 'sent', 'sent', 'limited']);
  });

  it('A11: more than thirty wrong codes in a minute hold back every new code for a minute, and raise one alert', async () => {
    for (let n = 0; n <= LIMITS.wrongPerMinute; n += 1) {
      const name = `sprayed${String(n)}`;
      expect(await proving.tried(await proving.asked(name, { ...STRANGER, nir: `15312450${String(10_000 + n)}` }, null), name, '12345678')).toEqual(['wrong']);
    }
    expect((await proving.send('honest')).kind).toBe('busy');
    expect((await proving.letters.ask({ conversationId: 'honest' }, KNOWN)).kind).toBe('busy');
    expect(proving.log.filter((event) => event === 'identity.sprayed')).toHaveLength(1);
    proving.clock.pass(LIMITS.sprayHoldMs);
    expect((await proving.send('honest')).kind).toBe('sent');
  });

  it('A14: a burnt day leaves the post open, and the victim is to be told once', async () => {
    await burn(LIMITS.triesPerAccountDay - 1);
    proving.clock.pass(LIMITS.hourMs);
    const id = await proving.asked('last');
    expect(await proving.challenges.check(id, 'last', WRONG)).toMatchObject({ kind: 'wrong', notify: 's_known' });
    expect(await proving.challenges.check(id, 'last', RIGHT)).toEqual({ kind: 'limited' });
    const { reference, code } = await proving.posted('victim');
    expect((await proving.letters.check({ conversationId: 'victim', purpose: 'unlock' }, { reference, code })).kind).toBe('proved');
  });

  it.each([
    '73190462', '7319 0462', ' 7319-0462 ', '7319.0462', '７３１９０４６２', '٧٣١٩٠٤٦٢', '7319\u00a00462', '7319\u202f0462', '73\u200b19\u200d0462', '7319O462', '7319o462', '\ufeff7 3 1 9 0 4 6 2',
  ])('A15: « %s » is the code as it was sent', async (typed) => {
    const reading = codeReader.read(typed);
    const id = await proving.asked();
    expect(await proving.tried(id, 'c1', reading.ok ? String(reading.value) : reading.reason)).toEqual(['proved']);
  });

  it('A15: what is no code costs no try, and after ten of them comes a pause of a minute', async () => {
    const id = await proving.asked();
    const { guard } = proving.challenges;
    const noted: boolean[] = [];
    for (let n = 0; n <= LIMITS.malformedBeforePause; n += 1) noted.push(await guard.noteMalformed('c1'));
    expect(noted).toEqual([...Array<boolean>(LIMITS.malformedBeforePause).fill(false), true]);
    expect(await proving.tried(id, 'c1', RIGHT)).toEqual(['paused']);
    proving.clock.pass(LIMITS.pauseMs);
    expect(await proving.tried(id, 'c1', WRONG, WRONG, WRONG, WRONG, RIGHT)).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'proved']);
  });
});

describe('trying identities', () => {
  it('B07: three a conversation, whatever is corrected', async () => {
    const kinds: string[] = [];
    for (const day of ['01', '02', '03', '04', '01']) {
      kinds.push((await proving.send('c1', { ...KNOWN, birthDate: `1955-08-${day}` })).kind);
      proving.clock.pass(20 * MINUTE);
    }
    expect(kinds).toEqual(['sent', 'sent', 'sent', 'limited', 'sent']);
  });

  it('B07: ten in ten minutes from one range of addresses, whatever the conversation and the number', async () => {
    const from = (range: string, n: number): Promise<string> => proving.send(`c${range}${String(n)}`, { ...STRANGER, nir: `15312450${String(10_000 + n)}` }, range).then(({ kind }) => kind);
    const kinds: string[] = [];
    for (let n = 0; n < 12; n += 1) kinds.push(await from('r1', n));
    expect(kinds).toEqual([...Array<string>(LIMITS.identitiesPerSource).fill('sent'), 'limited', 'limited']);
    expect(await from('r2', 20)).toBe('sent');
    proving.clock.pass(LIMITS.sourceWindowMs);
    expect(await from('r1', 30)).toBe('sent');
  });

  it.each([['known', KNOWN], ['unknown', STRANGER]])('B04: ten a day of a number that is %s, and the eleventh is refused', async (_who, identity) => {
    const kinds: string[] = [];
    for (let n = 0; n < 11; n += 1) {
      kinds.push((await proving.send(`c${String(n)}`, { ...identity, birthDate: `1955-08-${String(n + 1).padStart(2, '0')}` })).kind);
    }
    expect(kinds).toEqual(['sent', ...Array<string>(9).fill('too-soon'), 'limited']);
  });
});
