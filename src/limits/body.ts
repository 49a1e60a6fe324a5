/** The body of a request, read as far as anybody may write and no further. What it means is the reader's. */
import type { IncomingMessage } from 'node:http';

/** Past this nothing is read any more, not even to be dropped: a connection that goes on is cut. */
export const DROPPED_AT_MOST = 1024 * 1024;

/**
 * The body, whole. `too-large`: as soon as that is known, while the rest still comes. `cut-short`: the client went away, or
 * was too slow.
 */
export function gather(request: IncomingMessage, atMost: number): Promise<Buffer | 'too-large' | 'cut-short'> {
  if (Number(request.headers['content-length'] ?? 0) > atMost) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= atMost) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve('too-large');
      }
      if (size > DROPPED_AT_MOST) request.destroy();
    });
    request.once('end', () => { resolve(size <= atMost ? Buffer.concat(chunks) : 'too-large'); });
    request.once('close', () => { resolve('cut-short'); });
  });
}

/** Made once: each whole body is a text of its own. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

export type Text = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'not-taken' | 'too-large' | 'unreadable' };

/** The text of a body of JSON, empty where there is none. `not-taken`: it is said to be something else, or is packed. */
export async function readText(request: IncomingMessage, atMost: number): Promise<Text> {
  const { 'content-length': length = '0', 'content-type': type = '', 'content-encoding': encoding } = request.headers;
  if (Number(length) === 0 && request.headers['transfer-encoding'] === undefined) return { kind: 'text', text: '' };
  if (!/^application\/json\s*(;|$)/i.test(type) || encoding !== undefined) return { kind: 'not-taken' };
  const body = await gather(request, atMost);
  if (body === 'too-large') return { kind: 'too-large' };
  try {
    if (body !== 'cut-short') return { kind: 'text', text: utf8.decode(body) };
  } catch {
    // Not UTF-8.
  }
  return { kind: 'unreadable' };
}

/** Whether more may still come of it than we would want to drop: then nothing else is heard on its connection. */
export function hasNoEnd({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > DROPPED_AT_MOST;
}
