/**
 * The shapes of Direct Line 3.0, one request and one stream: how an answer is judged and how strange input is read.
 * When to ask, and what to do next, is the client's.
 */

export interface Activity {
  readonly type: string;
  readonly id?: string;
  readonly from?: { readonly id?: string; readonly name?: string; readonly role?: string };
  readonly text?: string;
  readonly textFormat?: string;
  readonly timestamp?: string;
  readonly suggestedActions?: { readonly actions?: readonly { readonly title?: string; readonly value?: unknown }[] };
  readonly attachments?: readonly { readonly contentType?: string; readonly content?: unknown }[];
  readonly channelData?: { readonly clientActivityID?: string };
}

export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
}

/** The world as the client needs it. */
export interface Outside {
  fetch(url: string, init: RequestInit): Promise<Pick<Response, 'ok' | 'status' | 'json'>>;
  /** May throw when sockets are not allowed. */
  open(url: string): Socket;
  /** Runs `work` after `ms` milliseconds; gives back the way to cancel it. */
  after(ms: number, work: () => void): () => void;
  tag(): string;
  readonly keep: { read(): string | null; write(value: string | null): void };
}

export type Connection = 'idle' | 'connecting' | 'online' | 'offline' | 'ended';

export type ClientEvent =
  | { readonly kind: 'connection'; readonly state: Connection }
  /** `replay`: history shown again after a reload, not news. */
  | { readonly kind: 'message'; readonly activity: Activity; readonly replay: boolean }
  /** `name`: an adviser; without it, the assistant. */
  | { readonly kind: 'typing'; readonly name?: string }
  /** The server has it, or has refused it for good. `tag` is what `say` or `submit` gave back. */
  | { readonly kind: 'delivered' | 'refused'; readonly tag: string }
  /** The former conversation is gone; another begins. */
  | { readonly kind: 'renewed' };

/** `gone`: the conversation or its token is over. `later`: try again. `refused`: trying again is of no use. */
export type Failure = 'gone' | 'refused' | 'later';
export type Fields = Readonly<Record<string, unknown>>;
export type Answer = { readonly kind: 'ok'; readonly body: Fields } | { readonly kind: Failure };

export interface Session {
  readonly token: string;
  readonly conversationId: string;
}

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly token?: string;
  readonly body?: unknown;
}

/** Milliseconds. A server that keeps alive every 15 s is given up after three silences. */
const SOCKET_OPENS_MS = 8_000;
const SOCKET_SILENT_MS = 45_000;
/** Long enough for a turn that waits for the account backend, which answers within 8 s. */
const PATIENCE_MS = 20_000;

/** Asks once. Never rejects: a network that fails is an answer of its own. */
export async function ask(outside: Outside, { method, url, token, body }: Question): Promise<Answer> {
  const patience = new AbortController();
  const cancel = outside.after(PATIENCE_MS, () => {
    patience.abort();
  });
  const headers: Record<string, string> = {};
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  const init: RequestInit = { method, headers, signal: patience.signal };
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  try {
    const response = await outside.fetch(url, init);
    return response.ok ? { kind: 'ok', body: fieldsOf(await response.json()) } : { kind: judge(response.status) };
  } catch {
    return { kind: 'later' };
  } finally {
    cancel();
  }
}

function judge(status: number): Failure {
  if (status === 401 || status === 403 || status === 404) return 'gone';
  return status === 408 || status === 429 || status >= 500 ? 'later' : 'refused';
}

/** A frame of the stream; a keep-alive, or anything that is not an object, has no fields. */
export function readFrame(data: unknown): Fields {
  if (typeof data !== 'string' || data === '') return {};
  try {
    return fieldsOf(JSON.parse(data));
  } catch {
    return {};
  }
}

/** What is not an object has no fields. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** A field that is a string, or the empty string. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

export interface Choice {
  readonly title: string;
  /** What pressing it says. */
  readonly say: string;
}

export function choicesOf({ suggestedActions }: Activity): readonly Choice[] {
  const actions = suggestedActions?.actions ?? [];
  return actions.map(({ title = '', value }) => ({ title, say: typeof value === 'string' ? value : title }));
}

/** When it was said; now, where the server gives no date that can be read. */
export function dateOf({ timestamp }: Activity): Date {
  const at = timestamp === undefined ? new Date() : new Date(timestamp);
  return Number.isNaN(at.getTime()) ? new Date() : at;
}

/** Who is seen writing, where it is an adviser. */
export const typistIn = ({ from }: Activity): { name?: string } => (from?.id === 'adviser' && from.name !== undefined ? { name: from.name } : {});

export function readSession(kept: string | null): Session | undefined {
  const fields = readFrame(kept);
  const session = { token: textOf(fields, 'token'), conversationId: textOf(fields, 'conversationId') };
  return session.token === '' || session.conversationId === '' ? undefined : session;
}

export function pathOf(session: Session): string {
  return `/v3/directline/conversations/${encodeURIComponent(session.conversationId)}`;
}

/** The stream's address at our own endpoint: a server behind a proxy may not know the name it is called by. */
export function streamAt(endpoint: string, streamUrl: string): string {
  const { pathname, search } = new URL(streamUrl, endpoint);
  return endpoint.replace(/^http/, 'ws') + pathname + search;
}

/** What a stream reports. After `lost` it says nothing more; `wasOpen` tells a broken socket from a forbidden one. */
export interface StreamListener {
  opened(): void;
  frame(fields: Fields): void;
  lost(wasOpen: boolean): void;
}

/** Opens the stream of activities; gives back the way to close it without a word. */
export function openStream(outside: Outside, url: string, on: StreamListener): () => void {
  let socket: Socket | undefined;
  let wasOpen = false;
  let cancel = (): void => undefined;
  const close = (): void => {
    cancel();
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    socket = undefined;
  };
  const lose = (): void => {
    close();
    on.lost(wasOpen);
  };
  const waitFor = (ms: number): void => {
    cancel();
    cancel = outside.after(ms, lose);
  };
  waitFor(SOCKET_OPENS_MS);
  try {
    socket = outside.open(url);
  } catch {
    lose();
    return close;
  }
  socket.onopen = () => {
    wasOpen = true;
    waitFor(SOCKET_SILENT_MS);
    on.opened();
  };
  socket.onmessage = ({ data }) => {
    waitFor(SOCKET_SILENT_MS);
    on.frame(readFrame(data));
  };
  socket.onclose = lose;
  return close;
}

/** The browser as the client needs it. The session lasts as long as the tab, and only where the browser allows it. */
export function browser(endpoint: string): Outside {
  const name = `sesame ${endpoint}`;
  return {
    fetch: (url, init) => fetch(url, { ...init, credentials: 'omit', cache: 'no-store' }),
    open: openSocket,
    after(ms, work) {
      const timer = setTimeout(work, ms);
      return () => {
        clearTimeout(timer);
      };
    },
    tag: () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-'),
    keep: {
      read: () => storage()?.getItem(name) ?? null,
      write(value) {
        if (value === null) storage()?.removeItem(name);
        else storage()?.setItem(name, value);
      },
    },
  };
}

function storage(): Storage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}

function openSocket(url: string): Socket {
  const socket = new WebSocket(url);
  const adapted: Socket = {
    onopen: null,
    onmessage: null,
    onclose: null,
    close() {
      socket.close();
    },
  };
  socket.onopen = () => adapted.onopen?.();
  socket.onmessage = (event: MessageEvent<unknown>) => adapted.onmessage?.(event);
  socket.onclose = () => adapted.onclose?.();
  return adapted;
}
