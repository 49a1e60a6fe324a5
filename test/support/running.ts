/** The real thing, for tests from outside: the compiled server as a process, a reference backend beside it, and what they leave. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { readKeys, type Keys } from '../../src/keys.js';
import { built } from './built.js';

interface Child {
  readonly process: ChildProcess;
  readonly url: string;
}

export class RunningSesame {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'sesame-running-'));
  /** Everything both processes wrote, for the search of what must not be there. */
  readonly output: string[] = [];
  private server: Child | undefined;
  private backend: Child | undefined;
  private port = 0;

  private constructor(private settings: Readonly<Record<string, string>>) {}

  /**
   * `settings`: what this server is told beside, by names of environment variables; kept over its restarts. `more` gives
   * those that depend on where its data lie and on its keys, before its first start.
   */
  static async start(settings: Readonly<Record<string, string>> = {}, more: (data: string, keys: Keys) => Readonly<Record<string, string>> = () => ({})): Promise<RunningSesame> {
    const running = new RunningSesame(settings);
    const keys = await readKeys(running.data);
    running.settings = { ...settings, ...more(running.data, keys) };
    running.backend = await running.spawn('reference/main.js', {
      REFERENCE_DATA: path.join(running.folder, 'backend'),
      REFERENCE_TOKEN: keys.reference,
      REFERENCE_FAULTS: '1',
      REFERENCE_PEOPLE: settings['REFERENCE_PEOPLE'] ?? '0',
      PROOF_JWKS: JSON.stringify({ keys: keys.proofKeys }),
    });
    // A server that does not start must not leave its backend behind: the test run would never end.
    await running.startServer().catch(async (error: unknown) => {
      await running.stop();
      throw error;
    });
    return running;
  }

  get data(): string {
    return path.join(this.folder, 'data');
  }

  get url(): string {
    return this.server?.url ?? '';
  }

  /** The process of the server, for those who look at it from outside. */
  get serverPid(): number {
    return this.server?.process.pid ?? 0;
  }

  get backendUrl(): string {
    return this.backend?.url ?? '';
  }

  /** From its next start on. */
  tell(settings: Readonly<Record<string, string>>): void {
    this.settings = { ...this.settings, ...settings };
  }

  async startServer(): Promise<void> {
    const env = { ...this.settings, PORT: this.port === 0 ? (this.settings['PORT'] ?? '0') : String(this.port), DATA_DIR: this.data, ACCOUNT_BACKEND_URL: this.backendUrl };
    this.server = await this.spawn('main.js', env);
    // The same port after a crash, as a client that reconnects would expect.
    this.port = Number(new URL(this.server.url).port);
  }

  /** Ends the server at once, as a crash or a power cut would. */
  async kill(): Promise<void> {
    await ended(this.server, 'SIGKILL');
  }

  /** The backend stops answering, as a machine that hangs does, until it is thawed. */
  freezeBackend(): Promise<unknown> {
    return Promise.resolve(this.backend?.process.kill('SIGSTOP'));
  }

  thawBackend(): void {
    this.backend?.process.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await ended(this.server, 'SIGTERM');
    await ended(this.backend, 'SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Stops the server and leaves the folder, so that what it wrote can be searched. */
  async stopServer(): Promise<void> {
    await ended(this.server, 'SIGTERM');
  }

  /** Asks the backend something, as its operator. */
  async askBackend(route: string, body?: unknown): Promise<unknown> {
    const keys = await readKeys(this.data);
    const response = await fetch(`${this.backendUrl}${route}`, {
      headers: { authorization: `Bearer ${keys.reference}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return response.status === 204 ? undefined : response.json();
  }

  /** The last code that was mailed to an address; undefined when none was. */
  lastCode(to: string): string | undefined {
    const folder = path.join(this.data, 'mailbox');
    if (!existsSync(folder)) return undefined;
    const mails = readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => readMail(path.join(folder, file)))
      .filter((mail) => mail.to === to)
      .sort((a, b) => a.at - b.at);
    return /\d{4} \d{4}/.exec(mails.at(-1)?.text ?? '')?.[0];
  }

  /** Every file that the server left, but the mailbox, whose mails hold their codes, and the keys. */
  filesLeft(): { name: string; content: Buffer }[] {
    return readdirSync(this.data, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('mailbox') && statSync(path.join(this.data, name)).isFile())
      .map((name) => ({ name, content: readFileSync(path.join(this.data, name)) }));
  }

  private spawn(entry: string, env: Readonly<Record<string, string>>): Promise<Child> {
    const child = spawn(process.execPath, [built(entry)], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    return new Promise((resolve, reject) => {
      const read = (line: string): void => {
        this.output.push(line);
        const url = /"(?:event|msg)":"(?:server\.)?listening".*?"url":"([^"]+)"|"url":"([^"]+)".*?"msg":"server\.listening"/.exec(line);
        if (url) resolve({ process: child, url: url[1] ?? url[2] ?? '' });
      };
      createInterface(child.stdout).on('line', read);
      createInterface(child.stderr).on('line', read);
      child.once('exit', (code) => { reject(new Error(`${entry} ended with ${String(code)}: ${this.output.slice(-5).join('\n')}`)); });
    });
  }
}

interface ReadMail {
  readonly to: string;
  readonly at: number;
  readonly text: string;
}

/** One mail, or none: the mailbox keeps the last ones only, and one may go while it is looked through. */
export function readMail(file: string): readonly ReadMail[] {
  try {
    return [JSON.parse(readFileSync(file, 'utf8')) as ReadMail];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function ended(child: Child | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.process.exitCode !== null || child.process.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.process.once('exit', () => { resolve(); });
    child.process.kill(signal);
  });
}

/** Waits until something is there: events from another process cannot be awaited otherwise. Fails after `withinMs`. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, withinMs = 20_000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`not within ${String(withinMs)} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
