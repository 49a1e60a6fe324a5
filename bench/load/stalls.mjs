// How benchmarks ask a server of theirs how long its event loop was held up (stalls.cjs answers inside of it).
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from './servers.mjs';

/** What to start the server with. */
export function stallOptions() {
  mkdirSync(join(root, 'var'), { recursive: true });
  const file = join(root, 'var', `bench-stalls-${process.pid}.json`);
  return { file, env: { BENCH_STALLS: file }, node: ['--require', join(root, 'bench', 'load', 'stalls.cjs')] };
}

/** What happened since the last time. `longestMs`, `p99Ms`: how long it was held up; `busy`: part of the time it worked. */
export async function askStalls(pid, file) {
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(file)) await wait(20);
  await wait(50);
  const said = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  return said;
}
