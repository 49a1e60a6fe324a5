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

/** The closed list of ends of each action, for whoever checks dialogs without running them. */
export const ACCOUNT_OUTCOMES = {
  'account.unlock': ['unlocked', 'already-open', 'not-unlockable', ...REFUSALS, 'unknown', 'unavailable'],
  'account.read-status': ['open', 'locked', ...REFUSALS, 'unavailable'],
  'account.send-reset-link': ['sent', 'no-contact', ...REFUSALS, 'unknown', 'unavailable'],
} as const;

/**
 * The actions of this room. Each takes the signed proof from the slot `proof`; a blocking cause comes back in the slot
 * `cause`. A backend that fails ends as `unavailable`; nothing of it is thrown.
 */
export function createAccountActions(backend: AccountBackend): Record<keyof typeof ACCOUNT_OUTCOMES, AccountAction> {
  return {
    'account.unlock': {
      outcomes: ACCOUNT_OUTCOMES['account.unlock'],
      run: ({ slots, key }) => withProof(slots, (proof) => backend.unlock(proof, key)),
    },
    'account.read-status': {
      outcomes: ACCOUNT_OUTCOMES['account.read-status'],
      run: ({ slots }) => withProof(slots, (proof) => backend.status(proof)),
    },
    'account.send-reset-link': {
      outcomes: ACCOUNT_OUTCOMES['account.send-reset-link'],
      run: ({ slots, key }) => withProof(slots, (proof) => backend.sendResetLink(proof, key)),
    },
  };
}

type Ended = UnlockOutcome | ResetOutcome | AccountStatus;

async function withProof(slots: Slots, call: (proof: string) => Promise<Ended>): Promise<ActionResult> {
  const proof = slots['proof'];
  // Nobody unlocks what is not theirs: without a proof there is nothing to ask the backend.
  if (typeof proof !== 'string') return { outcome: 'proof-refused' };
  try {
    return named(await call(proof));
  } catch (fault) {
    if (fault instanceof SesameError && fault.code.startsWith('backend-')) return { outcome: 'unavailable' };
    throw fault;
  }
}

function named(ended: Ended): ActionResult {
  if (ended.kind === 'proof-refused') {
    return { outcome: ended.why === 'expired' ? 'proof-expired' : 'proof-refused' };
  }
  return 'cause' in ended ? { outcome: ended.kind, slots: { cause: ended.cause } } : { outcome: ended.kind };
}
