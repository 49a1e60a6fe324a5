/**
 * What could show the memory of this process to somebody: a debugger, a dump, a report. Production refuses to start with
 * any of them; how settings are read is config.ts's.
 */
import { readFileSync } from 'node:fs';
import type { Fault } from './conversation/errors.js';

export interface Circumstances {
  /** Options that the process was started with, before the file to run. */
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a debugger can connect, if it can. */
  readonly debuggerUrl?: string | undefined;
  /** What the kernel says of the limits of this process; absent where it says nothing. */
  readonly limits?: string | undefined;
}

/** Beginnings of the options that open a debugger, write the memory or a report of it to a file, or end in a core dump. */
const OPTIONS = ['inspect', 'debug', 'heapsnapshot-', 'heap-prof', 'report-', 'abort-on-uncaught-exception'];

/** Variables that make Node.js or its libraries print what they are handed. */
const TALKATIVE = ['NODE_DEBUG', 'NODE_DEBUG_NATIVE', 'DEBUG'];

/** All that could show the memory, with what to do about each. Values are not repeated: a path may tell something. */
export function exposures({ options, env, debuggerUrl, limits }: Circumstances): readonly Fault[] {
  const faults: Fault[] = [];
  const refuse = (where: string, what: string, todo: string): void => void faults.push({ where, what, todo });
  for (const option of optionsIn(options)) refuse(option, 'would show the memory of the process, and who is in it', 'start without it');
  for (const option of optionsIn((env['NODE_OPTIONS'] ?? '').split(/[\s"]+/))) refuse(`NODE_OPTIONS ${option}`, 'would show the memory of the process, and who is in it', 'take it out of NODE_OPTIONS');
  for (const name of TALKATIVE) if ((env[name] ?? '') !== '') refuse(name, 'makes libraries print what they are handed', 'unset it');
  if (debuggerUrl !== undefined && faults.length === 0) refuse('debugger', 'is listening', 'start again, and send no SIGUSR1');
  if (mayDump(limits)) refuse('core dumps', 'are allowed: a crash would write the memory to a disk', 'start under `ulimit -c 0` (systemd: LimitCORE=0, containers: --ulimit core=0)');
  return faults;
}

/** Names only, as Node.js understands them: V8's options may be written with underscores. */
function optionsIn(words: readonly string[]): readonly string[] {
  const names = words.filter((word) => word.startsWith('--')).map((word) => (word.split('=')[0] ?? '').replaceAll('_', '-'));
  return [...new Set(names)].filter((name) => OPTIONS.some((beginning) => name.startsWith(`--${beginning}`)));
}

/** The soft limit is the one that counts; a limit of 0 writes nothing. */
function mayDump(limits: string | undefined): boolean {
  const soft = /^Max core file size\s+(\S+)/m.exec(limits ?? '')?.[1];
  return soft !== undefined && soft !== '0';
}

/** The limits of this process, on Linux. */
export function ownLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
}
