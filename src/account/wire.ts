/**
 * Tries, time and trust: what every call to the account backend has in common, and the only home of undici. It keeps
 * tries short and few, gives a failing backend rest, believes no answer it cannot read, and knows no action by name.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { JWK } from 'jose';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { SesameError } from '../conversation/errors.js';
import type { Clock } from '../conversation/ports.js';
import type { Health } from './health.js';
import { createCallSigner, type SignedCall } from './service-token.js';

export interface HttpBackendOptions {
  /** Where the contract's paths start; may hold a prefix. */
  readonly url: string;
  /** Signs every call: how the backend knows that it is Sésame. Not used where there is a `token`. */
  readonly key?: JWK;
  /** A fixed service token instead, for a backend that takes no signed calls. */
  readonly token?: string;
  /** Milliseconds one try may take; all the tries of a call together get 8/3 of it. 3000 unless told. */
  readonly timeoutMs?: number;
  /** Measures the time spent on a call; monotonic unless told. */
  readonly clock?: Clock;
  /** Gives the backend rest when it fails; without it every call is made. */
  readonly health?: Health;
}

/** One question to the backend. `name` is all of it that a message may show. */
export interface Call<T> {
  readonly name: string;
  readonly path: string;
  readonly body?: object;
  readonly key?: string;
  /** What a good answer looks like. */
  readonly shape: z.ZodType<T>;
  /** Fields a good answer repeats: without them it may be about somebody else. */
  readonly echo?: Readonly<Record<string, string>>;
  /** Refusals that are expected ends, by their code. */
  readonly refusals?: Readonly<Record<string, T>>;
  /** Made even while the backend is given rest: somebody waits for the truth of an action, or for the case it ended in. */
  readonly urgent?: true;
}

const MAX_TRIES = 3;
const MAX_ANSWER_BYTES = 64 * 1024;
const CONNECTIONS = 64;
/** Faults that come before a byte of the request has left. */
const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|E(HOST|NET)UNREACH|UND_ERR_(CONNECT_TIMEOUT|INVALID_ARG)|ERR_(TLS|SSL).*)$|CERT/;

const problem = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

interface Failure {
  readonly kind: 'failed';
  readonly code: 'backend-timeout' | 'backend-unavailable' | 'backend-rejected';
  readonly why: string;
  /** The request may have had its effect all the same. */
  readonly mayHaveArrived: boolean;
  /** Asking again would get the same answer. */
  readonly final?: boolean;
}

type Ended<T> = { readonly kind: 'done'; readonly value: T } | Failure;

const RESTING: Failure = { kind: 'failed', code: 'backend-unavailable', why: 'given rest after failures', mayHaveArrived: false, final: true };

/**
 * Reads (`ask`) are tried again and then throw; actions (`act`) are tried again with the same key, then looked up by
 * that key, and end as `unknown` where even that does not tell.
 */
export class Wire {
  private readonly agent = new Agent({ connections: CONNECTIONS });
  private readonly tryMs: number;
  private readonly clock: Clock;
  private readonly base: string;
  private readonly authorise: (call: SignedCall) => Promise<string>;

