/** A world for the widget's client: a small Direct Line server, sockets and timers that move only when a test says so. */
import type { Activity, ClientEvent, Outside, Socket } from '../../../src/line/wire.js';
import { Client } from '../../../src/line/client.js';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body?: { text?: string; value?: Record<string, string>; channelData: { clientActivityID: string } };
}

interface Timer {
  readonly at: number;
  readonly work: () => void;
}

export class World implements Outside {
  readonly calls: Call[] = [];
  readonly events: ClientEvent[] = [];
  readonly sockets: (Socket & { url: string; closed: boolean })[] = [];
  readonly transcript: Activity[] = [];
  /** Answers by « METHOD path » that replace the server's own, first come first served; `cut` is a network that fails. */
  readonly faults = new Map<string, (number | 'cut' | 'busy')[]>();
  /** Seconds that a busy server asks to wait. */
  retryAfter = 3;
  kept: string | null = null;
  unsent: string | null = null;
  /** What another window would answer, and what ours answers. */
  theirs: string | null = null;
  give: () => string | null = () => null;
  socketsForbidden = false;
  pageSize = Infinity;
  private timers = new Map<number, Timer>();
  private now = 0;
  private ids = 0;
  private conversations = 0;

  client(): Client {
    return new Client('http://sesame.test', this, (event) => this.events.push(event));
  }

  fetch: Outside['fetch'] = async (url, init) => {
    await Promise.resolve();
    const { pathname, search } = new URL(url);
    const headers = init.headers as Record<string, string>;
    const call: Call = { method: init.method ?? '', path: pathname + search, token: headers['authorization'] ?? '', ...(typeof init.body === 'string' ? { body: JSON.parse(init.body) } : {}) };
    this.calls.push(call);
    const fault = this.faults.get(`${call.method} ${pathname}`)?.shift();
    if (fault === 'cut') throw new TypeError('network');
    const status = fault === 'busy' ? 429 : (fault ?? 200);
    const answerHeaders = { get: () => (fault === 'busy' ? String(this.retryAfter) : null) };
    return { ok: status < 400, status, headers: answerHeaders, json: () => Promise.resolve(this.answer(call, pathname, search)) };
  };

  private answer(call: Call, pathname: string, search: string): unknown {
    if (pathname === '/api/conversation' && call.method === 'POST') {
      this.conversations += 1;
      return { token: `t${String(this.conversations)}`, conversationId: this.conversation(), expires_in: 1800, streamUrl: 'wss://inside:8080/v3/stream?t=once' };
    }
    if (call.method === 'POST' && pathname.endsWith('/activities')) return { id: 'posted' };
    if (call.method === 'GET' && pathname.endsWith('/activities')) {
      const after = Number(new URLSearchParams(search).get('watermark'));
      const page = this.transcript.slice(after, after + this.pageSize);
      return { activities: page, watermark: String(after + page.length) };
    }
    const token = call.token.replace('Bearer ', '');
    return { token: `${token}+`, conversationId: pathname.split('/')[4] ?? this.conversation(), expires_in: 1800, streamUrl: 'wss://inside:8080/v3/stream?t=once' };
  }

  conversation(): string {
    return `c${String(this.conversations)}`;
  }

  open = (url: string): Socket => {
    if (this.socketsForbidden) throw new Error('forbidden');
    const socket = { url, closed: false, onopen: null, onmessage: null, onclose: null, close: () => { socket.closed = true; } };
    this.sockets.push(socket);
    return socket;
  };

  after = (ms: number, work: () => void): (() => void) => {
    const id = (this.ids += 1);
    this.timers.set(id, { at: this.now + ms, work });
    return () => this.timers.delete(id);
  };

  private tags = 0;
  tag = (): string => `tag${String((this.tags += 1))}`;

  session = { read: () => this.kept, write: (value: string | null) => { this.kept = value; } };
  letters = { read: () => this.unsent, write: (value: string | null) => { this.unsent = value; } };
  siblings = { ask: () => Promise.resolve(this.theirs), answer: (give: () => string | null) => { this.give = give; return () => { this.give = () => null; }; } };

  /** Moves the clock, running what falls due in order, and lets every promise settle. */
  async pass(ms: number): Promise<void> {
    await settle();
    const end = this.now + ms;
    for (;;) {
      const [id, next] = [...this.timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0] ?? [];
      if (id === undefined || next === undefined) break;
      this.timers.delete(id);
      this.now = next.at;
      next.work();
      await settle();
    }
    this.now = end;
  }

  socket(): Socket & { url: string; closed: boolean } {
    const last = this.sockets.at(-1);
    if (last === undefined) throw new Error('no socket was opened');
    return last;
  }

  /** Starts a client and brings it online by its socket. */
  async online(): Promise<Client> {
    const client = this.client();
    client.start();
    await settle();
    this.socket().onopen?.();
    await settle();
    return client;
  }

  frame(...activities: Activity[]): void {
    this.transcript.push(...activities);
    this.socket().onmessage?.({ data: JSON.stringify({ activities, watermark: String(this.transcript.length) }) });
  }

  /** What the page would take up after a reload. */
  keptSession(): unknown {
    return this.kept === null ? undefined : JSON.parse(this.kept);
  }

  posts(): Call[] {
    return this.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/activities'));
  }

  said(kind: ClientEvent['kind']): ClientEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  states(): string[] {
    return this.events.flatMap((event) => (event.kind === 'connection' ? [event.state] : []));
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}
