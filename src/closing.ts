/**
 * The switch that turns the assistant off: a file beside the keys, which all processes of an installation share. While it
 * is there, the assistant says that it is closed and does nothing. Looked at again at most once a second.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from './conversation/ports.js';

export const CLOSED_FILE = 'closed';

const LOOK_EVERY_MS = 1_000;

/** Whether the assistant is turned off now, in the installation whose keys rest in `folder`. */
export function createClosing(folder: string, clock: Clock): () => boolean {
  let [closed, looked] = [false, -Infinity];
  return () => {
    const now = clock.now();
    // A clock that went back is looked at again as well.
    if (Math.abs(now - looked) < LOOK_EVERY_MS) return closed;
    looked = now;
    closed = existsSync(join(folder, CLOSED_FILE));
    return closed;
  };
}

/** Turns the assistant off until it is turned on again, over restarts as well. */
export async function turnOff(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, CLOSED_FILE), '', { flush: true });
}

export async function turnOn(folder: string): Promise<void> {
  await rm(join(folder, CLOSED_FILE), { force: true });
}
