import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHttpBackend } from '../../../src/account/http-backend.js';
import { startReferenceBackend } from '../../../src/reference/backend.js';
import { people } from '../../../src/reference/people.js';
import { newSigner, type Signer } from '../../support/proofs.js';

const TOKEN = 'a-service-token-for-tests';
const locked = people.filter(({ cause }) => cause === 'too-many-attempts');
const [mine, other] = [locked[0]!, locked[1]!];

let folder: string;
let reference: Awaited<ReturnType<typeof startReferenceBackend>>;
let signer: Signer;
let backend: ReturnType<typeof createHttpBackend>;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-backend-'));
  signer = await newSigner();
  reference = await startReferenceBackend({ port: 0, folder, token: TOKEN, proofKeys: signer.keys, faults: true });
  backend = client(reference.url, 1500);
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await reference.close();
  rmSync(folder, { recursive: true });
});

function client(url: string, timeoutMs: number, token = TOKEN): typeof backend {
  const made = createHttpBackend({ url, token, timeoutMs });
  opened.push(made);
  return made;
}

/** Stands in for a backend that no longer keeps to the contract. */
async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function order(...faults: object[]): Promise<void> {
  const response = await fetch(`${reference.url}/_faults`, { method: 'POST', body: JSON.stringify(faults) });
  expect(response.status).toBe(200);
}

async function ledger(): Promise<{ key: string; count: number; subject: string; action: string }[]> {
  return (await fetch(`${reference.url}/_ledger`)).json() as Promise<never>;
}

describe('reads', () => {
  it('finds a person by number and birth date, and nobody otherwise', async () => {
    expect(await backend.identify(mine.nir, mine.birthDate)).toEqual({ kind: 'match', subject: mine.subject });
    expect(await backend.identify(mine.nir, '1901-01-01')).toEqual({ kind: 'none' });
  });

  it('gives the e-mail on file, or none', async () => {
    expect(await backend.contactOf(mine.subject)).toEqual({ kind: 'email', email: mine.email });
    const mute = people.find(({ email }) => email === null)!;
    expect(await backend.contactOf(mute.subject)).toEqual({ kind: 'none' });
  });

  it('reads the status with a proof, as often as wanted', async () => {
    const proof = await signer.sign(mine.subject);
    for (let i = 0; i < 2; i += 1) expect(await backend.status(proof)).toEqual({ kind: 'locked', cause: 'too-many-attempts' });
    await backend.unlock(proof, 'key-1');
    expect(await backend.status(proof)).toEqual({ kind: 'open' });
  });

  it('tries again after two failures, and says so after three', async () => {
    await order({ route: 'identify', status: 503, times: 2 });
    expect(await backend.identify(mine.nir, mine.birthDate)).toMatchObject({ kind: 'match' });
    await order({ route: 'contact', status: 500, times: 3 });
    await expect(backend.contactOf(mine.subject)).rejects.toMatchObject({ code: 'backend-unavailable' });
    expect(await backend.contactOf(mine.subject)).toMatchObject({ kind: 'email' });
  });

  it.each(['html', 'truncated', 'wrong-type', 'too-large', 'other-subject', 'redirect'])('rejects an answer that is %s', async (garbage) => {
    await order({ route: 'contact', garbage, times: 3 });
    await expect(backend.contactOf(mine.subject)).rejects.toMatchObject({ code: 'backend-rejected' });
  });

  it('times out when answers are slow', async () => {
    await order({ route: 'identify', delayMs: 60_000, times: 3 });
    await expect(client(reference.url, 100).identify(mine.nir, mine.birthDate)).rejects.toMatchObject({ code: 'backend-timeout' });
  });

  it('gives up on an answer that trickles', async () => {
    const url = await listening((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"match":');
    });
    await expect(client(url, 100).identify(mine.nir, mine.birthDate)).rejects.toMatchObject({ code: 'backend-timeout' });
  });

  it('asks once only when the service token is refused', async () => {
    let asked = 0;
    const url = await listening((_request, response) => {
      asked += 1;
      response.writeHead(401);
      response.end(JSON.stringify({ error: { code: 'service-token', message: 'no' } }));
    });
    await expect(client(url, 1000).contactOf(mine.subject)).rejects.toMatchObject({ code: 'backend-rejected' });
    expect(asked).toBe(1);
  });

  it('names neither the number nor the token nor the answer in its faults', async () => {
    const url = await listening((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => response.end(`<p>${body}</p>`));
    });
    const fault: unknown = await client(url, 1000).identify(mine.nir, mine.birthDate).catch((error: unknown) => error);
    const told = JSON.stringify(fault, Object.getOwnPropertyNames(fault)) + String(fault);
    for (const secret of [mine.nir, mine.birthDate, TOKEN]) expect(told).not.toContain(secret);
    expect(told).toContain('identify');
  });
});

