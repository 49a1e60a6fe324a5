/**
 * Disks that refuse, for the folder of data of a server that runs: a limit on the size of its files, which needs no
 * rights, and, for root, a small disk that is filled and one whose file system gives up and turns read-only.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, truncateSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { RunningSesame } from './running.js';

export interface BadDisk {
  /** Nothing more can be written from now on. */
  refuse(): void;
  /** All is well again; true where the server had to be stopped and started for it. */
  mend(): Promise<boolean>;
  destroy(): void;
}

const sh = (program: string, ...args: readonly string[]): string => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();

/** The process that holds the store says so in its folder. */
function pidOf({ data }: RunningSesame): string {
  return /process (\d+)/.exec(readFileSync(path.join(data, 'store', 'HOLDER'), 'utf8'))?.[1] ?? '';
}

/** A write past the limit fails as on a full disk. */
export function limited(sesame: RunningSesame): Promise<BadDisk> {
  const limit = (bytes: string): void => void sh('prlimit', '--pid', pidOf(sesame), `--fsize=${bytes}:unlimited`);
  return Promise.resolve({
    // In the middle of a record of the store's log: what would be written on behind such an end is lost.
    refuse: () => { limit('20000'); },
    mend: () => {
      limit('unlimited');
      return Promise.resolve(false);
    },
    destroy: () => undefined,
  });
}

/** Moves the data of a server that runs to another disk. */
async function moveTo(sesame: RunningSesame, mount: (folder: string) => void): Promise<void> {
  await sesame.stopServer();
  const kept = `${sesame.data}.before`;
  renameSync(sesame.data, kept);
  mkdirSync(sesame.data);
  mount(sesame.data);
  copyFileSync(path.join(kept, 'keys.json'), path.join(sesame.data, 'keys.json'));
  await sesame.startServer();
}

/** 24 MiB in memory, filled to the last byte by somebody else's file. */
export async function small(sesame: RunningSesame): Promise<BadDisk> {
  await moveTo(sesame, (folder) => sh('mount', '-t', 'tmpfs', '-o', 'size=24m,mode=0700', 'tmpfs', folder));
  const filler = path.join(sesame.data, 'somebody-else');
  return {
    refuse: () => { fill(filler); },
    mend: () => {
      rmSync(filler);
      return Promise.resolve(false);
    },
    destroy: () => void sh('umount', sesame.data),
  };
}

function fill(file: string): void {
  const handle = openSync(file, 'w');
  try {
    for (const size of [1 << 20, 4_096, 1]) {
      for (;;) if (writeSync(handle, Buffer.alloc(size)) < size) break;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(handle);
  }
}

/** An ext4 that gives up, as after an error of the disk: read-only until it is mounted again. */
export async function givingUp(sesame: RunningSesame): Promise<BadDisk> {
  const image = `${sesame.data}.image`;
  closeSync(openSync(image, 'w'));
  truncateSync(image, 96 << 20);
  sh('mkfs.ext4', '-q', '-F', image);
  const mount = (): void => void sh('mount', '-o', 'loop', image, sesame.data);
  await moveTo(sesame, mount);
  return {
    refuse: () => void sh('mount', '-o', 'remount,abort', sesame.data),
    mend: async () => {
      await sesame.kill();
      sh('umount', sesame.data);
      mount();
      await sesame.startServer();
      return true;
    },
    destroy: () => void sh('umount', sesame.data),
  };
}
