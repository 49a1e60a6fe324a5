/**
 * The challenge: a code sent to the e-mail on file, and the judgement of what comes back. Known or unknown, right or
 * wrong birth date, the same steps are taken and the same outcomes come out: a challenge for nobody is sent nowhere
 * and can never be met.
 */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { JWK } from 'jose';
import { Guard, type Counted, type Taken } from '../attempts/guard.js';
import { LIMITS } from '../attempts/limits.js';
import { StaleStateError } from '../conversation/errors.js';
import type { Clock, OutboxItem, RecordStore } from '../conversation/ports.js';
import type { Source } from '../conversation/utterance.js';
import { countedBy } from './counted.js';
import type { Purpose, Registry, SignedProof, Subject } from './ports.js';
import { keyedHash, signProof } from './proof.js';

/** What is kept of a challenge. No number, no date, no address and no code: keyed hashes and an opaque reference. */
export interface Challenge {
  readonly id: string;
  readonly conversationId: string;
  readonly purpose: Purpose;
  /** Keyed hash of the NIR: what attempts are counted by, whether or not it belongs to anyone. */
  readonly account: string;
  /** Keyed hash of the whole identity as it was given. */
  readonly identity: string;
  /** Null when the identity matched nobody. */
  readonly subject: Subject | null;
  /** Epoch milliseconds. */
  readonly askedAt: number;
  /** Set when the mail was handed over; the code's life starts then. */
  readonly sent?: { readonly at: number; readonly codeHash: string };
  /** The person's own limits were reached by another way: answered as always, sent nowhere and met by no code. */
  readonly muted?: boolean;
}

type Wanted = Omit<Challenge, 'id' | 'sent' | 'askedAt' | 'muted'>;

/** Who asks, for what, and from where. */
export interface Asker {
  readonly conversationId: string;
  readonly purpose: Purpose;
  readonly source?: Source;
}

export type SendOutcome =
  | { readonly kind: 'sent'; readonly challenge: string; readonly outbox: readonly OutboxItem[] }
  | { readonly kind: 'too-soon' | 'limited' | 'busy' | 'expired' };

export type CheckOutcome =
  | { readonly kind: 'proved'; readonly proof: SignedProof }
  /** `waitMs`: how long until the next try; `notify`: who is to be told that the tries of a day are used up. */
  | { readonly kind: 'wrong' | 'dead' | 'expired'; readonly waitMs: number; readonly notify?: Subject }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'not-sent-yet' | 'limited' | 'paused' };

export interface ChallengeKeys {
  /** Secret of the keyed hashes, 32 bytes. */
  readonly hash: Uint8Array;
  readonly proof: JWK;
}

