/**
 * Has every identity check and every account action leave its lines in the audit, around a table of actions that knows
 * nothing of it. What an action decides is not looked into.
 */
import type { Slots, SlotValue } from '../conversation/state.js';
import type { AuditEntry } from './entry.js';

interface Asked {
  readonly conversationId: string;
  readonly slots: Slots;
  /** The same for every try of one intention. */
  readonly key: string;
  readonly sealed: Readonly<Record<string, SlotValue>>;
}

interface Ended {
  readonly outcome: string;
  readonly slots?: Slots;
}

/** Whatever else an action has, it keeps. */
interface Audited<Input extends Asked, Result extends Ended> {
  readonly outcomes: readonly string[];
  run(input: Input): Promise<Result>;
}

export interface AuditedOptions {
  readonly record: (entry: AuditEntry) => Promise<void>;
  /** The keyed hash of the number that was given. */
  readonly accountOf: (nir: string) => string;
  /** The same, of the number that a challenge is about; nothing where the challenge is gone. */
  readonly accountOfChallenge: (id: string) => Promise<string | undefined>;
  /** Told of an effect whose end could not be written: its beginning was. */
  readonly unwritten: (action: string, error: unknown) => void;
}

/** The other actions of an account change it: their beginning is on disk before they begin. */
const READS = new Set(['account.read-status']);
const NOT_OF_A_PERSON = new Set(['account.service']);

/**
 * The same table, audited. The outcome of a check is on disk before it is given back, so that nobody learns a verdict
 * that left no trace: where it cannot be written the action rejects. An effect that was had is told all the same.
 */
export function auditActions<Input extends Asked, Result extends Ended>(
  actions: Readonly<Record<string, Audited<Input, Result>>>,
  options: AuditedOptions,
): Readonly<Record<string, Audited<Input, Result>>> {
  const audited = (name: string, action: Audited<Input, Result>): Audited<Input, Result> => ({
    ...action,
    run: (input) => (changes(name) ? effect : check)({ name, input, run: () => action.run(input) }, options),
  });
  return Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, isAudited(name) ? audited(name, action) : action]));
}

const isAudited = (name: string): boolean => /^(?:identity|account)\./.test(name) && !NOT_OF_A_PERSON.has(name);

const changes = (name: string): boolean => name.startsWith('account.') && !READS.has(name);

interface Doing<Result extends Ended> {
  readonly name: string;
  readonly input: Asked;
  readonly run: () => Promise<Result>;
}

async function effect<Result extends Ended>({ name, input, run }: Doing<Result>, options: AuditedOptions): Promise<Result> {
  const line = await lineOf(name, input, options);
  await options.record({ ...line, when: 'before' });
  const result = await run();
  await options.record({ ...line, when: 'after', result: result.outcome }).catch((error: unknown) => {
    options.unwritten(name, error);
  });
  return result;
}

async function check<Result extends Ended>({ name, input, run }: Doing<Result>, options: AuditedOptions): Promise<Result> {
  const result = await run();
  const line = await lineOf(name, { ...input, slots: { ...input.slots, ...result.slots } }, options);
  await options.record({ ...line, when: 'after', result: result.outcome });
  const proof = proofIn(result.slots ?? {});
  if (proof) await options.record({ ...line, ...signs(proof), action: 'proof.issued', when: 'after' });
  return result;
}

/** Who, on what account, for which intention. The conversation and the account are written as pseudonyms. */
async function lineOf(action: string, { conversationId, slots, key, sealed }: Asked, options: AuditedOptions): Promise<Omit<AuditEntry, 'when'>> {
  const proof = proofIn(slots);
  const account = sealed['nir'] === undefined ? (proof?.account ?? (await challenged(slots, options))) : options.accountOf(String(sealed['nir']));
  const about = account === undefined ? {} : { target: account };
  return { actor: conversationId, role: 'person', caisse: 'none', action, request: key, ...about, ...(proof ? signs(proof) : {}) };
}

async function challenged(slots: Slots, { accountOfChallenge }: AuditedOptions): Promise<string | undefined> {
  const challenge = slots['challenge'];
  return typeof challenge === 'string' && challenge !== '' ? accountOfChallenge(challenge) : undefined;
}

interface ProofTold {
  readonly account?: string;
  readonly purpose: string;
  readonly keyId: string;
}

function signs({ purpose, keyId }: ProofTold): Pick<AuditEntry, 'proved' | 'keyId'> {
  return { proved: purpose, keyId };
}

/** What a proof says of itself. Nothing is believed for it here: the backend checks it. */
function proofIn(slots: Slots): ProofTold | undefined {
  const proof = slots['proof'];
  if (typeof proof !== 'string' || proof === '') return undefined;
  const [head, claims] = proof.split('.').slice(0, 2).map(part);
  const { acc } = claims ?? {};
  return { purpose: code(claims?.['act']), keyId: code(head?.['kid']), ...(typeof acc === 'string' ? { account: acc } : {}) };
}

function part(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(Buffer.from(text, 'base64url').toString()) as object) };
  } catch {
    return {};
  }
}

/** What is no word of ours is not written. */
function code(value: unknown): string {
  return typeof value === 'string' && /^[\w.-]{1,60}$/.test(value) ? value : 'unreadable';
}
