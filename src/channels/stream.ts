/**
 * The live side of Direct Line: a WebSocket that replays a conversation from a watermark, then follows it. It only
 * speaks; what clients have to say comes by POST.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Assistant, Signals } from '../conversation/ports.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import { Refusal, toActivities, toRefusal, type Viewer } from './activities.js';
import { adviserTyping, endOfConversation } from './beside.js';
import type { CardLabels } from './cards.js';
import type { Claims, Tokens } from './tokens.js';

export interface StreamOptions {
  readonly assistant: Assistant;
  readonly tokens: Tokens;
  readonly allowsOrigin: (origin: string) => boolean;
  readonly labels: CardLabels;
  /** Without it nobody is seen writing. */
  readonly signals?: Pick<Signals, 'onAdviserTypes'>;
  /** Told of what went wrong on our side. */
  readonly report: (event: string, error: unknown) => void;
  /** Milliseconds between two signs of life; a client silent for two of them is let go. */
  readonly keepAliveMs?: number;
}

export interface Streams {
  /** Answers an HTTP upgrade: opens a stream, or refuses in the error shape of the API. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Asks every client to come back later (1012). */
  close(): void;
}

const limits = { socketsEach: 5, bufferedBytes: 256 * 1024, page: 100, frameBytes: 16 * 1024, goodbyeMs: 2_000 };

/**
 * A watermark as a number: the last seq that the client has seen. Absent, empty or `-` is 0; anything else that is
 * not a decimal number is refused.
 */
export function readWatermark(given: string | null): number {
  if (given === null || given === '' || given === '-') return 0;
  if (!/^\d{1,15}$/.test(given)) throw new Refusal('BadArgument', 'The watermark must be a number that we gave.');
  return Number(given);
}

/** Entries after the watermark, `before` being the one it stands on. Refuses a watermark past the end. */
export async function entriesAfter(assistant: Assistant, conversationId: string, watermark: number) {
  const found = await assistant.transcript(conversationId, Math.max(0, watermark - 1), limits.page + 1);
  if (watermark > 0 && found[0]?.seq !== watermark) {
    throw new Refusal('BadArgument', 'The watermark is past the end of the conversation.');
  }
  return watermark === 0 ? { before: [], after: found } : { before: found.slice(0, 1), after: found.slice(1) };
}

export function createStreams(options: StreamOptions): Streams {
  const { keepAliveMs = 15_000 } = options;
  const sockets = new Map<string, Set<WebSocket>>();
  const server = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, perMessageDeflate: false });

  const admit = async (request: IncomingMessage): Promise<{ claims: Claims; watermark: number }> => {
    const asked = readTarget(request, options);
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
      new Follower(socket, options, { ...viewerOf(claims), labels: options.labels }, watermark).start(),
      options.tokens.onLost(claims, () => { leave(socket, 4401); }),
    ];
    // A frame too large or malformed ends in an error event, and then in a close like any other.
    socket.on('error', () => { socket.terminate(); });
    socket.once('close', () => {
      for (const end of stop) end();
      own.delete(socket);
      if (own.size === 0 && sockets.get(claims.conversation) === own) sockets.delete(claims.conversation);
    });
  };

  return {
    upgrade: async (request, socket, head) => {
      const ignore = () => undefined;
      socket.on('error', ignore);
      try {
        const { claims, watermark } = await admit(request);
        socket.off('error', ignore);
        server.handleUpgrade(request, socket, head, (webSocket) => {
          open(webSocket, claims, watermark);
        });
      } catch (error) {
        const refusal = toRefusal(error);
        if (refusal.status >= 500) options.report('stream.refused', error);
        refuseUpgrade(socket, refusal);
      }
    },
    close: () => {
      for (const socket of [...sockets.values()].flatMap((own) => [...own])) leave(socket, 1012);
    },
  };
}

function viewerOf(claims: Claims): Omit<Viewer, 'labels'> {
  return { conversationId: claims.conversation, user: claims.user };
}

const streamPath = /^\/v3\/directline\/conversations\/([^/]+)\/stream$/;

/** Reads the address of an upgrade and takes its ticket: the same address opens nothing twice. */
function readTarget(request: IncomingMessage, options: StreamOptions): { claims: Claims; watermark: number } {
  const { origin } = request.headers;
  if (origin !== undefined && !options.allowsOrigin(origin)) {
    throw new Refusal('Forbidden', 'Pages of this origin may not open a stream.');
  }
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const conversation = streamPath.exec(path)?.[1];
  if (conversation === undefined) throw new Refusal('NotFound', 'There is no stream at this address.');
  const asked = new URLSearchParams(query);
  const claims = options.tokens.redeem(asked.get('t') ?? '');
  if (claims?.conversation !== conversation) {
    throw new Refusal('Forbidden', 'This stream ticket is spent or not of this conversation: ask for a new streamUrl.');
  }
  return { claims, watermark: readWatermark(asked.get('watermark')) };
}

