/**
 * What an arrival is worth here: whom the account backend knows by this identity, and whether that proves anything.
 * Names pass through and are not kept.
 */
import { SesameError } from '../conversation/errors.js';
import type { PivotMatch, PivotRegistry } from '../identity/ports.js';
import type { Attempt } from './attempts.js';
import type { Arrival, Result } from './ports.js';

/** Accounts of the Assurance Maladie itself: the one that is locked cannot be what opens it. */
const OUR_OWN = /ameli|assurance[-_ ]?maladie|cnam/i;

/** The result of an arrival. A backend that fails ends as `unavailable`; nothing of it is thrown. */
export async function judge(arrival: Arrival, attempt: Attempt, registry: PivotRegistry): Promise<Result> {
  if (arrival.kind !== 'identified') return { kind: arrival.kind };
  const match = await unlessUnavailable(() => registry.identifyPivot(arrival.pivot));
  if (match === undefined) return { kind: 'unavailable' };
  if (match.kind !== 'match') return { kind: 'not-matched' };
  const { subject } = match;
  if (attempt.expected !== undefined && attempt.expected !== subject) return { kind: 'not-matched' };
  const proves = arrival.level !== 'eidas1' && !OUR_OWN.test(arrival.idp ?? '');
  return { kind: proves ? 'proved' : 'identified', subject };
}

async function unlessUnavailable(work: () => Promise<PivotMatch>): Promise<PivotMatch | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SesameError && error.code.startsWith('backend-')) return undefined;
    throw error;
  }
}
