/**
 * Counts what is tried, so that nobody can guess or lock anyone out: every count is on disk before anything is
 * disclosed. It knows keyed hashes only, the same for a number that exists and for one that does not.
 */
import type { Clock, RecordStore } from '../conversation/ports.js';
import type { Source } from '../conversation/utterance.js';
import { LIMITS } from './limits.js';

export interface GuardLog {
  warn(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** How many tries of a code, of its account and of whoever it belongs to were taken, this one included. */
export interface Taken {
  readonly ofCode: number;
  readonly ofAccount: number;
  readonly ofPerson: number;
}

/**
 * What tries and sends are counted by. `account` bounds what is answered. `person` is the same for all the ways to one
 * person, and bounds what is done: it is never told to whoever gave a number, who may not learn whom it belongs to.
 */
export interface Counted {
  readonly account: string;
  readonly person: string;
}

/** `dead`: this code takes no try any more. `waitMs`: how long until this account may try again. */
export type Allowed =
  | ({ readonly kind: 'allowed' } & Taken)
  | { readonly kind: 'dead' }
  | { readonly kind: 'limited' }
  | { readonly kind: 'wait'; readonly waitMs: number };

export interface IdentityTry {
  readonly conversationId: string;
  /** Keyed hash of the number. */
  readonly account: string;
  /** Keyed hash of all that was given. */
  readonly set: string;
  /** What the identity is for: a burnt budget of one way leaves the other open. */
  readonly way: 'email' | 'post';
  readonly source?: Source;
}

interface Budget {
  readonly key: string;
  readonly most: number;
  readonly windowMs: number;
}

export class Guard {
  constructor(
    private readonly records: RecordStore,
    private readonly clock: Clock,
    private readonly log?: GuardLog,
  ) {}

  /** Takes one try of a code and of its account. What is refused for a wait costs nothing. */
  async takeTry(code: string, { account, person }: Counted): Promise<Allowed> {
    const now = this.clock.now();
    const waiting = await this.records.counted(`wait/${account}`, now);
    if (waiting.count > 0) return { kind: 'wait', waitMs: waiting.resetsAt - now };
    const ofCode = await this.records.count(`tries/code/${code}`, LIMITS.dayMs, now);
    if (ofCode.count > LIMITS.triesPerCode) return { kind: 'dead' };
    const ofAccount = await this.records.count(`tries/account/${account}`, LIMITS.dayMs, now);
    if (ofAccount.count > LIMITS.triesPerAccountDay) return { kind: 'limited' };
    const ofPerson = person === account ? ofAccount : await this.records.count(`tries/account/${person}`, LIMITS.dayMs, now);
    return { kind: 'allowed', ofCode: ofCode.count, ofAccount: ofAccount.count, ofPerson: ofPerson.count };
  }

  /** Whether somebody has tries left today, by whatever way. */
  async hasTries(person: string): Promise<boolean> {
    return (await this.records.counted(`tries/account/${person}`, this.clock.now())).count < LIMITS.triesPerAccountDay;
  }

  /** Notes a failure. Resolves with the milliseconds that the account has to wait now. */
  async noteFailure({ account, person }: Counted, ofAccount: number): Promise<number> {
    const now = this.clock.now();
    await this.noteWrong();
    const waitMs = LIMITS.waitsMs[ofAccount - 1] ?? 0;
    // A window that is open is a wait: it needs no other record, and no two failures can both open one.
    if (waitMs > 0) for (const key of new Set([account, person])) await this.records.count(`wait/${key}`, waitMs, now);
    return waitMs;
  }

  /** Takes one send at `now`, in epoch milliseconds. */
  async takeSend(account: string, now: number): Promise<'taken' | 'too-soon' | 'limited'> {
    const minute = { key: `sends/minute/${account}`, most: 1, windowMs: LIMITS.betweenSendsMs };
    const hour = { key: `sends/hour/${account}`, most: LIMITS.sendsPerHour, windowMs: LIMITS.hourMs };
    const day = { key: `sends/day/${account}`, most: LIMITS.sendsPerDay, windowMs: LIMITS.dayMs };
    const refused = await this.takeAll([minute, hour, day], now);
    return refused === undefined ? 'taken' : refused === minute ? 'too-soon' : 'limited';
  }

  /** Takes one letter at `now`, in epoch milliseconds. */
  async takeLetter(account: string, now: number): Promise<'taken' | 'refused'> {
    const week = { key: `letters/week/${account}`, most: LIMITS.lettersPerWeek, windowMs: LIMITS.weekMs };
    const month = { key: `letters/month/${account}`, most: LIMITS.lettersPerMonth, windowMs: LIMITS.monthMs };
    return (await this.takeAll([week, month], now)) === undefined ? 'taken' : 'refused';
  }

  /**
   * Takes one of each budget, or tells the first that was spent. All are read first so that a refusal spends nothing,
   * then spent one by one: of many at once, each lets its number through.
   */
  private async takeAll(budgets: readonly Budget[], now: number): Promise<Budget | undefined> {
    for (const budget of budgets) if ((await this.records.counted(budget.key, now)).count >= budget.most) return budget;
    for (const budget of budgets) if ((await this.records.count(budget.key, budget.windowMs, now)).count > budget.most) return budget;
    return undefined;
  }

  /** Notes a wrong code in the count of everybody together; past its limit new codes are held back for a while, and it is said once. */
  async noteWrong(): Promise<void> {
    const now = this.clock.now();
    const { count } = await this.records.count('spray/wrong', LIMITS.minuteMs, now);
    if (count > LIMITS.wrongPerMinuteAtMost) await this.records.count('spray/shut', LIMITS.sprayHoldMs, now);
    if (count <= LIMITS.wrongPerMinute) return;
    const held = await this.records.count('spray/hold', LIMITS.sprayHoldMs, now);
    if (held.count === 1) this.log?.warn('identity.sprayed', { wrong: count, holdMs: LIMITS.sprayHoldMs });
  }

  /** Whether so many codes were wrong in a minute that no new one is sent for now to whoever asks from there. */
  async isHeld(source?: Source): Promise<boolean> {
    const now = this.clock.now();
    if ((await this.records.counted('spray/hold', now)).count === 0) return false;
    const quiet = source !== undefined && (await this.records.counted(`identities/range/${source.range}`, now)).count === 0;
    return !quiet || (await this.records.counted('spray/shut', now)).count > 0;
  }

  /** Notes an answer that is no code at all. True when the conversation has to pause. */
  async noteMalformed(conversationId: string): Promise<boolean> {
    if (await this.isPaused(conversationId)) return true;
    const { count } = await this.records.count(`malformed/${conversationId}`, LIMITS.dayMs, this.clock.now());
    if (count % LIMITS.malformedBeforePause === 0) await this.records.count(`pause/${conversationId}`, LIMITS.pauseMs, this.clock.now());
    return false;
  }

  async isPaused(conversationId: string): Promise<boolean> {
    return (await this.records.counted(`pause/${conversationId}`, this.clock.now())).count > 0;
  }

  /** Whether an identity may be looked up. One that this conversation gave before costs nothing more. */
  async mayTryIdentity({ conversationId, account, set, way, source }: IdentityTry): Promise<boolean> {
    const key = `identities/${conversationId}`;
    const known = await this.records.read<readonly string[]>(key);
    const sets = known?.value ?? [];
    const mark = `${way} ${set}`;
    if (sets.includes(mark)) return true;
    const different = new Set([...sets, mark].map((one) => one.slice(one.indexOf(' '))));
    if (different.size > LIMITS.identitiesPerConversation) return false;
    if (source && !(await this.spend(`identities/range/${source.range}`, LIMITS.identitiesPerSource, LIMITS.sourceWindowMs))) return false;
    if (!(await this.spend(`identities/${way}/${account}`, LIMITS.identitiesPerAccountDay, LIMITS.dayMs))) return false;
    await this.records.write(key, [...sets, mark], known?.revision ?? 0, this.clock.now() + LIMITS.dayMs);
    return true;
  }

  /** Adds one to a budget. False when it was spent already. */
  async spend(budget: string, most: number, windowMs: number): Promise<boolean> {
    return (await this.records.count(budget, windowMs, this.clock.now())).count <= most;
  }
}
