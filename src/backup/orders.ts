/**
 * Orders that the operator gives to a server that runs, from the same machine: over a socket in a folder that only the
 * owner of the data may enter. No network reaches it. What an order does is handed in.
 */
import { once } from 'node:events';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SesameError } from '../conversation/errors.js';

/** Does what it is told with the argument, and resolves with a sentence for the operator. */
export type Order = (argument: string) => Promise<string>;

export interface OrdersOptions {
  readonly dataFolder: string;
  readonly orders: Readonly<Record<string, Order>>;
  readonly report: (error: unknown) => void;
}

/** The longest address of a socket that every system takes, in bytes. */
const LONGEST = 100;
const LONGEST_ORDER = 4_096;

const socketOf = (dataFolder: string): string => join(dataFolder, 'orders', 'socket');

/** Takes orders until the returned way to stop is used. Where no socket can be had, that is reported, and the server runs without. */
export async function takeOrders({ dataFolder, orders, report }: OrdersOptions): Promise<() => Promise<void>> {
  const address = socketOf(dataFolder);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)).on('error', () => undefined));
    void answer(socket, orders);
  });
  try {
    if (Buffer.byteLength(address) > LONGEST) throw new SesameError('config-invalid', `${address} is too long for a socket: give the data a folder with a shorter name`);
    await mkdir(join(dataFolder, 'orders'), { recursive: true, mode: 0o700 });
    await chmod(join(dataFolder, 'orders'), 0o700);
    // Left by a process that was killed: whoever holds the store holds this address as well.
    await rm(address, { force: true });
    await once(server.listen(address), 'listening');
  } catch (error) {
    report(error);
    return () => Promise.resolve();
  }
  return () => stop(server, sockets);
}

async function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  if (server.listening) await once(server.close(), 'close');
}

interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

async function answer(socket: Socket, orders: Readonly<Record<string, Order>>): Promise<void> {
  for await (const line of createInterface({ input: socket })) {
    const said = line.length > LONGEST_ORDER ? refusal('the order is too long') : await carryOut(line, orders);
    socket.end(`${JSON.stringify(said)}\n`);
    return;
  }
}

const refusal = (text: string): Answer => ({ ok: false, text });

async function carryOut(line: string, orders: Readonly<Record<string, Order>>): Promise<Answer> {
  const [name = '', argument = ''] = line.split('\t');
  const order = Object.hasOwn(orders, name) ? orders[name] : undefined;
  if (!order) return refusal(`this server knows no order "${name}": it may be of another version`);
  try {
    return { ok: true, text: await order(argument) };
  } catch (error) {
    return refusal(error instanceof Error ? error.message : 'it failed');
  }
}

/**
 * Gives an order to the server of a folder of data, and resolves with what it says.
 * @throws SesameError `store-unavailable` where no server runs on it, or it refuses.
 */
export async function giveOrder(dataFolder: string, name: string, argument: string): Promise<string> {
  const socket = connect(socketOf(dataFolder));
  try {
    await once(socket, 'connect').catch((cause: unknown) => {
      throw new SesameError('store-unavailable', `no server of this account runs on ${dataFolder}: set DATA_DIR to the folder of the one that does`, { cause });
    });
    socket.write(`${name}\t${argument}\n`);
    for await (const line of createInterface({ input: socket })) {
      const { ok, text } = JSON.parse(line) as Answer;
      if (ok) return text;
      throw new SesameError('store-unavailable', text);
    }
    throw new SesameError('store-unavailable', 'the server ended before it had done this: start it and try again');
  } finally {
    socket.destroy();
  }
}

/** Whether a server runs on a folder of data. */
export async function isRunning(dataFolder: string): Promise<boolean> {
  const socket = connect(socketOf(dataFolder));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
