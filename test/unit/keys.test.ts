import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { signProof } from '../../src/identity/proof.js';
import { readKeys, rotateProofKey } from '../../src/keys.js';

let folder: string;
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'sesame-keys-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

describe('the keys of an installation', () => {
  it('are made once, and the same at every later start', async () => {
    expect(await readKeys(folder)).toEqual(await readKeys(folder));
  });

  it('are different in every installation', async () => {
    const [one, other] = [await readKeys(path.join(folder, 'a')), await readKeys(path.join(folder, 'b'))];
    expect(Buffer.from(one.hash).equals(Buffer.from(other.hash))).toBe(false);
  });

  it('can be read by their owner only', async () => {
    await readKeys(folder);
    expect(statSync(path.join(folder, 'keys.json')).mode & 0o077).toBe(0);
  });

  it('let a proof outlive a change of key: the new one signs, and the former still verifies', async () => {
    const before = await readKeys(folder);
    const claims = { subject: 's', purpose: 'unlock', conversation: 'c', account: 'a', id: 'one', issuedAt: Date.now(), lifeMs: 600_000 } as const;
    const proof = await signProof(claims, before.proof);
    const shared = await rotateProofKey(folder);
    const after = await readKeys(folder);
    expect([after.proof.kid === before.proof.kid, after.hash]).toEqual([false, before.hash]);
    expect(shared).toEqual(after.proofKeys);
    expect(shared.map(({ kid, d }) => [kid, d])).toEqual([['2', undefined], ['1', undefined]]);
    for (const [signed, kid] of [[proof, '1'], [await signProof(claims, after.proof), '2']] as const) {
      expect(decodeProtectedHeader(signed).kid).toBe(kid);
      const key = shared.find((one) => one.kid === kid);
      expect((await jwtVerify(signed, await importJWK(key!, 'EdDSA'))).payload.jti).toBe('one');
    }
  });

  it('forget what signed long ago, however often they change', async () => {
    for (let n = 0; n < 4; n += 1) await rotateProofKey(folder);
    expect((await readKeys(folder)).proofKeys.map(({ kid }) => kid)).toEqual(['5', '4', '3']);
  });

  it('stop the start when their file is damaged, without quoting it', async () => {
    await readKeys(folder);
    const file = path.join(folder, 'keys.json');
    const half = readFileSync(file, 'utf8').slice(0, 60);
    writeFileSync(file, half);
    await expect(readKeys(folder)).rejects.toMatchObject({ code: 'config-invalid', message: expect.not.stringContaining(half.slice(20, 40)) as string });
  });
});
