// People as the parent sees them: starts people.mjs and passes orders on. The figures of what came back are worked out here.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './servers.mjs';

/** `tell(order, given)` resolves with what the order gave. */
export function startCrowd() {
  const child = fork(join(root, 'bench', 'load', 'people.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  const waiting = new Map();
  let numbers = 0;
  child.on('message', ({ number, result, error }) => {
    const { resolve, reject } = waiting.get(number);
    waiting.delete(number);
    if (error) reject(new Error(error));
    else resolve(result);
  });
  child.once('exit', () => { for (const { reject } of waiting.values()) reject(new Error('the people are gone')); });
  const tell = (order, given = {}) => new Promise((resolve, reject) => {
    numbers += 1;
    waiting.set(numbers, { resolve, reject });
    child.send({ number: numbers, order, given });
  });
  const stop = async () => {
    child.disconnect();
    if (child.exitCode === null) await once(child, 'exit');
  };
  return { pid: child.pid, tell, stop };
}

/** The value under which a part of the values lies; 0.5 is the median. */
export function quantile(values, part) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}

export const median = (values) => quantile(values, 0.5);

/** A table, first column to the left. */
export function printTable(rows) {
  const widths = rows[0].map((_cell, at) => Math.max(...rows.map((row) => String(row[at] ?? '').length)));
  for (const row of rows) {
    process.stdout.write(`${row.map((cell, at) => (at === 0 ? String(cell).padEnd(widths[at]) : String(cell ?? '').padStart(widths[at] + 2))).join('')}\n`);
  }
}
