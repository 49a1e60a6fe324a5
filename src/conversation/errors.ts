/**
 * Every error that a room may raise, each with a code from one list. Expected ends (a wrong code, a locked account)
 * are outcomes, not errors. Messages are for developers and operators: they name the fault and the way out, and
 * never hold personal data.
 */

export type ErrorCode =
  | 'config-invalid'
  | 'content-invalid'
  | 'state-stale'
  | 'store-closed'
  | 'store-unavailable'
  | 'backend-timeout'
  | 'backend-unavailable'
  | 'backend-rejected'
  | 'mail-unavailable'
  | 'proof-invalid'
  | 'request-invalid'
  | 'request-too-large'
  | 'request-forbidden'
  | 'request-unauthorised'
  | 'too-many-messages'
  | 'overloaded'
  | 'conversation-unknown'
  | 'internal';

export class SesameError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'SesameError';
  }
}

/** One fault in content or configuration, with what to do about it. */
export interface Fault {
  /** File from the project's root, or the name of a setting. */
  readonly where: string;
  /** 1-based, where known. */
  readonly line?: number;
  readonly what: string;
  readonly todo: string;
}

/** Broken content or configuration: holds **all** faults, because being told one at a time is unkind. */
export class FaultsError extends SesameError {
  constructor(
    code: 'config-invalid' | 'content-invalid',
    readonly faults: readonly Fault[],
  ) {
    super(code, faults.map(describeFault).join('\n'));
    this.name = 'FaultsError';
  }
}

export function describeFault(fault: Fault): string {
  const line = fault.line === undefined ? '' : `:${String(fault.line)}`;
  return `${fault.where}${line}: ${fault.what} -> ${fault.todo}`;
}

/** Too much at once: nothing was accepted, and it is worth asking again after `retryAfter` seconds. */
export class BusyError extends SesameError {
  constructor(
    code: 'too-many-messages' | 'overloaded',
    message: string,
    readonly retryAfter: number,
  ) {
    super(code, message);
    this.name = 'BusyError';
  }
}

/** The state was changed by another turn since it was read. */
export class StaleStateError extends SesameError {
  constructor(what: string) {
    super('state-stale', `${what} was changed by someone else since it was read: read it again and redo the work`);
    this.name = 'StaleStateError';
  }
}
