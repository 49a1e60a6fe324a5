/** The embedded store against the contract of all stores, and what is particular to a folder on this machine. */
import { chmod, cp, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../../src/conversation/ports.js';
import { type EmbeddedStore, openEmbeddedStore } from '../../../src/storage/embedded.js';
import { Disk } from '../../../src/storage/disk.js';
import { keys, put } from '../../../src/storage/layout.js';
import { commit, storeContract, words } from '../../support/store-contract.js';

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'sesame-store-'));

storeContract('the embedded store', async () => {
  const folder = await newFolder();
  let store: Store = await openEmbeddedStore({ folder });
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await openEmbeddedStore({ folder }));
    },
    destroy: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('the embedded store and its folder', () => {
  let folder: string;
  let store: EmbeddedStore | undefined;
  const openIt = async (): Promise<EmbeddedStore> => (store = await openEmbeddedStore({ folder }));
  beforeEach(async () => {
    folder = await newFolder();
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
    await rm(folder, { recursive: true });
  });

  test('makes the folder, for its owner only', async () => {
    folder = join(folder, 'new');
    await openIt();
    expect((await stat(folder)).mode & 0o077).toBe(0);
  });

  test('refuses a folder that is held, and says by whom and what to do', async () => {
    await openIt();
    await expect(openEmbeddedStore({ folder })).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringMatching(new RegExp(`held by process ${String(process.pid)} on .+: stop it first`)),
    });
  });

  test('refuses a folder that cannot be one', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await chmod(file, 0o600);
    await expect(openEmbeddedStore({ folder: file })).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  test('refuses a folder written by a newer version, and leaves it free', async () => {
    const disk = await Disk.open(folder);
    await disk.change(() => ({ changes: [put(keys.format, 99)], answer: undefined }));
    await disk.close();
    const refusal = { code: 'store-unavailable', message: expect.stringContaining('format 99') };
    await expect(openEmbeddedStore({ folder })).rejects.toMatchObject(refusal);
    await expect(openEmbeddedStore({ folder })).rejects.toMatchObject(refusal);
  });

  test('reports what a listener throws', async () => {
    const reported: unknown[] = [];
    store = await openEmbeddedStore({ folder, report: (error) => reported.push(error) });
    const fault = new Error('a listener of the test fails');
    store.follow('c', () => {
      throw fault;
    });
    await store.accept(words('c', 'u1'));
    expect(reported).toEqual([fault]);
  });

  test('sweeps what is over and keeps what is not', async () => {
    const swept = await openIt();
    await swept.write('old', 1, 0, 100);
    await swept.write('new', 1, 0, 101);
    await swept.count('old', 10, 90);
    await swept.count('new', 11, 90);
    await swept.commitTurn(commit('c', { outbox: [{ id: 'i', kind: 'mail', payload: {}, dueAt: 100, tries: 0 }] }));
    expect(await swept.sweep(100)).toBe(2);
    expect(await swept.read('old')).toBeUndefined();
    expect(await swept.read('new')).toEqual({ value: 1, revision: 1 });
    expect(await swept.counted('new', 100)).toEqual({ count: 1, resetsAt: 101 });
    expect(await swept.due(100, 1)).toHaveLength(1);
  });

  test('starts on a log cut anywhere in its last records, and drops only the cut tail', async () => {
    await openIt();
    const sizes = [await logSize(folder)];
    for (const id of ['u1', 'u2', 'u3']) {
      await store!.accept(words('c', id));
      sizes.push(await logSize(folder));
    }
    await store!.close();
    const [before, , , whole] = sizes as [number, number, number, number];
    expect(whole).toBeGreaterThan(before);
    for (let cut = before; cut <= whole; cut += 7) {
      const copy = `${folder}-cut`;
      await cp(folder, copy, { recursive: true });
      await truncateLog(copy, cut);
      const reopened = await openEmbeddedStore({ folder: copy });
      const kept = sizes.slice(1).filter((size) => size <= cut).length;
      expect([cut, (await reopened.transcript('c', 0)).map(({ seq }) => seq)]).toEqual([cut, [1, 2, 3].slice(0, kept)]);
      expect(await reopened.accept(words('c', 'after'))).toEqual({ kind: 'accepted', seq: kept + 1 });
      await reopened.close();
      await rm(copy, { recursive: true });
    }
  });
});

async function logFile(folder: string): Promise<string> {
  const logs = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  expect(logs).toHaveLength(1);
  return join(folder, logs[0]!);
}

async function logSize(folder: string): Promise<number> {
  return (await stat(await logFile(folder))).size;
}

async function truncateLog(folder: string, size: number): Promise<void> {
  const file = await open(await logFile(folder), 'r+');
  await file.truncate(size);
  await file.close();
}
