/**
 * The reference backend: a working stand-in for the account system, written from docs/account-backend.openapi.yaml so
 * that Sésame can be tried and tested whole. It is no part of the product and holds made-up people only.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import { z } from 'zod';
import type { Clock } from '../conversation/ports.js';
import type { BlockingCause } from './port.js';
import { Faults, listener, problem } from './reference-http.js';
import type { Answer, Ask, Route } from './reference-http.js';
import { firstAccounts, keyOf, people, peoplePage } from './reference-people.js';
import type { PersonNow } from './reference-people.js';
import { ReferenceStore } from './reference-store.js';
import type { Account, ActionName, Decision, Intention, Performed, Recorded } from './reference-store.js';

export interface ReferenceOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Loopback unless told. */
  readonly host?: string;
  /** Where its state is kept; made where it is missing. */
  readonly folder: string;
  /** The service token that callers must show. */
  readonly token: string;
  /** Public keys that proofs are verified with. */
  readonly proofKeys: JSONWebKeySet;
  readonly clock?: Clock;
  /** Opens `/_faults` and `/_ledger`, for tests. */
  readonly faults?: boolean;
  /** Opens `/demo`, for people who try Sésame. */
  readonly demo?: boolean;
}

/** Lifting the lock is the remedy for these causes only; the others need a correction, or a human. */
const UNLOCKABLE: ReadonlySet<BlockingCause> = new Set(['too-many-attempts', 'inactivity']);

const identifyBody = z.strictObject({
  nir: z.string().regex(/^[1-8]\d{4}(\d{2}|2[AB])\d{6}$/),
  birthDate: z.iso.date(),
});
const proofBody = z.strictObject({ proof: z.string().min(1).max(4096) });
const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/);
const claims = z.object({ sub: z.string(), jti: z.string().min(1).max(200), act: z.literal(['unlock', 'reset']) });

const REFUSED = problem(403, 'proof-invalid', 'the proof does not open this');
const EXPIRED = problem(403, 'proof-expired', 'the proof has expired');
const UNKNOWN = problem(404, 'not-found', 'nothing is known by this name');
/** What the proof of an action must have been asked for. */
const NEEDED = { unlock: 'unlock', 'reset-link': 'reset' } as const;

type Proof = { kind: 'valid' | 'expired'; sub: string; jti: string; act: 'unlock' | 'reset' } | { kind: 'invalid' };

