/** Starts `redis-child.ts` as a process of its own, from the sources as they are, and reads what it says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { transformFileSync } from '@swc/core';
import type { Line } from './redis-child.js';

const root = join(__dirname, '..', '..');
const ROOMS = ['src/conversation', 'src/storage', 'src/redis'];

export interface RedisProcess {
  readonly child: ChildProcess;
  tell(line: string): void;
  /** Resolves with the next line said that says so. */
  next(said: Line['said'] | readonly Line['said'][]): Promise<Line>;
  kill(): Promise<void>;
}

export function startRedisProcess(url: string, lockMs: number): RedisProcess {
  mkdirSync(join(root, 'var'), { recursive: true });
  // Beside the project's other working files, so that libraries are found from there.
  const folder = mkdtempSync(join(root, 'var', 'redis-child-'));
  const sources = ROOMS.flatMap((room) => readdirSync(join(root, room)).map((name) => `${room}/${name}`));
  for (const source of [...sources, 'test/support/redis-child.ts']) {
    const { code } = transformFileSync(join(root, source), { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs', ignoreDynamic: true } });
    const target = join(folder, source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
  const child = spawn(process.execPath, [join(folder, 'test', 'support', 'redis-child.js'), url, String(lockMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: Line[] = [];
  let wake: () => void = () => undefined;
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as Line);
    wake();
  });
  const gone = once(child, 'exit').then(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    child,
    tell: (line) => void child.stdin.write(`${line}\n`),
    next: async (said) => {
      for (;;) {
        const line = lines.shift();
        if (line && [said].flat().includes(line.said)) return line;
        if (!line) await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
