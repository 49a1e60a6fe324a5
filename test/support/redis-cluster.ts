/** Starts a real cluster of six redis-server processes, three of them replicas, on free loopback ports. */
import { setTimeout as wait } from 'node:timers/promises';
import { startRedis, type RedisServer } from './redis-server.js';

export interface RedisCluster {
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  /** Empties every master. */
  flush(): Promise<void>;
  destroy(): Promise<void>;
}

const SLOTS = 16_384;

/** What `redis-cli --cluster create` does, without its seconds of waiting: the first half are masters, the others follow them. */
async function join(nodes: readonly RedisServer[]): Promise<void> {
  const masters = nodes.slice(0, nodes.length / 2);
  const firstSlot = (n: number): number => Math.floor((SLOTS * n) / masters.length);
  await Promise.all(nodes.map((node, n) => node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1))));
  await Promise.all(masters.map((node, n) => node.command('CLUSTER', 'ADDSLOTSRANGE', String(firstSlot(n)), String(firstSlot(n + 1) - 1))));
  // Everybody to everybody: waiting for hearsay would take longer.
  await Promise.all(nodes.flatMap((node) => nodes.filter((other) => other !== node).map(({ port }) => node.command('CLUSTER', 'MEET', '127.0.0.1', String(port)))));
  const ids = await Promise.all(masters.map(async (node) => (/[0-9a-f]{40}/.exec(await node.command('CLUSTER', 'MYID'))?.[0] ?? '')));
  await Promise.all(nodes.slice(masters.length).map(async (node, n) => {
    while (!(await node.command('CLUSTER', 'REPLICATE', ids[n] ?? '')).startsWith('+OK')) await wait(20);
  }));
  for (const node of nodes) {
    while (!(await isWell(node))) await wait(20);
  }
}

async function isWell(node: RedisServer): Promise<boolean> {
  const [info, following] = [await node.command('CLUSTER', 'INFO'), await node.command('INFO', 'replication')];
  const knowsAll = info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:6') && info.includes('cluster_size:3');
  return knowsAll && !following.includes('master_link_status:down') && !/connected_slaves:0\r\n/.test(following.replace(/role:slave[\s\S]*/, ''));
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--cluster-config-file', 'nodes.conf'];
  const nodes = await Promise.all(Array.from({ length: 6 }, () => startRedis(...settings)));
  const hosts = nodes.map(({ port }) => `127.0.0.1:${String(port)}`);
  await join(nodes);
  return {
    url: `redis+cluster://${hosts.slice(0, 3).join(',')}`,
    nodes,
    flush: async () => {
      // Replicas refuse, and follow their masters.
      await Promise.all(nodes.map((node) => node.command('FLUSHALL')));
    },
    destroy: async () => {
      await Promise.all(nodes.map((node) => node.destroy()));
    },
  };
}
