/**
 * The live side of Direct Line: a WebSocket that replays a conversation from a watermark, then follows it. It only
 * speaks; what clients have to say comes by POST.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Assistant, Signals } from '../conversation/ports.js';
import { inGroups } from '../health/ending.js';
import type { Barred } from '../limits/door.js';
import { keepAlive, leave } from '../limits/silence.js';
import { Refusal, toRefusal } from './activities.js';
import type { CardLabels } from './cards.js';
import { entriesAfter, Follower } from './follower.js';
import type { Claims, Tokens } from './tokens.js';

export interface StreamOptions {
  readonly assistant: Assistant;
  readonly tokens: Tokens;
  readonly allowsOrigin: (origin: string) => boolean;
  readonly labels: CardLabels;
  /** Without it nobody is seen writing. */
  readonly signals?: Pick<Signals, 'onAdviserTypes'>;
  /** Takes a place for a stream, and gives back the way to leave it, or why there is none. There is room for all, unless told. */
  readonly enter?: (request: IncomingMessage) => Barred | (() => void);
  /** Told of what went wrong on our side. */
  readonly report: (event: string, error: unknown) => void;
  /** Milliseconds between two signs of life; a client silent for two of them is let go. */
  readonly keepAliveMs?: number;
}

export interface Streams {
  /** Answers an HTTP upgrade: opens a stream, or refuses in the error shape of the API. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Opens no more, and sends every client elsewhere (1012), within two seconds. */
  close(): Promise<void>;
}

const limits = { socketsEach: 5, frameBytes: 16 * 1024, fragments: 64 };

/**
 * A watermark as a number: the last seq that the client has seen. Absent, empty or `-` is 0; anything else that is
 * not a decimal number is refused.
 */
export function readWatermark(given: string | null): number {
  if (given === null || given === '' || given === '-') return 0;
  if (!/^\d{1,15}$/.test(given)) throw new Refusal('BadArgument', 'The watermark must be a number that we gave.');
  return Number(given);
}

export function createStreams(options: StreamOptions): Streams {
  const { keepAliveMs = 15_000 } = options;
  const sockets = new Map<string, Set<WebSocket>>();
  let closing = false;
  const server = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, maxFragments: limits.fragments, perMessageDeflate: false });

  const admit = async (request: IncomingMessage, socket: Duplex): Promise<{ claims: Claims; watermark: number }> => {
    takePlace(socket, options.enter?.(request));
    const asked = await readTarget(request, options);
    await options.tokens.renewed(asked.claims);
    await entriesAfter(options.assistant, asked.claims.conversation, asked.watermark);
    if ((sockets.get(asked.claims.conversation)?.size ?? 0) < limits.socketsEach) return asked;
    throw new Refusal('LimitExceeded', 'This conversation has too many open streams: close one.');
  };

  const open = (socket: WebSocket, claims: Claims, watermark: number) => {
    const own = sockets.get(claims.conversation) ?? new Set();
    sockets.set(claims.conversation, own.add(socket));
    const stop = [
      keepAlive(socket, keepAliveMs),
      new Follower(socket, options, { conversationId: claims.conversation, user: claims.user, labels: options.labels, claims }, watermark).start(),
      options.tokens.onLost(claims, () => { leave(socket, 4401); }),
    ];
    // A frame too large or malformed ends in an error event, and then in a close like any other.
    socket.on('error', () => { socket.terminate(); });
    socket.once('close', () => {
      for (const end of stop) end();
      own.delete(socket);
      if (own.size === 0 && sockets.get(claims.conversation) === own) sockets.delete(claims.conversation);
    });
    // Let in while the others were being sent elsewhere.
    if (closing) leave(socket, 1012);
  };

  return {
    upgrade: async (request, socket, head) => {
      const ignore = () => undefined;
      socket.on('error', ignore);
      try {
        const { claims, watermark } = await admit(request, socket);
        socket.off('error', ignore);
        server.handleUpgrade(request, socket, head, (webSocket) => { open(webSocket, claims, watermark); });
      } catch (error) {
        const refusal = toRefusal(error);
        if (refusal.status >= 500) options.report('stream.refused', error);
        refuseUpgrade(socket, refusal);
      }
    },
    close: () => {
      closing = true;
      return inGroups([...sockets.values()].flatMap((own) => [...own]), (socket) => { leave(socket, 1012); });
    },
  };
}

/** Taken until the connection is closed, however that ends. */
function takePlace(socket: Duplex, place: Barred | (() => void) = () => undefined): void {
  if (typeof place !== 'function') throw refusalOf(place);
  socket.once('close', place);
}

const streamPath = /^\/v3\/directline\/conversations\/([^/]+)\/stream$/;

/** Reads the address of an upgrade and takes its ticket: the same address opens nothing twice. */
async function readTarget(request: IncomingMessage, options: StreamOptions): Promise<{ claims: Claims; watermark: number }> {
  const { origin } = request.headers;
  if (origin !== undefined && !options.allowsOrigin(origin)) {
    throw new Refusal('Forbidden', 'Pages of this origin may not open a stream.');
  }
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const conversation = streamPath.exec(path)?.[1];
  if (conversation === undefined) throw new Refusal('NotFound', 'There is no stream at this address.');
  const asked = new URLSearchParams(query);
  const claims = await options.tokens.redeem(asked.get('t') ?? '');
  if (claims?.conversation !== conversation) {
    throw new Refusal('Forbidden', 'This stream ticket is spent or not of this conversation: ask for a new streamUrl.');
  }
  return { claims, watermark: readWatermark(asked.get('watermark')) };
}

function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = JSON.stringify(refusal.body);
  const head = ['Content-Type: application/json; charset=utf-8', `Content-Length: ${String(Buffer.byteLength(body))}`, ...(refusal.retryAfter === undefined ? [] : [`Retry-After: ${String(refusal.retryAfter)}`])];
  // Whoever leaves their half open would otherwise keep the connection for as long as they like.
  socket.end(`HTTP/1.1 ${String(refusal.status)} Refused\r\n${head.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`, () => { socket.destroy(); });
}

/** In which words somebody is turned away at the door. */
export function refusalOf(barred: Barred): Refusal {
  if (barred.why === 'misshapen') return new Refusal('BadSyntax', 'The address is too long, or there are too many headers.');
  if (barred.why === 'full') return new Refusal('ServiceUnavailable', 'Too many people are here: come back in a moment.', barred);
  return new Refusal('LimitExceeded', 'Too much comes from where you are: wait a little.', barred);
}
