/** Signed calls, as the reference backend admits them: one token, one request. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHttpBackend } from '../../../src/account/http-backend.js';
import { createCallSigner, type SignedCall } from '../../../src/account/service-token.js';
import { startReferenceBackend } from '../../../src/reference/backend.js';
import { people } from '../../../src/reference/people.js';
import { newSigner, type Signer } from '../../support/proofs.js';

const [mine] = people;
const LETTER = { template: 'code', code: '7K3M9QWX2A', reference: '7K3M9QWX' };

let folder: string;
let signer: Signer;
let reference: Awaited<ReturnType<typeof startReferenceBackend>>;
/** What the clock of the backend is ahead of ours. */
let ahead: number;

beforeEach(async () => {
  ahead = 0;
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-calls-'));
  signer = await newSigner();
  reference = await startReferenceBackend({ port: 0, folder, proofKeys: signer.keys, faults: true, clock: { now: () => Date.now() + ahead } });
});

afterEach(async () => {
  await reference.close();
  rmSync(folder, { recursive: true });
});

const PATH = `/v1/subjects/${mine!.subject}/letters`;
const call: SignedCall = { method: 'POST', path: PATH, body: JSON.stringify(LETTER), key: 'letter/1' };

/** Sends what was signed, or something else under the same token. */
async function send(token: string, { method, path: where, body, key }: SignedCall = call): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, ...(key === undefined ? {} : { 'idempotency-key': key }) };
  return (await fetch(reference.url + where, { method, headers, ...(method === 'GET' ? {} : { body }) })).status;
}

const ledger = async (): Promise<unknown[]> => (await (await fetch(`${reference.url}/_ledger`)).json()) as unknown[];

describe('a signed call', () => {
  it('opens its request, once', async () => {
    const token = await createCallSigner(signer.key)(call);
    expect(await send(token)).toBe(200);
    expect(await send(token)).toBe(401);
    expect(await ledger()).toHaveLength(1);
  });

  it('opens no other request: another body, key, address or method', async () => {
    const sign = createCallSigner(signer.key);
    const { key: _without, ...keyless } = call;
    const others: SignedCall[] = [
      { ...call, body: JSON.stringify({ ...LETTER, code: 'AAAAAAAAAA' }) },
      { ...call, key: 'letter/2' },
      keyless,
      { ...call, path: `/v1/subjects/${people[1]!.subject}/letters` },
      { ...call, path: `${PATH}?more` },
      { ...call, method: 'GET' },
    ];
    for (const other of others) expect(await send(await sign(call), other)).toBe(401);
    expect(await ledger()).toEqual([]);
  });

  it('does not outlive its minute, and allows for clocks that differ a little', async () => {
    const sign = createCallSigner(signer.key);
    ahead = 25_000;
    expect(await send(await sign(call))).toBe(200);
    ahead = 120_000;
    expect(await send(await sign(call))).toBe(401);
    ahead = -120_000;
    expect(await send(await sign(call))).toBe(401);
  });

  it('is signed by Sésame, and is neither a proof nor taken for one', async () => {
    const foreign = await newSigner();
    expect(await send(await createCallSigner(foreign.key)(call))).toBe(401);
    expect(await send(await signer.sign(mine!.subject))).toBe(401);
    expect(await send('')).toBe(401);
    const token = await createCallSigner(signer.key)(call);
    const asked: SignedCall = { method: 'POST', path: `/v1/accounts/${mine!.subject}/status`, body: JSON.stringify({ proof: token }) };
    expect(await send(await createCallSigner(signer.key)(asked), asked)).toBe(403);
  });

  it('is what the client sends where it has no fixed token, also for tries after the first', async () => {
    const backend = createHttpBackend({ url: reference.url, key: signer.key });
    await fetch(`${reference.url}/_faults`, { method: 'POST', body: JSON.stringify([{ route: 'unlock', status: 503, times: 2 }]) });
    expect(await backend.unlock(await signer.sign(mine!.subject), 'key-1')).toEqual({ kind: 'unlocked' });
    await backend.post(mine!.subject, { template: 'code', code: '7K3M9QWX2A', reference: '7K3M9QWX', key: 'letter/9' });
    expect(await ledger()).toHaveLength(2);
    expect(await backend.isThere()).toBe(true);
    await backend.close();
  });
});
