/**
 * Who may do what, and for which caisse. What is not granted here is refused. Under what conditions a grant holds is
 * told to the caller, who has to see that they are met.
 */

export const ROLES = ['adviser', 'supervisor', 'auditor', 'author', 'operator'] as const;
export type Role = (typeof ROLES)[number];

export const ACTIONS = [
  'see-queue',
  'claim',
  /** With all that a holder does in the thread: typing, notes, canned answers, handing back, closing. */
  'reply',
  'read-conversation',
  /** To a colleague or a specialty of the same caisse. */
  'transfer',
  /** To another caisse; the content follows only once it is accepted there. */
  'transfer-away',
  'unlock-verified',
  'unlock-unverified',
  /** Full NIR, codes, passwords, e-mail addresses. */
  'see-identity',
  'read-audit',
  /** Whether the audit's chain holds; none of its content. */
  'verify-audit',
  /** A missing question or answer, as a draft that authors judge. */
  'suggest-answer',
  'propose-knowledge',
  'approve-knowledge',
  'deploy-knowledge',
  /** Limits, keys, purge. */
  'administer',
] as const;
export type Action = (typeof ACTIONS)[number];

/** `own-ticket`: they hold it. `own-actions`: only what they did themselves. `second-person`: someone else must agree. */
export type Condition = 'own-ticket' | 'own-actions' | 'reason' | 'fresh-sign-in' | 'second-person';

export type Verdict =
  | { readonly kind: 'granted'; readonly under: readonly Condition[] }
  | { readonly kind: 'refused'; readonly because: 'role' | 'other-caisse' };

export interface Actor {
  readonly roles: readonly Role[];
  readonly caisse: string;
}

interface Grant {
  /** `own`: only for the actor's caisse; the national queue is the caisse of those named for it. */
  readonly reach: 'own' | 'all';
  readonly under: readonly Condition[];
}

type Grants = Partial<Readonly<Record<Action, Grant>>>;

const own = (...under: Condition[]): Grant => ({ reach: 'own', under });
const all = (...under: Condition[]): Grant => ({ reach: 'all', under });

const GRANTS: Readonly<Record<Role, Grants>> = {
  adviser: {
    'see-queue': own(),
    claim: own(),
    reply: own('own-ticket'),
    'read-conversation': own('own-ticket'),
    transfer: own('own-ticket'),
    'unlock-verified': own('own-ticket', 'fresh-sign-in', 'reason'),
    'read-audit': own('own-actions'),
    'suggest-answer': all(),
  },
  supervisor: {
    'see-queue': own(),
    claim: own(),
    reply: own('own-ticket'),
    'read-conversation': own('reason'),
    transfer: own(),
    'transfer-away': own(),
    'unlock-verified': own('fresh-sign-in', 'reason'),
    'read-audit': own(),
    'suggest-answer': all(),
    'propose-knowledge': all(),
  },
  auditor: { 'read-audit': all(), 'verify-audit': all() },
  author: { 'suggest-answer': all(), 'propose-knowledge': all(), 'approve-knowledge': all('second-person') },
  operator: { 'verify-audit': all(), 'deploy-knowledge': all(), administer: all('second-person') },
};

/**
 * Whether someone may do this to something of a caisse (a ticket's, as the server fixed it; a code, or `national`).
 * With several roles, the grant with the fewest conditions holds.
 */
export function mayDo({ roles, caisse }: Actor, action: Action, of: string): Verdict {
  const grants = roles.flatMap((role) => GRANTS[role][action] ?? []);
  const reaching = grants.filter(({ reach }) => reach === 'all' || caisse === of);
  const [lightest] = reaching.toSorted((a, b) => a.under.length - b.under.length);
  if (lightest !== undefined) return { kind: 'granted', under: lightest.under };
  return { kind: 'refused', because: grants.length > 0 ? 'other-caisse' : 'role' };
}
