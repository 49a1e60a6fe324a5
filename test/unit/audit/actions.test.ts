/** What checks and account actions leave in the audit: before the verdict is known, in order, and nothing of anybody. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { auditActions } from '../../../src/audit/actions.js';
import type { AuditEntry } from '../../../src/audit/entry.js';
import { createAuditLog } from '../../../src/audit/log.js';
import { verify } from '../../../src/audit/verify.js';
import type { ActionInput, ActionResult, Actions } from '../../../src/dialog/run.js';
import { newProofKey, signProof } from '../../../src/identity/proof.js';
import { SimulatedClock } from '../../support/clock.js';
import { CAMILLE } from '../../support/people.js';

const NIR = CAMILLE.bareNir;
const asked = (more: Partial<ActionInput> = {}): ActionInput => ({ conversationId: 'c-1', slots: {}, key: 'intention-1', sealed: {}, ...more });
const ending = (outcome: string, slots = {}): Actions[string] => ({ outcomes: [outcome], run: () => Promise.resolve({ outcome, slots }) });

async function proofFor(account: string): Promise<string> {
  const key = await newProofKey('key-7');
  return signProof({ subject: CAMILLE.subject, purpose: 'unlock', conversation: 'hash', account, id: 'challenge-1', issuedAt: 0, lifeMs: 1 }, key);
}

/** A table of actions around which everything that happens is told, in order. */
function watched(actions: Actions, record: (entry: AuditEntry) => Promise<void> = () => Promise.resolve()) {
  const told: (AuditEntry | string)[] = [];
  const noting = Object.entries(actions).map(([name, action]): [string, Actions[string]] => [
    name,
    { ...action, run: async (input) => { told.push(`${name} runs`); return action.run(input); } },
  ]);
  const audited = auditActions<ActionInput, ActionResult>(Object.fromEntries(noting), {
    record: async (entry) => { await record(entry); told.push(entry); },
    accountOf: (nir) => `hash of ${String(nir.length)}`,
    accountOfChallenge: (id) => Promise.resolve(id === 'challenge-1' ? 'account-1' : undefined),
    unwritten: (action) => { told.push(`${action} unwritten`); },
  });
  return { told, run: (name: string, input: ActionInput) => audited[name]!.run(input), audited };
}

const PERSON = { actor: 'c-1', role: 'person', caisse: 'none', request: 'intention-1' };

describe('a check of an identity', () => {
  it('is written with its outcome and the account that it is about', async () => {
    const { told, run } = watched({ 'identity.send-code': ending('limited'), 'identity.check-code': ending('wrong') });
    await run('identity.send-code', asked({ sealed: { nir: NIR, birthDate: CAMILLE.isoBirthDate } }));
    await run('identity.check-code', asked({ slots: { challenge: 'challenge-1' }, sealed: { code: '73190462' } }));
    expect(told).toEqual([
      'identity.send-code runs',
      { ...PERSON, action: 'identity.send-code', when: 'after', target: 'hash of 13', result: 'limited' },
      'identity.check-code runs',
      { ...PERSON, action: 'identity.check-code', when: 'after', target: 'account-1', result: 'wrong' },
    ]);
  });

  it('says which key signed the proof that it gave, and for what', async () => {
    const proof = await proofFor('account-1');
    const { told, run } = watched({ 'identity.check-code': ending('proved', { proof }) });
    await run('identity.check-code', asked({ slots: { challenge: 'challenge-1' } }));
    const signed = { target: 'account-1', proved: 'unlock', keyId: 'key-7' };
    expect(told.slice(1)).toEqual([
      { ...PERSON, ...signed, action: 'identity.check-code', when: 'after', result: 'proved' },
      { ...PERSON, ...signed, action: 'proof.issued', when: 'after' },
    ]);
    expect(JSON.stringify(told)).not.toContain(proof);
  });

  it('gives no verdict that could not be written', async () => {
    const { run } = watched({ 'identity.check-code': ending('proved') }, () => Promise.reject(new Error('the disk is full')));
    await expect(run('identity.check-code', asked())).rejects.toThrow('the disk is full');
  });
});

describe('an act on an account', () => {
  it('is written before it begins and once it has ended', async () => {
    const proof = await proofFor('account-1');
    const { told, run } = watched({ 'account.unlock': ending('unlocked') });
    await run('account.unlock', asked({ slots: { proof } }));
    const line = { ...PERSON, action: 'account.unlock', target: 'account-1', proved: 'unlock', keyId: 'key-7' };
    expect(told).toEqual([{ ...line, when: 'before' }, 'account.unlock runs', { ...line, when: 'after', result: 'unlocked' }]);
  });

  it('does not begin where that could not be written', async () => {
    const { told, run } = watched({ 'account.unlock': ending('unlocked') }, () => Promise.reject(new Error('the disk is full')));
    await expect(run('account.unlock', asked())).rejects.toThrow('the disk is full');
    expect(told).toEqual([]);
  });

  it('is told as it ended even where its end could not be written', async () => {
    const { told, run } = watched({ 'account.unlock': ending('unlocked') }, ({ when }) => (when === 'after' ? Promise.reject(new Error('the disk is full')) : Promise.resolve()));
    expect(await run('account.unlock', asked())).toMatchObject({ outcome: 'unlocked' });
    expect(told.at(-1)).toBe('account.unlock unwritten');
  });
});

it('leaves other actions alone, and keeps what else an action can do', async () => {
  const unread = () => Promise.resolve(undefined);
  const check = { ...ending('wrong'), unread };
  const { told, run, audited } = watched({ 'handoff.request': ending('queued'), 'account.service': ending('up'), 'identity.check-code': check });
  await run('handoff.request', asked());
  await run('account.service', asked());
  expect(told).toEqual(['handoff.request runs', 'account.service runs']);
  expect(audited['identity.check-code']).toMatchObject({ outcomes: ['wrong'], unread });
});

it('makes a chain of a thousand actions in which one flipped byte is found, and nothing of anybody', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sesame-audit-actions-'));
  const log = await createAuditLog({ folder, key: Buffer.alloc(32, 3), clock: new SimulatedClock() });
  const { run } = watched({ 'identity.check-code': ending('wrong'), 'account.unlock': ending('unlocked') }, (entry) => log.record(entry));
  const acts = Array.from({ length: 500 }, (_, turn) => asked({ conversationId: `conversation-${String(turn)}`, key: `k${String(turn)}`, sealed: { nir: NIR } }));
  await Promise.all(acts.flatMap((act) => [run('identity.check-code', act), run('account.unlock', act)]));
  await log.close();
  const file = path.join(folder, readdirSync(folder)[0]!);
  const bytes = readFileSync(file);
  expect(await verify(folder)).toMatchObject({ kind: 'whole', lines: 1_501 });
  for (const secret of [NIR, CAMILLE.isoBirthDate, 'conversation-7', 'hash of 13']) expect(bytes.includes(secret)).toBe(false);
  expect(bytes.includes('"action":"account.unlock"')).toBe(true);

  const lines = bytes.toString().split('\n');
  const flipped = Buffer.from(bytes);
  const place = bytes.indexOf('\n', bytes.length / 2) + 40;
  flipped[place] = flipped[place]! ^ 1;
  for (const changed of [flipped.toString(), lines.toSpliced(700, 1).join('\n'), lines.toSpliced(700, 2, lines[701]!, lines[700]!).join('\n')]) {
    writeFileSync(file, changed);
    expect((await verify(folder)).kind).toBe('broken');
  }
  rmSync(folder, { recursive: true });
});
