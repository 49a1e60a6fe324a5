/**
 * The way to the servers: the only file that knows the `redis` library, which it loads when a store is opened. It
 * reaches one server, a cluster or what sentinels point at in the same words, gives every command its time, and knows
 * nothing of what the commands mean.
 */
import { setMaxListeners } from 'node:events';
import type * as Library from 'redis';
import { SesameError } from '../conversation/errors.js';

export interface LinkOptions {
  /** `redis://`, `rediss://`, `redis+cluster://h1:p,h2:p` or `redis+sentinel://h1:p,h2:p/name`, `rediss+…` as well. */
  readonly url: string;
  /** Milliseconds for one command, the way there and back included. */
  readonly timeoutMs: number;
}

type Tell = (message: string, channel: string) => void;

/** The little that is asked of the library, whichever of its three clients it is. */
interface Client {
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): unknown;
  sSubscribe(channel: string, listener: Tell): Promise<unknown>;
}

interface Reach {
  readonly client: Client;
  /** Where messages are heard: a connection of its own. */
  readonly ear: Client;
  send(key: string, args: string[]): Promise<unknown>;
  onEachMaster(args: string[]): Promise<unknown[]>;
}

interface Address {
  readonly scheme: string;
  readonly kind: string | undefined;
  readonly login: { readonly username?: string; readonly password?: string };
  readonly hosts: readonly string[];
  readonly name: string;
}

/** Answers that nobody waits for any more are held until they come: past so many, nothing more is asked. */
const UNANSWERED_MOST = 5000;
/** A connection that says nothing for so many timeouts is given up, and made again. */
const SILENT_TIMEOUTS = 4;

