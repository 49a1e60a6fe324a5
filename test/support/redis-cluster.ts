/** Starts a real cluster of six redis-server processes, three of them replicas, on free loopback ports. */
import { execFileSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { startRedis, type RedisServer } from './redis-server.js';

export interface RedisCluster {
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  /** Empties every master. */
  flush(): Promise<void>;
  destroy(): Promise<void>;
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--cluster-config-file', 'nodes.conf'];
  const nodes = await Promise.all(Array.from({ length: 6 }, () => startRedis(...settings)));
  const hosts = nodes.map(({ port }) => `127.0.0.1:${String(port)}`);
  execFileSync('redis-cli', ['--cluster', 'create', ...hosts, '--cluster-replicas', '1', '--cluster-yes'], { stdio: 'ignore' });
  for (const node of nodes) {
    while (!(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok') || /master_link_status:down/.test(await node.command('INFO', 'replication'))) await wait(20);
  }
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
