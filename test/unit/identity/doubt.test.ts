/** Case A20 of the threat model: an effect that may have happened is told to the address on file, at once and once. */
import { createAccountActions } from '../../../src/account/actions.js';
import type { AccountBackend } from '../../../src/account/port.js';
import { noticeMail } from '../../../src/identity/courier.js';
import { tellingDoubts } from '../../../src/proving.js';
import { SimulatedClock } from '../../support/clock.js';
import { newSigner } from '../../support/proofs.js';

const clock = new SimulatedClock();
const EFFECTS = { 'account.unlock': 'unlock', 'account.reactivate': 'reactivate', 'account.send-reset-link': 'reset', 'account.send-code-by-post': 'post-code', 'account.ask-correction': 'correction', 'account.declare-fraud': 'fraud' } as const;

/** A backend whose every answer is the same. */
function answering(kind: string): AccountBackend {
  const answer = (): Promise<never> => Promise.resolve({ kind, cause: 'inactivity', reference: 'AAAA' } as never);
  return new Proxy({}, { get: () => answer }) as AccountBackend;
}

async function run(name: keyof ReturnType<typeof createAccountActions>, kind: string) {
  const notice = (subject: string, purpose: Parameters<typeof noticeMail>[1], key: string) => noticeMail(subject, purpose, key, clock.now());
  const actions = tellingDoubts(createAccountActions(answering(kind), { notice }), clock);
  return actions[name]?.run({ slots: { proof: await (await newSigner()).sign('s_1') }, key: 'key-1' });
}

it.each(Object.entries(EFFECTS))('A20: %s, whose end is not known, is told as a doubt about « %s », due at this very moment', async (name, purpose) => {
  const ended = await run(name as keyof typeof EFFECTS, 'unknown');
  expect(ended?.outcome).toBe('unknown');
  expect(ended?.outbox).toEqual([{ id: 'notice/key-1', kind: 'mail.notice', payload: { subject: 's_1', notice: 'doubt', purpose }, dueAt: clock.now(), tries: 0 }]);
});

it('A20: an effect that is known is told as such, at this very moment, and never twice', async () => {
  const ended = await run('account.unlock', 'unlocked');
  expect(ended?.outbox).toEqual([{ id: 'notice/key-1', kind: 'mail.notice', payload: { subject: 's_1', notice: 'unlock' }, dueAt: clock.now(), tries: 0 }]);
});

it.each(['already-open', 'proof-refused'])('A20: what ends as « %s » did nothing, and nobody is written to', async (kind) => {
  expect((await run('account.unlock', kind))?.outbox).toBeUndefined();
});

it.each(['account.open-case', 'account.read-status'] as const)('A20: %s changes nothing of the account, and nobody is written to', async (name) => {
  expect((await run(name, 'unknown'))?.outbox).toBeUndefined();
});
