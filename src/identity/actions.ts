/**
 * What dialogs may ask of identity, as a table of actions. They turn challenges into closed outcomes; a fault of the
 * backend is the outcome `unavailable`, because a person is waiting for an answer.
 */
import { LIMITS } from '../attempts/limits.js';
import { atOnce, type Pace } from '../attempts/pace.js';
import { inGroups } from '../attempts/written.js';
import { SesameError } from '../conversation/errors.js';
import type { OutboxItem } from '../conversation/ports.js';
import type { Slots, SlotValue } from '../conversation/state.js';
import type { Source } from '../conversation/utterance.js';
import type { Asker, Challenges, CheckOutcome, SendOutcome } from './challenge.js';
import { noticeMail } from './courier.js';
import type { LetterOutcome, Letters } from './letters.js';
import type { Purpose } from './ports.js';

interface ActionInput {
  readonly conversationId: string;
  readonly slots: Slots;
  readonly sealed: Readonly<Record<string, SlotValue>>;
  readonly source?: Source;
}

interface ActionResult {
  readonly outcome: string;
  readonly slots?: Slots;
  readonly outbox?: readonly OutboxItem[];
}

export interface IdentityAction {
  readonly outcomes: readonly string[];
  run(input: ActionInput): Promise<ActionResult>;
  /** Told of a form that nobody could read; may end the step in its own way. */
  unread?(input: { readonly conversationId: string }): Promise<ActionResult | undefined>;
}

const SEND_OUTCOMES = ['sent', 'too-soon', 'limited', 'busy', 'unavailable'] as const;
const LETTER_OUTCOMES = ['asked', 'recent', 'limited', 'busy', 'unavailable'] as const;

/** Every way each action may end; the content check holds the dialogs against this list. */
export const IDENTITY_OUTCOMES = {
  'identity.send-code': SEND_OUTCOMES,
  'identity.resend-code': [...SEND_OUTCOMES, 'expired'],
  'identity.check-code': ['proved', 'wrong', 'wrong-wait', 'wait', 'not-sent-yet', 'expired', 'dead', 'limited', 'paused', 'unavailable'],
  'identity.send-letter': LETTER_OUTCOMES,
  'identity.letter-instead': [...LETTER_OUTCOMES, 'expired'],
  'identity.check-letter': ['proved', 'wrong', 'dead', 'expired', 'limited', 'unavailable'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type ActionName = keyof typeof IDENTITY_OUTCOMES;

export interface IdentityActionOptions {
  readonly challenges: Challenges;
  readonly letters: Letters;
  /** When answers leave; at once unless told. */
  readonly pace?: Pace;
}

/**
 * `send-code`, `check-code`, `send-letter` and `check-letter` take the values of a form; `resend-code` and
 * `letter-instead` go by the challenge in the slots.
 */
export function createIdentityActions({ challenges, letters, pace = atOnce }: IdentityActionOptions): Readonly<Record<ActionName, IdentityAction>> {
  const paced = (name: ActionName, run: IdentityAction['run']): IdentityAction => ({
    outcomes: IDENTITY_OUTCOMES[name],
    run: (input) => pace(() => unlessUnavailable(() => run(input))),
  });
  return {
    'identity.send-code': paced('identity.send-code', async (input) => sent(await challenges.send(askerOf(input), identityIn(input)))),
    'identity.resend-code': paced('identity.resend-code', async ({ slots }) => sent(await challenges.resend(String(slots['challenge'])))),
    'identity.check-code': {
      ...paced('identity.check-code', async ({ conversationId, slots, sealed }) => {
        const challenge = String(slots['challenge']);
        return checked(await challenges.check(challenge, conversationId, String(sealed['code'])), challenge);
      }),
      unread: async ({ conversationId }) => ((await challenges.guard.noteMalformed(conversationId)) ? { outcome: 'paused' } : undefined),
    },
    'identity.send-letter': paced('identity.send-letter', async (input) => asked(await letters.ask(askerOf(input), identityIn(input)))),
    'identity.letter-instead': paced('identity.letter-instead', async ({ slots }) => asked(await letters.insteadOf(await challenges.find(String(slots['challenge']))))),
    'identity.check-letter': paced('identity.check-letter', async (input) => {
      const { sealed } = input;
      const outcome = await letters.check(askerOf(input), { reference: String(sealed['reference']), code: String(sealed['code']) });
      return outcome.kind === 'proved' ? { outcome: 'proved', slots: { proof: outcome.proof } } : { outcome: outcome.kind };
    }),
  };
}

function sent(outcome: SendOutcome): ActionResult {
  if (outcome.kind !== 'sent') return { outcome: outcome.kind };
  // Another identity was given: what was proved before is proved no more.
  return { outcome: 'sent', slots: { challenge: outcome.challenge, proof: '' }, outbox: outcome.outbox };
}

function asked(outcome: LetterOutcome): ActionResult {
  if (!('reference' in outcome)) return { outcome: outcome.kind };
  return { outcome: outcome.kind, slots: { reference: inGroups(outcome.reference, 4), days: String(LIMITS.letterLifeMs / LIMITS.dayMs) }, outbox: outcome.outbox };
}

function checked(outcome: CheckOutcome, challenge: string): ActionResult {
  if (outcome.kind === 'proved') return { outcome: 'proved', slots: { proof: outcome.proof } };
  const outbox = 'notify' in outcome ? [noticeMail(outcome.notify, 'attempts', challenge)] : [];
  const waitMs = 'waitMs' in outcome ? outcome.waitMs : 0;
  if (waitMs === 0) return { outcome: outcome.kind, outbox };
  return { outcome: outcome.kind === 'wrong' ? 'wrong-wait' : outcome.kind, slots: { wait: String(Math.ceil(waitMs / LIMITS.minuteMs)) }, outbox };
}

function askerOf({ conversationId, slots, source }: ActionInput): Asker {
  return { conversationId, purpose: purposeOf(slots), ...(source ? { source } : {}) };
}

function identityIn({ sealed }: ActionInput): { nir: string; birthDate: string } {
  return { nir: String(sealed['nir']), birthDate: String(sealed['birthDate']) };
}

const PURPOSES: readonly Purpose[] = ['unlock', 'reset', 'reactivate', 'post-code', 'correction', 'fraud'];

/** A dialog that opens anything but the lock says so in its `purpose` slot. */
function purposeOf(slots: Slots): Purpose {
  return PURPOSES.find((purpose) => purpose === slots['purpose']) ?? 'unlock';
}

async function unlessUnavailable(work: () => Promise<ActionResult>): Promise<ActionResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SesameError && error.code.startsWith('backend-')) return { outcome: 'unavailable' };
    throw error;
  }
}
