/**
 * Takes the mails of committed turns out of the outbox and hands them over. A code is drawn at that very moment and
 * exists in the mail and as a keyed hash, nowhere else: a try after a crash sends a new one, and the last one counts.
 */
import { randomInt } from 'node:crypto';
import type { Clock, Outbox, OutboxItem } from '../conversation/ports.js';
import { CODE_MAIL, type Challenges } from './challenge.js';
import { LIMITS } from './limits.js';
import type { Mailer, Registry } from './ports.js';

export interface CodeMailText {
  readonly subject: string;
  /** With `{code}` and `{minutes}`. */
  readonly text: string;
}

export interface CourierLog {
  info(event: string, fields: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface CourierOptions {
  readonly outbox: Outbox;
  readonly challenges: Challenges;
  readonly registry: Registry;
  readonly mailer: Mailer;
  readonly text: CodeMailText;
  readonly clock: Clock;
  readonly log: CourierLog;
}

/** A code that left later than this after it was asked for would reach nobody who still waits. */
const GIVE_UP_AFTER_TRIES = 8;
const AT_ONCE = 20;

/** Starts delivering. The way to stop resolves when nothing is in flight. */
export function startCourier(options: CourierOptions): { stop(): Promise<void>; settled(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const round = (): void => {
    if (stopped) return;
    running = running.then(async () => {
      const wait = await deliverDue(options);
      clearTimeout(timer);
      if (!stopped) timer = setTimeout(round, wait).unref();
    });
  };
  const forget = options.outbox.onAdded(round);
  round();
  return {
    settled: () => running,
    async stop() {
      stopped = true;
      forget();
      clearTimeout(timer);
      await running;
    },
  };
}

/** Delivers what is due. Resolves with the milliseconds to wait before looking again. */
async function deliverDue(options: CourierOptions): Promise<number> {
  const { outbox, clock, log } = options;
  try {
    const items = await outbox.due(clock.now(), AT_ONCE, [CODE_MAIL]);
    // Side by side: one slow relay connection must not hold up everybody else's code.
    await Promise.all(items.map((item) => deliver(item, options)));
  } catch (error) {
    log.warn('courier.stalled', { code: codeOf(error) });
  }
  return 1000;
}

async function deliver(item: OutboxItem, options: CourierOptions): Promise<void> {
  const { outbox, clock, log } = options;
  try {
    await deliverCode(item, options);
    await outbox.done(item.id);
    log.info('mail.handed-over', { item: item.id });
  } catch (error) {
    const tries = item.tries + 1;
    log.warn('mail.failed', { item: item.id, tries, code: codeOf(error) });
    if (tries >= GIVE_UP_AFTER_TRIES) await outbox.done(item.id);
    else await outbox.retry(item.id, clock.now() + Math.min(60_000, 1000 * 2 ** tries));
  }
}

async function deliverCode(item: OutboxItem, { challenges, registry, mailer, text }: CourierOptions): Promise<void> {
  const challenge = await challenges.find(item.payload['challenge'] ?? '');
  if (!challenge || !(await challenges.isLive(challenge))) return;
  const contact = challenge.subject === null ? { kind: 'none' as const } : await registry.contactOf(challenge.subject);
  if (contact.kind === 'none') {
    await challenges.noteSent(challenge, null);
    return;
  }
  const code = String(randomInt(0, 100_000_000)).padStart(8, '0');
  await challenges.noteSent(challenge, code);
  const shown = `${code.slice(0, 4)} ${code.slice(4)}`;
  const minutes = String(LIMITS.codeLifeMs / 60_000);
  await mailer.send({ to: contact.email, subject: text.subject, text: text.text.replace('{code}', shown).replace('{minutes}', minutes) });
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : 'unexpected';
}
