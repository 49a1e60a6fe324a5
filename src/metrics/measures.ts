/**
 * Everything that is measured, as one table: names, what they tell, and the closed list of what each label may say. A
 * value that is on no list is told as `other`, so nothing that people bring can become a label. How they are kept is
 * prometheus.ts.
 */

/** What a turn spends its time on. The time of a step leaves out the steps within it. */
export const STEPS = ['load', 'recognise', 'decide', 'dialog', 'actions', 'commit'] as const;
export type Step = (typeof STEPS)[number];

/** `left`: the store failed, and the utterance stays in the inbox. */
export type TurnEnd = 'closed' | 'apologised' | 'left';

/** The stages of turn.ts; `none` where a turn broke before one claimed it. */
export const STAGE_NAMES = ['adviserHolds', 'sayClosed', 'welcome', 'protectPerson', 'withdrawRequest', 'obeyCommand', 'correctAnswer', 'continueDialog', 'answerFromKnowledge', 'askAgain'] as const;

export const UTTERANCES = ['opening', 'words', 'form'] as const;

export const ROUTES = ['token', 'conversation', 'activities', 'stream', 'session', 'teams', 'aide', 'franceconnect', 'pages', 'files', 'health', 'other'] as const;

/** Of a refusal only what makes somebody wait has a name of its own. */
export const STATUSES = ['2xx', '3xx', '4xx', '429', '5xx', '503'] as const;

const OUTBOX_KINDS = ['mail.code', 'mail.notice', 'post.letter', 'handoff.card', 'handoff.history', 'handoff.relay', 'handoff.idle'] as const;

/** Values that are known only once the house is put together: `learn` tells them. */
const LEARNT: readonly string[] = [];

export interface Measure {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

const SHORT = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.15, 0.5, 2];
const LONG = [0.1, 0.5, 1, 3, 10];

export const MEASURES = {
  turnStep: { kind: 'histogram', name: 'sesame_turn_step_seconds', help: 'Time of a turn spent in each step', labels: { step: STEPS }, buckets: SHORT },
  turn: { kind: 'histogram', name: 'sesame_turn_seconds', help: 'Time of a whole turn, from the reading of the state to the last commit', labels: {}, buckets: [...SHORT, 5] },
  turnWait: { kind: 'histogram', name: 'sesame_turn_wait_seconds', help: 'Time before a turn has its conversation to itself', labels: {}, buckets: [...SHORT, 5] },
  turns: { kind: 'counter', name: 'sesame_turns_total', help: 'Turns by the stage that claimed them and how they ended', labels: { stage: [...STAGE_NAMES, 'none'], end: ['closed', 'apologised', 'left'] } },
  accept: { kind: 'histogram', name: 'sesame_accept_seconds', help: 'Time to have an utterance on disk', labels: { end: ['accepted', 'seen', 'failed'] }, buckets: SHORT },
  actions: { kind: 'counter', name: 'sesame_actions_total', help: 'Actions of dialogs by name and outcome', labels: { action: LEARNT, outcome: LEARNT } },
  action: { kind: 'histogram', name: 'sesame_action_seconds', help: 'Time of an action of a dialog', labels: { action: LEARNT }, buckets: LONG },
  backendCalls: { kind: 'counter', name: 'sesame_backend_calls_total', help: 'Calls to the account backend by name and how they ended', labels: { call: LEARNT, end: ['answered', 'refused', 'unknown', 'timeout', 'unavailable', 'rejected', 'broke'] } },
  backendCall: { kind: 'histogram', name: 'sesame_backend_call_seconds', help: 'Time of a call to the account backend, its tries together', labels: {}, buckets: LONG },
  outbox: { kind: 'counter', name: 'sesame_outbox_items_total', help: 'Items of the outbox: put by turns, done, or put back for another try', labels: { kind: OUTBOX_KINDS, end: ['put', 'done', 'retried'] } },
  outboxLate: { kind: 'gauge', name: 'sesame_outbox_late_seconds', help: 'How long the oldest item of each kind has been due', labels: { kind: OUTBOX_KINDS } },
  storeFailures: { kind: 'counter', name: 'sesame_store_failures_total', help: 'Calls to the store that failed', labels: { operation: ['accept', 'commitTurn', 'other'], code: ['state-stale', 'store-closed', 'store-unavailable', 'store-full', 'conversation-unknown', 'other'] } },
  requests: { kind: 'counter', name: 'sesame_http_requests_total', help: 'Requests to the public server by route and class of status', labels: { route: ROUTES, status: STATUSES } },
  connections: { kind: 'gauge', name: 'sesame_connections', help: 'Open connections to the public server', labels: {} },
  streams: { kind: 'gauge', name: 'sesame_streams', help: 'Open streams of conversations', labels: {} },
  turnsQueued: { kind: 'gauge', name: 'sesame_turns_queued', help: 'Turns that wait for their conversation', labels: {} },
  requestsOpen: { kind: 'gauge', name: 'sesame_adviser_requests', help: 'Requests for an adviser that wait or are held', labels: {} },
  backendResting: { kind: 'gauge', name: 'sesame_backend_resting', help: '1 while the account backend is given rest after failures', labels: {} },
  logged: { kind: 'counter', name: 'sesame_log_lines_total', help: 'Lines for the log by severity, written or not', labels: { severity: ['info', 'warn', 'error'] } },
} as const satisfies Readonly<Record<string, Measure>>;

type Table = typeof MEASURES;
export type NameOf<K extends Measure['kind']> = { [N in keyof Table]: Table[N]['kind'] extends K ? N : never }[keyof Table];
export type LabelsOf<N extends keyof Table> = { readonly [L in keyof Table[N]['labels']]: string };

/** How the rest of the house tells what it measured. Nothing here throws, waits or keeps what it is given. */
export interface Meters {
  add<N extends NameOf<'counter'>>(measure: N, labels: LabelsOf<N>): void;
  took<N extends NameOf<'histogram'>>(measure: N, labels: LabelsOf<N>, ms: number): void;
  /** Moves a gauge by so much. */
  move(measure: NameOf<'gauge'>, by: number): void;
  set<N extends NameOf<'gauge'>>(measure: N, labels: LabelsOf<N>, value: number): void;
  /** Adds values of our own to the closed list of a label; called while the house is put together. */
  learn(label: 'action' | 'outcome' | 'call', values: readonly string[]): void;
}
