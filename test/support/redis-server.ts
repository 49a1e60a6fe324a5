/**
 * Starts real redis-server processes on free loopback ports, in folders of their own, for the tests of the Redis store.
 * Each writes its log of changes at every answer; a server can be stopped, killed and started again over its folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Sends one command on a connection of its own and resolves with the raw answer. */
  command(...args: readonly string[]): Promise<string>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it as a power cut would, or as an operator does. */
  kill(how?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again over its folder, and resolves once it answers. */
  start(): Promise<void>;
  /** Ends it, and takes its folder away. */
  destroy(): Promise<void>;
}

/** Settings come on top of a log of changes that is on disk before each answer. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sesame-redis-'));
  const port = await freePort();
  const always = ['--appendonly', 'yes', '--appendfsync', 'always', '--repl-diskless-sync-delay', '0'];
  const given = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--logfile', join(folder, 'log'), ...always, ...settings];
  let child: ChildProcess | undefined;
  const kill = async (how: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(how);
    await gone;
  };
  const start = async (): Promise<void> => {
    child = spawn('redis-server', given, { stdio: 'ignore' });
    for (let tries = 0; ; tries += 1) {
      const said = await ask(port, ['PING']).catch(() => '');
      if (said.startsWith('+PONG')) return;
      if (tries > 500 || child.exitCode !== null) throw new Error(`redis-server does not start: see ${join(folder, 'log')}`);
      await wait(10);
    }
  };
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${String(port)}`,
    command: (...args) => ask(port, args),
    signal: (signal) => void child?.kill(signal),
    kill,
    start,
    destroy: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nobody listens on now; in a cluster the one ten thousand above it is used as well. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    if (port < 55_000) return port;
  }
}

/** The first answer, or as much of it as came in one piece. */
export async function ask(port: number, args: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`*${String(args.length)}\r\n${args.map((arg) => `$${String(Buffer.byteLength(arg))}\r\n${arg}\r\n`).join('')}`);
    const [said] = (await once(socket, 'data')) as [Buffer];
    return said.toString();
  } finally {
    socket.destroy();
  }
}
