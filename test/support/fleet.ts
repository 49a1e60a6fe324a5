/** Several instances of the compiled server on one Redis and one account backend, behind a load balancer of plain bytes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readKeys } from '../../src/keys.js';
import { built } from './built.js';
import { freePort, startRedis, type RedisServer } from './redis-server.js';
import { eventually } from './running.js';
import { TcpProxy } from './tcp-proxy.js';

interface Instance {
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  process: ChildProcess | undefined;
}

export interface Stopped {
  /** Milliseconds from the signal to the end of the process, the time for load balancers included. */
  readonly ms: number;
  readonly code: number | null;
}

/** On a machine that does other things as well. */
const START_WITHIN_MS = 150_000;

export class Fleet {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'sesame-fleet-'));
  private instances: readonly Instance[] = [];
  private backend: ChildProcess | undefined;
  /** What the processes wrote besides what they should: their errors. */
  readonly errors: string[] = [];

  private constructor(
    private readonly redis: RedisServer,
    private readonly proxy: TcpProxy,
  ) {}

  /** `settings`: what each instance is told beside, by names of environment variables. */
  static async start(size: number, settings: Readonly<Record<string, string>> = {}): Promise<Fleet> {
    const fleet = new Fleet(await startRedis(), await TcpProxy.open());
    try {
      const shared = { ...(await fleet.startBackend()), ...settings };
      fleet.instances = await Promise.all(Array.from({ length: size }, (_, index) => fleet.prepare(index, shared)));
      await Promise.all(fleet.instances.map((_, index) => fleet.startInstance(index)));
      fleet.proxy.serve(fleet.instances.map(({ port }) => port));
      await eventually(async () => ((await fetch(`${fleet.url}/health`).catch(() => undefined))?.ok === true ? true : undefined));
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  /** Where people come in. */
  get url(): string {
    return this.proxy.url;
  }

  get size(): number {
    return this.instances.length;
  }

  /** Where one instance listens itself. */
  directly(index: number): string {
    return `http://127.0.0.1:${String(this.instances[index]?.port)}`;
  }

  /** Where one instance tells those who run it how it does. */
  inside(index: number): string {
    return `http://127.0.0.1:${String(this.instances[index]?.env['INTERNAL_PORT'])}`;
  }

  async startInstance(index: number): Promise<void> {
    const instance = this.instances[index];
    if (!instance) throw new Error(`there is no instance ${String(index)}`);
    instance.process = this.spawn('main.js', instance.env);
    const gone = once(instance.process, 'exit').then(() => Promise.reject(new Error(`instance ${String(index)} does not start: ${this.errors.slice(-5).join('\n')}`)));
    gone.catch(() => undefined);
    const ready = async (): Promise<true | undefined> => ((await fetch(`${this.directly(index)}/health`).catch(() => undefined))?.ok === true ? true : undefined);
    await Promise.race([eventually(ready, START_WITHIN_MS), gone]);
  }

  /** Asks it to end, as a deployment does. */
  async stopInstance(index: number): Promise<Stopped> {
    const since = performance.now();
    const code = await ended(this.instances[index]?.process, 'SIGTERM');
    return { ms: performance.now() - since, code };
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    await Promise.all([...this.instances.map(({ process }) => process), this.backend].map((child) => ended(child, 'SIGKILL')));
    await this.redis.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async startBackend(): Promise<Record<string, string>> {
    const keys = await readKeys(path.join(this.folder, 'keys'));
    const port = await freePort();
    this.backend = this.spawn('reference/main.js', {
      ...{ REFERENCE_PORT: String(port), REFERENCE_DATA: path.join(this.folder, 'backend'), REFERENCE_TOKEN: keys.reference },
      PROOF_JWKS: JSON.stringify({ keys: keys.proofKeys }),
    });
    return { ACCOUNT_BACKEND_URL: `http://127.0.0.1:${String(port)}`, ACCOUNT_BACKEND_TOKEN: keys.reference };
  }

  private async prepare(index: number, shared: Readonly<Record<string, string>>): Promise<Instance> {
    const port = await freePort();
    const own = { PORT: String(port), INTERNAL_PORT: String(await freePort()), DATA_DIR: path.join(this.folder, `data-${String(index)}`), KEYS_DIR: path.join(this.folder, 'keys') };
    const env = { ...{ REDIS_URL: this.redis.url, PUBLIC_URL: this.proxy.url, TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'warn' }, ...shared, ...own };
    return { port, env, process: undefined };
  }

  private spawn(entry: string, env: Readonly<Record<string, string>>): ChildProcess {
    const child = spawn(process.execPath, [built(entry)], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => this.errors.push(...chunk.toString().split('\n').filter((line) => /"level":"(warn|error)"|^Error|fault/.test(line))));
    }
    return child;
  }
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
  if (!child) return null;
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit') as Promise<[number | null]>;
  child.kill(signal);
  const [code] = await exit;
  return code;
}
