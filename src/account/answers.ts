/**
 * What a good answer of the account backend looks like, by docs/account-backend.openapi.yaml, and what it means here.
 * An answer that does not fit is no answer; who asks, and how often, is not decided here.
 */
import { z } from 'zod';
import type { PivotMatch, Registry } from '../identity/ports.js';
import type { AccountStatus, CaseOutcome, CodeLetterOutcome, FraudOutcome, ProofRefusal, ReactivateOutcome, ResetOutcome, UnlockOutcome } from './port.js';

type Identity = Awaited<ReturnType<Registry['identify']>>;
type Contact = Awaited<ReturnType<Registry['contactOf']>>;

const cause = z.enum([
  'too-many-attempts', 'inactivity', 'regime-change', 'wrong-data', 'provisional-code',
  'email-obsolete', 'phone-obsolete', 'caisse-change', 'fraud-suspected', 'closed-by-mistake',
]);
const one = z.object({ match: z.literal('one'), subject: z.string().min(1).max(128) });
// Shown to the person as it is: nothing but letters, digits and dashes may come in.
const reference = z.string().regex(/^[A-Z0-9][A-Z0-9-]{3,31}$/);

export const identity = z
  .discriminatedUnion('match', [one, z.object({ match: z.literal('none') })])
  .transform((it): Identity => (it.match === 'one' ? { kind: 'match', subject: it.subject } : { kind: 'none' }));

export const pivot = z
  .discriminatedUnion('match', [one, z.object({ match: z.literal(['none', 'several']) })])
  .transform((it): PivotMatch => (it.match === 'one' ? { kind: 'match', subject: it.subject } : { kind: it.match }));

export const contact = z
  .object({ email: z.string().max(254).regex(/^[^\s@]+@[^\s@]+$/).nullable() })
  .transform(({ email }): Contact => (email === null ? { kind: 'none' } : { kind: 'email', email }));

export const status = z
  .discriminatedUnion('state', [z.object({ state: z.literal('open') }), z.object({ state: z.literal('locked'), cause })])
  .transform((it): AccountStatus | ProofRefusal => (it.state === 'locked' ? { kind: 'locked', cause: it.cause } : { kind: 'open' }));

export const unlock = z
  .discriminatedUnion('result', [z.object({ result: z.literal(['unlocked', 'already-open']) }), z.object({ result: z.literal('not-unlockable'), cause })])
  .transform((it): UnlockOutcome => ('cause' in it ? { kind: it.result, cause: it.cause } : { kind: it.result }));

export const reactivate = z
  .discriminatedUnion('result', [z.object({ result: z.literal(['reactivated', 'already-open']) }), z.object({ result: z.literal('not-reactivable'), cause })])
  .transform((it): ReactivateOutcome => ('cause' in it ? { kind: it.result, cause: it.cause } : { kind: it.result }));

export const resetLink = z.object({ result: z.literal(['sent', 'no-contact', 'frozen']) }).transform((it): ResetOutcome => ({ kind: it.result }));
export const codeLetter = z.object({ result: z.literal(['posted', 'no-address', 'frozen']) }).transform((it): CodeLetterOutcome => ({ kind: it.result }));
export const letter = z.object({ result: z.literal(['accepted', 'no-address']) }).transform(({ result }) => ({ kind: result }));
export const opened = z.object({ result: z.literal('opened'), reference }).transform((it): CaseOutcome => ({ kind: it.result, reference: it.reference }));
export const fraud = z.object({ result: z.literal('frozen'), reference }).transform((it): FraudOutcome => ({ kind: it.result, reference: it.reference }));
export const health = z.object({ status: z.literal('ok') }).transform(() => true);

/** Refusals of a proof that are expected ends, by their code. */
export const refusals: Readonly<Record<string, ProofRefusal>> = {
  'proof-invalid': { kind: 'proof-refused', why: 'invalid' },
  'proof-expired': { kind: 'proof-refused', why: 'expired' },
  'proof-used': { kind: 'proof-refused', why: 'used' },
};
