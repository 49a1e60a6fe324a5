/**
 * The browser as the client needs it. What is kept lasts as long as the tab, and only where the browser allows it; other
 * tabs are asked for the conversation rather than finding it on a disk that somebody else may use next.
 */
import type { Drawer, Outside, Siblings, Socket } from './wire.js';

/** Milliseconds for another tab to answer: one that is known to be there, and one that may be. */
const ANSWER_MS = { known: 3_000, unsure: 150 };

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
    // Letters only: the server gives back another mark for one that could hold somebody's number.
    tag: () => Array.from(crypto.getRandomValues(new Uint8Array(26)), (byte) => 'abcdefghijklmnop'.charAt(byte % 16)).join(''),
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
    return siblingsOn(new BroadcastChannel(name), new Presence(name), after);
  } catch {
    return { ask: () => Promise.resolve(null), answer: () => () => undefined };
  }
}

/**
 * Which windows of this browser have the discussion open, told by the browser itself, so that nobody waits where there
 * is no other, and nobody is missed where the other is slow. Each holds a lock of its own; nothing is ever kept out.
 */
class Presence {
  private readonly mine: string;

  constructor(private readonly name: string) {
    this.mine = `${name} ${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  }

  /** Resolves with their number; undefined where the browser cannot tell. */
  async others(): Promise<number | undefined> {
    try {
      const { held = [] } = await navigator.locks.query();
      return held.filter(({ name = '' }) => name.startsWith(`${this.name} `) && name !== this.mine).length;
    } catch {
      return undefined;
    }
  }

  /** Says that this one is here, until the function given back is called. */
  enter(): () => void {
    let leave = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      leave = resolve;
    });
    void (async () => navigator.locks.request(this.mine, () => gone))().catch(() => undefined);
    return leave;
  }
}

/** One question (`ask`) and one answer (the session, as text; empty where there is none) on a channel that only pages of this site hear. */
function siblingsOn(channel: BroadcastChannel, presence: Presence, after: Outside['after']): Siblings {
  return {
    async ask() {
      const others = await presence.others();
      return others === 0 ? null : firstSession(channel, others, after);
    },
    answer(give) {
      const hear = ({ data }: MessageEvent<unknown>): void => {
        if (data === 'ask') channel.postMessage(give() ?? '');
      };
      channel.addEventListener('message', hear);
      const leave = presence.enter();
      return () => {
        channel.removeEventListener('message', hear);
        leave();
      };
    },
  };
}

/** The session that another tab answers with; null once all said that they have none, or none said anything. */
function firstSession(channel: BroadcastChannel, others: number | undefined, after: Outside['after']): Promise<string | null> {
  return new Promise((resolve) => {
    let left = others ?? Infinity;
    const done = (answer: string | null): void => {
      channel.removeEventListener('message', hear);
      cancel();
      resolve(answer);
    };
    const hear = ({ data }: MessageEvent<unknown>): void => {
      if (typeof data !== 'string' || data === 'ask') return;
      if (data !== '') done(data);
      else if ((left -= 1) === 0) done(null);
    };
    const cancel = after(others === undefined ? ANSWER_MS.unsure : ANSWER_MS.known, () => {
      done(null);
    });
    channel.addEventListener('message', hear);
    channel.postMessage('ask');
  });
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
