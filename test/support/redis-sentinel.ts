/** Starts a master, its replica and a sentinel that watches them, as real processes on free loopback ports. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ask, freePort, startRedis, type RedisServer } from './redis-server.js';

export interface Watched {
  readonly url: string;
  readonly master: RedisServer;
  destroy(): Promise<void>;
}

export async function startWatched(): Promise<Watched> {
  const master = await startRedis();
  const replica = await startRedis('--replicaof', '127.0.0.1', String(master.port));
  while (!(await replica.command('INFO', 'replication')).includes('master_link_status:up')) await wait(20);
  const folder = mkdtempSync(join(tmpdir(), 'sesame-sentinel-'));
  const port = await freePort();
  const settings = [`port ${String(port)}`, 'bind 127.0.0.1', `dir ${folder}`, `sentinel monitor sesame 127.0.0.1 ${String(master.port)} 1`, 'sentinel down-after-milliseconds sesame 1000', 'sentinel failover-timeout sesame 3000'];
  writeFileSync(join(folder, 'sentinel.conf'), `${settings.join('\n')}\n`);
  const child = spawn('redis-server', [join(folder, 'sentinel.conf'), '--sentinel'], { stdio: 'ignore' });
  const sees = async (): Promise<boolean> => (await ask(port, ['SENTINEL', 'REPLICAS', 'sesame']).catch(() => '')).includes(String(replica.port));
  while (!(await sees())) await wait(20);
  return {
    url: `redis+sentinel://127.0.0.1:${String(port)}/sesame`,
    master,
    destroy: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await Promise.all([gone, master.destroy(), replica.destroy()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
