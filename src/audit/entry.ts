/**
 * What one act leaves in the audit: who, what, on which request, why and how it ended. Codes and pseudonyms only: a
 * field that could hold a sentence, an address or a number of a person is refused.
 */
import { createHmac } from 'node:crypto';
import { SesameError } from '../conversation/errors.js';
import { OWN, type Fields } from './chain.js';

export interface AuditEntry {
  /** Id of who acts: an Entra ID object id, a conversation, or `system`. Written as a keyed pseudonym. */
  readonly actor: string;
  readonly role: string;
  readonly caisse: string;
  readonly action: string;
  /** `before` an effect, and `after` it with a result. */
  readonly when: 'before' | 'after';
  readonly ticket?: string;
  /** Id of whom or what is acted upon. Written as a keyed pseudonym. */
  readonly target?: string;
  /** A word of a closed list. */
  readonly reason?: string;
  /** How the person had proved who they are. */
  readonly proved?: string;
  readonly result?: string;
  /** Which key signed the proof. */
  readonly keyId?: string;
  /** The same on the lines before and after. */
  readonly request?: string;
}

/** No space, no @: neither a sentence nor an address fits. */
const CODE = /^[\w.:/+-]{1,100}$/;
/** A social security number, with or without its key. */
const PERSON_NUMBER = /(?<!\d)[1-478]\d{4}[\dAB]\d{7}(\d{2})?(?!\d)/i;
const CODES = ['role', 'caisse', 'action', 'when', 'ticket', 'reason', 'proved', 'result', 'keyId', 'request'] as const;

/**
 * The fields of an entry in the order in which they are written.
 * @throws SesameError `internal` for a field that is not a code, or an action of the log's own.
 */
export function fieldsOf(entry: AuditEntry, at: number, key: Uint8Array): Fields {
  if (entry.action.startsWith('chain.')) {
    throw new SesameError('internal', `the audit keeps ${Object.values(OWN).join(', ')} to itself: name the action otherwise`);
  }
  const codes = CODES.flatMap((name) => {
    const value = entry[name];
    return value === undefined ? [] : [[name, codeOf(name, value)] as const];
  });
  return {
    at: new Date(at).toISOString(),
    actor: pseudonymOf(entry.actor, key),
    ...(entry.target === undefined ? {} : { target: pseudonymOf(entry.target, key) }),
    ...Object.fromEntries(codes),
  };
}

/** The same for the same id and key, and nothing of the id: 132 bits of a keyed hash. */
export function pseudonymOf(id: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`audit:${id}`).digest('base64url').slice(0, 22);
}

function codeOf(name: string, value: string): string {
  // The value is not in the message: it may be what must not be written.
  if (!CODE.test(value) || PERSON_NUMBER.test(value)) {
    throw new SesameError('internal', `the audit takes codes only, and ${name} is none: give a word of a closed list or an opaque id`);
  }
  return value;
}
