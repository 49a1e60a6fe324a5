/**
 * Loaded into a process before anything else: notes every connection, name looked up, program started and file opened
 * for writing, whoever asks for it, in the file that SESAME_WATCHED names. It judges nothing; never imported by tests.
 */
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import inspector from 'node:inspector';
import net from 'node:net';

type Callable = (this: unknown, ...args: unknown[]) => unknown;

// Opened before anything is watched, for good: noting must not be noted.
const notes = fs.openSync(process.env['SESAME_WATCHED'] ?? '', 'a');
const { writeSync } = fs;

function note(event: Readonly<Record<string, unknown>>): void {
  writeSync(notes, `${JSON.stringify({ ...event, pid: process.pid })}\n`);
}

/** Puts a function in the place of another, which it calls after noting. */
function watch(holder: object, name: string, see: (args: readonly unknown[]) => void): void {
  const held = holder as Record<string, unknown>;
  const own = held[name];
  if (typeof own !== 'function') return;
  const watched: Callable = function watched(...args) {
    see(args);
    return (own as Callable).apply(this, args);
  };
  // What hangs on the function, such as `exec[util.promisify.custom]`, has to stay.
  held[name] = Object.defineProperties(watched, Object.getOwnPropertyDescriptors(own));
}

/** `connect(options)`, `connect(port, host)`, `connect(path)`, and the list that Node.js makes of any. */
function target(given: readonly unknown[]): Readonly<Record<string, unknown>> {
  const [first, second] = (Array.isArray(given[0]) ? given[0] : given) as readonly unknown[];
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as Record<string, unknown>;
    return { host: host ?? 'localhost', port, path };
  }
  return typeof first === 'string' && Number.isNaN(Number(first)) ? { path: first } : { host: typeof second === 'string' ? second : 'localhost', port: first };
}

const pathOf = (given: unknown): unknown => (given instanceof URL ? given.pathname : Buffer.isBuffer(given) ? given.toString() : given);

/** Whether these flags of `open` only read. */
function onlyReads(flags: unknown): boolean {
  return flags === undefined || flags === null || flags === 'r' || flags === 'rs' || (typeof flags === 'number' && (flags & 3) === fs.constants.O_RDONLY);
}

const OPENERS = ['open', 'openSync'];
const WRITERS = ['writeFile', 'appendFile', 'mkdir', 'mkdtemp', 'unlink', 'rm', 'rmdir', 'truncate', 'utimes', 'chmod'].flatMap((name) => [name, `${name}Sync`]);
const MOVERS = ['rename', 'copyFile', 'cp', 'link', 'symlink'].flatMap((name) => [name, `${name}Sync`]);

for (const holder of [fs, fs.promises]) {
  for (const name of OPENERS) watch(holder, name, ([where, flags]) => { if (!onlyReads(flags)) note({ kind: 'write', path: pathOf(where), by: name }); });
  for (const name of WRITERS) watch(holder, name, ([where]) => { if (typeof where !== 'number') note({ kind: 'write', path: pathOf(where), by: name }); });
  for (const name of MOVERS) watch(holder, name, ([from, to]) => { for (const where of [from, to]) note({ kind: 'write', path: pathOf(where), by: name }); });
}
watch(fs, 'createWriteStream', ([where]) => { note({ kind: 'write', path: pathOf(where), by: 'createWriteStream' }); });
watch(net.Socket.prototype, 'connect', (args) => { note({ kind: 'connect', ...target(args) }); });
for (const name of ['send', 'connect']) watch(dgram.Socket.prototype, name, () => { note({ kind: 'datagram' }); });
for (const holder of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  const names = Object.getOwnPropertyNames(holder).filter((name) => /^(lookup|resolve|reverse)/.test(name));
  for (const name of names) watch(holder, name, ([host]) => { note({ kind: 'name', host }); });
}
// Every way to start a program without waiting ends here.
watch(childProcess.ChildProcess.prototype, 'spawn', ([options]) => { note({ kind: 'program', file: (options as { file?: unknown }).file }); });
for (const name of ['spawnSync', 'execSync', 'execFileSync']) watch(childProcess, name, ([program]) => { note({ kind: 'program', file: program }); });
watch(inspector, 'open', () => { note({ kind: 'debugger' }); });
note({ kind: 'begun' });