describe('actions', () => {
  it('unlocks once, and gives the first result again for the same key', async () => {
    const proof = await signer.sign(mine.subject, { jti: 'j-1' });
    expect(await backend.unlock(proof, 'key-1')).toEqual({ kind: 'unlocked' });
    expect(await backend.unlock(proof, 'key-1')).toEqual({ kind: 'unlocked' });
    expect(await ledger()).toEqual([{ key: 'key-1', action: 'unlock', subject: mine.subject, jti: 'j-1', count: 1 }]);
  });

  it('says when there is nothing to unlock, or when unlocking is not the remedy', async () => {
    const open = people.find(({ cause }) => cause === null)!;
    const suspected = people.find(({ cause }) => cause === 'fraud-suspected')!;
    expect(await backend.unlock(await signer.sign(open.subject), 'key-1')).toEqual({ kind: 'already-open' });
    expect(await backend.unlock(await signer.sign(suspected.subject), 'key-2')).toEqual({ kind: 'not-unlockable', cause: 'fraud-suspected' });
    expect(await ledger()).toEqual([]);
  });

  it('sends a reset link to the address on file, once', async () => {
    const proof = await signer.sign(mine.subject, { act: 'reset' });
    expect(await backend.sendResetLink(proof, 'key-1')).toEqual({ kind: 'sent' });
    expect(await backend.sendResetLink(proof, 'key-1')).toEqual({ kind: 'sent' });
    expect(await ledger()).toMatchObject([{ action: 'reset-link', count: 1 }]);
    const mute = people.find(({ email }) => email === null)!;
    expect(await backend.sendResetLink(await signer.sign(mute.subject, { act: 'reset' }), 'key-2')).toEqual({ kind: 'no-contact' });
  });

  it('tells used, expired and invalid proofs apart', async () => {
    const proof = await signer.sign(mine.subject);
    await backend.unlock(proof, 'key-1');
    expect(await backend.unlock(proof, 'key-2')).toEqual({ kind: 'proof-refused', why: 'used' });
    const expired = await signer.sign(other.subject, { lifeS: -60 });
    expect(await backend.unlock(expired, 'key-3')).toEqual({ kind: 'proof-refused', why: 'expired' });
    expect(await backend.status(expired)).toEqual({ kind: 'proof-refused', why: 'expired' });
    for (const bad of ['', 'not a proof', 'e30.e30.e30', await (await newSigner()).sign(other.subject)]) {
      expect(await backend.unlock(bad, 'key-4')).toEqual({ kind: 'proof-refused', why: 'invalid' });
    }
  });

  it.each([{ cutAfterEffect: true }, { garbage: 'html' }, { garbage: 'truncated' }, { garbage: 'other-subject' }, { cutBeforeEffect: true }, { status: 503 }])(
    'unlocks once and says so although two tries fail with %j',
    async (fault) => {
      await order({ route: 'unlock', times: 2, ...fault });
      expect(await backend.unlock(await signer.sign(mine.subject), 'key-1')).toEqual({ kind: 'unlocked' });
      expect(await ledger()).toMatchObject([{ key: 'key-1', count: 1 }]);
    },
  );

  it('looks the truth up by the key when every answer is lost', async () => {
    await order({ route: 'unlock', cutAfterEffect: true, times: 3 });
    expect(await backend.unlock(await signer.sign(mine.subject), 'key-1')).toEqual({ kind: 'unlocked' });
    expect(await ledger()).toMatchObject([{ key: 'key-1', count: 1 }]);
  });

  it('looks the truth up by the key when answers come too late', async () => {
    await order({ route: 'unlock', delayMs: 60_000, times: 3 });
    expect(await client(reference.url, 300).unlock(await signer.sign(mine.subject), 'key-1')).toEqual({ kind: 'unlocked' });
    expect(await ledger()).toMatchObject([{ key: 'key-1', count: 1 }]);
  });

  it('does not know when nothing tells, and learns later with the same key', async () => {
    const proof = await signer.sign(mine.subject);
    await order({ route: 'unlock', cutBeforeEffect: true, times: 3 });
    expect(await backend.unlock(proof, 'key-1')).toEqual({ kind: 'unknown' });
    await order({ route: 'unlock', cutAfterEffect: true, times: 3 }, { route: 'action', garbage: true });
    expect(await backend.unlock(proof, 'key-1')).toEqual({ kind: 'unknown' });
    expect(await backend.unlock(proof, 'key-1')).toEqual({ kind: 'unlocked' });
    expect(await ledger()).toMatchObject([{ key: 'key-1', count: 1 }]);
  });

  it('is a fault, not a doubt, when nothing can have happened', async () => {
    const proof = await signer.sign(mine.subject);
    await order({ route: 'unlock', status: 503, times: 3 });
    await expect(backend.unlock(proof, 'key-1')).rejects.toMatchObject({ code: 'backend-unavailable' });
    await expect(client('http://127.0.0.1:1', 1000).unlock(proof, 'key-1')).rejects.toMatchObject({ code: 'backend-unavailable' });
    await expect(client(reference.url, 1000, 'another-token').unlock(proof, 'key-1')).rejects.toMatchObject({ code: 'backend-rejected' });
    expect(await ledger()).toEqual([]);
  });

  it('rejects a key that was used for somebody else', async () => {
    await backend.unlock(await signer.sign(mine.subject), 'key-1');
    await expect(backend.unlock(await signer.sign(other.subject), 'key-1')).rejects.toMatchObject({ code: 'backend-rejected' });
    expect(await ledger()).toHaveLength(1);
  });
});
