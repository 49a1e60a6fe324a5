/** Starts `store-child.ts` as a process of its own over the built store, and reads what it acknowledges. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { transformFileSync } from '@swc/core';
import type { Line } from './store-child.js';

const root = join(__dirname, '..', '..');

export interface StoreProcess {
  readonly child: ChildProcess;
  /** Everything said so far, in order. */
  readonly lines: readonly Line[];
  /** Resolves with the first line said from now on, or before and not yet taken, that fits. */
  next(fits: (line: Line) => boolean): Promise<Line>;
  /** Ends it as a power cut would, and resolves when it is gone and all it said was read. */
  kill(): Promise<void>;
  /** Resolves when it is gone of itself and all it said was read. */
  readonly ended: Promise<unknown>;
}

export interface StoreProcessOptions {
  readonly folder: string;
  readonly round: string;
  readonly lanes?: number;
  readonly mode?: 'loop' | 'demand' | 'erase';
  /** A program that runs the process, with its arguments. */
  readonly under?: readonly string[];
}

export function startStoreProcess(options: StoreProcessOptions): StoreProcess {
  const { folder, round, lanes = 1, mode = 'loop', under = [] } = options;
  const script = childScript();
  const command = [...under, process.execPath, script, builtStore(), folder, round, String(lanes), mode];
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: Line[] = [];
  let taken = 0;
  let gone = false;
  let wake: () => void = () => undefined;
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (text) => {
    lines.push(JSON.parse(text) as Line);
    wake();
  });
  const ended = Promise.all([once(reader, 'close'), once(child, 'exit')]);
  void ended.then(() => {
    gone = true;
    rmSync(script, { force: true });
    wake();
  });
  return {
    child,
    lines,
    ended,
    next: async (fits) => {
      for (;;) {
        for (; taken < lines.length; taken += 1) if (fits(lines[taken]!)) return lines[taken++]!;
        if (gone) throw new Error(`the store's process ended with ${String(child.exitCode ?? child.signalCode)}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function builtStore(): string {
  const built = join(root, 'dist', 'storage', 'embedded.js');
  if (!existsSync(built)) throw new Error('dist/storage/embedded.js is missing: run "npm run build" first ("npm test" does)');
  return built;
}

/** Node cannot run TypeScript: the child is turned into JavaScript beside the project's other working files. */
function childScript(): string {
  const source = join(__dirname, 'store-child.ts');
  const { code } = transformFileSync(source, {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs', ignoreDynamic: true },
  });
  // What it takes from the sources it finds in the build, which has the same shape.
  const script = join(root, 'var', `store-child-${String(process.pid)}.cjs`);
  mkdirSync(join(root, 'var'), { recursive: true });
  writeFileSync(script, code.replaceAll('../../src/', '../dist/'));
  return script;
}
