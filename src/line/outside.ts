/**
 * The browser as the client needs it. What is kept lasts as long as the tab, and only where the browser allows it; other
 * tabs are asked for the conversation rather than finding it on a disk that somebody else may use next.
 */
import type { Drawer, Outside, Siblings, Socket } from './wire.js';

/** Milliseconds for another tab to answer. */
const SIBLINGS_ANSWER_MS = 80;

/** `endpoint`: origin of the server; two servers on one site keep apart. */
export function browser(endpoint: string): Outside {
  const name = `sesame ${endpoint}`;
  const after: Outside['after'] = (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => {
      clearTimeout(timer);
    };
  };
  return {
    fetch: (url, init) => fetch(url, { ...init, credentials: 'omit', cache: 'no-store' }),
    open: openSocket,
    after,
    tag: () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-'),
    session: drawer(name),
    letters: drawer(`${name} letters`),
    siblings: siblings(name, after),
  };
}

function drawer(name: string): Drawer {
  return {
    read: () => tryStorage((storage) => storage.getItem(name)),
    write(value) {
      tryStorage((storage) => {
        if (value === null) storage.removeItem(name);
        else storage.setItem(name, value);
        return null;
      });
    },
  };
}

/** Some browsers refuse the storage itself, others only that anything be put into it. */
function tryStorage(use: (storage: Storage) => string | null): string | null {
  try {
    return use(window.sessionStorage);
  } catch {
    return null;
  }
}

/** The channel to other tabs. A browser that is told to keep nothing may have it and refuse it. */
function siblings(name: string, after: Outside['after']): Siblings {
  try {
    return siblingsOn(new BroadcastChannel(name), after);
  } catch {
    return { ask: () => Promise.resolve(null), answer: () => () => undefined };
  }
}

/** One question (`ask`) and one answer (the session, as text) on a channel that only pages of this site hear. */
function siblingsOn(channel: BroadcastChannel, after: Outside['after']): Siblings {
  return {
    ask: () =>
      new Promise((resolve) => {
        const done = (answer: string | null): void => {
          channel.removeEventListener('message', hear);
          cancel();
          resolve(answer);
        };
        const hear = ({ data }: MessageEvent<unknown>): void => {
          if (typeof data === 'string' && data !== 'ask') done(data);
        };
        const cancel = after(SIBLINGS_ANSWER_MS, () => {
          done(null);
        });
        channel.addEventListener('message', hear);
        channel.postMessage('ask');
      }),
    answer(give) {
      const hear = ({ data }: MessageEvent<unknown>): void => {
        const session = data === 'ask' ? give() : null;
        if (session !== null) channel.postMessage(session);
      };
      channel.addEventListener('message', hear);
      return () => {
        channel.removeEventListener('message', hear);
      };
    },
  };
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
  // A socket that a content policy forbids fails without ever closing.
  socket.onclose = socket.onerror = () => adapted.onclose?.();
  return adapted;
}
