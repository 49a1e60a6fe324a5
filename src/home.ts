/**
 * Where conversations rest: in this process's own folder, or in Redis, which several processes share. Both keep the
 * promises of `conversation/ports.ts`; nothing else in the project knows which of them it is.
 */
import { join } from 'node:path';
import type { Config } from './config.js';
import type { Log } from './log.js';
import { openRedisStore } from './redis/store.js';
import type { RetentionParts } from './retention.js';
import { openEmbeddedStore } from './storage/embedded.js';

/** `snapshot`: everything that a store of this process's own holds at one moment. */
/** How long what a process had in hand stays its own when it is gone, in milliseconds: its next person waits for as long. */
const LOCK_MS = 5_000;

export type Home = RetentionParts['store'] & { readonly snapshot?: () => AsyncIterable<readonly (readonly [string, string])[]> };

/** @throws SesameError `store-unavailable` with what to do. */
export function openHome({ config, log }: { readonly config: Config; readonly log: Log }): Promise<Home> {
  const report = (error: unknown): void => {
    log.error('store.listener-broke', { error });
  };
  if (config.redisUrl === undefined) return openEmbeddedStore({ folder: join(config.dataFolder, 'store'), report });
  return openRedisStore({
    ...{ url: config.redisUrl, report, lockMs: LOCK_MS, durable: config.mode === 'production', waitReplicas: config.redisReplicas },
    log: (event, fields) => { log[event === 'redis.weaker' ? 'warn' : 'info'](event, fields); },
  });
}
