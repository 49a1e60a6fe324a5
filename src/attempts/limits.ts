/**
 * Every figure that bounds a proof of identity, in one place: the documentation and the tests read this same table.
 * They protect a person from being guessed at, and never touch the real account's own lock.
 */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const LIMITS = {
  /** Life of a code, from the moment the mail was handed over. */
  codeLifeMs: 10 * MINUTE,
  /** Tries a code. */
  triesPerCode: 5,
  /** Tries an account in a day, whatever the conversation, the address or the code. */
  triesPerAccountDay: 10,
  /** The wait that follows each failure of an account in a day, the first failure first; past the last, the day's end. */
  waitsMs: [0, 0, 0, 0, 1, 2, 4, 8, 16].map((minutes) => minutes * MINUTE),
  /** Answers in a row that are no code at all, in one conversation, before it has to pause. They never count as tries. */
  malformedBeforePause: 10,
  pauseMs: MINUTE,
  /** Least time between two sends to an account. */
  betweenSendsMs: MINUTE,
  sendsPerHour: 3,
  sendsPerDay: 5,
  /** Different identities tried in one conversation. */
  identitiesPerConversation: 3,
  /** Different identities tried from one range of addresses, in `sourceWindowMs`. */
  identitiesPerSource: 10,
  sourceWindowMs: 10 * MINUTE,
  /** Conversations and birth dates tried with one number in a day. */
  identitiesPerAccountDay: 10,
  /**
   * Wrong codes in a minute, of everybody together, past which no new code is sent for `sprayHoldMs`, but to whoever
   * comes from a range of addresses that gave no identity lately: guessing must not shut the door on everybody.
   */
  wrongPerMinute: 30,
  /** Wrong codes in a minute past which no new code is sent to anybody. */
  wrongPerMinuteAtMost: 300,
  sprayHoldMs: MINUTE,
  /** Life of a code by post, from the moment the letter was handed over. */
  letterLifeMs: 21 * DAY,
  triesPerLetter: 5,
  lettersPerWeek: 1,
  lettersPerMonth: 2,
  /** Tries with a letter in one conversation in a day, whatever the reference. */
  letterTriesPerConversation: 5,
  /** Tries with a letter from one range of addresses, in `sourceWindowMs`. */
  letterTriesPerSource: 10,
  /** Life of a proof. */
  proofLifeMs: 10 * MINUTE,
  /** What answers to forms about identity wait for: they leave on a multiple of it, whoever is asked about. */
  replyGridMs: 800,
  minuteMs: MINUTE,
  hourMs: HOUR,
  dayMs: DAY,
  weekMs: 7 * DAY,
  monthMs: 30 * DAY,
} as const;
