/**
 * The reference backend: a working stand-in for the account system, written from docs/account-backend.openapi.yaml so
 * that Sésame can be tried and tested whole. It is no part of the product and holds made-up people only.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { Clock } from '../conversation/ports.js';
import { Callers } from './callers.js';
import { Desk, shown, UNKNOWN } from './desk.js';
import { Faults } from './faults.js';
import { listener, problem, type Answer, type Ask, type Route } from './http.js';
import { crowd, firstAccounts, keyOf, people, peoplePage, type Person, type PersonNow } from './people.js';
import { ReferenceStore } from './store.js';

export interface ReferenceOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Loopback unless told. */
  readonly host?: string;
  /** Where its state is kept; made where it is missing. */
  readonly folder: string;
  /** A service token that callers may show instead of signing each call. */
  readonly token?: string;
  /** Public keys that proofs and signed calls are verified with. */
  readonly proofKeys: JSONWebKeySet;
  readonly clock?: Clock;
  /** Opens `/_faults` and `/_ledger`, for tests. */
  readonly faults?: boolean;
  /** Opens `/demo`, for people who try Sésame. */
  readonly demo?: boolean;
  /** Made-up people beside the thirty; none unless told. */
  readonly people?: number;
}

const identifyBody = z.strictObject({
  nir: z.string().regex(/^[1-8]\d{4}(\d{2}|2[AB])\d{6}$/),
  birthDate: z.iso.date(),
});
const pivotBody = z.strictObject({
  ...{ givenName: z.string().min(1).max(200), familyName: z.string().min(1).max(200), birthDate: z.iso.date() },
  ...{ gender: z.literal(['female', 'male']), birthPlace: z.string().regex(/^(\d[\dAB]\d{3})?$/), birthCountry: z.string().regex(/^\d{5}$/) },
});
/** The code of the INSEE for who was born in France. */
const FRANCE = '99100';

/** Starts the backend; resolves once it listens. `close` ends open requests and lets the folder go. */
export async function startReferenceBackend(
  options: ReferenceOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const clock = options.clock ?? { now: Date.now };
  const everybody = [...people, ...crowd(options.people ?? 0)];
  const store = await ReferenceStore.open(options.folder, firstAccounts(clock.now(), everybody));
  const faults = new Faults(clock);
  const stopping = new AbortController();
  const keys = createLocalJWKSet(options.proofKeys);
  const callers = new Callers(keys, options.token, clock);
  const routes = [...actionRoutes(new Desk(store, keys, everybody, clock)), ...identityRoutes(everybody), ...readRoutes(store)];
  if (options.faults === true) routes.push(...testRoutes(store, faults));
  if (options.demo === true) routes.push(...demoRoutes(store));
  const server = createServer(listener(routes, { callers, faults, stopping: stopping.signal }));
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

function actionRoutes(desk: Desk): Route[] {
  const at = (what: string) => new RegExp(`^/v1/accounts/(?<subject>[^/]+)/${what}$`);
  const names = ['unlock', 'reactivate', 'reset-link', 'code-letter', 'fraud'] as const;
  return [
    { name: 'status', method: 'POST', path: at('status'), handle: (ask) => desk.status(ask) },
    ...names.map((name): Route => ({ name, method: 'POST', path: at(name), handle: (ask) => desk.act(name, ask) })),
    { name: 'cases', method: 'POST', path: at('cases'), handle: (ask) => desk.openCase(ask) },
    { name: 'letters', method: 'POST', path: /^\/v1\/subjects\/(?<subject>[^/]+)\/letters$/, handle: (ask) => desk.letter(ask) },
  ];
}

function identityRoutes(everybody: readonly Person[]): Route[] {
  return [
    { name: 'identify', method: 'POST', path: /^\/v1\/subjects\/identify$/, handle: (ask) => identify(ask, everybody) },
    { name: 'identify-pivot', method: 'POST', path: /^\/v1\/subjects\/identify-pivot$/, handle: (ask) => identifyPivot(ask, everybody) },
    {
      name: 'contact', method: 'GET', path: /^\/v1\/subjects\/(?<subject>[^/]+)\/contact$/,
      handle({ parts }) {
        const person = everybody.find(({ subject }) => subject === parts['subject']);
        return person === undefined ? UNKNOWN : { status: 200, body: { subject: person.subject, email: person.email } };
      },
    },
  ];
}

function readRoutes(store: ReferenceStore): Route[] {
  return [
    page('health', /^\/health$/, () => Promise.resolve({ status: 'ok' })),
    {
      name: 'account', method: 'GET', path: /^\/v1\/accounts\/(?<subject>[^/]+)$/,
      async handle({ parts: { subject = '' } }) {
        const account = await store.account(subject);
        return account === undefined ? UNKNOWN : { status: 200, body: { subject, frozen: false, ...account } };
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

function identify({ body }: Ask, everybody: readonly Person[]): Answer {
  const { data } = identifyBody.safeParse(body);
  if (data === undefined) return problem(400, 'malformed', 'the body must be {"nir", "birthDate"}');
  const found = everybody.filter(({ nir, birthDate }) => nir === data.nir && birthDate === data.birthDate);
  const [person] = found;
  if (person === undefined || found.length > 1) return { status: 200, body: { match: 'none' } };
  return { status: 200, body: { match: 'one', subject: person.subject } };
}

/** The given names on file may be fewer than those of the State; the rest must be the same, accents and case aside. */
function identifyPivot({ body }: Ask, everybody: readonly Person[]): Answer {
  const { data } = pivotBody.safeParse(body);
  if (data === undefined) return problem(400, 'malformed', 'the body must be the pivot identity of the description');
  const given = folded(data.givenName).split(/[\s,]+/);
  const found = everybody.filter(
    ({ nir, birthDate, firstName, lastName }) =>
      birthDate === data.birthDate && folded(lastName) === folded(data.familyName) && given.includes(folded(firstName)) &&
      nir.startsWith(data.gender === 'male' ? '1' : '2') && nir.slice(5, 10) === data.birthPlace && data.birthCountry === FRANCE,
  );
  const [person] = found;
  if (person === undefined) return { status: 200, body: { match: 'none' } };
  return { status: 200, body: found.length > 1 ? { match: 'several' } : { match: 'one', subject: person.subject } };
}

function folded(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase();
}

function testRoutes(store: ReferenceStore, faults: Faults): Route[] {
  const order = ({ body }: Ask): Answer => {
    const waiting = faults.order(body);
    return waiting === undefined ? problem(400, 'malformed', 'not a list of faults') : { status: 200, body: { waiting } };
  };
  return [
    { name: '_faults', method: 'POST', path: /^\/_faults$/, open: true, handle: order },
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
