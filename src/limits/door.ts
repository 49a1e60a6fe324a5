/**
 * What is looked at before a request is: how many connections there are and from where, how fast requests come, and how
 * long anybody may take to ask or to listen. In which words they are turned away is the server's.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../conversation/ports.js';
import type { Sources } from '../sources/whence.js';
import { hasNoEnd } from './body.js';
import { createPace } from './pace.js';
import { LARGE, Places, type Leave } from './places.js';
import type { LimitSettings } from './settings.js';

/** `full`: no room for anybody. `crowded`, `hurried`: none for this address, or not so fast. `misshapen`: no client of ours writes so. */
export type Barred = { readonly why: 'full' | 'crowded' | 'hurried'; readonly retryAfter: number } | { readonly why: 'misshapen' };

export interface DoorOptions {
  readonly settings: Omit<LimitSettings, 'turns' | 'turnsWaiting'>;
  readonly sources: Pick<Sources, 'whence' | 'neighbour'>;
  readonly clock: Clock;
  readonly patience?: Partial<typeof PATIENCE>;
}

export interface Door {
  /** Why a request goes no further; nothing where it may. To be asked once for each, also for an upgrade. */
  bar(request: IncomingMessage, response?: ServerResponse): Barred | undefined;
  /** A place for a stream, or why there is none. */
  openStream(request: IncomingMessage): Leave | Barred;
}

/** Milliseconds: for the headers, for all of a request, for reading its answer; and for whoever is only to be told to come back. */
const PATIENCE = { headers: 7_000, request: 9_000, answer: 60_000, barred: 3_000, look: 1_000 };
/** Requests sent on one connection before the first is answered. Browsers send one. */
const AHEAD_AT_MOST = 8;
/** So many more connections are told why they are one too many; the next are cut. */
const TOLD = { total: 256, perAddress: 16 };
const LONGEST = { address: 4_096, headers: 100 };
const COME_BACK = { full: 5, crowded: 5 };

/** Watches over the connections of a server that does not listen yet. */
export function keepDoor(http: Server, { settings, sources, clock, patience: given = {} }: DoorOptions): Door {
  const patience = { ...PATIENCE, ...given };
  http.headersTimeout = patience.headers;
  http.requestTimeout = patience.request;
  // Otherwise it only looks every 30 seconds whose time is over.
  Object.assign(http, { connectionsCheckingInterval: patience.look });
  const barred = watchConnections(http, { settings, sources, patience });
  const streams = new Places({ total: settings.streams, perAddress: settings.streamsPerAddress });
  const pace = createPace(clock, { atOnce: settings.requestsPerSecond * 4, perSecond: settings.requestsPerSecond });
  const done = watchRequests(http, patience.answer);

  const hurried = (request: IncomingMessage): Barred | undefined => {
    const { address, crowd } = sources.whence(request);
    const retryAfter = crowd === 'free' ? undefined : pace(address, crowd === 'large' ? LARGE : 1);
    return retryAfter === undefined ? undefined : { why: 'hurried', retryAfter };
  };
  return {
    bar(request, response) {
      const why = barred.get(request.socket) ?? (isMisshapen(request) ? { why: 'misshapen' } : hurried(request));
      if (response && (why !== undefined || hasNoEnd(request))) response.shouldKeepAlive = false;
      if (why !== undefined) done.add(request.socket);
      return why;
    },
    openStream(request) {
      const taken = streams.take(sources.whence(request));
      return typeof taken === 'string' ? { why: taken, retryAfter: COME_BACK[taken] } : taken;
    },
  };
}

/**
 * Cuts whoever asks on and on without waiting for an answer, and whoever does not read it. One packet holds a thousand
 * requests, and what reads them goes on to its end whatever became of the connection: so this stands before everything
 * else, and none of them costs what a request costs. Gives back the connections of which no more is to be heard.
 */
function watchRequests(http: Server, withinMs: number): WeakSet<Socket> {
  const done = new WeakSet<Socket>();
  const unanswered = new WeakMap<Socket, Set<NodeJS.Timeout>>();
  const begin = (socket: Socket): Set<NodeJS.Timeout> => {
    const timers = new Set<NodeJS.Timeout>();
    unanswered.set(socket, timers);
    // Answers that wait behind another are never told that the connection is gone: their timers would hold all of it.
    socket.once('close', () => { timers.forEach(clearTimeout); });
    return timers;
  };
  const hearers = http.listeners('request');
  http.removeAllListeners('request');
  http.on('request', (request, response) => {
    const { socket } = request;
    if (done.has(socket)) return;
    const timers = unanswered.get(socket) ?? begin(socket);
    if (timers.size >= AHEAD_AT_MOST) {
      done.add(socket);
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => { socket.destroy(); }, withinMs).unref();
    timers.add(timer);
    response.once('close', () => {
      clearTimeout(timer);
      timers.delete(timer);
    });
    for (const hear of hearers) hear.call(http, request, response);
  });
  return done;
}

interface Watching {
  readonly settings: Pick<LimitSettings, 'connections' | 'connectionsPerAddress'>;
  readonly sources: Pick<Sources, 'neighbour'>;
  readonly patience: typeof PATIENCE;
}

/** The connections that are one too many and may still be told so. */
function watchConnections(http: Server, { settings, sources, patience }: Watching): WeakMap<Socket, Barred> {
  const places = new Places({ total: settings.connections, perAddress: settings.connectionsPerAddress });
  const told = new Places(TOLD);
  const barred = new WeakMap<Socket, Barred>();
  http.on('connection', (socket) => {
    const from = sources.neighbour(socket);
    const taken = places.take(from);
    if (typeof taken !== 'string') {
      socket.once('close', taken);
      return;
    }
    const extra = told.take(from);
    if (typeof extra === 'string') {
      socket.destroy();
      return;
    }
    socket.once('close', extra);
    barred.set(socket, { why: taken, retryAfter: COME_BACK[taken] });
    cutAfter(socket, patience.barred);
  });
  return barred;
}

/** Cuts a connection that is still there by then. */
function cutAfter(socket: Socket, ms: number): void {
  const timer = setTimeout(() => { socket.destroy(); }, ms).unref();
  socket.once('close', () => { clearTimeout(timer); });
}

function isMisshapen({ url = '', rawHeaders }: IncomingMessage): boolean {
  return url.length > LONGEST.address || rawHeaders.length > 2 * LONGEST.headers;
}