function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = JSON.stringify(refusal.body);
  const head = ['Content-Type: application/json; charset=utf-8', `Content-Length: ${String(Buffer.byteLength(body))}`];
  socket.end(`HTTP/1.1 ${String(refusal.status)} Refused\r\n${head.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`);
}

/** Empty frames for the client, pings for us: whoever answers neither is gone. */
function keepAlive(socket: WebSocket, everyMs: number): () => void {
  let silent = 0;
  const heard = () => { silent = 0; };
  socket.on('pong', heard);
  socket.on('message', heard);
  const timer = setInterval(() => {
    silent += 1;
    if (silent > 2) {
      socket.terminate();
      return;
    }
    socket.send('');
    socket.ping();
  }, everyMs);
  return () => { clearInterval(timer); };
}

/** Closes politely, then for good: someone who does not read never answers a close either. */
function leave(socket: WebSocket, code: number): void {
  socket.close(code);
  setTimeout(() => { socket.terminate(); }, limits.goodbyeMs).unref();
}

/**
 * Sends every entry after a watermark once, in order. It subscribes before it reads, so that nothing falls between
 * the replay and the live entries; a replay holds one page in memory at a time.
 */
class Follower {
  private readonly heard = new Map<string, number>();
  private waiting: TranscriptEntry[] = [];
  private catchingUp = false;
  private missed = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: StreamOptions,
    private readonly viewer: Viewer,
    private sent: number,
  ) {}

  start(): () => void {
    const { assistant, signals } = this.options;
    const { conversationId } = this.viewer;
    const stop = assistant.follow(conversationId, (entry) => { this.take(entry); }, () => { this.end(); });
    const stopTyping = signals?.onAdviserTypes(conversationId, (name) => { this.showTyping(name); });
    this.startCatchingUp();
    return () => { stop(); stopTyping?.(); };
  }

  /** On no list and nothing to resume from: only whoever reads at this moment sees it. */
  private showTyping(name: string): void {
    if (this.catchingUp || this.socket.readyState !== this.socket.OPEN || this.socket.bufferedAmount > 0) return;
    this.socket.send(JSON.stringify({ activities: [adviserTyping(name, this.viewer)], watermark: String(this.sent) }));
  }

  /** The conversation is gone, and the client has nothing to come back for. */
  private end(): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify({ activities: [endOfConversation(this.viewer)], watermark: String(this.sent) }));
    leave(this.socket, 1000);
  }

  private take(entry: TranscriptEntry): void {
    this.missed = true;
    if (this.catchingUp || entry.seq <= this.sent) return;
    if (entry.seq !== this.sent + this.waiting.length + 1) {
      this.startCatchingUp();
      return;
    }
    // What one commit adds arrives in one go: one frame for it.
    if (this.waiting.push(entry) === 1) {
      setImmediate(() => { this.flush(); });
    }
  }

  private flush(): void {
    const ready = this.waiting;
    this.waiting = [];
    if (ready.length === 0 || this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > limits.bufferedBytes) leave(this.socket, 1013);
    else void this.send(ready);
  }

  private startCatchingUp(): void {
    this.catchingUp = true;
    this.waiting = [];
    this.catchUp().catch((error: unknown) => {
      this.options.report('stream.failed', error);
      leave(this.socket, 1011);
    });
  }

  private async catchUp(): Promise<void> {
    // Erased between its ticket and its stream.
    let more = !(await this.options.assistant.wasErased(this.viewer.conversationId));
    if (!more) this.end();
    while (more && this.socket.readyState === this.socket.OPEN) {
      this.missed = false;
      const { before, after } = await entriesAfter(this.options.assistant, this.viewer.conversationId, this.sent);
      toActivities(before, this.viewer, this.heard);
      if (after.length > 0) await this.send(after);
      more = after.length > 0 || this.missed;
    }
    this.catchingUp = false;
  }

  /** Resolves once the frame has left for the network. */
  private send(entries: readonly TranscriptEntry[]): Promise<void> {
    this.sent = entries.at(-1)?.seq ?? this.sent;
    const activities = toActivities(entries, this.viewer, this.heard);
    const frame = JSON.stringify({ activities, watermark: String(this.sent) });
    return new Promise((resolve) => { this.socket.send(frame, () => { resolve(); }); });
  }
}
