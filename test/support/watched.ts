/** What a watched process did to the outside, and which of it was declared nowhere. */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformFileSync } from '@swc/core';

export interface Deed {
  readonly kind: 'begun' | 'write' | 'connect' | 'name' | 'program' | 'datagram' | 'debugger';
  readonly pid: number;
  readonly path?: unknown;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly file?: unknown;
  readonly by?: string;
}

/** All that a process may reach. */
export interface Declared {
  /** Folders that it writes to. */
  readonly folders: readonly string[];
  /** Ports on this machine that it connects to. */
  readonly ports: readonly number[];
}

export class Watched {
  /** Where the notes are. */
  readonly file: string;
  private readonly hook: string;

  /** `folder`: where the notes are kept, away from what the process may write to. */
  constructor(folder: string) {
    this.file = path.join(folder, 'deeds.jsonl');
    this.hook = path.join(folder, 'watch-hook.cjs');
    writeFileSync(this.file, '');
    const { code } = transformFileSync(path.join(__dirname, 'watch-hook.ts'), { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } });
    writeFileSync(this.hook, code);
  }

  /** What makes a process that gets it be watched, in all of its threads. */
  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--require=${this.hook}`, SESAME_WATCHED: this.file };
  }

  /** What was seen so far, whatever thread did it. */
  deeds(): readonly Deed[] {
    return readFileSync(this.file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Deed);
  }
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Whatever is not covered by what was declared, as one line each. */
export function undeclared(deeds: readonly Deed[], { folders, ports }: Declared): readonly string[] {
  const within = (where: unknown): boolean => typeof where === 'string' && (where === '/dev/null' || folders.some((folder) => path.resolve(where) === folder || path.resolve(where).startsWith(`${folder}${path.sep}`)));
  const near = (host: unknown): boolean => LOOPBACK.includes(String(host));
  const covered = (deed: Deed): boolean => {
    switch (deed.kind) {
      case 'begun': return true;
      case 'write': return within(deed.path);
      case 'connect': return near(deed.host) && ports.includes(Number(deed.port));
      case 'name': return near(deed.host);
      case 'program': case 'datagram': case 'debugger': return false;
    }
  };
  return [...new Set(deeds.filter((deed) => !covered(deed)).map(({ pid: _pid, ...deed }) => JSON.stringify(deed)))];
}

/** Files that a process has open for writing at this moment, native code included; none where the kernel does not tell. */
export function openForWriting(pid: number): readonly string[] {
  const folder = `/proc/${String(pid)}`;
  const listed = attempt(() => readdirSync(`${folder}/fd`)) ?? [];
  return listed.flatMap((fd) => {
    const target = attempt(() => readlinkSync(`${folder}/fd/${fd}`));
    const flags = attempt(() => readFileSync(`${folder}/fdinfo/${fd}`, 'utf8')) ?? '';
    const reads = (parseInt(/^flags:\s+(\d+)/m.exec(flags)?.[1] ?? '0', 8) & 3) === 0;
    return target === undefined || reads || !target.startsWith('/') || target.startsWith('/dev/') ? [] : [target.replace(/ \(deleted\)$/, '')];
  });
}

/** A descriptor may be closed while one looks at it. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
