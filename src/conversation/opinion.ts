/**
 * What a person may think of one message of Sésame: two verdicts and a closed list of reasons, so that no word of
 * theirs comes with it. Where opinions are kept is not decided here.
 */

const VERDICTS = ['up', 'down'] as const;
export const REASONS = ['not-my-case', 'not-clear', 'did-not-work', 'other'] as const;

export type Verdict = (typeof VERDICTS)[number];
export type OpinionReason = (typeof REASONS)[number];

export interface Opinion {
  /** Sequence number of the assistant's entry. */
  readonly about: number;
  readonly verdict: Verdict;
  readonly reason?: OpinionReason;
}

/** `nothing-to-judge`: there is no such entry, or Sésame did not say it. */
export type Judged = 'taken' | 'nothing-to-judge';

/** The opinion in what a client sent, or nothing where a part of it is on no list. */
export function readOpinion(given: { readonly about: number; readonly verdict: unknown; readonly reason?: unknown }): Opinion | undefined {
  const { about } = given;
  const verdict = VERDICTS.find((one) => one === given.verdict);
  const reason = REASONS.find((one) => one === given.reason);
  if (!Number.isSafeInteger(about) || about < 1 || verdict === undefined) return undefined;
  if (given.reason === undefined || given.reason === null) return { about, verdict };
  return reason === undefined ? undefined : { about, verdict, reason };
}
