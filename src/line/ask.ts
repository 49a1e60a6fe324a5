/**
 * One request, and one stream of activities: how long each may take, and how an answer is judged. When to ask again is
 * the client's.
 */
import { fieldsOf, readFrame, type Answer, type Fields, type Outside, type Question, type Socket } from './wire.js';

/** Milliseconds. A server that keeps alive every 15 s is given up after three silences. */
const SOCKET_OPENS_MS = 8_000;
const SOCKET_SILENT_MS = 45_000;
/** Long enough for a turn that waits for the account backend, which answers within 8 s. */
const PATIENCE_MS = 20_000;
/** However long a server asks to wait: by then somebody may have closed the window. */
const LONGEST_WAIT_MS = 60_000;

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
    return response.ok ? { kind: 'ok', body: response.status === 204 ? {} : fieldsOf(await response.json()) } : judge(response.status, response.headers.get('retry-after'));
  } catch {
    return { kind: 'later' };
  } finally {
    cancel();
  }
}

function judge(status: number, retryAfter: string | null): Answer {
  if (status === 401 || status === 403 || status === 404) return { kind: 'gone' };
  if (status !== 408 && status !== 429 && status < 500) return { kind: 'refused' };
  return retryAfter !== null && /^\d{1,4}$/.test(retryAfter) ? { kind: 'later', waitMs: Math.min(Number(retryAfter) * 1_000, LONGEST_WAIT_MS) } : { kind: 'later' };
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
