/**
 * How much may come in at a time, and from whom: the figures, with what they are where nobody sets them. What is done past
 * them is said in the files around.
 */

export interface LimitSettings {
  /** Open connections, streams included. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Open streams, one a window that has the discussion open. */
  readonly streams: number;
  readonly streamsPerAddress: number;
  /** Requests from one address; four times as many may come at once. */
  readonly requestsPerSecond: number;
  /** Messages of one conversation: so many at once, then so many a minute. */
  readonly messageBurst: number;
  readonly messagesPerMinute: number;
  /** Messages of one conversation that wait for their answer. */
  readonly unanswered: number;
  /** Turns under way, and those that wait for one of them to end. */
  readonly turns: number;
  readonly turnsWaiting: number;
}

export const LIMITS: LimitSettings = {
  ...{ connections: 15_000, connectionsPerAddress: 100, streams: 12_000, streamsPerAddress: 20, requestsPerSecond: 50 },
  ...{ messageBurst: 5, messagesPerMinute: 60, unanswered: 64, turns: 256, turnsWaiting: 1_000 },
};

/** On one's own machine one person plays many, and programs write faster than people. */
export const LOCAL_LIMITS: LimitSettings = { ...LIMITS, messageBurst: 1_000, messagesPerMinute: 60_000, turnsWaiting: 10_000 };

const NAMES: Readonly<Record<keyof LimitSettings, string>> = {
  connections: 'MAX_CONNECTIONS',
  connectionsPerAddress: 'MAX_CONNECTIONS_PER_ADDRESS',
  streams: 'MAX_STREAMS',
  streamsPerAddress: 'MAX_STREAMS_PER_ADDRESS',
  requestsPerSecond: 'MAX_REQUESTS_PER_SECOND',
  messageBurst: 'MAX_MESSAGE_BURST',
  messagesPerMinute: 'MAX_MESSAGES_PER_MINUTE',
  unanswered: 'MAX_UNANSWERED',
  turns: 'MAX_TURNS',
  turnsWaiting: 'MAX_TURNS_WAITING',
};

/** The settings as `read` finds them by name; it is told what holds where there is nothing to find. */
export function readLimits(mode: 'local' | 'production', read: (name: string, otherwise: number) => number): LimitSettings {
  const otherwise = mode === 'local' ? LOCAL_LIMITS : LIMITS;
  const found = (Object.keys(NAMES) as (keyof LimitSettings)[]).map((key) => [key, read(NAMES[key], otherwise[key])]);
  return Object.fromEntries(found) as LimitSettings;
}
