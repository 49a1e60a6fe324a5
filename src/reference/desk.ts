/**
 * The desk of the reference backend: reads proofs and decides what each action comes to. It neither listens nor
 * stores; whatever it decides is written by the store, once.
 */
import { randomInt } from 'node:crypto';
import { errors, jwtVerify, type createLocalJWKSet, type JWTPayload } from 'jose';
import { z } from 'zod';
import type { BlockingCause } from '../account/port.js';
import type { Clock } from '../conversation/ports.js';
import { PROOF_ALGORITHM, PROOF_AUDIENCE, PROOF_ISSUER } from '../identity/proof.js';
import { problem, type Answer, type Ask } from './http.js';
import type { Person } from './people.js';
import type { Account, ActionName, Decision, Intention, Performed, Recorded, ReferenceStore } from './store.js';

/** Lifting the lock is the remedy for these causes only; the others need a correction, or a human. */
const UNLOCKABLE: ReadonlySet<BlockingCause> = new Set(['too-many-attempts', 'inactivity']);
/** These accounts only sleep. */
const REACTIVABLE: ReadonlySet<BlockingCause> = new Set(['inactivity', 'closed-by-mistake']);

const PURPOSES = ['unlock', 'reset', 'reactivate', 'post-code', 'correction', 'fraud'] as const;
type Purpose = (typeof PURPOSES)[number];

const proofBody = z.strictObject({ proof: z.string().min(1).max(4096) });
const caseBody = z.strictObject({ kind: z.literal(['correction', 'still-locked']), proof: z.string().min(1).max(4096) });
const letterBody = z.strictObject({
  template: z.literal('code'),
  code: z.string().regex(/^[0-9A-Z]{4,20}$/),
  reference: z.string().regex(/^[0-9A-Z-]{4,32}$/),
});
const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/);
const claims = z.object({
  sub: z.string(),
  jti: z.string().regex(/^[\x21-\x7e]{1,200}$/),
  act: z.literal(PURPOSES),
  cnv: z.string().min(1).max(200),
  acc: z.string().min(1).max(200),
  iat: z.number(),
  exp: z.number(),
});
/** Seconds a proof may live, whatever it says of itself. */
const LONGEST_LIFE_S = 600;

export const UNKNOWN = problem(404, 'not-found', 'nothing is known by this name');
const REFUSED = problem(403, 'proof-invalid', 'the proof does not open this');
const EXPIRED = problem(403, 'proof-expired', 'the proof has expired');
const MALFORMED = problem(400, 'malformed', 'an Idempotency-Key and the body of the description are needed');

/** What the proof of an action must have been asked for; a case about a lock that stays goes with any. */
const NEEDED: Readonly<Record<Exclude<ActionName, 'letter'>, readonly Purpose[]>> = {
  'unlock': ['unlock'],
  'reactivate': ['reactivate'],
  'reset-link': ['reset'],
  'code-letter': ['post-code'],
  'correction': ['correction'],
  'fraud': ['fraud'],
  'still-locked': PURPOSES,
};

type ProofAction = keyof typeof NEEDED;
type Proof = { kind: 'valid' | 'expired'; sub: string; jti: string; act: Purpose } | { kind: 'invalid' };

interface Decides {
  readonly account: Account;
  readonly person: Person | undefined;
  /** The account with something changed, one revision on. */
  readonly changed: (to: Partial<Account>) => Account;
}

const DECISIONS: Readonly<Record<ActionName, (it: Decides) => Decision>> = {
  'unlock': (it) => opened(it, { lifts: UNLOCKABLE, done: 'unlocked', other: 'not-unlockable' }),
  'reactivate': (it) => opened(it, { lifts: REACTIVABLE, done: 'reactivated', other: 'not-reactivable' }),
  'reset-link': ({ account, person }) => sent(account, { done: 'sent', none: 'no-contact', reachable: person?.email != null }),
  'code-letter': ({ account, person }) => sent(account, { done: 'posted', none: 'no-address', reachable: person?.hasAddress === true }),
  'correction': () => ({ result: 'opened', reference: newReference(), effect: true }),
  'still-locked': () => ({ result: 'opened', reference: newReference(), effect: true }),
  'fraud': ({ changed }) => ({ result: 'frozen', reference: newReference(), account: changed({ frozen: true }), effect: true }),
  'letter': ({ person }) => (person?.hasAddress === true ? { result: 'accepted', effect: true } : { result: 'no-address', effect: false }),
};

export class Desk {
  private readonly people: ReadonlyMap<string, Person>;

  constructor(
    private readonly store: ReferenceStore,
    private readonly keys: ReturnType<typeof createLocalJWKSet>,
    people: readonly Person[],
    private readonly clock: Clock,
  ) {
    this.people = new Map(people.map((person) => [person.subject, person]));
  }

  async status({ parts, body }: Ask): Promise<Answer> {
    const asked = proofBody.safeParse(body);
    if (!asked.success) return problem(400, 'malformed', 'the body must be {"proof"}');
    const proof = await this.verified(asked.data.proof);
    if (proof.kind === 'expired') return EXPIRED;
    if (proof.kind === 'invalid' || proof.sub !== parts['subject']) return REFUSED;
    const account = await this.store.account(proof.sub);
    if (account === undefined) return UNKNOWN;
    const { state, cause } = account;
    return { status: 200, body: { subject: proof.sub, state, ...(cause === null ? {} : { cause }) } };
  }

