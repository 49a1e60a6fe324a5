/** An account backend in memory, for stories: it verifies proofs as a real one would, and breaks when told to. */
import { importJWK, jwtVerify, type JWK } from 'jose';
import type { AccountBackend, AccountStatus, BlockingCause, ProofRefusal, ResetOutcome, UnlockOutcome } from '../../src/account/port.js';
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

export class MemoryBackend implements AccountBackend {
  /** Unlocks that had an effect, by idempotency key. */
  readonly effects = new Map<string, string>();
  /** Reset links that left, by idempotency key. */
  readonly links = new Map<string, string>();
  /** Calls to `unlock`, effect or not. */
  unlockCalls = 0;
  down = false;
  /** Pretends to unlock, and leaves the lock. */
  lies = false;
  private readonly results = new Map<string, UnlockOutcome>();
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

  async unlock(proof: string, key: string): Promise<UnlockOutcome> {
    this.unlockCalls += 1;
    this.mustBeUp();
    const claims = await this.verify(proof);
    if ('why' in claims) return claims;
    const known = this.results.get(key);
    if (known) return known;
    if ((this.usedBy.get(claims.id) ?? key) !== key) return { kind: 'proof-refused', why: 'used' };
    this.usedBy.set(claims.id, key);
    const result = this.lift(this.personOf(claims.subject), key, claims.subject);
    this.results.set(key, result);
    return result;
  }

  async sendResetLink(proof: string, key: string): Promise<ResetOutcome> {
    this.mustBeUp();
    const claims = await this.verify(proof);
    if ('why' in claims) return claims;
    if ((this.usedBy.get(claims.id) ?? key) !== key) return { kind: 'proof-refused', why: 'used' };
    this.usedBy.set(claims.id, key);
    if (this.personOf(claims.subject).email === null) return { kind: 'no-contact' };
    this.links.set(key, claims.subject);
    return { kind: 'sent' };
  }

  private lift(person: Person, key: string, subject: string): UnlockOutcome {
    if (person.status.kind === 'open') return { kind: 'already-open' };
    if (person.status.cause !== 'too-many-attempts') return { kind: 'not-unlockable', cause: person.status.cause };
    this.effects.set(key, subject);
    if (!this.lies) person.status = { kind: 'open' };
    return { kind: 'unlocked' };
  }

  private async verify(proof: string): Promise<{ subject: string; id: string } | ProofRefusal> {
    try {
      const key = await importJWK(publicPart(this.proofKey), 'EdDSA');
      const options = { issuer: PROOF_ISSUER, audience: PROOF_AUDIENCE, currentDate: new Date(this.clock.now()) };
      const { payload } = await jwtVerify(proof, key, options);
      return { subject: payload.sub ?? '', id: payload.jti ?? '' };
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
