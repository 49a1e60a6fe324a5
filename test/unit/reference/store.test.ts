import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ReferenceStore, type Account, type Decision, type Intention } from '../../../src/reference/store.js';

const AT = '2026-01-02T03:04:05.000Z';
const closed: Account = { state: 'locked', cause: 'too-many-attempts', revision: 1, updatedAt: AT };
const open: Account = { state: 'open', cause: null, revision: 2, updatedAt: AT };
const seeds = new Map([['ada', closed], ['bob', closed]]);
const intention: Intention = { key: 'key-1', action: 'unlock', subject: 'ada', jti: 'proof-1' };
const unlocking: Decision = { result: 'unlocked', account: open, effect: true };

let folder: string;
let store: ReferenceStore;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-reference-'));
  store = await ReferenceStore.open(folder, seeds);
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

describe('the store of the reference backend', () => {
  it('keeps accounts, records and the ledger when it is opened again', async () => {
    await store.perform(intention, () => unlocking);
    await store.close();
    store = await ReferenceStore.open(folder, seeds);
    expect(await store.account('ada')).toEqual(open);
    expect(await store.account('bob')).toEqual(closed);
    expect(await store.recorded('key-1')).toEqual({ ...intention, result: 'unlocked' });
    expect(await store.ledger()).toEqual([{ ...intention, count: 1 }]);
  });

  it('decides once, however many ask at the same time', async () => {
    let decided = 0;
    const ends = await Promise.all(
      Array.from({ length: 50 }, () =>
        store.perform(intention, () => {
          decided += 1;
          return unlocking;
        }),
      ),
    );
    expect(decided).toBe(1);
    expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1);
    expect(await store.ledger()).toMatchObject([{ count: 1 }]);
  });

  it('lets one of many keys use a proof', async () => {
    const ends = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.perform({ ...intention, key: `key-${String(i)}` }, () => unlocking)),
    );
    expect(ends.filter(({ kind }) => kind === 'recorded')).toHaveLength(1);
    expect(ends.filter(({ kind }) => kind === 'proof-used')).toHaveLength(19);
    expect(await store.ledger()).toHaveLength(1);
  });

  it('shows each decision the account as the one before left it', async () => {
    const seen: number[] = [];
    await Promise.all(
      ['p1', 'p2', 'p3'].map((jti) =>
        store.perform({ ...intention, key: jti, jti }, (account) => {
          seen.push(account.revision);
          return { result: 'unlocked', account: { ...account, revision: account.revision + 1 }, effect: true };
        }),
      ),
    );
    expect(seen).toEqual([1, 2, 3]);
  });

  it.each<Partial<Intention>>([{ subject: 'bob' }, { action: 'reset-link' }, { jti: 'proof-2' }])(
    'refuses a known key that comes with %j',
    async (change) => {
      await store.perform(intention, () => unlocking);
      expect(await store.perform({ ...intention, ...change }, () => unlocking)).toEqual({ kind: 'key-reused' });
      expect(await store.account('bob')).toEqual(closed);
      expect(await store.ledger()).toHaveLength(1);
    },
  );

  it('records what had no effect, and uses its proof up, without a line in the ledger', async () => {
    await store.perform(intention, () => ({ result: 'not-unlockable', cause: 'wrong-data', effect: false }));
    expect(await store.recorded('key-1')).toEqual({ ...intention, result: 'not-unlockable', cause: 'wrong-data' });
    expect(await store.perform({ ...intention, key: 'key-2' }, () => unlocking)).toEqual({ kind: 'proof-used' });
    expect(await store.account('ada')).toEqual(closed);
    expect(await store.ledger()).toEqual([]);
  });
});
