/**
 * The challenge: a code sent to the e-mail on file, and the judgement of what comes back. Known or unknown, right or
 * wrong birth date, the same steps are taken and the same outcomes come out: a challenge for nobody is sent nowhere
 * and can never be met.
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { JWK } from 'jose';
import { StaleStateError } from '../conversation/errors.js';
import type { Clock, OutboxItem, RecordStore } from '../conversation/ports.js';
import { LIMITS } from './limits.js';
import type { Purpose, Registry, SignedProof, Subject } from './ports.js';
import { signProof } from './proof.js';

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
  /** Set when the mail was handed over; the code's life starts then. */
  readonly sent?: { readonly at: number; readonly codeHash: string };
}

export type SendOutcome =
  | { readonly kind: 'sent'; readonly challenge: string; readonly outbox: readonly OutboxItem[] }
  | { readonly kind: 'too-soon' | 'limited' | 'expired' };

export type CheckOutcome =
  | { readonly kind: 'proved'; readonly proof: SignedProof }
  | { readonly kind: 'wrong' | 'not-sent-yet' | 'expired' | 'dead' | 'limited' };

export interface ChallengeKeys {
  /** Secret of the keyed hashes, 32 bytes. */
  readonly hash: Uint8Array;
  readonly proof: JWK;
}

export interface Identity {
  readonly nir: string;
  readonly birthDate: string;
}

/** The name under which the courier finds a code to send. */
export const CODE_MAIL = 'mail.code';

export class Challenges {
  constructor(
    private readonly records: RecordStore,
    private readonly registry: Registry,
    private readonly keys: ChallengeKeys,
    private readonly clock: Clock,
  ) {}

  /** Asks for a code. The mail leaves after the turn is committed; a fault of the registry is thrown. */
  async send(conversationId: string, purpose: Purpose, identity: Identity): Promise<SendOutcome> {
    const account = this.hash('account', identity.nir);
    const set = this.hash('identity', `${identity.nir}/${identity.birthDate}`);
    if (!(await this.mayTryIdentity(conversationId, set))) return { kind: 'limited' };
    const match = await this.registry.identify(identity.nir, identity.birthDate);
    const wanted = { conversationId, purpose, account, identity: set, subject: match.kind === 'match' ? match.subject : null };
    return (await this.sentJustNow(wanted)) ?? this.issue(wanted);
  }

  /** Asks for another code for the same person; the former one stops working. */
  async resend(challengeId: string): Promise<SendOutcome> {
    const former = await this.find(challengeId);
    if (!former) return { kind: 'expired' };
    const { id: _id, sent: _sent, ...wanted } = former;
    return this.issue(wanted);
  }

  /** Judges a code. The try is counted on disk before it is judged, so that no crash and no rush gives one more. */
  async check(challengeId: string, conversationId: string, code: string): Promise<CheckOutcome> {
    const challenge = await this.find(challengeId);
    if (challenge?.conversationId !== conversationId) return { kind: 'expired' };
    const live = await this.records.read<string>(liveKey(challenge.account));
    if (live?.value !== challenge.id) return { kind: 'expired' };
    if (!challenge.sent) return { kind: 'not-sent-yet' };
    if (this.clock.now() >= challenge.sent.at + LIMITS.codeLifeMs) return { kind: 'expired' };
    return this.judge(challenge, challenge.sent.codeHash, code);
  }

  async find(challengeId: string): Promise<Challenge | undefined> {
    return (await this.records.read<Challenge>(challengeKey(challengeId)))?.value;
  }

  /** Whether a challenge is the last one asked for its account: only that one is worth sending. */
  async isLive(challenge: Challenge): Promise<boolean> {
    return (await this.records.read<string>(liveKey(challenge.account)))?.value === challenge.id;
  }

  /** Notes the code of a mail about to be handed over. Null makes a code that nobody can type. */
  async noteSent(challenge: Challenge, code: string | null): Promise<void> {
    const stored = await this.records.read<Challenge>(challengeKey(challenge.id));
    if (!stored) return;
    const codeHash = code === null ? randomBytes(32).toString('base64url') : this.codeHash(challenge.id, code);
    const sent = { at: this.clock.now(), codeHash };
    await this.records.write(challengeKey(challenge.id), { ...stored.value, sent }, stored.revision, this.clock.now() + LIMITS.dayMs);
  }

