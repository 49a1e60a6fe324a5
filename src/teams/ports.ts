/**
 * What the Teams room needs of the outside, and what its halves share: how a card or a message is sent, and where the
 * thread of a request lies. Only adapter.ts knows the Bot Framework behind it.
 */

/** An activity as the connector takes it: plain JSON, see ../shared/protocol. Never identity data. */
export type TeamsActivity = Readonly<Record<string, unknown>> & { readonly type: string };

/** A thread in a channel: its root message is the card of a request. */
export interface Thread {
  /** Where the connector is, as Teams told it; checked against the allowed hosts. */
  readonly serviceUrl: string;
  /** Conversation id of the thread: the channel's id and `;messageid=` of the root. */
  readonly conversationId: string;
  /** Activity id of the root card, to update it. */
  readonly rootId: string;
}

/** How a call to the connector may fail. `retryAfterMs` is what Teams asked for. */
export class TeamsRefusal extends Error {
  constructor(
    readonly status: number,
    /** Whether the same call may succeed later. */
    readonly passing: boolean,
    readonly retryAfterMs?: number,
  ) {
    super(`the connector answered ${String(status)}`);
    this.name = 'TeamsRefusal';
  }
}

/** Calls to the connector, one try each. All throw `TeamsRefusal`; a call without an answer in time is a passing one, status 0. */
export interface TeamsConnector {
  /** Starts a thread in a team's channel. */
  startThread(place: { readonly tenant: string; readonly channel: string }, root: TeamsActivity): Promise<Thread>;
  /** Changes a card in place. */
  update(thread: Thread, activityId: string, activity: TeamsActivity): Promise<void>;
  /** Adds to a thread; resolves with the activity's id. */
  reply(thread: Thread, activity: TeamsActivity): Promise<string>;
}
