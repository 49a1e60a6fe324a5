/**
 * What processes write and sync, in the order in which the kernel saw it: `strace` attached from outside, and its lines
 * read. What must come before what is the test's to say.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** One call. `began` and `ended` are places in the one order of all that was seen. */
export interface Call {
  readonly name: string;
  /** The file or the socket, as `strace -y` tells it. */
  readonly where: string;
  /** As `strace` writes texts; the beginning of it where it is long. */
  readonly what: string;
  readonly began: number;
  ended: number;
  result: string;
}

const WATCHED = ['write', 'writev', 'pwrite64', 'sendto', 'sendmsg', 'fsync', 'fdatasync'];
const LONGEST = 16_384;

export const hasStrace = (): boolean => spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0;

/** Watches running processes, with all their threads, and writes to `file`. Resolves once it sees them. */
export async function watch(pids: readonly number[], file: string): Promise<{ stop(): Promise<readonly Call[]> }> {
  const args = ['-f', '-y', '-s', String(LONGEST), '-e', `trace=${WATCHED.join(',')}`, '-o', file, ...pids.flatMap((pid) => ['-p', String(pid)])];
  const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (some: Buffer) => {
      said += some.toString();
      if (pids.every((pid) => said.includes(`Process ${String(pid)} attached`))) resolve();
    });
    child.once('exit', () => { reject(new Error(`strace does not run: ${said}`)); });
  });
  return {
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGINT');
      await gone;
      return callsIn(readFileSync(file, 'latin1'));
    },
  };
}

const WHOLE = /^(\d+) +(\w+)\((\d+<[^>]*>)?(.*)$/;
const REST = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/;

/** The calls in the lines of `strace`; one that another thread interrupted is told in two lines. */
export function callsIn(text: string): readonly Call[] {
  const open = new Map<string, Call>();
  return text.split('\n').flatMap((line, at) => {
    const [, thread = '', , end = ''] = REST.exec(line) ?? [];
    if (thread === '') return begun(line, at, open);
    finish(open.get(thread), at, end);
    return [];
  });
}

function begun(line: string, at: number, open: Map<string, Call>): readonly Call[] {
  const [, thread, name = '', where = '', what = ''] = WHOLE.exec(line) ?? [];
  if (thread === undefined) return [];
  const call: Call = { name, where, what, began: at, ended: Infinity, result: '' };
  if (what.endsWith('<unfinished ...>')) open.set(thread, call);
  else finish(call, at, what);
  return [call];
}

function finish(call: Call | undefined, at: number, end: string): void {
  if (call) Object.assign(call, { ended: at, result: / = (-?\d+)[^=]*$/.exec(end)?.[1] ?? '' });
}

export const isSync = ({ name, result }: Call): boolean => name.endsWith('sync') && result === '0';
