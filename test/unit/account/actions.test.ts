import { ACCOUNT_OUTCOMES, createAccountActions } from '../../../src/account/actions.js';
import type { AccountBackend, AccountStatus, ProofRefusal, ResetOutcome, UnlockOutcome } from '../../../src/account/port.js';
import { SesameError, type ErrorCode } from '../../../src/conversation/errors.js';

interface Scripted {
  readonly unlock?: UnlockOutcome | Error;
  readonly status?: AccountStatus | ProofRefusal | Error;
  readonly reset?: ResetOutcome | Error;
}

function scripted(script: Scripted): { backend: AccountBackend; calls: unknown[][] } {
  const calls: unknown[][] = [];
  function say<T>(end: T | Error | undefined, ...call: unknown[]): Promise<T> {
    calls.push(call);
    if (end === undefined) throw new Error('not in the script');
    return end instanceof Error ? Promise.reject(end) : Promise.resolve(end);
  }
  const backend: AccountBackend = {
    identify: () => Promise.reject(new Error('not in the script')),
    contactOf: () => Promise.reject(new Error('not in the script')),
    status: (proof) => say(script.status, 'status', proof),
    unlock: (proof, key) => say(script.unlock, 'unlock', proof, key),
    sendResetLink: (proof, key) => say(script.reset, 'reset', proof, key),
  };
  return { backend, calls };
}

const input = { slots: { proof: 'a.b.c', other: 3 }, key: 'key-1' };
const broken = (code: ErrorCode) => new SesameError(code, 'made to fail');

describe('the account actions', () => {
  it('hands the proof and the key to the backend, and nothing else', async () => {
    const { backend, calls } = scripted({ unlock: { kind: 'unlocked' } });
    await createAccountActions(backend)['account.unlock'].run(input);
    expect(calls).toEqual([['unlock', 'a.b.c', 'key-1']]);
  });

  it.each<[UnlockOutcome, object]>([
    [{ kind: 'unlocked' }, { outcome: 'unlocked' }],
    [{ kind: 'already-open' }, { outcome: 'already-open' }],
    [{ kind: 'not-unlockable', cause: 'wrong-data' }, { outcome: 'not-unlockable', slots: { cause: 'wrong-data' } }],
    [{ kind: 'proof-refused', why: 'expired' }, { outcome: 'proof-expired' }],
    [{ kind: 'proof-refused', why: 'invalid' }, { outcome: 'proof-refused' }],
    [{ kind: 'proof-refused', why: 'used' }, { outcome: 'proof-refused' }],
    [{ kind: 'unknown' }, { outcome: 'unknown' }],
  ])('ends an unlock that came to %j', async (came, expected) => {
    const { backend } = scripted({ unlock: came });
    const ended = await createAccountActions(backend)['account.unlock'].run(input);
    expect(ended).toEqual(expected);
    expect(ACCOUNT_OUTCOMES['account.unlock']).toContain(ended.outcome);
  });

  it.each<[AccountStatus | ProofRefusal, object]>([
    [{ kind: 'open' }, { outcome: 'open' }],
    [{ kind: 'locked', cause: 'inactivity' }, { outcome: 'locked', slots: { cause: 'inactivity' } }],
    [{ kind: 'proof-refused', why: 'expired' }, { outcome: 'proof-expired' }],
  ])('ends a status read that came to %j', async (came, expected) => {
    const { backend } = scripted({ status: came });
    const ended = await createAccountActions(backend)['account.read-status'].run(input);
    expect(ended).toEqual(expected);
    expect(ACCOUNT_OUTCOMES['account.read-status']).toContain(ended.outcome);
  });

  it.each<ResetOutcome>([{ kind: 'sent' }, { kind: 'no-contact' }, { kind: 'unknown' }])(
    'ends a reset link that came to %j',
    async (came) => {
      const { backend } = scripted({ reset: came });
      expect(await createAccountActions(backend)['account.send-reset-link'].run(input)).toEqual({ outcome: came.kind });
    },
  );

  it.each<ErrorCode>(['backend-timeout', 'backend-unavailable', 'backend-rejected'])(
    'turns the fault %s into an outcome for every action',
    async (code) => {
      const fault = broken(code);
      const actions = createAccountActions(scripted({ unlock: fault, status: fault, reset: fault }).backend);
      for (const action of Object.values(actions)) {
        expect(await action.run(input)).toEqual({ outcome: 'unavailable' });
        expect(action.outcomes).toContain('unavailable');
      }
    },
  );

  it('lets a fault of our own through', async () => {
    const { backend } = scripted({ unlock: broken('internal') });
    await expect(createAccountActions(backend)['account.unlock'].run(input)).rejects.toMatchObject({ code: 'internal' });
  });

  it('refuses without asking anyone when there is no proof', async () => {
    const { backend, calls } = scripted({ unlock: { kind: 'unlocked' } });
    for (const slots of [{}, { proof: 1 }, { proof: true }]) {
      expect(await createAccountActions(backend)['account.unlock'].run({ slots, key: 'k' })).toEqual({ outcome: 'proof-refused' });
    }
    expect(calls).toEqual([]);
  });
});
