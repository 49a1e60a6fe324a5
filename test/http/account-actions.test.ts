/** What the reference backend does besides unlocking, held to the contract, and the faults that it can be told to have. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startReferenceBackend } from '../../src/reference/backend.js';
import { crowd, people, type Person } from '../../src/reference/people.js';
import { askBackend, codeOf, contract, type Answer, type Sent } from '../support/account-contract.js';
import { newSigner, type Signer } from '../support/proofs.js';

const TOKEN = 'a-service-token-for-tests';
const ACCOUNT = '/v1/accounts/{subject}';
const withCause = (cause: Person['cause']): Person[] => people.filter((person) => person.cause === cause);
const [locked, other] = withCause('too-many-attempts');
const [asleep] = withCause('inactivity');

let folder: string;
let signer: Signer;
let reference: Awaited<ReturnType<typeof startReferenceBackend>>;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-account-actions-'));
  signer = await newSigner();
  reference = await startReferenceBackend({ port: 0, folder, token: TOKEN, proofKeys: signer.keys, faults: true, people: 4 });
});

afterEach(async () => {
  await reference.close();
  rmSync(folder, { recursive: true });
});

const ask = (template: string, parts: Record<string, string>, sent: Sent = {}): Promise<Answer> => askBackend(reference.url, template, parts, { token: TOKEN, ...sent });
const act = (what: string, { subject }: Person, body: object, key: string): Promise<Answer> => ask(`${ACCOUNT}/${what}`, { subject }, { body, key });
const proofFor = async ({ subject }: Person, action: string): Promise<{ proof: string }> => ({ proof: await signer.sign(subject, { act: action }) });

async function ledger(): Promise<{ action: string; count: number }[]> {
  return (await (await fetch(`${reference.url}/_ledger`)).json()) as never;
}

describe('each action', () => {
  it.each([
    ['reactivate', 'reactivate', asleep!, { result: 'reactivated' }],
    ['reactivate', 'reactivate', locked!, { result: 'not-reactivable', cause: 'too-many-attempts' }],
    ['code-letter', 'post-code', locked!, { result: 'posted' }],
    ['code-letter', 'post-code', people.find(({ hasAddress }) => !hasAddress)!, { result: 'no-address' }],
    ['fraud', 'fraud', locked!, { result: 'frozen' }],
  ])('%s needs a proof asked for « %s » and is done once', async (what, purpose, person, expected) => {
    for (const wrong of ['unlock', 'reset']) expect(codeOf(await act(what, person, await proofFor(person, wrong), 'key-1'))).toBe('403 proof-invalid');
    const body = await proofFor(person, purpose);
    const first = await act(what, person, body, 'key-1');
    expect(first.body).toMatchObject({ key: 'key-1', action: what, subject: person.subject, ...expected });
    expect(await act(what, person, body, 'key-1')).toEqual(first);
    expect((await ask('/v1/actions/{key}', { key: 'key-1' })).body).toEqual(first.body);
    expect(codeOf(await act(what, person, body, 'key-2'))).toBe('409 proof-used');
    expect((await ledger()).every(({ count }) => count === 1)).toBe(true);
  });

  it('opens an account that slept, and its status says so', async () => {
    const body = await proofFor(asleep!, 'reactivate');
    await act('reactivate', asleep!, body, 'key-1');
    expect((await ask(`${ACCOUNT}/status`, asleep as never, { body })).body).toMatchObject({ state: 'open' });
    expect((await act('reactivate', asleep!, await proofFor(asleep!, 'reactivate'), 'key-2')).body).toMatchObject({ result: 'already-open' });
  });

  it.each(['cnv', 'acc'])('refuses a proof without the claim %s', async (claim) => {
    const body = { proof: await signer.sign(locked!.subject, { [claim]: '' }) };
    expect(codeOf(await act('unlock', locked!, body, 'key-1'))).toBe('403 proof-invalid');
    expect(codeOf(await ask(`${ACCOUNT}/status`, locked as never, { body }))).toBe('403 proof-invalid');
  });

  it('refuses a proof that would live longer than ten minutes', async () => {
    expect(codeOf(await act('unlock', locked!, { proof: await signer.sign(locked!.subject, { lifeS: 601 }) }, 'key-1'))).toBe('403 proof-invalid');
  });
});

describe('cases', () => {
  it('opens one for a lock that is still there, with the proof that the action used up, and one only', async () => {
    const { proof } = await proofFor(locked!, 'unlock');
    await act('unlock', locked!, { proof }, 'key-1');
    const opened = await act('cases', locked!, { kind: 'still-locked', proof }, 'key-2');
    expect(opened.body).toMatchObject({ action: 'still-locked', result: 'opened', reference: expect.stringMatching(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/) as string });
    expect(await act('cases', locked!, { kind: 'still-locked', proof }, 'key-2')).toEqual(opened);
    expect(codeOf(await act('cases', locked!, { kind: 'still-locked', proof }, 'key-3'))).toBe('409 proof-used');
  });

  it('uses the proof of a correction up, and takes no other proof for it', async () => {
    expect(codeOf(await act('cases', locked!, { kind: 'correction', ...(await proofFor(locked!, 'unlock')) }, 'key-1'))).toBe('403 proof-invalid');
    const { proof } = await proofFor(locked!, 'correction');
    expect((await act('cases', locked!, { kind: 'correction', proof }, 'key-1')).body).toMatchObject({ action: 'correction', result: 'opened' });
    expect(codeOf(await act('cases', locked!, { kind: 'correction', proof }, 'key-2'))).toBe('409 proof-used');
    expect(codeOf(await act('cases', locked!, { kind: 'other', proof }, 'key-3'))).toBe('400 malformed');
  });
});

describe('a declared fraud', () => {
  it('keeps from then on what would open the account', async () => {
    await act('fraud', locked!, await proofFor(locked!, 'fraud'), 'key-1');
    expect((await act('reset-link', locked!, await proofFor(locked!, 'reset'), 'key-2')).body.result).toBe('frozen');
    expect((await act('code-letter', locked!, await proofFor(locked!, 'post-code'), 'key-3')).body.result).toBe('frozen');
    expect((await act('unlock', locked!, await proofFor(locked!, 'unlock'), 'key-4')).body).toMatchObject({ result: 'not-unlockable', cause: 'fraud-suspected' });
    expect((await ask(ACCOUNT, locked as never)).body).toMatchObject({ frozen: true, state: 'locked' });
    expect((await act('reset-link', other!, await proofFor(other!, 'reset'), 'key-5')).body.result).toBe('sent');
    expect((await ledger()).map(({ action }) => action).sort()).toEqual(['fraud', 'reset-link']);
  });
});

describe('letters and identities', () => {
  const letter = { template: 'code', code: '7K3M9QWX2A', reference: '7K3M9QWX' };

  it('posts a letter once for a key, and keeps its code nowhere', async () => {
    const post = (body: object, key: string) => ask('/v1/subjects/{subject}/letters', locked as never, { body, key });
    const first = await post(letter, 'letter/1');
    expect(first.body).toMatchObject({ action: 'letter', result: 'accepted' });
    expect(await post(letter, 'letter/1')).toEqual(first);
    expect(codeOf(await post({ ...letter, reference: 'OTHER-ONE' }, 'letter/1'))).toBe('409 key-reused');
    expect(codeOf(await post({ ...letter, code: 'two words' }, 'letter/2'))).toBe('400 malformed');
    expect(JSON.stringify([first, await ledger()])).not.toContain(letter.code);
  });

  it('finds one, none or several by a pivot identity', async () => {
    const pivot = { givenName: 'CAMILLE Marie', familyName: 'Exemple', birthDate: '1985-02-14', gender: 'male', birthPlace: '75990', birthCountry: '99100' };
    const find = async (body: object) => (await ask('/v1/subjects/identify-pivot', {}, { body, key: 'none' })).body;
    expect(await find(pivot)).toEqual({ match: 'one', subject: people[0]!.subject });
    for (const wrong of [{ birthDate: '1985-02-15' }, { familyName: 'Autre' }, { gender: 'female' }, { birthPlace: '75101' }, { birthPlace: '', birthCountry: '99109' }]) {
      expect(await find({ ...pivot, ...wrong })).toEqual({ match: 'none' });
    }
    const [twin] = crowd(2);
    expect(await find({ ...pivot, givenName: 'Modele', familyName: 'FOULE', birthDate: twin!.birthDate })).toEqual({ match: 'several' });
    expect((await find({ ...pivot, gender: 'unknown' })).error).toMatchObject({ code: 'malformed' });
  });

  it('describes every action in one table of the contract', () => {
    const described = Object.keys(contract.paths).filter((address) => address.startsWith(`${ACCOUNT}/`)).map((address) => address.slice(ACCOUNT.length + 1)).sort();
    expect(described).toEqual(['cases', 'code-letter', 'fraud', 'reactivate', 'reset-link', 'status', 'unlock']);
  });
});

describe('faults', () => {
  const order = async (...faults: object[]): Promise<number> => (await fetch(`${reference.url}/_faults`, { method: 'POST', body: JSON.stringify(faults) })).status;

  it('answers half, after the effect', async () => {
    expect(await order({ route: 'unlock', half: true })).toBe(200);
    const body = await proofFor(locked!, 'unlock');
    await expect(act('unlock', locked!, body, 'key-1')).rejects.toThrow();
    expect((await act('unlock', locked!, body, 'key-1')).body.result).toBe('unlocked');
    expect(await ledger()).toMatchObject([{ count: 1 }]);
  });

  it('is down for as long as it is told, and takes orders all the same', async () => {
    expect(await order({ downMs: 600_000 })).toBe(200);
    await expect(fetch(`${reference.url}/health`)).rejects.toThrow();
    expect(await ledger()).toEqual([]);
    expect(await order()).toBe(200);
    expect((await ask('/health', {})).body).toEqual({ status: 'ok' });
    expect(await order({ downMs: -1 })).toBe(400);
  });
});
