/**
 * The wiring of identity and accounts: the account backend and its health, codes by mail and by post, and the actions that
 * dialogs may ask for. What a challenge is, and what an account is, is in their rooms.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createAccountActions } from './account/actions.js';
import { Health } from './account/health.js';
import { createHttpBackend, type HttpBackend } from './account/http-backend.js';
import type { Parts } from './app.js';
import { LIMITS } from './attempts/limits.js';
import { onGrid } from './attempts/pace.js';
import { tellIncidents } from './audited.js';
import type { AuditLog } from './audit/log.js';
import { createLocalMailbox, createSmtpMailer } from './channels/mail.js';
import type { Content } from './content.js';
import type { Store } from './conversation/ports.js';
import type { Actions } from './dialog/run.js';
import { createIdentityActions } from './identity/actions.js';
import { Challenges } from './identity/challenge.js';
import { noticeMail, startCourier } from './identity/courier.js';
import { Letters } from './identity/letters.js';

export interface ProvingSide {
  readonly backend: HttpBackend;
  readonly challenges: Challenges;
  /** Where mails stay in a demonstration; absent where they really leave. */
  readonly mailbox: ReturnType<typeof createLocalMailbox> | undefined;
  /** What dialogs may ask of identity and of the account. */
  readonly actions: Actions;
  /** Ends what is being sent. The backend stays open for turns that end. */
  close(): Promise<void>;
}

export function openProving({ parts, audit, store, content }: { parts: Parts; audit: AuditLog; store: Store; content: Content }): ProvingSide {
  const { config, keys, clock, log } = parts;
  const health = new Health({ changed: tellIncidents(audit, log) });
  const backend = createHttpBackend({ ...parts.backend, key: keys.proof, health });
  const mailbox = config.smtpUrl === undefined ? createLocalMailbox({ folder: join(config.dataFolder, 'mailbox'), clock }) : undefined;
  const mailer = mailbox ?? createSmtpMailer({ url: config.smtpUrl ?? '', from: config.mailFrom });
  const proving = { records: store, registry: backend, keys, clock, log };
  const challenges = new Challenges(proving);
  const letters = new Letters(proving, challenges.guard);
  const label = (key: string): string => content.labels[key] ?? key;
  const courier = startCourier({ ...{ outbox: store, challenges, letters, registry: backend, mailer, poster: backend }, texts: content.mails, label, clock, log });
  // Each effect is told to the address on file; while the backend fails, dialogs hear of it before they ask for anything.
  const account = createAccountActions(backend, {
    isUp: () => health.isUp(() => backend.isThere()),
    notice: (subject, purpose, key) => noticeMail(subject, purpose, key, clock.now()),
  });
  return { backend, challenges, mailbox, actions: { ...createIdentityActions({ challenges, letters, pace }), ...account }, close: () => courier.stop() };
}

/** Answers about identity leave at the same moments, whoever is asked about. */
const pace = onGrid({ everyMs: LIMITS.replyGridMs, now: () => performance.now(), wait });