/** Starts the backend; resolves once it listens. `close` ends open requests and lets the folder go. */
export async function startReferenceBackend(
  options: ReferenceOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const clock = options.clock ?? { now: Date.now };
  const store = await ReferenceStore.open(options.folder, firstAccounts(clock.now()));
  const faults = new Faults();
  const stopping = new AbortController();
  const routes = [...actionRoutes(new Desk(store, options.proofKeys, clock)), ...readRoutes(store)];
  if (options.faults === true) routes.push(...testRoutes(store, faults));
  if (options.demo === true) routes.push(...demoRoutes(store));
  const server = createServer(listener(routes, { token: options.token, faults, stopping: stopping.signal }));
  server.requestTimeout = 10_000;
  const host = options.host ?? '127.0.0.1';
  server.listen(options.port, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${String(port)}`,
    async close() {
      stopping.abort();
      server.close();
      server.closeAllConnections();
      await store.close();
    },
  };
}

/** Reads proofs and decides what an action comes to. */
class Desk {
  private readonly keys;

  constructor(
    readonly store: ReferenceStore,
    proofKeys: JSONWebKeySet,
    private readonly clock: Clock,
  ) {
    this.keys = createLocalJWKSet(proofKeys);
  }

  async status({ parts, body }: Ask): Promise<Answer> {
    const asked = proofBody.safeParse(body);
    if (!asked.success) return problem(400, 'malformed', 'the body must be {"proof"}');
    const proof = await this.verified(asked.data.proof);
    if (proof.kind === 'expired') return EXPIRED;
    if (proof.kind === 'invalid' || proof.sub !== parts['subject']) return REFUSED;
    const account = await this.store.account(proof.sub);
    if (account === undefined) return UNKNOWN;
    const { state, cause } = account;
    return { status: 200, body: { subject: proof.sub, state, ...(cause === null ? {} : { cause }) } };
  }

  async act(action: ActionName, { parts, body, idempotencyKey: given }: Ask): Promise<Answer> {
    const asked = proofBody.safeParse(body);
    const key = idempotencyKey.safeParse(given);
    if (!asked.success || !key.success) {
      return problem(400, 'malformed', 'an Idempotency-Key and a body {"proof"} are needed');
    }
    const proof = await this.verified(asked.data.proof);
    if (proof.kind === 'invalid' || proof.sub !== parts['subject'] || proof.act !== NEEDED[action]) return REFUSED;
    const intention = { key: key.data, action, subject: proof.sub, jti: proof.jti };
    // A record outlives its proof: whoever asks again after a crash still learns what was done.
    const recorded = await this.store.recorded(key.data);
    if (proof.kind === 'expired' && recorded === undefined) return EXPIRED;
    if ((await this.store.account(proof.sub)) === undefined) return UNKNOWN;
    return told(await this.store.perform(intention, (account) => this.decide(intention, account)));
  }

  private decide({ action, subject }: Intention, account: Account): Decision {
    if (action === 'reset-link') {
      const email = people.find((person) => person.subject === subject)?.email ?? null;
      return { result: email === null ? 'no-contact' : 'sent', effect: email !== null };
    }
    const { cause } = account;
    if (cause === null) return { result: 'already-open', effect: false };
    if (!UNLOCKABLE.has(cause)) return { result: 'not-unlockable', cause, effect: false };
    const updatedAt = new Date(this.clock.now()).toISOString();
    const opened: Account = { state: 'open', cause: null, revision: account.revision + 1, updatedAt };
    return { result: 'unlocked', account: opened, effect: true };
  }

  /** An expired proof keeps its claims, because its signature was checked first. */
  private async verified(proof: string): Promise<Proof> {
    const demands = {
      algorithms: ['EdDSA'],
      issuer: 'sesame',
      audience: 'account-backend',
      requiredClaims: ['sub', 'jti', 'act', 'iat', 'exp'],
      currentDate: new Date(this.clock.now()),
    };
    try {
      return claimed('valid', (await jwtVerify(proof, this.keys, demands)).payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) return claimed('expired', error.payload);
      if (error instanceof errors.JOSEError) return { kind: 'invalid' };
      throw error;
    }
  }
}

function claimed(kind: 'valid' | 'expired', payload: JWTPayload): Proof {
  const { data } = claims.safeParse(payload);
  return data === undefined ? { kind: 'invalid' } : { kind, ...data };
}

function told(performed: Performed): Answer {
  switch (performed.kind) {
    case 'recorded':
      return { status: 200, body: shown(performed.record) };
    case 'key-reused':
      return problem(409, 'key-reused', 'this key was used for something else');
    case 'proof-used':
      return problem(409, 'proof-used', 'this proof was used with another key');
  }
}

function shown({ key, action, subject, result, cause }: Recorded): object {
  return { key, action, subject, result, ...(cause === undefined ? {} : { cause }) };
}

function actionRoutes(desk: Desk): Route[] {
  const at = (what: string) => new RegExp(`^/v1/accounts/(?<subject>[^/]+)/${what}$`);
  return [
    { name: 'status', method: 'POST', path: at('status'), handle: (ask) => desk.status(ask) },
    { name: 'unlock', method: 'POST', path: at('unlock'), handle: (ask) => desk.act('unlock', ask) },
    { name: 'reset-link', method: 'POST', path: at('reset-link'), handle: (ask) => desk.act('reset-link', ask) },
  ];
}

function readRoutes(store: ReferenceStore): Route[] {
  return [
    page('health', /^\/health$/, () => Promise.resolve({ status: 'ok' })),
    { name: 'identify', method: 'POST', path: /^\/v1\/subjects\/identify$/, handle: identify },
    {
      name: 'contact', method: 'GET', path: /^\/v1\/subjects\/(?<subject>[^/]+)\/contact$/,
      handle({ parts }) {
        const person = people.find(({ subject }) => subject === parts['subject']);
        return person === undefined ? UNKNOWN : { status: 200, body: { subject: person.subject, email: person.email } };
      },
    },
    {
      name: 'account', method: 'GET', path: /^\/v1\/accounts\/(?<subject>[^/]+)$/,
      async handle({ parts: { subject = '' } }) {
        const account = await store.account(subject);
        return account === undefined ? UNKNOWN : { status: 200, body: { subject, ...account } };
      },
    },
    {
      name: 'action', method: 'GET', path: /^\/v1\/actions\/(?<key>[^/]+)$/,
      async handle({ parts: { key = '' } }) {
        const record = await store.recorded(key);
        return record === undefined ? UNKNOWN : { status: 200, body: shown(record) };
      },
    },
  ];
}

function identify({ body }: Ask): Answer {
  const { data } = identifyBody.safeParse(body);
  if (data === undefined) return problem(400, 'malformed', 'the body must be {"nir", "birthDate"}');
  const found = people.filter(({ nir, birthDate }) => nir === data.nir && birthDate === data.birthDate);
  const [person] = found;
  if (person === undefined || found.length > 1) return { status: 200, body: { match: 'none' } };
  return { status: 200, body: { match: 'one', subject: person.subject } };
}

function testRoutes(store: ReferenceStore, faults: Faults): Route[] {
  return [
    { name: '_faults', method: 'POST', path: /^\/_faults$/, open: true, handle: ({ body }) => faults.order(body) },
    page('_ledger', /^\/_ledger$/, () => store.ledger()),
  ];
}

/** Something anybody on this machine may look at. */
function page(name: string, path: RegExp, show: () => Promise<object | string>): Route {
  return { name, method: 'GET', path, open: true, handle: async () => ({ status: 200, body: await show() }) };
}

function demoRoutes(store: ReferenceStore): Route[] {
  const now = (): Promise<PersonNow[]> =>
    Promise.all(
      people.map(async (person) => {
        const account = await store.account(person.subject);
        return { ...person, state: account?.state ?? 'open', cause: account?.cause ?? null };
      }),
    );
  const listed = async (): Promise<object> => (await now()).map((person) => ({ ...person, key: keyOf(person.nir) }));
  return [
    page('demo', /^\/demo\/?$/, async () => peoplePage(await now())),
    page('people', /^\/demo\/people$/, listed),
  ];
}
