/**
 * Takes the mails and letters of committed turns out of the outbox and hands them over. A code by e-mail is drawn at
 * that very moment and exists in the mail and as a keyed hash, nowhere else: a try after a crash sends a new one, and
 * the last one counts.
 */
import { randomInt } from 'node:crypto';
import { LIMITS } from '../attempts/limits.js';
import type { Clock, Outbox, OutboxItem } from '../conversation/ports.js';
import { CODE_MAIL, type Challenges } from './challenge.js';
import { CODE_LETTER, type Letters } from './letters.js';
import type { Mailer, Poster, Purpose, Registry, Subject } from './ports.js';

export interface MailText {
  readonly subject: string;
  /** With `{code}`, `{minutes}`, `{purpose}` and `{time}` where they are wanted. */
  readonly text: string;
}

/** What a notice may be about: an effect on the account, one that may have happened, or the tries of a day that were used up. */
export type Notice = Purpose | 'doubt' | 'attempts';

export interface CourierLog {
  info(event: string, fields: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface CourierOptions {
  readonly outbox: Outbox;
  readonly challenges: Challenges;
  readonly letters: Letters;
  readonly registry: Registry;
  readonly mailer: Mailer;
  readonly poster: Poster;
  /** `code`, and `notice-` followed by what each notice is about. */
  readonly texts: Readonly<Record<string, MailText>>;
  /** What a proof is asked for, in words: `purpose-` followed by the purpose. */
  readonly label: (key: string) => string;
  readonly clock: Clock;
  readonly log: CourierLog;
}

/** The name under which the courier finds a notice to send. */
export const NOTICE_MAIL = 'mail.notice';

/** A code that left later than this after it was asked for would reach nobody who still waits. */
const GIVE_UP_AFTER_TRIES = 8;
/** A letter or a notice is worth having days later: these tries, a minute apart at the end, are about a week. */
const PATIENT_TRIES = 10_000;
const AT_ONCE = 20;

/**
 * The mail that tells the address on file what was just done, to be put in the outbox with the effect. `key` is the
 * effect's idempotency key: one effect, one notice. `at`: epoch milliseconds of the effect, 0 where it is not known.
 */
export function noticeMail(subject: Subject, purpose: Notice, key: string, at = 0): OutboxItem {
  return { id: `notice/${key}`, kind: NOTICE_MAIL, payload: { subject, notice: purpose }, dueAt: at, tries: 0 };
}

/** The notice of an effect of which nobody can say yet whether it happened. It is the one notice of its key as well. */
export function doubtMail(subject: Subject, purpose: Purpose, key: string, at: number): OutboxItem {
  const { payload, ...item } = noticeMail(subject, 'doubt', key, at);
  return { ...item, payload: { ...payload, purpose } };
}

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

type Deliver = (item: OutboxItem, options: CourierOptions) => Promise<void>;

const DELIVERIES: Readonly<Record<string, { readonly deliver: Deliver; readonly tries: number }>> = {
  [CODE_MAIL]: { deliver: deliverCode, tries: GIVE_UP_AFTER_TRIES },
  [NOTICE_MAIL]: { deliver: deliverNotice, tries: PATIENT_TRIES },
  [CODE_LETTER]: { deliver: deliverLetter, tries: PATIENT_TRIES },
};

/** Delivers what is due. Resolves with the milliseconds to wait before looking again. */
async function deliverDue(options: CourierOptions): Promise<number> {
  const { outbox, clock, log } = options;
  try {
    const found = await Promise.all(Object.keys(DELIVERIES).map((kind) => outbox.due(clock.now(), AT_ONCE, [kind])));
    // Side by side: one slow relay connection must not hold up everybody else's code.
    await Promise.all(found.flat().map((item) => deliver(item, options)));
  } catch (error) {
    log.warn('courier.stalled', { code: codeOf(error) });
  }
  return 1000;
}

async function deliver(item: OutboxItem, options: CourierOptions): Promise<void> {
  const { outbox, clock, log } = options;
  const { deliver: handOver, tries: most } = DELIVERIES[item.kind] ?? { deliver: deliverCode, tries: 1 };
  try {
    await handOver(item, options);
    await outbox.done(item.id);
    log.info('mail.handed-over', { item: item.id, kind: item.kind });
  } catch (error) {
    const tries = item.tries + 1;
    log.warn('mail.failed', { item: item.id, kind: item.kind, tries, code: codeOf(error) });
    if (tries >= most) await outbox.done(item.id);
    else await outbox.retry(item.id, clock.now() + Math.min(60_000, 1000 * 2 ** Math.min(tries, 10)));
  }
}

async function deliverCode(item: OutboxItem, options: CourierOptions): Promise<void> {
  const { challenges, clock } = options;
  const challenge = await challenges.find(item.payload['challenge'] ?? '');
  if (!challenge || !(await challenges.isLive(challenge))) return;
  const contact = challenge.subject === null || challenge.muted === true ? { kind: 'none' as const } : await contactOr(challenge.subject, options, () => challenges.noteSent(challenge, null));
  if (contact.kind === 'none') {
    await challenges.noteSent(challenge, null);
    return;
  }
  const code = newCode();
  await challenges.noteSent(challenge, code);
  const marks = {
    code: `${code.slice(0, 4)} ${code.slice(4)}`,
    minutes: String(LIMITS.codeLifeMs / LIMITS.minuteMs),
    purpose: options.label(`purpose-${challenge.purpose}`),
    time: inFrance.format(clock.now()),
  };
  await options.mailer.send({ to: contact.email, ...written(options, 'code', marks) });
}

/** Until a fault is over its challenge is met by no code, as that of somebody unknown is: what is answered must not tell them apart. */
async function contactOr(subject: Subject, { registry }: CourierOptions, failed: () => Promise<void>): ReturnType<Registry['contactOf']> {
  try {
    return await registry.contactOf(subject);
  } catch (error) {
    await failed();
    throw error;
  }
}

/** A code of eight digits, each as likely as the next. */
export function newCode(): string {
  return String(randomInt(0, 100_000_000)).padStart(8, '0');
}

/** Where no address is on file, nobody can be told. */
async function deliverNotice({ payload, dueAt }: OutboxItem, options: CourierOptions): Promise<void> {
  const contact = await options.registry.contactOf(payload['subject'] ?? '');
  if (contact.kind === 'none') return;
  const time = inFrance.format(dueAt > 0 ? dueAt : options.clock.now());
  const purpose = options.label(`purpose-${payload['purpose'] ?? ''}`);
  await options.mailer.send({ to: contact.email, ...written(options, `notice-${payload['notice'] ?? ''}`, { time, purpose }) });
}

async function deliverLetter({ payload }: OutboxItem, { letters, poster }: CourierOptions): Promise<void> {
  const printed = await letters.printed(payload['letter'] ?? '');
  if (printed) await poster.post(printed.subject, printed.letter);
}

function written({ texts }: CourierOptions, key: string, marks: Readonly<Record<string, string>>): MailText {
  const { subject, text } = texts[key] ?? { subject: '', text: '' };
  return { subject, text: text.replace(/\{([a-z]+)\}/g, (mark, name: string) => marks[name] ?? mark) };
}

/** Day and time, as they are read in France. */
const inFrance = new Intl.DateTimeFormat('fr-FR', { timeZone: 'Europe/Paris', dateStyle: 'long', timeStyle: 'short' });

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : 'unexpected';
}
