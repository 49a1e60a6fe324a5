/**
 * Asking for a human. The desk is where requests go; without one, the answer is honestly « nobody », and the dialog
 * says how to reach a person elsewhere.
 */

export interface HandoffRequest {
  readonly conversationId: string;
  /** The same for every try of one request. */
  readonly key: string;
}

export type HandoffOutcome = 'requested' | 'nobody';

export interface Desk {
  /** Asks for an adviser; `nobody` when none can be promised. */
  request(request: HandoffRequest): Promise<HandoffOutcome>;
}

/** The desk of an installation that no adviser is connected to. */
export const noDesk: Desk = { request: () => Promise.resolve('nobody') };

export const HANDOFF_OUTCOMES: readonly HandoffOutcome[] = ['requested', 'nobody'];

export interface HandoffAction {
  readonly outcomes: readonly HandoffOutcome[];
  run(request: HandoffRequest): Promise<{ outcome: HandoffOutcome }>;
}

/** The action behind every `handoff` step. */
export function createHandoffAction(desk: Desk): HandoffAction {
  return {
    outcomes: HANDOFF_OUTCOMES,
    run: async ({ conversationId, key }) => ({ outcome: await desk.request({ conversationId, key }) }),
  };
}