  act(action: ProofAction, ask: Ask): Promise<Answer> {
    const asked = proofBody.safeParse(ask.body);
    return asked.success ? this.prove(action, asked.data.proof, ask) : Promise.resolve(MALFORMED);
  }

  openCase(ask: Ask): Promise<Answer> {
    const asked = caseBody.safeParse(ask.body);
    return asked.success ? this.prove(asked.data.kind, asked.data.proof, ask) : Promise.resolve(MALFORMED);
  }

  /** Needs no proof: what is in the letter proves nothing before it comes back. The code is printed and not kept. */
  async letter({ parts: { subject = '' }, body, idempotencyKey: given }: Ask): Promise<Answer> {
    const asked = letterBody.safeParse(body);
    const key = idempotencyKey.safeParse(given);
    if (!asked.success || !key.success) return MALFORMED;
    return this.perform({ key: key.data, action: 'letter', subject, jti: `letter ${asked.data.reference} ${key.data}` });
  }

  private async prove(action: ProofAction, given: string, { parts, idempotencyKey: name }: Ask): Promise<Answer> {
    const key = idempotencyKey.safeParse(name);
    if (!key.success) return MALFORMED;
    const proof = await this.verified(given);
    if (proof.kind === 'invalid' || proof.sub !== parts['subject'] || !NEEDED[action].includes(proof.act)) return REFUSED;
    // A record outlives its proof: whoever asks again after a crash still learns what was done.
    if (proof.kind === 'expired' && (await this.store.recorded(key.data)) === undefined) return EXPIRED;
    // A case about a lock that stays comes after the action that used the proof up; one such case for one proof.
    const jti = action === 'still-locked' ? `still-locked ${proof.jti}` : proof.jti;
    return this.perform({ key: key.data, action, subject: proof.sub, jti });
  }

  private async perform(intention: Intention): Promise<Answer> {
    if ((await this.store.account(intention.subject)) === undefined) return UNKNOWN;
    const person = this.people.get(intention.subject);
    const updatedAt = new Date(this.clock.now()).toISOString();
    return told(
      await this.store.perform(intention, (account) => {
        const changed = (to: Partial<Account>): Account => ({ ...account, ...to, revision: account.revision + 1, updatedAt });
        return DECISIONS[intention.action]({ account, person, changed });
      }),
    );
  }

  /** An expired proof keeps its claims, because its signature was checked first. */
  private async verified(proof: string): Promise<Proof> {
    const demands = {
      ...{ algorithms: [PROOF_ALGORITHM], issuer: PROOF_ISSUER, audience: PROOF_AUDIENCE },
      requiredClaims: ['sub', 'jti', 'act', 'cnv', 'acc', 'iat', 'exp'],
      currentDate: new Date(this.clock.now()),
    };
    try {
      return claimed('valid', (await jwtVerify(proof, this.keys, demands)).payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) return claimed('expired', error.payload);
      if (error instanceof errors.JOSEError) return { kind: 'invalid' };
      throw error;
    }
  }
}

interface Opening {
  readonly lifts: ReadonlySet<BlockingCause>;
  readonly done: string;
  readonly other: string;
}

function opened({ account, changed }: Decides, { lifts, done, other }: Opening): Decision {
  const { cause } = account;
  if (cause === null) return { result: 'already-open', effect: false };
  if (account.frozen === true) return { result: other, cause: 'fraud-suspected', effect: false };
  if (!lifts.has(cause)) return { result: other, cause, effect: false };
  return { result: done, account: changed({ state: 'open', cause: null }), effect: true };
}

function sent({ frozen }: Account, { done, none, reachable }: { done: string; none: string; reachable: boolean }): Decision {
  if (frozen === true) return { result: 'frozen', effect: false };
  return { result: reachable ? done : none, effect: reachable };
}

/** Without the signs that are taken for one another when read aloud. */
const SIGNS = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

function newReference(): string {
  const drawn = Array.from({ length: 8 }, () => SIGNS[randomInt(SIGNS.length)] ?? '').join('');
  return `${drawn.slice(0, 4)}-${drawn.slice(4)}`;
}

function claimed(kind: 'valid' | 'expired', payload: JWTPayload): Proof {
  const { data } = claims.safeParse(payload);
  return data === undefined || data.exp - data.iat > LONGEST_LIFE_S ? { kind: 'invalid' } : { kind, sub: data.sub, jti: data.jti, act: data.act };
}

function told(performed: Performed): Answer {
  switch (performed.kind) {
    case 'recorded':
      return { status: 200, body: shown(performed.record) };
    case 'key-reused':
      return problem(409, 'key-reused', 'this key was used for something else');
    case 'proof-used':
      return problem(409, 'proof-used', 'this proof was used with another key');
  }
}

/** The answer to an action, the first time and every time after. */
export function shown({ jti: _used, ...record }: Recorded): object {
  return record;
}
