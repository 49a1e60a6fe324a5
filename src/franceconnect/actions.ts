/**
 * What dialogs may ask of FranceConnect, as a table of actions with closed outcomes. Where it is not configured, the
 * actions exist all the same and say so.
 */
import { SesameError } from '../conversation/errors.js';
import type { Source } from '../conversation/utterance.js';
import type { OutboxItem } from '../conversation/ports.js';
import type { Slots } from '../conversation/state.js';
import type { Purpose, SignedProof, Subject } from '../identity/ports.js';
import { ADDRESSES } from './door.js';
import type { Attempts } from './attempts.js';

interface ActionInput {
  readonly conversationId: string;
  readonly slots: Slots;
  readonly source?: Source;
}

interface ActionResult {
  readonly outcome: string;
  readonly slots?: Slots;
  readonly outbox?: readonly OutboxItem[];
}

export interface FranceConnectAction {
  readonly outcomes: readonly string[];
  run(input: ActionInput): Promise<ActionResult>;
}

/** Every way each action may end; the content check holds the dialogs against this list. */
export const FRANCECONNECT_OUTCOMES = {
  'identity.begin-franceconnect': ['started', 'limited', 'not-offered'],
  'identity.finish-franceconnect': ['proved', 'identified', 'not-yet', 'declined', 'not-matched', 'refused', 'expired', 'unavailable'],
  'identity.send-identified-code': ['sent', 'too-soon', 'limited', 'busy', 'expired', 'unavailable'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** How a code was asked for, for somebody whom FranceConnect named. */
export type Sent = { readonly kind: 'sent'; readonly challenge: string; readonly outbox: readonly OutboxItem[] } | { readonly kind: 'too-soon' | 'limited' | 'busy' | 'expired' };

export interface Asking {
  readonly conversationId: string;
  readonly purpose: Purpose;
  readonly subject: Subject;
}

export interface ActionParts {
  readonly attempts: Attempts;
  /** How people reach us, without a trailing slash. */
  readonly publicUrl: () => string;
  /** Whom the number of a challenge belongs to: null for nobody, undefined where the challenge is gone. */
  readonly subjectOf: (challenge: string) => Promise<Subject | null | undefined>;
  /** Signs a proof; `id` makes it one use, and its life counts from `at`, in epoch milliseconds. */
  readonly prove: (asking: Asking & { readonly id: string; readonly at: number }) => Promise<SignedProof>;
  /** Sends a code to the e-mail on file of somebody already identified. */
  readonly sendCode: (asking: Asking) => Promise<Sent>;
}

type Actions = Readonly<Record<keyof typeof FRANCECONNECT_OUTCOMES, FranceConnectAction>>;

/** Without parts, FranceConnect is not offered: a conversation that was told otherwise before goes another way. */
export function createFranceConnectActions(parts: ActionParts | undefined): Actions {
  const table = (name: keyof Actions, otherwise: string, run: (input: ActionInput, given: ActionParts) => Promise<ActionResult>): FranceConnectAction => ({
    outcomes: FRANCECONNECT_OUTCOMES[name],
    run: (input) => (parts ? run(input, parts) : Promise.resolve({ outcome: otherwise })),
  });
  return {
    'identity.begin-franceconnect': table('identity.begin-franceconnect', 'not-offered', begin),
    'identity.finish-franceconnect': table('identity.finish-franceconnect', 'expired', finish),
    'identity.send-identified-code': table('identity.send-identified-code', 'expired', sendCode),
  };
}

async function begin({ conversationId, slots, source }: ActionInput, { attempts, publicUrl, subjectOf }: ActionParts): Promise<ActionResult> {
  const challenge = slots['challenge'];
  const expected = challenge === undefined ? undefined : await subjectOf(String(challenge));
  const opened = await attempts.open({ conversationId, purpose: purposeOf(slots), ...(expected === undefined ? {} : { expected }), ...(source ? { source } : {}) });
  if (!opened) return { outcome: 'limited' };
  const link = `${publicUrl()}${ADDRESSES.leave}?billet=${opened.ticket}`;
  return { outcome: 'started', slots: { passage: opened.id, link, number: attempts.numberOf(opened.id) } };
}

/** Safe to run again: the same passage gives the same use of a proof. */
async function finish({ conversationId, slots }: ActionInput, { attempts, prove }: ActionParts): Promise<ActionResult> {
  const attempt = await attempts.seenFrom(conversationId, String(slots['passage']));
  if (!attempt) return { outcome: 'expired' };
  const { result, id, at, purpose } = attempt;
  if (!result) return { outcome: 'not-yet' };
  if (result.kind !== 'proved') return { outcome: result.kind };
  return { outcome: 'proved', slots: { proof: await prove({ conversationId, purpose, subject: result.subject, id, at }) } };
}

async function sendCode({ conversationId, slots }: ActionInput, { attempts, sendCode: send }: ActionParts): Promise<ActionResult> {
  const attempt = await attempts.seenFrom(conversationId, String(slots['passage']));
  if (attempt?.result?.kind !== 'identified') return { outcome: 'expired' };
  try {
    const sent = await send({ conversationId, purpose: attempt.purpose, subject: attempt.result.subject });
    return sent.kind === 'sent' ? { outcome: 'sent', slots: { challenge: sent.challenge }, outbox: sent.outbox } : { outcome: sent.kind };
  } catch (error) {
    if (error instanceof SesameError && error.code.startsWith('backend-')) return { outcome: 'unavailable' };
    throw error;
  }
}

const PURPOSES: readonly Purpose[] = ['unlock', 'reset', 'reactivate', 'post-code', 'correction', 'fraud'];

function purposeOf(slots: Slots): Purpose {
  return PURPOSES.find((one) => one === slots['purpose']) ?? 'unlock';
}
