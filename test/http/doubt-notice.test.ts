/**
 * Case A20 of the threat model, on the real server: the notice of an effect leaves at once, and so does the notice of an
 * effect of which nobody can say whether it happened.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { crowd, type Person } from '../../src/reference/people.js';
import { eventually, RunningSesame } from '../support/running.js';
import { Codes, Unlocking } from '../support/unlocking.js';

const PROMISED_MS = 60_000;
const [known, doubtful] = crowd(4).filter((_, n) => n % 2 === 0) as [Person, Person];

let sesame: RunningSesame;
beforeAll(async () => {
  sesame = await RunningSesame.start({ REFERENCE_PEOPLE: '4', TRUSTED_PROXIES: '127.0.0.1' });
});
afterAll(() => sesame.stop());

interface Mail {
  readonly to: string;
  readonly at: number;
  readonly subject: string;
  readonly text: string;
}

function notices({ email }: Person): readonly Mail[] {
  const folder = path.join(sesame.data, 'mailbox');
  const mails = readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Mail);
  return mails.filter(({ to, text }) => to === email && !/\d{4} \d{4}/.test(text));
}

/** Unlocks an account. Milliseconds from the code to the notice, and the notices. */
async function unlocked(person: Person, number: number, fault: readonly object[]): Promise<{ ms: number; all: readonly Mail[] }> {
  const send = await new Unlocking(sesame, person, new Codes(path.join(sesame.data, 'mailbox')), number).untilTheCode();
  await sesame.askBackend('/_faults', fault);
  const started = Date.now();
  await send?.();
  await eventually(() => (notices(person).length > 0 ? true : undefined));
  await sesame.askBackend('/_faults', []);
  return { ms: (notices(person)[0]?.at ?? Number.NaN) - started, all: notices(person) };
}

it('A20: an effect is told to the address on file at once, and once', async () => {
  const { ms, all } = await unlocked(known, 1, []);
  expect(all.map(({ subject }) => subject)).toEqual(['Votre compte ameli a été débloqué']);
  expect(ms).toBeLessThan(PROMISED_MS / 6);
}, 60_000);

it('A20: an effect of which nothing is known is told at once as such, and claims nothing', async () => {
  // It happens, no answer comes back, and the look-up that would settle it fails as well.
  const { ms, all } = await unlocked(doubtful, 2, [{ route: 'unlock', cutAfterEffect: true, times: 20 }, { route: 'action', status: 500, times: 20 }]);
  expect(all.map(({ subject }) => subject)).toEqual(['Une demande a été faite sur votre compte ameli']);
  expect(all[0]?.text).toContain('débloquer un compte ameli');
  expect(all[0]?.text).not.toMatch(/a été débloqué|https?:/);
  expect(ms).toBeLessThan(PROMISED_MS / 6);
}, 60_000);
