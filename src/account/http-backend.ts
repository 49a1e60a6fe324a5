/**
 * The account backend over HTTP: a client of docs/account-backend.openapi.yaml, and the only home of undici. It keeps
 * tries short and few, believes no answer it cannot read, and holds no state of its own.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { SesameError } from '../conversation/errors.js';
import type { Clock } from '../conversation/ports.js';
import type { Subject } from '../identity/ports.js';
import type { AccountBackend, AccountStatus, ProofRefusal, ResetOutcome, UnlockOutcome } from './port.js';

export interface HttpBackendOptions {
  /** Where the contract's paths start; may hold a prefix. */
  readonly url: string;
  /** Tells the backend that it is Sésame calling. */
  readonly token: string;
  /** Milliseconds one try may take; all the tries of a call together get 8/3 of it. 3000 unless told. */
  readonly timeoutMs?: number;
  /** Measures the time spent on a call; monotonic unless told. */
  readonly clock?: Clock;
}

const MAX_TRIES = 3;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Faults that come before a byte of the request has left. */
const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|E(HOST|NET)UNREACH|UND_ERR_(CONNECT_TIMEOUT|INVALID_ARG)|ERR_(TLS|SSL).*)$|CERT/;

type Identity = Awaited<ReturnType<AccountBackend['identify']>>;
type Contact = Awaited<ReturnType<AccountBackend['contactOf']>>;
type Status = AccountStatus | ProofRefusal;

const cause = z.enum([
  'too-many-attempts', 'inactivity', 'regime-change', 'wrong-data', 'provisional-code',
  'email-obsolete', 'phone-obsolete', 'caisse-change', 'fraud-suspected', 'closed-by-mistake',
]);
const identity = z
  .discriminatedUnion('match', [z.object({ match: z.literal('one'), subject: z.string().min(1).max(128) }), z.object({ match: z.literal('none') })])
  .transform((it): Identity => (it.match === 'one' ? { kind: 'match', subject: it.subject } : { kind: 'none' }));
const contact = z
  .object({ email: z.string().max(254).regex(/^[^\s@]+@[^\s@]+$/).nullable() })
  .transform(({ email }): Contact => (email === null ? { kind: 'none' } : { kind: 'email', email }));
const status = z
  .discriminatedUnion('state', [z.object({ state: z.literal('open') }), z.object({ state: z.literal('locked'), cause })])
  .transform((it): AccountStatus => (it.state === 'locked' ? { kind: 'locked', cause: it.cause } : { kind: 'open' }));
const unlock = z
  .discriminatedUnion('result', [z.object({ result: z.literal(['unlocked', 'already-open']) }), z.object({ result: z.literal('not-unlockable'), cause })])
  .transform((it): UnlockOutcome => ('cause' in it ? { kind: it.result, cause: it.cause } : { kind: it.result }));
const link = z.object({ result: z.literal(['sent', 'no-contact']) }).transform((it): ResetOutcome => ({ kind: it.result }));
const problem = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** One question to the backend. `name` is all of it that a message may show. */
interface Call<T> {
  readonly name: 'identify' | 'contact' | 'status' | 'unlock' | 'reset-link';
  readonly path: string;
  readonly body?: object;
  readonly key?: string;
  /** What a good answer looks like. */
  readonly shape: z.ZodType<T>;
  /** Fields a good answer repeats: without them it may be about somebody else. */
  readonly echo?: Readonly<Record<string, string>>;
  /** Refusals that are expected ends, by their code. */
  readonly refusals?: Readonly<Record<string, T>>;
}

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

const refusals: Readonly<Record<string, ProofRefusal>> = {
  'proof-invalid': { kind: 'proof-refused', why: 'invalid' },
  'proof-expired': { kind: 'proof-refused', why: 'expired' },
  'proof-used': { kind: 'proof-refused', why: 'used' },
};

/**
 * A client of the account backend. Reads are tried again and then throw; actions are tried again with the same key,
 * then looked up by that key, and end as `unknown` where even that does not tell. `close` lets the connections go.
 */
