/**
 * From listening to closed: when this process takes visits, how it does, what ends in which order. What each part does to
 * end is its own business, and how long all of it may take is the process's.
 */
import type { AdvisersSide } from './advisers.js';
import type { AuditLog } from './audit/log.js';
import type { RunningAssistant } from './assistant.js';
import type { WebServer } from './channels/server.js';
import { openCheckup } from './checkup.js';
import type { Chores } from './chores.js';
import type { Config } from './config.js';
import type { Fault } from './conversation/errors.js';
import type { Clock, Store } from './conversation/ports.js';
import { healthAnswers } from './health/answers.js';
import type { Readiness } from './health/readiness.js';
import type { Log } from './log.js';
import type { ProvingSide } from './proving.js';
import { keepTakingUp } from './taking-up.js';

export interface Life {
  listen(): Promise<void>;
  /** What the internal port answers about health, by path. */
  readonly health: ReturnType<typeof healthAnswers>;
  /** Keeps the health looked at, for whoever asks. */
  watchHealth(): void;
  /** Reads again who the advisers are; gives back what is wrong with the file, and then nothing has changed. */
  reload(): Promise<readonly Fault[]>;
  /** Tells load balancers to send nobody here any more; whoever comes is still served. */
  drain(): void;
  /** Takes no one new, ends what is under way, closes the store. */
  close(): Promise<void>;
}

export interface Living {
  readonly readiness: Readiness;
  readonly server: WebServer;
  readonly url: () => string;
  readonly assistant: RunningAssistant;
  readonly audit: AuditLog;
  readonly chores: Chores;
  readonly proving: ProvingSide;
  readonly store: Store;
  readonly recogniser: { close(): Promise<void> };
  readonly side: AdvisersSide | undefined;
}

export function createLife(living: Living, { config, clock, log }: { readonly config: Config; readonly clock: Clock; readonly log: Log }): Life {
  const { readiness, server, url, assistant, proving, store, side } = living;
  let rosterIsGood = true;
  const checkup = openCheckup({ store, backend: proving.condition, advisers: side !== undefined, contentIsGood: () => rosterIsGood, clock, log });
  let stopTakingUp = (): Promise<void> => Promise.resolve();
  let stopWatching = (): void => undefined;
  return {
    async listen() {
      await server.listen(config.port, config.host);
      log.info('server.listening', { url: url() });
      // Turns are one at a time in each conversation, so whoever comes back meanwhile waits for what was left open.
      stopTakingUp = keepTakingUp({ assistant, log });
      readiness.open();
    },
    health: healthAnswers(readiness, checkup),
    watchHealth() {
      stopWatching = checkup.keepLooking();
    },
    async reload() {
      const faults = (await side?.reload()) ?? [];
      rosterIsGood = faults.length === 0;
      return faults;
    },
    drain() {
      readiness.drain();
    },
    async close() {
      readiness.drain();
      stopWatching();
      await Promise.all([server.close(), stopTakingUp()]);
      await closeInOrder(living);
    },
  };
}

/** Once the doors are closed and nothing new comes in; the store last, because everything else writes to it. */
async function closeInOrder({ assistant, audit, chores, proving, store, recogniser, side }: Living): Promise<void> {
  await assistant.settled();
  await recogniser.close();
  await chores.stop();
  side?.close();
  await audit.close();
  await store.close();
  await proving.backend.close();
}
