/** An account backend in memory, for stories: it verifies proofs as a real one would, and breaks when told to. */
import { importJWK, jwtVerify, type JWK } from 'jose';
import type { AccountBackend, AccountStatus, BlockingCause, CaseOutcome, CodeLetterOutcome, FraudOutcome, ProofRefusal, ReactivateOutcome, ResetOutcome, UnlockOutcome } from '../../src/account/port.js';
import { SesameError } from '../../src/conversation/errors.js';
import type { Clock } from '../../src/conversation/ports.js';
import { PROOF_AUDIENCE, PROOF_ISSUER, publicPart } from '../../src/identity/proof.js';

export interface Person {
  /** 13 characters. */
  readonly nir: string;
  readonly birthDate: string;
  readonly email: string | null;
  status: AccountStatus;
}

/** Made-up people; the numbers are synthetic, with valid keys computed by `nirKey`. */
export const locked = (cause: BlockingCause): AccountStatus => ({ kind: 'locked', cause });

/** What a person is told to quote, whatever the case. */
const REFERENCE = '7K3M-9QWX';

export class MemoryBackend implements AccountBackend {
  /** Unlocks that had an effect, by idempotency key. */
  readonly effects = new Map<string, string>();
  /** Reset links that left, by idempotency key. */
  readonly links = new Map<string, string>();
  /** Calls to `unlock`, effect or not. */
  unlockCalls = 0;
  down = false;
  /** It was seen to fail: dialogs are told before they ask for anything. */
  incident = false;
  /** Pretends to unlock, and leaves the lock. */
  lies = false;
  /** Every other effect: its kind and whom it was for. */
  private readonly deeds: string[] = [];
  private readonly results = new Map<string, { readonly kind: string }>();
  private readonly usedBy = new Map<string, string>();

  constructor(
    private readonly people: ReadonlyMap<string, Person>,
    private readonly proofKey: JWK,
    private readonly clock: Clock,
  ) {}

  identify(nir: string, birthDate: string): Promise<{ kind: 'match'; subject: string } | { kind: 'none' }> {
    this.mustBeUp();
    const found = [...this.people].find(([, person]) => person.nir === nir && person.birthDate === birthDate);
    return Promise.resolve(found ? { kind: 'match', subject: found[0] } : { kind: 'none' });
  }

  contactOf(subject: string): Promise<{ kind: 'email'; email: string } | { kind: 'none' }> {
    this.mustBeUp();
    const email = this.people.get(subject)?.email ?? null;
    return Promise.resolve(email === null ? { kind: 'none' } : { kind: 'email', email });
  }

  async status(proof: string): Promise<AccountStatus | ProofRefusal> {
    this.mustBeUp();
    const claims = await this.verify(proof);
    return 'why' in claims ? claims : this.personOf(claims.subject).status;
  }

  unlock(proof: string, key: string): Promise<UnlockOutcome> {
    this.unlockCalls += 1;
    return this.once({ proof, key, act: 'unlock' }, (person, subject) => this.lift(person, key, subject));
  }

  reactivate(proof: string, key: string): Promise<ReactivateOutcome> {
    return this.once<ReactivateOutcome>({ proof, key, act: 'reactivate' }, (person, subject) => {
      if (person.status.kind === 'open') return { kind: 'already-open' };
      if (person.status.cause !== 'inactivity') return { kind: 'not-reactivable', cause: person.status.cause };
      this.note('reactivate', subject);
      if (!this.lies) person.status = { kind: 'open' };
      return { kind: 'reactivated' };
    });
  }

  sendResetLink(proof: string, key: string): Promise<ResetOutcome> {
    return this.once<ResetOutcome>({ proof, key, act: 'reset' }, (person, subject) => {
      if (person.email === null) return { kind: 'no-contact' };
      this.links.set(key, subject);
      return { kind: 'sent' };
    });
  }

  sendCodeLetter(proof: string, key: string): Promise<CodeLetterOutcome> {
    return this.once<CodeLetterOutcome>({ proof, key, act: 'post-code' }, (_person, subject) => {
      this.note('post-code', subject);
      return { kind: 'posted' };
    });
  }

  askCorrection(proof: string, key: string): Promise<CaseOutcome> {
    return this.once<CaseOutcome>({ proof, key, act: 'correction' }, (_person, subject) => {
      this.note('correction', subject);
      return { kind: 'opened', reference: REFERENCE };
    });
  }

  declareFraud(proof: string, key: string): Promise<FraudOutcome> {
    return this.once<FraudOutcome>({ proof, key, act: 'fraud' }, (_person, subject) => {
      this.note('fraud', subject);
      return { kind: 'frozen', reference: REFERENCE };
    });
  }

  async openCase(proof: string): Promise<CaseOutcome> {
    this.mustBeUp();
    const claims = await this.verify(proof);
    if ('why' in claims) return claims;
    this.note('still-locked', claims.subject);
    return { kind: 'opened', reference: REFERENCE };
  }

  identifyPivot(): Promise<{ kind: 'none' }> {
    this.mustBeUp();
    return Promise.resolve({ kind: 'none' });
  }

  post(subject: string): Promise<void> {
    this.mustBeUp();
    this.note('letter', subject);
    return Promise.resolve();
  }

  /** Effects of a kind that the story asks about. */
  count(kind: string): number {
    return this.deeds.filter((deed) => deed.startsWith(`${kind} `)).length;
  }

  private note(kind: string, subject: string): void {
    this.deeds.push(`${kind} ${subject}`);
  }

  /** One effect for one key and one proof, which must have been asked for this. */
  private async once<T extends { readonly kind: string }>(asked: { proof: string; key: string; act: string }, effect: (person: Person, subject: string) => T): Promise<T | ProofRefusal> {
    this.mustBeUp();
    const claims = await this.verify(asked.proof);
    if ('why' in claims) return claims;
    if (claims.act !== asked.act) return { kind: 'proof-refused', why: 'invalid' };
    const known = this.results.get(asked.key);
    if (known) return known as T;
    if (this.usedBy.has(claims.id)) return { kind: 'proof-refused', why: 'used' };
    this.usedBy.set(claims.id, asked.key);
    const result = effect(this.personOf(claims.subject), claims.subject);
    this.results.set(asked.key, result);
    return result;
  }

  private lift(person: Person, key: string, subject: string): UnlockOutcome {
    if (person.status.kind === 'open') return { kind: 'already-open' };
    if (person.status.cause !== 'too-many-attempts') return { kind: 'not-unlockable', cause: person.status.cause };
    this.effects.set(key, subject);
    if (!this.lies) person.status = { kind: 'open' };
    return { kind: 'unlocked' };
  }

  private async verify(proof: string): Promise<{ subject: string; id: string; act: unknown } | ProofRefusal> {
    try {
      const key = await importJWK(publicPart(this.proofKey), 'EdDSA');
      const options = { issuer: PROOF_ISSUER, audience: PROOF_AUDIENCE, currentDate: new Date(this.clock.now()) };
      const { payload } = await jwtVerify(proof, key, options);
      return { subject: payload.sub ?? '', id: payload.jti ?? '', act: payload['act'] };
    } catch (error) {
      const expired = error instanceof Error && 'code' in error && error.code === 'ERR_JWT_EXPIRED';
      return { kind: 'proof-refused', why: expired ? 'expired' : 'invalid' };
    }
  }

  private personOf(subject: string): Person {
    const person = this.people.get(subject);
    if (!person) throw new SesameError('backend-rejected', 'no such subject');
    return person;
  }

  private mustBeUp(): void {
    if (this.down) throw new SesameError('backend-unavailable', 'the story says that it is down');
  }
}
