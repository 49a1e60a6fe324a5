/** The parts whose health is told on the internal port, with the probe of each. What well means is in health/probes.ts. */
import { createCheckup, type Checkup } from './health/checkup.js';
import { probeBackend, probeFlag, probeStore, probeWaiting, type BackendCondition } from './health/probes.js';
import { CARD, HISTORY, IDLE, RELAY } from './handoff/queue.js';
import { CODE_MAIL } from './identity/challenge.js';
import { NOTICE_MAIL } from './identity/courier.js';
import { CODE_LETTER } from './identity/letters.js';
import type { Clock, Store } from './conversation/ports.js';
import type { Log } from './log.js';

export interface CheckupParts {
  readonly store: Store;
  readonly backend: BackendCondition;
  /** Whether advisers are connected. */
  readonly advisers: boolean;
  /** Whether what authors and operators wrote was good when it was last read. */
  readonly contentIsGood: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

const MAIL = [CODE_MAIL, NOTICE_MAIL, CODE_LETTER];
const ADVISERS = [CARD, HISTORY, RELAY, IDLE];

export function openCheckup({ store, backend, advisers, contentIsGood, clock, log }: CheckupParts): Checkup {
  return createCheckup({
    probes: {
      store: probeStore(store, clock),
      backend: probeBackend(backend),
      mail: probeWaiting(store, MAIL, clock),
      ...(advisers ? { advisers: probeWaiting(store, ADVISERS, clock) } : {}),
      content: probeFlag(contentIsGood),
    },
    clock,
    changed: (part, state) => { log[state === 'ok' ? 'info' : 'warn']('health.changed', { part, state }); },
  });
}
