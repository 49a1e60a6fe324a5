// The servers that the load benchmarks measure, each a process of its own: ours over its own folder or over Redis, and the
// echo bot. Reads what a process costs from /proc. It sends no message and times none: that is people.mjs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Where the build is: another one than dist/ is measured by naming it. */
const build = process.env.BENCH_BUILD ?? join(root, 'dist');
const here = (file) => join(root, 'bench', 'load', file);
/** Ticks of the processor's clock in a second, as /proc counts: 100 on every Linux of today. */
const TICKS = 100;

/** A folder on the disk of the project, never in memory: a sync must cost what it costs. */
function newFolder(name) {
  mkdirSync(join(root, 'var'), { recursive: true });
  return mkdtempSync(join(root, 'var', `bench-${name}-`));
}

/** Starts a program and resolves once it says where it listens; `listening` finds the address in a line. */
async function run({ program, args, env, listening }) {
  const child = spawn(program, args, { cwd: root, env: { ...process.env, LOG_LEVEL: 'warn', ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${args.at(-1)} ended with ${code}`)));
    createInterface(child.stdout).on('line', (line) => {
      const found = listening.exec(line)?.[1];
      if (found) resolve(found);
    });
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.removeAllListeners('exit').kill('SIGTERM');
    await once(child, 'exit');
  };
  return { pid: child.pid, url, stop };
}

/** Ours: the compiled server with its reference backend beside it. `node`: options of Node.js, such as a preload. */
export async function startSesame({ env = {}, node = [] } = {}) {
  const folder = newFolder('sesame');
  const settings = { PORT: '0', REFERENCE_PORT: '0', DATA_DIR: folder, ...env };
  const server = await run({ program: process.execPath, args: [...node, join(build, 'main.js')], env: settings, listening: /^ {2}The assistant +(http\S+)$/ });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, folder, stop };
}

/** The bot that a sample of the SDK would be, on restify; answers go to the channel that a person's activity names. */
export function startEcho() {
  return run({ program: process.execPath, args: [here('echo-bot.cjs')], env: { PORT: '0' }, listening: /^listening (http\S+)$/ });
}

/** A real redis-server whose log of changes is on disk before each answer. */
export async function startRedis() {
  const folder = newFolder('redis');
  const port = await freePort();
  const settings = { port, bind: '127.0.0.1', dir: folder, save: '', logfile: join(folder, 'log'), appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' };
  const child = spawn('redis-server', Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]), { stdio: 'ignore' });
  child.once('error', (error) => { throw new Error('redis-server is missing: on Debian, apt-get install redis-server', { cause: error }); });
  while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 20));
  const stop = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
  return { pid: child.pid, url: `redis://127.0.0.1:${port}`, stop };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (said) => resolve(said.toString().startsWith('+PONG'))).once('error', () => resolve(false)).once('data', () => socket.destroy());
  });
}

/** Processor time that a process has used, its own and the system's for it, in milliseconds. */
export function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

/** Memory that a process has in use, in megabytes (1,000,000 bytes). */
export function rssMb(pid) {
  return (Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024) / 1e6;
}