  private async judge(challenge: Challenge, codeHash: string, code: string): Promise<CheckOutcome> {
    const now = this.clock.now();
    const tries = await this.records.count(`tries/code/${challenge.id}`, LIMITS.dayMs, now);
    if (tries.count > LIMITS.triesPerCode) return { kind: 'dead' };
    const day = await this.records.count(`tries/account/${challenge.account}`, LIMITS.dayMs, now);
    if (day.count > LIMITS.triesPerAccountDay) return { kind: 'limited' };
    const right = timingSafeEqual(Buffer.from(this.codeHash(challenge.id, code)), Buffer.from(codeHash));
    if (!right || challenge.subject === null) return { kind: tries.count === LIMITS.triesPerCode ? 'dead' : 'wrong' };
    const { subject, purpose, id } = challenge;
    return { kind: 'proved', proof: await signProof({ subject, purpose, id, issuedAt: now, lifeMs: LIMITS.proofLifeMs }, this.keys.proof) };
  }

  private async issue(wanted: Omit<Challenge, 'id' | 'sent'>): Promise<SendOutcome> {
    const now = this.clock.now();
    const { account } = wanted;
    const soon = await this.records.counted(`sends/minute/${account}`, now);
    if (soon.count > 0) return { kind: 'too-soon' };
    const hour = await this.records.counted(`sends/hour/${account}`, now);
    const day = await this.records.counted(`sends/day/${account}`, now);
    if (hour.count >= LIMITS.sendsPerHour || day.count >= LIMITS.sendsPerDay) return { kind: 'limited' };
    await this.records.count(`sends/minute/${account}`, LIMITS.betweenSendsMs, now);
    await this.records.count(`sends/hour/${account}`, LIMITS.hourMs, now);
    await this.records.count(`sends/day/${account}`, LIMITS.dayMs, now);
    return this.create({ ...wanted, id: randomUUID() });
  }

  private async create(challenge: Challenge): Promise<SendOutcome> {
    const now = this.clock.now();
    await this.records.write(challengeKey(challenge.id), challenge, 0, now + LIMITS.dayMs);
    await this.replace(liveKey(challenge.account), challenge.id, now + LIMITS.dayMs);
    return { kind: 'sent', challenge: challenge.id, outbox: [codeMail(challenge.id, now)] };
  }

  /**
   * A form sent twice in a minute by the same conversation goes on with the code already asked for: the turn of the
   * first may have died before it was committed, so the mail is asked for again under the same id. What was given is
   * compared, never what it matched: the answer must not tell whether a corrected birth date is the right one.
   */
  private async sentJustNow(wanted: Omit<Challenge, 'id' | 'sent'>): Promise<SendOutcome | undefined> {
    const now = this.clock.now();
    if ((await this.records.counted(`sends/minute/${wanted.account}`, now)).count === 0) return undefined;
    const live = await this.records.read<string>(liveKey(wanted.account));
    const challenge = live && (await this.find(live.value));
    if (challenge?.conversationId !== wanted.conversationId || challenge.identity !== wanted.identity) return undefined;
    return { kind: 'sent', challenge: challenge.id, outbox: challenge.sent ? [] : [codeMail(challenge.id, now)] };
  }

  private async mayTryIdentity(conversationId: string, set: string): Promise<boolean> {
    const key = `identities/${conversationId}`;
    const known = await this.records.read<readonly string[]>(key);
    const sets = known?.value ?? [];
    if (sets.includes(set)) return true;
    if (sets.length >= LIMITS.identitiesPerConversation) return false;
    await this.records.write(key, [...sets, set], known?.revision ?? 0, this.clock.now() + LIMITS.dayMs);
    return true;
  }

  private async replace(key: string, value: string, expiresAt: number): Promise<void> {
    for (;;) {
      const former = await this.records.read<string>(key);
      try {
        await this.records.write(key, value, former?.revision ?? 0, expiresAt);
        return;
      } catch (error) {
        if (!(error instanceof StaleStateError)) throw error;
      }
    }
  }

  private codeHash(challengeId: string, code: string): string {
    return this.hash('code', `${challengeId}/${code}`);
  }

  private hash(what: string, value: string): string {
    return createHmac('sha256', this.keys.hash).update(`${what}/${value}`).digest('base64url');
  }
}

function codeMail(challenge: string, dueAt: number): OutboxItem {
  return { id: `code/${challenge}`, kind: CODE_MAIL, payload: { challenge }, dueAt, tries: 0 };
}

const challengeKey = (id: string): string => `challenge/${id}`;
const liveKey = (account: string): string => `live/${account}`;
