/**
 * The challenge by post: a code printed and sent to the postal address on file, for whoever lost the e-mail. It is
 * answered days later, from any conversation, with the reference that was given when it was asked for; under that
 * reference there is nothing but the challenge.
 */
import { createHmac, randomUUID } from 'node:crypto';
import type { Counted, Guard } from '../attempts/guard.js';
import { LIMITS } from '../attempts/limits.js';
import { inGroups, writtenCode } from '../attempts/written.js';
import { StaleStateError } from '../conversation/errors.js';
import type { OutboxItem, Revision } from '../conversation/ports.js';
import type { Source } from '../conversation/utterance.js';
import { replaceRecord, sameHash, type Asker, type Challenge, type ChallengeOptions, type Identity } from './challenge.js';
import { countedBy } from './counted.js';
import type { Letter, SignedProof, Subject } from './ports.js';
import { keyedHash, signProof } from './proof.js';

/** What is kept: no number, no date, no address, no code and no reference. */
interface Posted {
  readonly id: string;
  /** Keyed hashes of the number, of the identity as it was given, and of the conversation that asked. */
  readonly account: string;
  readonly identity: string;
  readonly conversation: string;
  readonly subject: Subject | null;
  /** Epoch milliseconds. */
  readonly askedAt: number;
  /** Epoch milliseconds of the hand-over; the code's life starts then. */
  readonly handedAt?: number;
  /** The one use: by which conversation (keyed hash), and when. */
  readonly used?: { readonly conversation: string; readonly at: number };
  /** Id of the letter that this is one more reference of: nothing is printed for it. */
  readonly of?: string;
  /** How it was answered. */
  readonly said?: 'asked' | 'recent';
}

type Found = { readonly value: Posted; readonly revision: Revision };
type Wanted = Pick<Posted, 'account' | 'identity' | 'conversation' | 'subject'>;

export type LetterOutcome =
  /** `recent`: one was asked for with this number lately; the reference is another one, and serves for it as well. */
  | { readonly kind: 'asked' | 'recent'; readonly reference: string; readonly outbox: readonly OutboxItem[] }
  | { readonly kind: 'limited' | 'busy' | 'expired' };

export type LetterCheck = { readonly kind: 'proved'; readonly proof: SignedProof } | { readonly kind: 'wrong' | 'dead' | 'expired' | 'limited' };

/** What somebody copied from a letter, as the reader of such codes gives it. */
export interface Copied {
  readonly reference: string;
  readonly code: string;
}

/** The name under which the courier finds a letter to have posted. */
export const CODE_LETTER = 'post.letter';

/** Length of a code: 50 bits. */
export const LETTER_CODE_LENGTH = 10;
export const REFERENCE_LENGTH = 8;

export class Letters {
  constructor(
    private readonly options: ChallengeOptions,
    private readonly guard: Guard,
  ) {}

  /** Asks for a letter. Who has an account and who has none hear the same. A fault of the registry is thrown. */
  async ask({ conversationId, source }: Omit<Asker, 'purpose'>, { nir, birthDate }: Identity): Promise<LetterOutcome> {
    if (await this.guard.isHeld(source)) return { kind: 'busy' };
    const account = this.hash('account', nir);
    const identity = this.hash('identity', `${nir}/${birthDate}`);
    if (!(await this.guard.mayTryIdentity({ conversationId, account, set: identity, way: 'post', ...(source ? { source } : {}) }))) return { kind: 'limited' };
    const match = await this.options.registry.identify(nir, birthDate);
    return this.issue({ account, identity, conversation: this.hash('conversation', conversationId), subject: match.kind === 'match' ? match.subject : null });
  }

  /** Asks for a letter for the person of a challenge by e-mail that was asked for in this conversation. */
  async insteadOf(challenge: Challenge | undefined): Promise<LetterOutcome> {
    if (await this.guard.isHeld()) return { kind: 'busy' };
    if (!challenge) return { kind: 'expired' };
    const { account, identity, subject, conversationId } = challenge;
    return this.issue({ account, identity, subject, conversation: this.hash('conversation', conversationId) });
  }