  constructor(private readonly options: HttpBackendOptions) {
    const { key, token } = options;
    this.tryMs = options.timeoutMs ?? 3000;
    this.clock = options.clock ?? performance;
    this.base = options.url.replace(/\/+$/, '');
    // A token on file is a choice of whoever runs the backend; without one every call is signed.
    this.authorise = token !== undefined || key === undefined ? () => Promise.resolve(token ?? '') : createCallSigner(key);
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  async ask<T>(call: Call<T>): Promise<T> {
    const ended = await this.insist(call, (this.tryMs * 8) / 3);
    if (ended.kind === 'done') return ended.value;
    throw fault(call.name, ended);
  }

  /** Asks once, whatever the health, and tells only whether a good answer came. */
  async probe(call: Call<unknown>): Promise<boolean> {
    return (await this.send(call, this.tryMs)).kind === 'done';
  }

  /** Keeps the last quarter of the time for the look-up that settles a doubt. */
  async act<T>(call: Call<T> & { readonly key: string }): Promise<T | { kind: 'unknown' }> {
    const ended = await this.insist(call, this.tryMs * 2);
    if (ended.kind === 'done') return ended.value;
    if (!ended.mayHaveArrived) throw fault(call.name, ended);
    const { name, key, shape } = call;
    const path = `/v1/actions/${encodeURIComponent(key)}`;
    const echo = { ...call.echo, key, action: name };
    const found = await this.once({ name, path, shape, echo, urgent: true }, (this.tryMs * 2) / 3);
    return found.kind === 'done' ? found.value : { kind: 'unknown' };
  }

  private async insist<T>(call: Call<T>, totalMs: number): Promise<Ended<T>> {
    const endsAt = this.clock.now() + totalMs;
    let ended = await this.once(call, this.tryMs);
    for (let tries = 1; tries < MAX_TRIES && ended.kind === 'failed' && ended.final !== true; tries += 1) {
      await pause(Math.random() * this.tryMs * 0.05 * tries);
      const left = endsAt - this.clock.now();
      // A try too short to be answered would only add doubt.
      if (left < this.tryMs / 10) break;
      const doubt: boolean = ended.mayHaveArrived;
      ended = await this.once(call, Math.min(this.tryMs, left));
      if (ended.kind === 'failed' && doubt) ended = { ...ended, mayHaveArrived: true };
    }
    return ended;
  }

  private async once<T>(call: Call<T>, timeoutMs: number): Promise<Ended<T>> {
    const { health } = this.options;
    if (health === undefined || call.urgent === true) return this.send(call, timeoutMs);
    const ended = await health.guard(() => this.send(call, timeoutMs), isFailing);
    return ended === 'resting' ? RESTING : ended;
  }

  private async send<T>(call: Call<T>, timeoutMs: number): Promise<Ended<T>> {
    // Not AbortSignal.timeout: nothing else holds such a signal, and one collected before its time never fires.
    const limit = new AbortController();
    const timer = setTimeout(() => { limit.abort(new DOMException('too slow', 'TimeoutError')); }, Math.ceil(timeoutMs));
    const method = call.body === undefined ? 'GET' : 'POST';
    const body = call.body === undefined ? '' : JSON.stringify(call.body);
    try {
      // Redirects are not followed: this client goes where it was told and nowhere else.
      const response = await request(this.base + call.path, {
        dispatcher: this.agent,
        method,
        headers: await this.headers(call, method, body),
        body: method === 'GET' ? null : body,
        signal: limit.signal,
      });
      return judge(call, response.statusCode, await readJson(response.body));
    } catch (error) {
      return lost(error);
    } finally {
      clearTimeout(timer);
    }
  }

  private async headers({ path, key }: Call<unknown>, method: SignedCall['method'], body: string): Promise<Record<string, string>> {
    const bearer = await this.authorise({ method, path: new URL(this.base).pathname.replace(/\/$/, '') + path, body, key });
    return {
      authorization: `Bearer ${bearer}`,
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
  }
}

/** A refusal shows that the backend is well, unless it refuses us ourselves. */
function isFailing(came: Ended<unknown>): boolean {
  return came.kind === 'failed' && (came.final !== true || came.why === 'HTTP 401');
}

async function readJson(body: AsyncIterable<Buffer>): Promise<unknown> {
  const chunks: Buffer[] = [];
  let left = MAX_ANSWER_BYTES;
  for await (const chunk of body) {
    left -= chunk.length;
    if (left < 0) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    // The parser's own message quotes the text, which may name someone.
    return undefined;
  }
}

function judge<T>(call: Call<T>, code: number, answer: unknown): Ended<T> {
  const why = `HTTP ${String(code)}`;
  if (code === 200 && echoes(call, answer)) {
    const { data } = call.shape.safeParse(answer);
    if (data !== undefined) return { kind: 'done', value: data };
  }
  const told = problem.safeParse(answer).data?.error.code;
  // The contract promises that nothing was done only when the backend itself says "unavailable".
  if (code >= 500) return { kind: 'failed', code: 'backend-unavailable', why, mayHaveArrived: told !== 'unavailable' };
  if (told === undefined || code < 400) return { kind: 'failed', code: 'backend-rejected', why, mayHaveArrived: true };
  const value = refusalBy(told, call.refusals);
  if (value !== undefined) return { kind: 'done', value };
  return { kind: 'failed', code: 'backend-rejected', why, mayHaveArrived: false, final: true };
}

/** A refusal of our own list: a code such as « constructor » is none. */
function refusalBy<T>(code: string, known: Readonly<Record<string, T>> = {}): T | undefined {
  return Object.hasOwn(known, code) ? known[code] : undefined;
}

function echoes(call: Call<unknown>, answer: unknown): boolean {
  const fields = z.record(z.string(), z.unknown()).safeParse(answer).data ?? {};
  return Object.entries(call.echo ?? {}).every(([name, value]) => fields[name] === value);
}

function lost(error: unknown): Failure {
  const { name, code } = z.object({ name: z.string(), code: z.unknown() }).parse(error);
  if (name === 'TimeoutError') return { kind: 'failed', code: 'backend-timeout', why: 'too slow', mayHaveArrived: true };
  const why = typeof code === 'string' ? code : name;
  return { kind: 'failed', code: 'backend-unavailable', why, mayHaveArrived: !NEVER_SENT.test(why) };
}

/** Names the call and the fault only: neither its address nor its answer, which may hold personal data. */
function fault(name: string, { code, why }: Failure): SesameError {
  return new SesameError(code, `the account backend did not settle "${name}": ${why}; look at its health and its logs`);
}
