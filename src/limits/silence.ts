/** Streams whose other end is silent, does not read, or will not be quiet. What is said on them is not decided here. */

/** As much of a WebSocket as is needed for it. */
export interface Line {
  on(event: 'pong' | 'ping' | 'message', listener: () => void): unknown;
  send(text: string): void;
  ping(): void;
  pause(): void;
  close(code: number): void;
  terminate(): void;
}

const GOODBYE_MS = 2_000;
/** Nothing is to be said on a stream but that one is there. */
const FRAMES_AT_MOST = 100;

/** Closes politely, then for good: someone who does not read never answers a close either. */
export function leave(line: Line, code: number): void {
  line.close(code);
  setTimeout(() => { line.terminate(); }, GOODBYE_MS).unref();
}

/**
 * Empty frames for the client, pings for us: whoever answers neither for two of `everyMs` is gone, and whoever sends a
 * hundred frames in one is sent away (1008). Returns the way to stop.
 */
export function keepAlive(line: Line, everyMs: number): () => void {
  let silent = 0;
  let frames = 0;
  const heard = (): void => {
    silent = 0;
    frames += 1;
    if (frames !== FRAMES_AT_MOST) return;
    leave(line, 1008);
    // What else it sends is not even looked at.
    line.pause();
  };
  for (const event of ['pong', 'ping', 'message'] as const) line.on(event, heard);
  const timer = setInterval(() => {
    [silent, frames] = [silent + 1, 0];
    if (silent > 2) line.terminate();
    else {
      line.send('');
      line.ping();
    }
  }, everyMs);
  return () => { clearInterval(timer); };
}
