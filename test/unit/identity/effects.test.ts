/** What one verification is worth: one effect, of one kind, for one person. */
import { createAccountActions } from '../../../src/account/actions.js';
import { createIdentityActions } from '../../../src/identity/actions.js';
import { locked, MemoryBackend } from '../../support/backend.js';
import { KNOWN, Proving, RIGHT, STRANGER, WRONG } from '../../support/proving.js';

let proving: Proving;
let backend: MemoryBackend;
beforeEach(async () => {
  proving = await Proving.open();
  const people = new Map([['s_known', { ...KNOWN, email: 'martin@exemple.fr', status: locked('too-many-attempts') }]]);
  backend = new MemoryBackend(people, proving.key, proving.clock);
});
afterEach(() => proving.close());

const identity = (): ReturnType<typeof createIdentityActions> => createIdentityActions(proving);
const unlock = (proof: unknown, key: string): Promise<string> => createAccountActions(backend)['account.unlock'].run({ slots: { proof: String(proof) }, key }).then(({ outcome }) => outcome);

/** Gives an identity and then a code, as the two forms do; the slots as they stand after. */
async function verified(given: typeof KNOWN, code: string, conversationId = 'c1'): Promise<Readonly<Record<string, unknown>>> {
  const sent = await identity()['identity.send-code'].run({ conversationId, slots: { purpose: 'unlock', proof: 'of before' }, sealed: given });
  await proving.handOver(String(sent.slots?.['challenge']), given === KNOWN ? RIGHT : null);
  const checked = await identity()['identity.check-code'].run({ conversationId, slots: { challenge: String(sent.slots?.['challenge']) }, sealed: { code } });
  return { ...sent.slots, ...checked.slots, outcome: checked.outcome };
}

describe('a verification', () => {
  it('A06: a code that was used has no second effect, here, elsewhere or after a restart', async () => {
    const { proof, challenge } = await verified(KNOWN, RIGHT);
    expect(await unlock(proof, 'first')).toBe('unlocked');
    for (const conversationId of ['c1', 'c2', 'restart']) {
      if (conversationId === 'restart') await proving.restart();
      const again = await identity()['identity.check-code'].run({ conversationId: conversationId === 'restart' ? 'c1' : conversationId, slots: { challenge: String(challenge) }, sealed: { code: RIGHT } });
      if (again.outcome === 'proved') expect(await unlock(again.slots?.['proof'], `again in ${conversationId}`)).toBe('proof-refused');
      else expect(again.outcome).toBe('expired');
    }
    expect(backend.effects.size).toBe(1);
  });

  it('A17: giving another identity ends what was proved', async () => {
    const first = await verified(KNOWN, RIGHT);
    const second = await verified(STRANGER, WRONG);
    expect([first['outcome'], second['outcome'], second['proof']]).toEqual(['proved', 'wrong', '']);
    expect(await unlock(second['proof'], 'key')).toBe('proof-refused');
    expect(backend.effects.size).toBe(0);
  });

  it('A18: is used up by its first effect, and is over after ten minutes', async () => {
    const { proof } = await verified(KNOWN, RIGHT);
    expect([await unlock(proof, 'one'), await unlock(proof, 'two')]).toEqual(['unlocked', 'proof-refused']);
    proving.clock.pass(60_000);
    const late = await verified(KNOWN, RIGHT, 'c2');
    proving.clock.pass(10 * 60_000);
    expect(await unlock(late['proof'], 'three')).toBe('proof-expired');
    expect(backend.effects.size).toBe(1);
  });

  it('A14: tells the victim once, by a notice in the outbox of the last try of the day', async () => {
    const notices: unknown[] = [];
    // As many tries of each code as the waits between failures leave, in the five codes of a day.
    for (const [code, tries] of [4, 2, 2, 1, 1].entries()) {
      const conversationId = `c${String(code)}`;
      const sent = await identity()['identity.send-code'].run({ conversationId, slots: {}, sealed: KNOWN });
      await proving.handOver(String(sent.slots?.['challenge']), RIGHT);
      for (let n = 0; n < tries; n += 1) {
        const { outcome, outbox = [] } = await identity()['identity.check-code'].run({ conversationId, slots: { challenge: String(sent.slots?.['challenge']) }, sealed: { code: WRONG } });
        expect(outcome).toMatch(/^wrong/);
        notices.push(...outbox);
        proving.clock.pass(outcome === 'wrong-wait' ? 5 * 60_000 : 0);
      }
      proving.clock.pass(3_600_000);
    }
    expect(notices).toMatchObject([{ kind: 'mail.notice', payload: { subject: 's_known', notice: 'attempts' } }]);
  });
});
