/**
 * The measures, put to work: decorators that the wiring lays around the store, the actions, the account backend, the log
 * and the assistant, so that no room knows of them. Where nothing is to be measured, everything is left as it is.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Config } from './config.js';
import { SesameError } from './conversation/errors.js';
import type { Assistant, Clock, ConversationStore, Outbox } from './conversation/ports.js';
import type { Actions } from './dialog/run.js';
import type { InternalRoutes } from './internal.js';
import type { Log } from './log.js';
import type { Meters } from './metrics/measures.js';
import { createPrometheus } from './metrics/prometheus.js';
import { routeOf, statusClass } from './metrics/routes.js';
import { startStopwatch } from './metrics/stopwatch.js';
import { measuredStore, queuedStore, tellLateness } from './metrics/store.js';
import type { TurnOptions } from './open-turn.js';

type Method = (...given: readonly unknown[]) => unknown;

export interface Measures {
  log(log: Log): Log;
  /** Failures, the time to accept, and what becomes of the outbox. */
  store<S extends ConversationStore & Outbox>(store: S): S;
  /** For the assistant: also how long turns wait for their conversation. */
  queued<S extends ConversationStore>(store: S): S;
  actions(actions: Actions): Actions;
  /** Every method that gives a promise is a call. */
  backend<B extends object>(backend: B): B;
  /** For doors that hold streams open. */
  followed<A extends Assistant>(assistant: A): A;
  /** From now on: connections to this port, and at each reading how many requests for an adviser are open. */
  watch(what: { readonly port: () => number | undefined; readonly requests: () => number }): void;
  /** For turns. */
  readonly turns: Pick<TurnOptions, 'stopwatch'>;
  readonly routes: InternalRoutes;
}

const same = <T>(given: T): T => given;

/** Measures nothing and costs nothing. */
export const UNMEASURED: Measures = {
  ...{ log: same, store: same, queued: same, actions: same, backend: same, followed: same },
  ...{ watch: () => undefined, turns: {}, routes: {} },
};

/** Measures where there is an internal port to read them at, and makes traces where these are on. */
export async function openMeasures({ config: { internal, traces }, clock }: { readonly config: Pick<Config, 'internal' | 'traces'>; readonly clock: Clock }): Promise<Measures> {
  if (!internal && !traces) return UNMEASURED;
  // Loaded only where it is asked for.
  const tracing = traces ? (await import('./metrics/traces.js')).createTracing() : undefined;
  const prometheus = createPrometheus();
  const { meters } = prometheus;
  const now = (): number => performance.now();
  return {
    log: (log) => countedLog(log, meters),
    store: (store) => {
      prometheus.before(() => tellLateness(store, clock, meters));
      return measuredStore(store, meters);
    },
    queued: (store) => queuedStore(store, meters),
    actions: (actions) => measuredActions(actions, meters),
    backend: (backend) => measuredBackend(backend, meters),
    followed: (assistant) => ({ ...assistant, follow: followed(assistant, meters) }),
    watch({ port, requests }) {
      prometheus.before(() => { meters.set('requestsOpen', {}, requests()); });
      countConnections(port, meters);
    },
    turns: { stopwatch: (kind) => startStopwatch(kind, { meters, tracing, now }) },
    routes: { '/metrics': async () => ({ status: 200, type: prometheus.contentType, body: await prometheus.text() }) },
  };
}

function measuredActions(actions: Actions, meters: Meters): Actions {
  meters.learn('action', Object.keys(actions));
  // What an action that throws ends as, in a dialog.
  meters.learn('outcome', [...Object.values(actions).flatMap(({ outcomes }) => outcomes), 'unexpected']);
  return Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, {
    ...action,
    run: async (input) => {
      const started = performance.now();
      let outcome = 'unexpected';
      try {
        const result = await action.run(input);
        ({ outcome } = result);
        return result;
      } finally {
        meters.add('actions', { action: name, outcome });
        meters.took('action', { action: name }, performance.now() - started);
      }
    },
  }]));
}

function measuredBackend<B extends object>(backend: B, meters: Meters): B {
  const calls = Object.keys(backend).filter((name) => name !== 'close');
  meters.learn('call', calls);
  const measured = (call: string, method: Method): Method => async (...given) => {
    const started = performance.now();
    let end = 'broke';
    try {
      const answer = await method(...given);
      end = answerEnd(answer);
      return answer;
    } catch (error) {
      if (error instanceof SesameError && error.code.startsWith('backend-')) end = error.code.slice('backend-'.length);
      throw error;
    } finally {
      meters.add('backendCalls', { call, end });
      meters.took('backendCall', {}, performance.now() - started);
    }
  };
  // Its own properties rather than a proxy: the wiring spreads it.
  const methods = Object.entries(backend as Readonly<Record<string, Method>>).filter(([name]) => calls.includes(name));
  return { ...backend, ...Object.fromEntries(methods.map(([name, method]) => [name, measured(name, method)])) };
}

function answerEnd(answer: unknown): string {
  if (answer === false) return 'unavailable';
  const kind = kindOf(answer);
  if (kind === 'unknown') return kind;
  return kind === 'proof-refused' ? 'refused' : 'answered';
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : '';
}

function followed(assistant: Assistant, meters: Meters): Assistant['follow'] {
  return (...given) => {
    const stop = assistant.follow(...given);
    let open = true;
    meters.move('streams', 1);
    return () => {
      stop();
      if (open) meters.move('streams', -1);
      open = false;
    };
  };
}

/** What other files already tell the log is counted where it passes: nothing of a line is kept but what is on a list. */
function countedLog(log: Log, meters: Meters): Log {
  const told: Readonly<Record<string, (fields: Readonly<Record<string, unknown>>) => void>> = {
    'http.request': ({ path, status }) => { meters.add('requests', { route: routeOf(String(path)), status: statusClass(Number(status)) }); },
    'backend.resting': () => { meters.set('backendResting', {}, 1); },
    'backend.back': () => { meters.set('backendResting', {}, 0); },
  };
  const at = (severity: 'info' | 'warn' | 'error'): Log['info'] => (event, fields) => {
    meters.add('logged', { severity });
    told[event]?.(fields ?? {});
    log[severity](event, fields);
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** Node.js tells of every connection that any server of this process takes. */
function countConnections(port: () => number | undefined, meters: Meters): void {
  subscribe('net.server.socket', (message: unknown) => {
    const { socket } = message as { readonly socket: Socket };
    if (socket.localPort === undefined || socket.localPort !== port()) return;
    meters.move('connections', 1);
    socket.once('close', () => { meters.move('connections', -1); });
  });
}
