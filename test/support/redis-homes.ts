/** The Redis servers that the whole application is tried on, each with the way it fails and the way it is put right. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { startRedisCluster } from './redis-cluster.js';
import { startWatched } from './redis-sentinel.js';
import { startRedis } from './redis-server.js';

export interface Home {
  readonly url: string;
  /** By its name: begins it, and gives the way to put it right. */
  readonly faults: Readonly<Record<string, () => Promise<() => Promise<void>>>>;
  destroy(): Promise<void>;
}

export async function oneServer(...settings: readonly string[]): Promise<Home> {
  const server = await startRedis(...settings);
  return {
    url: server.url,
    faults: {
      'SIGTERM and start': async () => {
        await server.kill('SIGTERM');
        return () => server.start();
      },
      'kill -9 and start': async () => {
        await server.kill();
        return () => server.start();
      },
      'SIGSTOP': () => {
        server.signal('SIGSTOP');
        return Promise.resolve(() => {
          server.signal('SIGCONT');
          return Promise.resolve();
        });
      },
      'memory full': async () => {
        await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
        return async () => {
          await server.command('CONFIG', 'SET', 'maxmemory', '0');
        };
      },
    },
    destroy: () => server.destroy(),
  };
}

/** Six nodes; the master that is killed is the first one found. */
export async function cluster(): Promise<Home> {
  const started = await startRedisCluster();
  const { url, nodes } = started;
  return {
    url,
    faults: {
      'a master killed': async () => {
        const roles = await Promise.all(nodes.map((node) => node.command('ROLE')));
        const master = nodes[roles.findIndex((role) => role.includes('master'))]!;
        await master.kill();
        return () => master.start();
      },
    },
    destroy: () => started.destroy(),
  };
}

export async function watched(): Promise<Home> {
  const started = await startWatched();
  const { url, master } = started;
  return {
    url,
    faults: {
      'the master killed': async () => {
        await master.kill();
        return () => master.start();
      },
    },
    destroy: () => started.destroy(),
  };
}

interface Way {
  readonly port: number;
  /** Nothing comes through any more, and nobody is told. */
  hole(): void;
  /** Leads there from now on; what was open is cut. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

async function way(to: number): Promise<Way> {
  const sockets = new Set<Socket>();
  let [target, holed] = [to, false];
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [from, into] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('data', (data) => holed || into.write(data));
      from.on('close', () => {
        sockets.delete(from);
        into.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hole: () => void (holed = true),
    leadTo: (port) => {
      target = port;
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A master and its replica behind one address; they lose sight of each other, then the replica takes over. */
export async function cutOff(): Promise<Home> {
  const master = await startRedis();
  const [front, between] = [await way(master.port), await way(master.port)];
  const replica = await startRedis('--replicaof', '127.0.0.1', String(between.port));
  const next = await startRedis();
  while (!(await replica.command('INFO', 'replication')).includes('master_link_status:up'));
  return {
    url: `redis://127.0.0.1:${String(front.port)}`,
    faults: {
      'the replica cut off, then promoted': () => {
        between.hole();
        return Promise.resolve(async () => {
          await master.kill();
          await replica.command('REPLICAOF', 'NO', 'ONE');
          // Where a copy is waited for, there must be one again.
          await next.command('REPLICAOF', '127.0.0.1', String(replica.port));
          front.leadTo(replica.port);
        });
      },
    },
    destroy: async () => {
      await Promise.all([front.close(), between.close()]);
      await Promise.all([master, replica, next].map((server) => server.destroy()));
    },
  };
}
