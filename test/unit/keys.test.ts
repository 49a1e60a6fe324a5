import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readKeys } from '../../src/keys.js';

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

  it('stop the start when their file is damaged, without quoting it', async () => {
    await readKeys(folder);
    const file = path.join(folder, 'keys.json');
    const half = readFileSync(file, 'utf8').slice(0, 60);
    writeFileSync(file, half);
    await expect(readKeys(folder)).rejects.toMatchObject({ code: 'config-invalid', message: expect.not.stringContaining(half.slice(20, 40)) as string });
  });
});