/** What happened to a command. `lost`: it may have been done, or be done yet. */
export class CommandError extends Error {
  constructor(
    readonly outcome: 'refused' | 'lost',
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

export class Link {
  #unanswered = 0;
  /** Counts up whenever a connection was lost: what was said on it before is then no longer vouched for. */
  breaks = 0;

  private constructor(
    private readonly reach: Reach,
    private readonly timeoutMs: number,
  ) {}

  /** @throws SesameError `store-unavailable` when the address is not one, or nobody answers there in time. */
  static async open(options: LinkOptions, changed: () => void): Promise<Link> {
    const redis = await import('redis');
    let broke: () => void = () => undefined;
    const reach = reachOf(redis, options, { broke: () => { broke(); }, changed });
    const link = new Link(reach, options.timeoutMs);
    broke = () => (link.breaks += 1);
    try {
      // The library goes on trying for ever: a start has to end.
      await Promise.all([reach.client, reach.ear].map((client) => inTime(client.connect(), options.timeoutMs * 5)));
    } catch (cause) {
      await link.close(true);
      throw new SesameError('store-unavailable', 'no Redis server answers at REDIS_URL: check the address, the password and that it runs', { cause });
    }
    return link;
  }

  /** Sends to the master that holds `key`. @throws CommandError */
  async send(key: string, args: readonly string[]): Promise<unknown> {
    if (this.#unanswered >= UNANSWERED_MOST) throw new CommandError('refused', 'the server has left too much unanswered');
    this.#unanswered += 1;
    const answer = this.reach.send(key, [...args]);
    const answered = (): void => void (this.#unanswered -= 1);
    answer.then(answered, answered);
    return inTime(answer, this.timeoutMs);
  }

  onEachMaster(args: readonly string[]): Promise<unknown[]> {
    return inTime(this.reach.onEachMaster([...args]), this.timeoutMs * 2);
  }

  async hear(channels: readonly string[], listener: Tell): Promise<void> {
    await inTime(Promise.all(channels.map((channel) => this.reach.ear.sSubscribe(channel, listener))), this.timeoutMs * 5);
  }

  /** Never throws. `now`: what is under way is given up. */
  async close(now = false): Promise<void> {
    for (const client of [this.reach.ear, this.reach.client]) {
      await (now ? Promise.reject(new Error('at once')) : inTime(client.close(), this.timeoutMs)).catch(async () => {
        await Promise.resolve(client.destroy()).catch(() => undefined);
      });
    }
  }
}

interface Events {
  readonly broke: () => void;
  /** A connection is there again, or anew. */
  readonly changed: () => void;
}

function reachOf(redis: typeof Library, { url, timeoutMs }: LinkOptions, events: Events): Reach {
  const { scheme, kind, login, hosts, name } = addressOf(url);
  const secure = scheme === 'rediss' ? { tls: true as const } : {};
  const socket = { ...secure, connectTimeout: timeoutMs, socketTimeout: timeoutMs * SILENT_TIMEOUTS, reconnectStrategy: (tries: number) => Math.min(25 * 2 ** Math.min(tries, 5), 500) };
  // Without a time of the library's own: `patience` is ours.
  const common = { RESP: 2 as const, commandOptions: { timeout: 0 } };
  const patience = createPatience(timeoutMs);
  const each = { ...login, socket, pingInterval: timeoutMs };
  if (kind === 'cluster') {
    const cluster = redis.createCluster({ ...common, rootNodes: hosts.map((host) => ({ url: `${scheme}://${host}` })), defaults: each });
    listen(cluster, events);
    const onEachMaster = (args: string[]) => Promise.all(cluster.masters.map(async (node) => (await cluster.nodeClient(node)).sendCommand(args, patience())));
    return { client: cluster, ear: listen(cluster.duplicate(), events), send: (key, args) => cluster.sendCommand(key, false, args, patience()), onEachMaster };
  }
  if (kind === 'sentinel') {
    const roots = hosts.map((host) => ({ host: host.replace(/:\d+$/, ''), port: Number(/\d+$/.exec(host)?.[0] ?? 26379) }));
    const make = () => redis.createSentinel({ ...common, name, sentinelRootNodes: roots, nodeClientOptions: each, sentinelClientOptions: { socket }, reserveClient: true, scanInterval: timeoutMs });
    const sentinel = listen(make(), events);
    return { client: sentinel, ear: listen(make(), events), send: (_, args) => sentinel.sendCommand(false, args, patience()), onEachMaster: async (args) => [await sentinel.sendCommand(false, args, patience())] };
  }
  const client = listen(redis.createClient({ ...common, ...each, url }), events);
  return { client, ear: listen(client.duplicate(), events), send: (_, args) => client.sendCommand(args, patience()), onEachMaster: async (args) => [await client.sendCommand(args, patience())] };
}

/**
 * A command that waits for a connection longer than this is never sent. Those of one moment share a signal, which may
 * end an eighth sooner: one for each, as the library would make them, costs a tenth of a turn.
 */
function createPatience(timeoutMs: number): () => { readonly abortSignal: AbortSignal } {
  const begin = (now: number) => {
    const abortSignal = AbortSignal.timeout(timeoutMs);
    setMaxListeners(Infinity, abortSignal);
    return { options: { abortSignal }, until: now + timeoutMs / 8 };
  };
  let moment = begin(performance.now());
  return () => {
    const now = performance.now();
    if (now >= moment.until) moment = begin(now);
    return moment.options;
  };
}

/** A client without a listener of errors would end the process. */
function listen<T extends { on(event: string, listener: () => void): unknown }>(client: T, events: Events): T {
  for (const event of ['error', 'reconnecting', 'node-error', 'node-reconnecting', 'node-disconnect', 'topology-change', 'client-error']) client.on(event, events.broke);
  for (const event of ['ready', 'node-ready']) client.on(event, events.changed);
  return client;
}

const ADDRESS = /^(?<scheme>rediss?)(?:\+(?<kind>cluster|sentinel))?:\/\/(?:(?<user>[^:@/]*):(?<password>[^@/]*)@)?(?<hosts>[^/@]+)(?:\/(?<name>.*))?$/;

/** @throws SesameError `store-unavailable`, without the address: it may hold a password. */
function addressOf(url: string): Address {
  const found = ADDRESS.exec(url)?.groups;
  if (!found || (found['kind'] === 'sentinel' && !found['name'])) {
    throw new SesameError('store-unavailable', 'REDIS_URL is not an address: give redis://host:port, redis+cluster://h1:p,h2:p or redis+sentinel://h1:p,h2:p/name');
  }
  const { scheme = '', kind, user, password, hosts = '', name = '' } = found;
  const login = { ...(user && { username: decodeURIComponent(user) }), ...(password && { password: decodeURIComponent(password) }) };
  return { scheme, kind, login, hosts: hosts.split(','), name };
}

/** The answer, or a `CommandError` once the time is over: the library would wait for ever. */
function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new CommandError('lost', `no answer within ${String(ms)} ms`));
    }, ms);
    const end = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    answer.then(
      (value) => { end(() => { resolve(value); }); },
      (cause: unknown) => { end(() => { reject(asCommandError(cause)); }); },
    );
  });
}

/** What the server itself says no to was not done. */
function asCommandError(cause: unknown): CommandError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new CommandError(/^[A-Z]{3,}[A-Z0-9]* /.test(message) ? 'refused' : 'lost', message, cause);
}
