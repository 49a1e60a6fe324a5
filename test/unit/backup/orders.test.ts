/** Orders to a server that runs: only its owner reaches it, and what goes wrong is told to whoever gave the order. */
import { mkdtempSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { giveOrder, isRunning, takeOrders } from '../../../src/backup/orders.js';

let folder: string;
let stop: (() => Promise<void>) | undefined;
const faults: unknown[] = [];
const start = async (dataFolder = folder): Promise<void> => {
  const orders = { greet: (whom: string) => Promise.resolve(`bonjour ${whom}`), fail: () => Promise.reject(new Error('the disk is full')) };
  stop = await takeOrders({ dataFolder, orders, report: (error) => void faults.push(error) });
};
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'sesame-orders-')); });
afterEach(async () => {
  await stop?.();
  stop = undefined;
  rmSync(folder, { recursive: true, force: true });
});

test('an order is carried out with its argument, and one that fails says why', async () => {
  await start();
  expect(await giveOrder(folder, 'greet', '/a folder/with spaces')).toBe('bonjour /a folder/with spaces');
  await expect(giveOrder(folder, 'fail', '')).rejects.toThrow('the disk is full');
  await expect(giveOrder(folder, 'toString', '')).rejects.toThrow(/knows no order/);
});

test('nobody but the owner of the data may enter where it listens, whatever was there', async () => {
  mkdirSync(path.join(folder, 'orders'), { mode: 0o777 });
  // Left by a process that was killed.
  writeFileSync(path.join(folder, 'orders', 'socket'), '');
  await start();
  expect(statSync(path.join(folder, 'orders')).mode & 0o077).toBe(0);
  expect(await isRunning(folder)).toBe(true);
});

test('where nothing runs, that is said; a server that ended takes no more', async () => {
  await expect(giveOrder(folder, 'greet', '')).rejects.toThrow(/no server of this account runs/);
  await start();
  await stop?.();
  expect(await isRunning(folder)).toBe(false);
});

test('a folder whose name is too long for a socket keeps no server from running', async () => {
  await start(path.join(folder, 'x'.repeat(100)));
  expect(faults).toHaveLength(1);
});