  /** Judges what was copied from a letter. Each try is counted on disk before it is judged. */
  async check({ conversationId, purpose, source }: Asker, copied: Copied): Promise<LetterCheck> {
    if (!(await this.mayTry(conversationId, source))) return { kind: 'limited' };
    const found = await this.options.records.read<Posted>(this.keyOf(copied.reference));
    // A reference that leads nowhere costs the same work.
    const id = found?.value.id ?? randomUUID();
    const { count } = await this.options.records.count(`tries/letter/${id}`, LIMITS.monthMs, this.clock.now());
    if (count > LIMITS.triesPerLetter) return { kind: 'dead' };
    const letter = found && (await this.letterOf(found));
    const right = sameHash(this.hash('letter', copied.code), this.hash('letter', this.codeOf(letter?.value.id ?? id)));
    if (letter && right) return this.take(letter, { conversationId, purpose }, count);
    return this.wrong(count);
  }

  private async wrong(count: number): Promise<LetterCheck> {
    await this.guard.noteWrong();
    return { kind: count === LIMITS.triesPerLetter ? 'dead' : 'wrong' };
  }

  /** The code is the letter's: worth something where it was handed over to somebody, lately, and not used yet. */
  private async take(found: Found, { conversationId, purpose }: Omit<Asker, 'source'>, count: number): Promise<LetterCheck> {
    const { id, account, subject, handedAt } = found.value;
    if (subject === null || handedAt === undefined) return this.wrong(count);
    const conversation = this.hash('conversation', conversationId);
    if (this.clock.now() > handedAt + LIMITS.letterLifeMs || !(await this.use(found, conversation))) return { kind: 'expired' };
    const proof = { subject, purpose, id, conversation, account, issuedAt: this.clock.now(), lifeMs: LIMITS.proofLifeMs };
    return { kind: 'proved', proof: await signProof(proof, this.options.keys.proof) };
  }

  /** What to print, for the courier; nothing where there is nobody to write to. Handed over means noted here first. */
  async printed(id: string): Promise<{ readonly subject: Subject; readonly letter: Letter } | undefined> {
    const reference = this.referenceOf(id);
    const found = await this.named(id);
    if (!found || found.value.subject === null) return undefined;
    const handedAt = this.clock.now();
    await this.options.records.write(this.keyOf(reference), { ...found.value, handedAt }, found.revision, handedAt + LIMITS.monthMs);
    return { subject: found.value.subject, letter: { template: 'code', code: this.codeOf(id), reference: inGroups(reference, 4), key: `letter/${id}` } };
  }

  /**
   * What is said goes by what was asked with this number; what is printed, by what was printed for the person. So nobody
   * learns whom a number belongs to, and nobody who asks before the owner, with a wrong date or a right one, keeps the
   * owner from a letter that serves: whoever asks again has a reference, and the tries, of their own.
   */
  private async issue(wanted: Wanted): Promise<LetterOutcome> {
    const again = await this.askedBefore(wanted);
    if (again) return again;
    const now = this.clock.now();
    const { account, person } = countedBy(wanted, this.options.keys.hash);
    const taken = await this.guard.takeLetter(account, now);
    const said = taken === 'taken' ? 'asked' : 'recent';
    if (said === 'recent' && !(await this.isUnderWay(account))) return { kind: 'limited' };
    const free = person === account ? taken : await this.guard.takeLetter(person, now);
    const under = free === 'taken' ? undefined : await this.read<string>(`letters/printed/${person}`);
    const posted: Posted = { ...wanted, id: randomUUID(), askedAt: now, said, ...(under === undefined ? {} : { of: under }) };
    await this.note(posted, { account, person });
    return this.answer(posted);
  }

