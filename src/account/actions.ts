/**
 * The account actions that a dialog may call, as a table of names. It turns what the backend says into outcomes; it
 * decides nothing and knows no dialog.
 */
import { SesameError } from '../conversation/errors.js';
import type { Slots } from '../conversation/state.js';
import type { AccountBackend, AccountStatus, ResetOutcome, UnlockOutcome } from './port.js';

export interface ActionResult {
  readonly outcome: string;
  /** Slots to set, beside those the dialog has. */
  readonly slots?: Slots;
}

export interface AccountAction {
  /** Every way the action may end: a dialog must have a branch for each, or an `otherwise`. */
  readonly outcomes: readonly string[];
  /** `key` is the idempotency key: the same for every try of one intention. */
  run(input: { readonly slots: Slots; readonly key: string }): Promise<ActionResult>;
}

const REFUSALS = ['proof-expired', 'proof-refused'] as const;

/**
 * The actions of this room: `account.unlock`, `account.read-status` and `account.send-reset-link`. Each takes the
 * signed proof from the slot `proof`. A backend that fails ends as `unavailable`; nothing of it is thrown.
 */
export function createAccountActions(backend: AccountBackend): Record<string, AccountAction> {
  return {
    'account.unlock': withProof(
      ['unlocked', 'already-open', 'not-unlockable', ...REFUSALS, 'unknown', 'unavailable'],
      (proof, key) => backend.unlock(proof, key),
    ),
    'account.read-status': withProof(['open', 'locked', ...REFUSALS, 'unavailable'], (proof) => backend.status(proof)),
    'account.send-reset-link': withProof(
      ['sent', 'no-contact', ...REFUSALS, 'unknown', 'unavailable'],
      (proof, key) => backend.sendResetLink(proof, key),
    ),
  };
}

type Ended = UnlockOutcome | ResetOutcome | AccountStatus;

function withProof(
  outcomes: readonly string[],
  call: (proof: string, key: string) => Promise<Ended>,
): AccountAction {
  return {
    outcomes,
    async run({ slots, key }) {
      const { proof } = slots;
      // Nobody unlocks what is not theirs: without a proof there is nothing to ask the backend.
      if (typeof proof !== 'string') return { outcome: 'proof-refused' };
      try {
        return named(await call(proof, key));
      } catch (fault) {
        if (fault instanceof SesameError && fault.code.startsWith('backend-')) return { outcome: 'unavailable' };
        throw fault;
      }
    },
  };
}

function named(ended: Ended): ActionResult {
  if (ended.kind === 'proof-refused') {
    return { outcome: ended.why === 'expired' ? 'proof-expired' : 'proof-refused' };
  }
  return 'cause' in ended ? { outcome: ended.kind, slots: { cause: ended.cause } } : { outcome: ended.kind };
}