export function createHttpBackend(options: HttpBackendOptions): AccountBackend & { close(): Promise<void> } {
  const wire = new Wire(options);
  return {
    identify: (nir, birthDate) =>
      wire.ask({ name: 'identify', path: '/v1/subjects/identify', body: { nir, birthDate }, shape: identity }),
    contactOf(subject) {
      const path = `/v1/subjects/${encodeURIComponent(subject)}/contact`;
      return wire.ask({ name: 'contact', path, shape: contact, echo: { subject } });
    },
    status: (proof) =>
      withSubject(proof, (on) => wire.ask<Status>({ name: 'status', ...on('status'), shape: status })),
    unlock: (proof, key) =>
      withSubject(proof, (on) => wire.act<UnlockOutcome>({ name: 'unlock', key, ...on('unlock'), shape: unlock })),
    sendResetLink: (proof, key) =>
      withSubject(proof, (on) => wire.act<ResetOutcome>({ name: 'reset-link', key, ...on('reset-link'), shape: link })),
    close: () => wire.close(),
  };
}

type OnAccount = Required<Pick<Call<ProofRefusal>, 'path' | 'body' | 'echo' | 'refusals'>>;

/** Reads the subject without verifying: the backend verifies, and a proof bent on the way opens nothing there. */
async function withSubject<T>(
  proof: string,
  call: (on: (what: string) => OnAccount) => Promise<T>,
): Promise<T | ProofRefusal> {
  const subject = subjectOf(proof);
  if (subject === undefined) return { kind: 'proof-refused', why: 'invalid' };
  const account = `/v1/accounts/${encodeURIComponent(subject)}/`;
  return call((what) => ({ path: account + what, body: { proof }, echo: { subject }, refusals }));
}

function subjectOf(proof: string): Subject | undefined {
  try {
    return decodeJwt(proof).sub;
  } catch {
    return undefined;
  }
}

/** Tries, time and trust: what every call has in common. */
class Wire {
  private readonly agent = new Agent({ connections: 16 });
  private readonly tryMs: number;
  private readonly clock: Clock;

  constructor(private readonly options: HttpBackendOptions) {
    this.tryMs = options.timeoutMs ?? 3000;
    this.clock = options.clock ?? performance;
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  async ask<T>(call: Call<T>): Promise<T> {
    const ended = await this.insist(call, (this.tryMs * 8) / 3);
    if (ended.kind === 'done') return ended.value;
    throw fault(call.name, ended);
  }

  /** Keeps the last quarter of the time for the look-up that settles a doubt. */
  async act<T>(call: Call<T> & { readonly key: string }): Promise<T | { kind: 'unknown' }> {
    const ended = await this.insist(call, this.tryMs * 2);
    if (ended.kind === 'done') return ended.value;
    if (!ended.mayHaveArrived) throw fault(call.name, ended);
    const { name, key, shape } = call;
    const path = `/v1/actions/${encodeURIComponent(key)}`;
    const echo = { ...call.echo, key, action: name };
    const found = await this.once({ name, path, shape, echo }, (this.tryMs * 2) / 3);
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
    const headers = {
      authorization: `Bearer ${this.options.token}`,
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(call.key === undefined ? {} : { 'idempotency-key': call.key }),
    };
    // Not AbortSignal.timeout: nothing else holds such a signal, and one collected before its time never fires.
    const limit = new AbortController();
    const timer = setTimeout(() => { limit.abort(new DOMException('too slow', 'TimeoutError')); }, Math.ceil(timeoutMs));
    try {
      // Redirects are not followed: this client goes where it was told and nowhere else.
      const response = await request(this.options.url.replace(/\/+$/, '') + call.path, {
        dispatcher: this.agent,
        method: call.body === undefined ? 'GET' : 'POST',
        headers,
        body: call.body === undefined ? null : JSON.stringify(call.body),
        signal: limit.signal,
      });
      return judge(call, response.statusCode, await readJson(response.body));
    } catch (error) {
      return lost(error);
    } finally {
      clearTimeout(timer);
    }
  }
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
  const value = call.refusals?.[told];
  if (value !== undefined) return { kind: 'done', value };
  return { kind: 'failed', code: 'backend-rejected', why, mayHaveArrived: false, final: true };
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
