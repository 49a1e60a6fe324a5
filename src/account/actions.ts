/**
 * The account actions that a dialog may call, as a table of names. It turns what the backend says into outcomes; it
 * decides nothing and knows no dialog.
 */
import { SesameError } from '../conversation/errors.js';
import type { OutboxItem } from '../conversation/ports.js';
import type { Slots } from '../conversation/state.js';
import type { Purpose, SignedProof, Subject } from '../identity/ports.js';
import { subjectOf } from './http-backend.js';
import type { AccountBackend, AccountStatus, CaseOutcome, CodeLetterOutcome, FraudOutcome, ReactivateOutcome, ResetOutcome, UnlockOutcome } from './port.js';

export interface ActionResult {
  readonly outcome: string;
  /** Slots to set, beside those the dialog has. */
  readonly slots?: Slots;
  /** What is sent once the outcome is committed. */
  readonly outbox?: readonly OutboxItem[];
}

export interface AccountAction {
  /** Every way the action may end: a dialog must have a branch for each, or an `otherwise`. */
  readonly outcomes: readonly string[];
  /** `key` is the idempotency key: the same for every try of one intention. */
  run(input: { readonly slots: Slots; readonly key: string }): Promise<ActionResult>;
}

export interface AccountSurroundings {
  /** Whether the backend can be counted on just now; it is unless told. */
  readonly isUp?: () => Promise<boolean>;
  /** The mail that tells the person, at the address on file, what was done in their name. None unless told. */
  readonly notice?: (subject: Subject, purpose: Purpose, key: string) => OutboxItem;
}

const REFUSALS = ['proof-expired', 'proof-refused'] as const;
const UNSETTLED = [...REFUSALS, 'unknown', 'unavailable'] as const;

/** The closed list of ends of each action, for whoever checks dialogs without running them. */
export const ACCOUNT_OUTCOMES = {
  'account.service': ['up', 'down'],
  'account.unlock': ['unlocked', 'already-open', 'not-unlockable', ...UNSETTLED],
  'account.reactivate': ['reactivated', 'already-open', 'not-reactivable', ...UNSETTLED],
  'account.read-status': ['open', 'locked', ...REFUSALS, 'unavailable'],
  'account.send-reset-link': ['sent', 'no-contact', 'frozen', ...UNSETTLED],
  'account.send-code-by-post': ['posted', 'no-address', 'frozen', ...UNSETTLED],
  'account.ask-correction': ['opened', ...UNSETTLED],
  'account.declare-fraud': ['frozen', ...UNSETTLED],
  'account.open-case': ['opened', ...UNSETTLED],
} as const;

type Name = keyof typeof ACCOUNT_OUTCOMES;
type Ended = UnlockOutcome | ReactivateOutcome | ResetOutcome | CodeLetterOutcome | CaseOutcome | FraudOutcome | AccountStatus;
type Call = (backend: AccountBackend, proof: SignedProof, key: string) => Promise<Ended>;

interface Deed {
  readonly call: Call;
  /** What the notice says was done; absent where nothing of the account changes. */
  readonly noticed?: { readonly purpose: Purpose; readonly when: Ended['kind'] };
}

const DEEDS: Readonly<Record<Exclude<Name, 'account.service'>, Deed>> = {
  'account.unlock': { call: (backend, proof, key) => backend.unlock(proof, key), noticed: { purpose: 'unlock', when: 'unlocked' } },
  'account.reactivate': { call: (backend, proof, key) => backend.reactivate(proof, key), noticed: { purpose: 'reactivate', when: 'reactivated' } },
  'account.read-status': { call: (backend, proof) => backend.status(proof) },
  'account.send-reset-link': { call: (backend, proof, key) => backend.sendResetLink(proof, key), noticed: { purpose: 'reset', when: 'sent' } },
  'account.send-code-by-post': { call: (backend, proof, key) => backend.sendCodeLetter(proof, key), noticed: { purpose: 'post-code', when: 'posted' } },
  'account.ask-correction': { call: (backend, proof, key) => backend.askCorrection(proof, key), noticed: { purpose: 'correction', when: 'opened' } },
  'account.declare-fraud': { call: (backend, proof, key) => backend.declareFraud(proof, key), noticed: { purpose: 'fraud', when: 'frozen' } },
  'account.open-case': { call: (backend, proof, key) => backend.openCase(proof, key) },
};

/**
 * The actions of this room. Each takes the signed proof from the slot `proof`; a blocking cause comes back in the slot
 * `cause`, what a person may quote in `reference`. A backend that fails ends as `unavailable`; nothing of it is thrown.
 */
export function createAccountActions(backend: AccountBackend, surroundings: AccountSurroundings = {}): Record<Name, AccountAction> {
  const { isUp = () => Promise.resolve(true) } = surroundings;
  const deeds = Object.entries(DEEDS).map(([name, deed]): [string, AccountAction] => [
    name,
    { outcomes: ACCOUNT_OUTCOMES[name as Name], run: ({ slots, key }) => withProof(slots, (proof) => perform(deed, { backend, proof, key, surroundings })) },
  ]);
  const service: AccountAction = {
    outcomes: ACCOUNT_OUTCOMES['account.service'],
    run: async () => ({ outcome: (await isUp()) ? 'up' : 'down' }),
  };
  return { ...(Object.fromEntries(deeds) as Record<Exclude<Name, 'account.service'>, AccountAction>), 'account.service': service };
}

interface Asked {
  readonly backend: AccountBackend;
  readonly proof: SignedProof;
  readonly key: string;
  readonly surroundings: AccountSurroundings;
}

async function perform({ call, noticed }: Deed, { backend, proof, key, surroundings: { notice } }: Asked): Promise<ActionResult> {
  const ended = await call(backend, proof, key);
  const subject = notice && noticed?.when === ended.kind ? subjectOf(proof) : undefined;
  if (!notice || !noticed || subject === undefined) return named(ended);
  return { ...named(ended), outbox: [notice(subject, noticed.purpose, key)] };
}

async function withProof(slots: Slots, work: (proof: SignedProof) => Promise<ActionResult>): Promise<ActionResult> {
  const proof = slots['proof'];
  // Nobody unlocks what is not theirs: without a proof there is nothing to ask the backend.
  if (typeof proof !== 'string') return { outcome: 'proof-refused' };
  try {
    return await work(proof);
  } catch (fault) {
    if (fault instanceof SesameError && fault.code.startsWith('backend-')) return { outcome: 'unavailable' };
    throw fault;
  }
}

function named(ended: Ended): ActionResult {
  if (ended.kind === 'proof-refused') {
    return { outcome: ended.why === 'expired' ? 'proof-expired' : 'proof-refused' };
  }
  if ('reference' in ended) return { outcome: ended.kind, slots: { reference: ended.reference } };
  return 'cause' in ended ? { outcome: ended.kind, slots: { cause: ended.cause } } : { outcome: ended.kind };
}
