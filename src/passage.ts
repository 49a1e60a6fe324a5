/**
 * Puts FranceConnect to work, where it is configured: what its room needs of the others, and how a conversation goes
 * on once somebody is back. What is believed, and of whom, is decided in franceconnect/.
 */
import { createHmac } from 'node:crypto';
import type { Config } from './config.js';
import type { Content } from './content.js';
import type { Assistant, Clock, Store } from './conversation/ports.js';
import { isWaiting, type Dialogs } from './dialog/definition.js';
import { innermost } from './dialog/stack.js';
import { createFranceConnectActions, type Asking } from './franceconnect/actions.js';
import { Attempts, STEP_LIFE_MS, type Attempt } from './franceconnect/attempts.js';
import { ADDRESSES, createDoor, type Door, type Shown } from './franceconnect/door.js';
import { createProvider } from './franceconnect/provider.js';
import { Challenges } from './identity/challenge.js';
import { namedBy } from './identity/counted.js';
import type { PivotRegistry, Registry } from './identity/ports.js';
import { keyedHash, signProof } from './identity/proof.js';
import type { Keys } from './keys.js';
import type { Log } from './log.js';
import { renderPassage } from './site/pages.js';
import { pageHeaders } from './site/policy.js';
import { pageTexts } from './site/texts.js';

export interface PassageParts {
  readonly config: Config;
  readonly keys: Keys;
  readonly content: Content;
  readonly store: Store;
  readonly registry: Registry & PivotRegistry;
  readonly challenges: Challenges;
  readonly hear: Assistant['hear'];
  /** How people reach us, once the server listens. */
  readonly url: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Opened {
  readonly actions: ReturnType<typeof createFranceConnectActions>;
  /** Actions that are on offer here. */
  readonly offered: readonly string[];
  /** For the server: its addresses, where there are any. */
  readonly mounted: { readonly passage?: { readonly addresses: readonly string[]; readonly answer: Door } };
}

/** Everything of FranceConnect; without configuration, actions that say so. */
export function openPassage(parts: PassageParts): Opened {
  const { config, keys, store, registry, clock, log, url } = parts;
  const { franceConnect } = config;
  if (!franceConnect) return { actions: createFranceConnectActions(undefined), offered: [], mounted: {} };
  const attempts = new Attempts(store, createHmac('sha256', keys.hash).update('franceconnect').digest(), clock);
  const { redirectUrl, ...settings } = franceConnect;
  const provider = createProvider({ ...settings, returnUrl: () => redirectUrl ?? `${url()}${ADDRESSES.back}`, farewellUrl: () => `${url()}${ADDRESSES.farewell}` });
  const answer = createDoor({
    ...{ attempts, provider, registry, draw: drawing(parts) },
    tell: (attempt) => goOn(attempt, parts),
    secure: () => url().startsWith('https:'),
    report: (event, fields) => {
      log.warn(event, fields);
    },
  });
  const actions = createFranceConnectActions({ attempts, publicUrl: url, ...proving(parts) });
  return { actions, offered: ['identity.begin-franceconnect'], mounted: { passage: { addresses: Object.values(ADDRESSES), answer } } };
}

/** Proofs and codes for somebody whom FranceConnect named: there is no number, so the reference stands for it. */
function proving({ keys, store, registry, challenges, clock, log }: PassageParts) {
  const byReference: Registry = {
    identify: (reference) => Promise.resolve({ kind: 'match', subject: reference.slice(namedBy('').length) }),
    contactOf: (subject) => registry.contactOf(subject),
  };
  const codes = new Challenges({ records: store, registry: byReference, keys: { hash: keys.hash, proof: keys.proof }, clock, log });
  return {
    subjectOf: async (challenge: string) => (await challenges.find(challenge))?.subject,
    prove: ({ conversationId, purpose, subject, id, at }: Asking & { id: string; at: number }) =>
      signProof(
        {
          ...{ subject, purpose, id, issuedAt: at, lifeMs: STEP_LIFE_MS },
          conversation: keyedHash(keys.hash, 'conversation', conversationId),
          account: keyedHash(keys.hash, 'account', namedBy(subject)),
        },
        keys.proof,
      ),
    sendCode: ({ conversationId, purpose, subject }: Asking) => codes.send({ conversationId, purpose }, { nir: namedBy(subject), birthDate: '' }),
  };
}

function drawing({ content, config, url }: PassageParts): (shown: Shown) => { page: string; headers: Readonly<Record<string, string>> } {
  const texts = pageTexts.parse(content.pages);
  const rules = { publicUrl: url, origins: config.allowedOrigins };
  return ({ notice, conversationId, onward }) => {
    const back = conversationId?.startsWith('page-') === true ? 'aide' : 'home';
    return { page: renderPassage({ texts, notice, back, ...(onward ? { onward } : {}) }), headers: pageHeaders(rules, 'nobody') };
  };
}

/** Says for the person what the button says, where the conversation still waits for this attempt. */
async function goOn(attempt: Attempt, { store, content, hear, clock }: PassageParts): Promise<void> {
  const { conversationId, id, source } = attempt;
  const state = (await store.load(conversationId))?.state;
  const frame = state && state.holder === 'assistant' ? innermost(state) : undefined;
  const text = frame?.slots['passage'] === id ? doneLabel(content.dialogs, frame.dialog, frame.step) : undefined;
  if (text === undefined) return;
  const channel = conversationId.startsWith('page-') ? 'page' : 'web';
  await hear({ kind: 'words', id: `franceconnect-${id}`, conversationId, channel, at: clock.now(), text, ...(source ? { source } : {}) });
}

/** The label of the option by which a waiting step goes on to see what came of the passage. */
function doneLabel(dialogs: Dialogs, id: string, stepId: string): string | undefined {
  const steps = dialogs.get(id)?.steps;
  const step = steps?.get(stepId);
  if (!step || !isWaiting(step)) return undefined;
  return step.options.find(({ next }) => {
    const target = steps?.get(next);
    return target?.kind === 'do' && target.action === 'identity.finish-franceconnect';
  })?.label;
}
