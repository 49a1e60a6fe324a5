/**
 * Every figure that bounds a proof of identity, in one place: the documentation and the tests read this same table.
 * They protect a person from being guessed at, and never touch the real account's own lock.
 */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const LIMITS = {
  /** Life of a code, from the moment the mail was handed over. */
  codeLifeMs: 10 * MINUTE,
  /** Tries a code. */
  triesPerCode: 5,
  /** Tries an account in a day, whatever the conversation, the address or the code. */
  triesPerAccountDay: 10,
  /** Least time between two sends to an account. */
  betweenSendsMs: MINUTE,
  sendsPerHour: 3,
  sendsPerDay: 5,
  /** Different identities tried in one conversation. */
  identitiesPerConversation: 3,
  /** Life of a proof. */
  proofLifeMs: 10 * MINUTE,
  hourMs: HOUR,
  dayMs: 24 * HOUR,
} as const;
