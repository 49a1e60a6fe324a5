/**
 * The wiring of identity and accounts: the account backend and its health, codes by mail and by post, and the actions that
 * dialogs may ask for. What a challenge is, and what an account is, is in their rooms.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createAccountActions, type AccountAction } from './account/actions.js';
import { evenly } from './account/even.js';
import { Health } from './account/health.js';
import { createHttpBackend, subjectOf, type HttpBackend } from './account/http-backend.js';
import type { Parts } from './app.js';
import { LIMITS } from './attempts/limits.js';
import { onGrid } from './attempts/pace.js';
import { tellIncidents } from './audited.js';
import type { AuditLog } from './audit/log.js';
import type { Chores } from './chores.js';
import { createLocalMailbox, createSmtpMailer } from './mail/senders.js';
import type { Content } from './content.js';
import type { Clock, Store } from './conversation/ports.js';
import type { Actions } from './dialog/run.js';
import { createIdentityActions } from './identity/actions.js';
import { Challenges } from './identity/challenge.js';
import { doubtMail, noticeMail, startCourier } from './identity/courier.js';
import { Letters } from './identity/letters.js';
import { UNMEASURED } from './measured.js';
import type { Purpose } from './identity/ports.js';

export interface ProvingSide {
  readonly backend: HttpBackend;
  /** How the backend does, from our own calls and from what it says of itself. */
  readonly condition: { isUp(): Promise<boolean>; isThere(): Promise<boolean> };
  readonly challenges: Challenges;
  /** Where mails stay in a demonstration; absent where they really leave. */
  readonly mailbox: ReturnType<typeof createLocalMailbox> | undefined;
  /** What dialogs may ask of identity and of the account. */
  readonly actions: Actions;
}

export function openProving({ parts, audit, store, content, chores }: { parts: Parts; audit: AuditLog; store: Store; content: Content; chores: Pick<Chores, 'take'> }): ProvingSide {
  const { config, keys, clock, log } = parts;
  const health = new Health({ changed: tellIncidents(audit, log) });
  const backend = (parts.measures ?? UNMEASURED).backend(createHttpBackend({ ...parts.backend, key: keys.proof, health }));
  const mailbox = config.smtpUrl === undefined ? createLocalMailbox({ folder: join(config.dataFolder, 'mailbox'), clock }) : undefined;
  const mailer = mailbox ?? createSmtpMailer({ url: config.smtpUrl ?? '', from: config.mailFrom });
  const condition = { isUp: () => health.isUp(() => backend.isThere()), isThere: () => backend.isThere() };
  const proving = { records: store, registry: { ...backend, ...evenly(backend, condition) }, keys, clock, log };
  const challenges = new Challenges(proving);
  const letters = new Letters(proving, challenges.guard);
  const label = (key: string): string => content.labels[key] ?? key;
  chores.take(() => startCourier({ ...{ outbox: store, challenges, letters, registry: backend, mailer, poster: backend }, texts: content.mails, label, clock, log }));
  // Each effect is told to the address on file; while the backend fails, dialogs hear of it before they ask for anything.
  const account = createAccountActions(backend, {
    isUp: condition.isUp,
    notice: (subject, purpose, key) => noticeMail(subject, purpose, key, clock.now()),
  });
  return { backend, condition, challenges, mailbox, actions: { ...createIdentityActions({ challenges, letters, pace }), ...tellingDoubts(account, clock) } };
}

const EFFECTS: Readonly<Record<string, Purpose>> = {
  ...{ 'account.unlock': 'unlock', 'account.reactivate': 'reactivate', 'account.send-reset-link': 'reset' },
  ...{ 'account.send-code-by-post': 'post-code', 'account.ask-correction': 'correction', 'account.declare-fraud': 'fraud' },
};

/** The same actions; an effect whose end stays unknown is told to the address on file as well, since it may have happened. */
export function tellingDoubts(actions: Readonly<Record<string, AccountAction>>, clock: Clock): Record<string, AccountAction> {
  const telling = ([name, action]: [string, AccountAction]): [string, AccountAction] => {
    const purpose = EFFECTS[name];
    if (purpose === undefined) return [name, action];
    const run: AccountAction['run'] = async (input) => {
      const ended = await action.run(input);
      const subject = ended.outcome === 'unknown' ? subjectOf(String(input.slots['proof'])) : undefined;
      return subject === undefined ? ended : { ...ended, outbox: [...(ended.outbox ?? []), doubtMail(subject, purpose, input.key, clock.now())] };
    };
    return [name, { ...action, run }];
  };
  return Object.fromEntries(Object.entries(actions).map(telling));
}

/** Answers about identity leave at the same moments, whoever is asked about. */
const pace = onGrid({ everyMs: LIMITS.replyGridMs, now: () => performance.now(), wait });