export interface ChallengeLog {
  info(event: string, fields: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface ChallengeOptions {
  readonly records: RecordStore;
  readonly registry: Registry;
  readonly keys: ChallengeKeys;
  readonly clock: Clock;
  readonly log?: ChallengeLog;
}

export interface Identity {
  readonly nir: string;
  readonly birthDate: string;
}

/** The name under which the courier finds a code to send. */
export const CODE_MAIL = 'mail.code';

const EXPIRED = { kind: 'expired', waitMs: 0 } as const;

export class Challenges {
  readonly guard: Guard;

  constructor(private readonly options: ChallengeOptions) {
    this.guard = new Guard(options.records, options.clock, options.log);
  }

  /** Asks for a code. The mail leaves after the turn is committed; a fault of the registry is thrown. */
  async send({ conversationId, purpose, source }: Asker, { nir, birthDate }: Identity): Promise<SendOutcome> {
    if (await this.guard.isHeld(source)) return { kind: 'busy' };
    const account = this.hash('account', nir);
    const set = this.hash('identity', `${nir}/${birthDate}`);
    if (!(await this.guard.mayTryIdentity({ conversationId, account, set, way: 'email', ...(source ? { source } : {}) }))) return { kind: 'limited' };
    const match = await this.options.registry.identify(nir, birthDate);
    const wanted = { conversationId, purpose, account, identity: set, subject: match.kind === 'match' ? match.subject : null };
    return (await this.sentJustNow(wanted)) ?? this.issue(wanted);
  }

  /** Asks for another code for the same person; the former one stops working. */
  async resend(challengeId: string): Promise<SendOutcome> {
    if (await this.guard.isHeld()) return { kind: 'busy' };
    const former = await this.find(challengeId);
    if (!former) return { kind: 'expired' };
    const { id: _id, sent: _sent, askedAt: _askedAt, muted: _muted, ...wanted } = former;
    return this.issue(wanted);
  }

  /** Judges a code. The try is counted on disk before it is judged, so that no crash and no rush gives one more. */
  async check(challengeId: string, conversationId: string, code: string): Promise<CheckOutcome> {
    if (await this.guard.isPaused(conversationId)) return { kind: 'paused' };
    const challenge = await this.find(challengeId);
    if (challenge?.conversationId !== conversationId || this.isOver(challenge)) return EXPIRED;
    if (!challenge.sent) return (await this.isLive(challenge)) ? { kind: 'not-sent-yet' } : EXPIRED;
    const allowed = await this.guard.takeTry(challenge.id, this.countedBy(challenge));
    if (allowed.kind === 'dead') return { kind: 'dead', waitMs: 0 };
    return allowed.kind === 'allowed' ? this.judge(challenge, sameHash(this.codeHash(challenge.id, code), challenge.sent.codeHash), allowed) : allowed;
  }

  async find(challengeId: string): Promise<Challenge | undefined> {
    return (await this.options.records.read<Challenge>(challengeKey(challengeId)))?.value;
  }

  /** Whether a challenge is the last one asked for its account: only that one is worth sending. */
  async isLive(challenge: Challenge): Promise<boolean> {
    return (await this.options.records.read<string>(liveKey(challenge.account)))?.value === challenge.id;
  }

  /** Notes the code of a mail about to be handed over. Null makes a code that nobody can type. */
  async noteSent(challenge: Challenge, code: string | null): Promise<void> {
    const { records } = this.options;
    const stored = await records.read<Challenge>(challengeKey(challenge.id));
    if (!stored) return;
    const codeHash = code === null ? randomBytes(32).toString('base64url') : this.codeHash(challenge.id, code);
    const sent = { at: this.clock.now(), codeHash };
    await records.write(challengeKey(challenge.id), { ...stored.value, sent }, stored.revision, this.clock.now() + LIMITS.dayMs);
  }

  private isOver({ sent, askedAt }: Challenge): boolean {
    return this.clock.now() >= (sent?.at ?? askedAt) + LIMITS.codeLifeMs;
  }

  private async judge(challenge: Challenge, right: boolean, taken: Taken): Promise<CheckOutcome> {
    this.options.log?.info('code.judged', { item: challenge.id });
    const live = await this.isLive(challenge);
    const counts = (await this.isLastOfPerson(challenge)) && challenge.muted !== true && taken.ofPerson <= LIMITS.triesPerAccountDay;
    if (right && live && counts && challenge.subject !== null) return { kind: 'proved', proof: await this.prove(challenge, challenge.subject) };
    const failed = await this.failed(challenge, taken);
    return live ? failed : { ...failed, kind: 'expired' };
  }

  private prove({ id, purpose, account, conversationId }: Challenge, subject: Subject): Promise<SignedProof> {
    const bound = { conversation: this.hash('conversation', conversationId), account };
    return signProof({ subject, purpose, id, ...bound, issuedAt: this.clock.now(), lifeMs: LIMITS.proofLifeMs }, this.options.keys.proof);
  }

  private async failed(challenge: Challenge, { ofCode, ofAccount, ofPerson }: Taken) {
    const { id, subject } = challenge;
    const counted = this.countedBy(challenge);
    const waitMs = await this.guard.noteFailure(counted, ofAccount);
    const kind = ofCode === LIMITS.triesPerCode ? ('dead' as const) : ('wrong' as const);
    if (kind === 'dead') this.options.log?.info('code.dead', { item: id });
    const spent = [ofAccount, ofPerson].includes(LIMITS.triesPerAccountDay);
    const notify = subject !== null && spent && (await this.guard.spend(`told/${counted.person}`, 1, LIMITS.dayMs));
    return { kind, waitMs, ...(notify ? { notify: subject } : {}) };
  }

  private async issue(wanted: Wanted): Promise<SendOutcome> {
    const now = this.clock.now();
    const { account, person } = this.countedBy(wanted);
    const taken = await this.guard.takeSend(account, now);
    if (taken !== 'taken') return { kind: taken };
    const within = person === account || ((await this.guard.takeSend(person, now)) === 'taken' && (await this.guard.hasTries(person)));
    return this.create({ ...wanted, id: randomUUID(), askedAt: now, ...(within ? {} : { muted: true }) });
  }

  private async create(challenge: Challenge): Promise<SendOutcome> {
    const expiresAt = challenge.askedAt + LIMITS.dayMs;
    const { account, person } = this.countedBy(challenge);
    await this.options.records.write(challengeKey(challenge.id), challenge, 0, expiresAt);
    await replaceRecord(this.options.records, liveKey(account), { value: challenge.id, expiresAt });
    if (person !== account && challenge.muted !== true) await replaceRecord(this.options.records, liveKey(person), { value: challenge.id, expiresAt });
    return { kind: 'sent', challenge: challenge.id, outbox: [codeMail(challenge.id, challenge.askedAt)] };
  }

  /** Whether no code was sent to the same person since, by another way. */
  private async isLastOfPerson(challenge: Challenge): Promise<boolean> {
    const last = await this.options.records.read<string>(liveKey(this.countedBy(challenge).person));
    return last === undefined || last.value === challenge.id;
  }

  private countedBy(of: Pick<Challenge, 'account' | 'subject'>): Counted {
    return countedBy(of, this.options.keys.hash);
  }

  /**
   * A form sent twice in a minute by the same conversation goes on with the code already asked for: the turn of the
   * first may have died before it was committed, so the mail is asked for again under the same id. What was given is
   * compared, never what it matched: the answer must not tell whether a corrected birth date is the right one.
   */
  private async sentJustNow(wanted: Wanted): Promise<SendOutcome | undefined> {
    const now = this.clock.now();
    const { records } = this.options;
    if ((await records.counted(`sends/minute/${wanted.account}`, now)).count === 0) return undefined;
    const live = await records.read<string>(liveKey(wanted.account));
    const challenge = live && (await this.find(live.value));
    if (challenge?.conversationId !== wanted.conversationId || challenge.identity !== wanted.identity) return undefined;
    return { kind: 'sent', challenge: challenge.id, outbox: challenge.sent ? [] : [codeMail(challenge.id, now)] };
  }

  private codeHash(challengeId: string, code: string): string {
    return this.hash('code', `${challengeId}/${code}`);
  }

  private hash(what: string, value: string): string {
    return keyedHash(this.options.keys.hash, what, value);
  }

  private get clock(): Clock {
    return this.options.clock;
  }
}

/** Compares two keyed hashes of the same length, in a time that does not depend on where they differ. */
export function sameHash(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

/** Puts a record in the place of whatever is there. */
export async function replaceRecord<T>(records: RecordStore, key: string, { value, expiresAt }: { value: T; expiresAt: number }): Promise<void> {
  for (;;) {
    const former = await records.read<T>(key);
    try {
      await records.write(key, value, former?.revision ?? 0, expiresAt);
      return;
    } catch (error) {
      if (!(error instanceof StaleStateError)) throw error;
    }
  }
}

function codeMail(challenge: string, dueAt: number): OutboxItem {
  return { id: `code/${challenge}`, kind: CODE_MAIL, payload: { challenge }, dueAt, tries: 0 };
}

const challengeKey = (id: string): string => `challenge/${id}`;
const liveKey = (account: string): string => `live/${account}`;
