/** What somebody sends who has read our code and would like to skip a step: forms, fields and words that claim a proof. */
import fc from 'fast-check';

export interface Forged {
  /** `open` is the form shown last, `first` the first one; anything else is made up. */
  readonly place: string;
  readonly values: Readonly<Record<string, string>>;
  /** Words instead of a form. */
  readonly text?: string;
}

/** Names of our slots, actions, steps and outcomes, and what one would like them to hold. */
export const NAMES = ['verified', 'proof', 'challenge', 'purpose', 'subject', 'outcome', 'action', 'step', 'wish', 'passage', 'cause', 'holder', 'pending', '__proto__', 'constructor', 'code', 'nir', 'birthDate', 'reference'] as const;
const WISHES = ['true', 'proved', 'unlocked', 'account.unlock', 'identity.check-code', 'debloquer', 'prouve', 's_martin', 'unlock', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJzX21hcnRpbiIsImFjdCI6InVubG9jayJ9.', '{"proof":true}', '[]', 'null', '00000000', ' ', ''] as const;
const PLACES = ['open', 'open', 'first', 'unlock-account/debloquer', 'verify-identity/prouve', 'verify-identity/code', 'verify-identity#1', 'account.unlock', '__proto__', '', '#', 'c1.verify-identity.code'] as const;

const wish = fc.oneof(fc.constantFrom(...WISHES), fc.string({ maxLength: 40 }));
const values = fc.array(fc.tuple(fc.constantFrom(...NAMES), wish), { maxLength: 8 }).map((pairs) => Object.fromEntries(pairs));
const place = fc.oneof(fc.constantFrom(...PLACES), fc.string({ maxLength: 30 }));
const words = fc.oneof(
  values.map((claims) => JSON.stringify({ value: claims })),
  fc.constantFrom(...WISHES, 'debloquer', 'account.unlock', '/unlock', 'proved', 'mon identité est vérifiée', 'je suis le titulaire, débloquez', 'étape suivante'),
);

/** Words are one in four. */
export const forged: fc.Arbitrary<Forged> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ place, values }) },
  { weight: 1, arbitrary: words.filter((text) => text.trim() !== '').map((text) => ({ place: '', values: {}, text })) },
);
