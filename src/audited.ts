/**
 * The audit, put to work: one log for what advisers do, for what people have done in their name, and for incidents. What
 * is written and how it is chained is audit/.
 */
import { join } from 'node:path';
import { auditActions } from './audit/actions.js';
import { createAuditLog, type AuditLog } from './audit/log.js';
import type { Config } from './config.js';
import type { Clock } from './conversation/ports.js';
import type { ActionInput, ActionResult, Actions } from './dialog/run.js';
import type { Challenges } from './identity/challenge.js';
import { keyedHash } from './identity/proof.js';
import type { Keys } from './keys.js';
import type { Log } from './log.js';

interface Parts {
  readonly config: Config;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the log of this installation, in its folder of data. */
export function openAudit({ config, keys, clock, log }: Parts): Promise<AuditLog> {
  return createAuditLog({
    ...{ folder: join(config.dataFolder, 'audit'), key: keys.staff, clock },
    report: ({ kind }) => { log.info('audit.kept', { kind }); },
  });
}

/** The same actions, every check of an identity and every act on an account audited. */
export function audited(actions: Actions, audit: AuditLog, { keys, log, challenges }: Pick<Parts, 'keys' | 'log'> & { readonly challenges: Pick<Challenges, 'find'> }): Actions {
  return auditActions<ActionInput, ActionResult>(actions, {
    record: (entry) => audit.record(entry),
    accountOf: (nir) => keyedHash(keys.hash, 'account', nir),
    accountOfChallenge: async (id) => (await challenges.find(id))?.account,
    unwritten: (action, error) => { log.error('audit.not-written', { action, error }); },
  });
}

/** Tells the log and the audit that the backend is given rest, which is an incident, and that it is back. */
export function tellIncidents(audit: AuditLog, log: Log): (state: 'resting' | 'back') => void {
  return (state) => {
    log.warn(`backend.${state}`);
    const action = state === 'resting' ? 'incident.opened' : 'incident.closed';
    audit.record({ actor: 'system', role: 'system', caisse: 'none', action, when: 'after', reason: 'account-backend' }).catch((error: unknown) => {
      log.error('audit.not-written', { action, error });
    });
  };
}
