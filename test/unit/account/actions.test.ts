import { ACCOUNT_OUTCOMES, createAccountActions } from '../../../src/account/actions.js';
import type { AccountBackend, AccountStatus, CaseOutcome, CodeLetterOutcome, FraudOutcome, ProofRefusal, ReactivateOutcome, ResetOutcome, UnlockOutcome } from '../../../src/account/port.js';
import { SesameError, type ErrorCode } from '../../../src/conversation/errors.js';
import type { OutboxItem } from '../../../src/conversation/ports.js';
import { newSigner } from '../../support/proofs.js';

interface Scripted {
  readonly unlock?: UnlockOutcome | Error;
  readonly status?: AccountStatus | ProofRefusal | Error;
  readonly reset?: ResetOutcome | Error;
  readonly reactivate?: ReactivateOutcome | Error;
  readonly codeLetter?: CodeLetterOutcome | Error;
  readonly correction?: CaseOutcome | Error;
  readonly fraud?: FraudOutcome | Error;
  readonly openCase?: CaseOutcome | Error;
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
    identifyPivot: () => Promise.reject(new Error('not in the script')),
    post: () => Promise.reject(new Error('not in the script')),
    reactivate: (proof, key) => say(script.reactivate, 'reactivate', proof, key),
    sendCodeLetter: (proof, key) => say(script.codeLetter, 'code-letter', proof, key),
    askCorrection: (proof, key) => say(script.correction, 'correction', proof, key),
    declareFraud: (proof, key) => say(script.fraud, 'fraud', proof, key),
    openCase: (proof, key) => say(script.openCase, 'case', proof, key),
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
      const { backend } = scripted({ unlock: fault, status: fault, reset: fault, reactivate: fault, codeLetter: fault, correction: fault, fraud: fault, openCase: fault });
      const { 'account.service': service, ...actions } = createAccountActions(backend);
      expect(await service.run(input)).toEqual({ outcome: 'up' });
      for (const action of Object.values(actions)) {
        expect(await action.run(input)).toEqual({ outcome: 'unavailable' });
        expect(action.outcomes).toContain('unavailable');
      }
    },
  );

  it.each<[keyof typeof ACCOUNT_OUTCOMES, Scripted, object]>([
    ['account.reactivate', { reactivate: { kind: 'not-reactivable', cause: 'wrong-data' } }, { outcome: 'not-reactivable', slots: { cause: 'wrong-data' } }],
    ['account.send-code-by-post', { codeLetter: { kind: 'no-address' } }, { outcome: 'no-address' }],
    ['account.send-reset-link', { reset: { kind: 'frozen' } }, { outcome: 'frozen' }],
    ['account.ask-correction', { correction: { kind: 'opened', reference: '7K3M-9QWX' } }, { outcome: 'opened', slots: { reference: '7K3M-9QWX' } }],
    ['account.declare-fraud', { fraud: { kind: 'frozen', reference: '7K3M-9QWX' } }, { outcome: 'frozen', slots: { reference: '7K3M-9QWX' } }],
    ['account.open-case', { openCase: { kind: 'proof-refused', why: 'expired' } }, { outcome: 'proof-expired' }],
  ])('ends %s as its table says', async (name, script, expected) => {
    const ended = await createAccountActions(scripted(script).backend)[name].run(input);
    expect(ended).toEqual(expected);
    expect(ACCOUNT_OUTCOMES[name]).toContain(ended.outcome);
  });

  it('says whether the service is up, without a proof and without the backend', async () => {
    const { backend, calls } = scripted({});
    const down = createAccountActions(backend, { isUp: () => Promise.resolve(false) });
    expect(await down['account.service'].run({ slots: {}, key: 'k' })).toEqual({ outcome: 'down' });
    expect(calls).toEqual([]);
  });

  it('writes to the address on file about an effect, once for one key, and about nothing else', async () => {
    const signer = await newSigner();
    const notice = (subject: string, purpose: string, key: string): OutboxItem => ({ id: key, kind: 'notice', payload: { subject, purpose }, dueAt: 0, tries: 0 });
    const slots = { proof: await signer.sign('s_1') };
    const run = async (name: keyof typeof ACCOUNT_OUTCOMES, script: Scripted) => (await createAccountActions(scripted(script).backend, { notice })[name].run({ slots, key: 'key-1' })).outbox;
    expect(await run('account.unlock', { unlock: { kind: 'unlocked' } })).toEqual([notice('s_1', 'unlock', 'key-1')]);
    expect(await run('account.declare-fraud', { fraud: { kind: 'frozen', reference: 'AAAA' } })).toEqual([notice('s_1', 'fraud', 'key-1')]);
    for (const kind of ['already-open', 'unknown'] as const) expect(await run('account.unlock', { unlock: { kind } })).toBeUndefined();
    expect(await run('account.send-reset-link', { reset: { kind: 'frozen' } })).toBeUndefined();
    expect(await run('account.open-case', { openCase: { kind: 'opened', reference: 'AAAA' } })).toBeUndefined();
    expect(await run('account.read-status', { status: { kind: 'open' } })).toBeUndefined();
  });

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
