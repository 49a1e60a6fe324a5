/**
 * What dialogs may ask of identity, as a table of actions. They turn challenges into closed outcomes; a fault of the
 * backend is the outcome `unavailable`, because a person is waiting for an answer.
 */
import { SesameError } from '../conversation/errors.js';
import type { OutboxItem } from '../conversation/ports.js';
import type { Slots, SlotValue } from '../conversation/state.js';
import type { Challenges, SendOutcome } from './challenge.js';
import type { Purpose } from './ports.js';

interface ActionInput {
  readonly conversationId: string;
  readonly slots: Slots;
  readonly sealed: Readonly<Record<string, SlotValue>>;
}

interface ActionResult {
  readonly outcome: string;
  readonly slots?: Slots;
  readonly outbox?: readonly OutboxItem[];
}

export interface IdentityAction {
  readonly outcomes: readonly string[];
  run(input: ActionInput): Promise<ActionResult>;
}

const SEND_OUTCOMES = ['sent', 'too-soon', 'limited', 'unavailable'] as const;

/** Every way each action may end; the content check holds the dialogs against this list. */
export const IDENTITY_OUTCOMES = {
  'identity.send-code': SEND_OUTCOMES,
  'identity.resend-code': [...SEND_OUTCOMES, 'expired'],
  'identity.check-code': ['proved', 'wrong', 'not-sent-yet', 'expired', 'dead', 'limited', 'unavailable'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** `send-code` and `check-code` take the values of a form; `resend-code` goes by the challenge in the slots. */
export function createIdentityActions(challenges: Challenges): Readonly<Record<string, IdentityAction>> {
  return {
    'identity.send-code': {
      outcomes: IDENTITY_OUTCOMES['identity.send-code'],
      run: ({ conversationId, slots, sealed }) =>
        unlessUnavailable(async () => {
          const identity = { nir: String(sealed['nir']), birthDate: String(sealed['birthDate']) };
          return sent(await challenges.send(conversationId, purposeOf(slots), identity));
        }),
    },
    'identity.resend-code': {
      outcomes: IDENTITY_OUTCOMES['identity.resend-code'],
      run: ({ slots }) => unlessUnavailable(async () => sent(await challenges.resend(String(slots['challenge'])))),
    },
    'identity.check-code': {
      outcomes: IDENTITY_OUTCOMES['identity.check-code'],
      run: ({ conversationId, slots, sealed }) =>
        unlessUnavailable(async () => {
          const outcome = await challenges.check(String(slots['challenge']), conversationId, String(sealed['code']));
          return outcome.kind === 'proved' ? { outcome: 'proved', slots: { proof: outcome.proof } } : { outcome: outcome.kind };
        }),
    },
  };
}

function sent(outcome: SendOutcome): ActionResult {
  if (outcome.kind !== 'sent') return { outcome: outcome.kind };
  return { outcome: 'sent', slots: { challenge: outcome.challenge }, outbox: outcome.outbox };
}

/** A dialog that opens anything but the lock says so in its `purpose` slot. */
function purposeOf(slots: Slots): Purpose {
  return slots['purpose'] === 'reset' ? 'reset' : 'unlock';
}

async function unlessUnavailable(work: () => Promise<ActionResult>): Promise<ActionResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SesameError && error.code.startsWith('backend-')) return { outcome: 'unavailable' };
    throw error;
  }
}