  private async note(posted: Posted, { account, person }: Counted): Promise<void> {
    const { id, askedAt } = posted;
    const expiresAt = askedAt + LIMITS.monthMs;
    const put = (key: string, value: unknown): Promise<void> => replaceRecord(this.options.records, key, { value, expiresAt });
    await this.options.records.write(this.keyOf(this.referenceOf(id)), posted, 0, expiresAt);
    await put(`letters/last/${account}`, id);
    if (posted.said === 'asked') await put(`letters/asked/${account}`, askedAt);
    if (posted.of === undefined) await put(`letters/printed/${person}`, id);
  }

  /** Whether a letter asked for with this number may still be good. */
  private async isUnderWay(account: string): Promise<boolean> {
    return this.clock.now() < ((await this.read<number>(`letters/asked/${account}`)) ?? 0) + LIMITS.letterLifeMs;
  }

  /** The turn that asked may have died before it was committed: the same conversation then hears the same reference. */
  private async askedBefore({ account, identity, conversation }: Wanted): Promise<LetterOutcome | undefined> {
    const last = await this.read<string>(`letters/last/${account}`);
    const before = last === undefined ? undefined : (await this.named(last))?.value;
    if (before?.conversation !== conversation || before.identity !== identity) return undefined;
    if (this.clock.now() >= before.askedAt + LIMITS.dayMs) return undefined;
    return this.answer(before);
  }

  private answer({ id, of, said = 'asked' }: Posted): LetterOutcome {
    // The same id is one item, whether or not it left already.
    const item = { id: `letter/${id}`, kind: CODE_LETTER, payload: { letter: id }, dueAt: this.clock.now(), tries: 0 };
    return { kind: said, reference: this.referenceOf(id), outbox: of === undefined ? [item] : [] };
  }

  private async read<T>(key: string): Promise<T | undefined> {
    return (await this.options.records.read<T>(key))?.value;
  }

  private async letterOf(found: Found): Promise<Found | undefined> {
    return found.value.of === undefined ? found : this.named(found.value.of);
  }

  private named(id: string): Promise<Found | undefined> {
    return this.options.records.read<Posted>(this.keyOf(this.referenceOf(id)));
  }

  private async mayTry(conversationId: string, source: Source | undefined): Promise<boolean> {
    if (source && !(await this.guard.spend(`letter-tries/range/${source.range}`, LIMITS.letterTriesPerSource, LIMITS.sourceWindowMs))) return false;
    return this.guard.spend(`letter-tries/${conversationId}`, LIMITS.letterTriesPerConversation, LIMITS.dayMs);
  }

  /** Takes the one use. The conversation that took it may come again for the life of a proof: its turn may have died. */
  private async use({ value, revision }: Found, conversation: string): Promise<boolean> {
    const at = this.clock.now();
    if (value.used) return value.used.conversation === conversation && at < value.used.at + LIMITS.proofLifeMs;
    try {
      await this.options.records.write(this.keyOf(this.referenceOf(value.id)), { ...value, used: { conversation, at } }, revision, at + LIMITS.monthMs);
      return true;
    } catch (error) {
      if (error instanceof StaleStateError) return false;
      throw error;
    }
  }

  /** Derived and kept nowhere, so that a letter asked for again after a crash holds the code of the first. */
  private codeOf(id: string): string {
    return writtenCode(this.bytes(`letter-code/${id}`), LETTER_CODE_LENGTH);
  }

  private referenceOf(id: string): string {
    return writtenCode(this.bytes(`letter-reference/${id}`), REFERENCE_LENGTH);
  }

  private bytes(what: string): Uint8Array {
    return createHmac('sha256', this.options.keys.hash).update(what).digest();
  }

  private keyOf(reference: string): string {
    return `letter/${this.hash('reference', reference)}`;
  }

  private hash(what: string, value: string): string {
    return keyedHash(this.options.keys.hash, what, value);
  }

  private get clock(): ChallengeOptions['clock'] {
    return this.options.clock;
  }
}
