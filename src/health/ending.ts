/**
 * Ends an HTTP server in time, and sends people elsewhere without hurry. What is cut is safe: it was committed, or it is in
 * the inbox, or nobody was told that it arrived.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** Takes no new connection, lets requests under way end, and cuts those that take longer than `withinMs`. */
export async function endServer(http: Server, withinMs: number): Promise<void> {
  // A connection kept open after its last answer would otherwise hold us up for nothing.
  http.keepAliveTimeout = 1;
  if (!http.listening) return;
  const [ended, patience] = [once(http.close(), 'close'), new AbortController()];
  await Promise.race([ended, pause(withinMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  http.closeAllConnections();
}

const GROUPS = 20;
const BETWEEN_MS = 100;

/** Does it to all, in groups within two seconds: people who are sent elsewhere do not all arrive there in one instant. */
export async function inGroups<T>(all: readonly T[], act: (one: T) => void): Promise<void> {
  const size = Math.max(50, Math.ceil(all.length / GROUPS));
  for (let first = 0; first < all.length; first += size) {
    if (first > 0) await pause(BETWEEN_MS);
    all.slice(first, first + size).forEach(act);
  }
}
