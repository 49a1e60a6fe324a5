/**
 * The account backend over HTTP: a client of docs/account-backend.openapi.yaml. It knows the addresses and the bodies;
 * how a call is made and made again is the wire's, and what an answer means is in answers.ts.
 */
import { decodeJwt } from 'jose';
import { SesameError } from '../conversation/errors.js';
import type { Subject } from '../identity/ports.js';
import * as answers from './answers.js';
import type { AccountBackend, ProofRefusal, Unknown } from './port.js';
import { Wire, type Call, type HttpBackendOptions } from './wire.js';

/** What the wiring needs of the client besides the accounts. */
export interface HttpBackend extends AccountBackend {
  /** Whether the backend says of itself that it can answer. Asked once, and never throws. */
  isThere(): Promise<boolean>;
  /** Lets the connections go. */
  close(): Promise<void>;
}

/** A client of the account backend. Reads end or throw; actions end as `unknown` where nothing tells what they did. */
export function createHttpBackend(options: HttpBackendOptions): HttpBackend {
  const wire = new Wire(options);
  const act = <T>(action: Action<T>, proof: string, key: string): Promise<T | ProofRefusal | Unknown> =>
    withSubject(proof, (on) => wire.act<T | ProofRefusal | Unknown>({ name: action.name, key, ...on(action), shape: action.shape, ...(action.urgent ? { urgent: true } : {}) }));
  return {
    identify: (nir, birthDate) =>
      wire.ask({ name: 'identify', path: '/v1/subjects/identify', body: { nir, birthDate }, shape: answers.identity }),
    identifyPivot: (pivot) =>
      wire.ask({ name: 'identify-pivot', path: '/v1/subjects/identify-pivot', body: pivot, shape: answers.pivot }),
    contactOf: (subject) =>
      wire.ask({ name: 'contact', path: `${person(subject)}/contact`, shape: answers.contact, echo: { subject } }),
    async post(subject, { key, ...body }) {
      const ended = await wire.act<{ kind: string }>({ name: 'letter', path: `${person(subject)}/letters`, body, key, shape: answers.letter, echo: { subject } });
      // Whether it was printed is not known: the same key again is safe, and whoever asked does so.
      if (ended.kind === 'unknown') throw new SesameError('backend-unavailable', 'the account backend did not settle "letter": ask again with the same key');
    },
    status: (proof) =>
      withSubject(proof, (on) => wire.ask({ name: 'status', ...on({ path: 'status' }), shape: answers.status, urgent: true })),
    unlock: (proof, key) => act({ name: 'unlock', path: 'unlock', shape: answers.unlock }, proof, key),
    reactivate: (proof, key) => act({ name: 'reactivate', path: 'reactivate', shape: answers.reactivate }, proof, key),
    sendResetLink: (proof, key) => act({ name: 'reset-link', path: 'reset-link', shape: answers.resetLink }, proof, key),
    sendCodeLetter: (proof, key) => act({ name: 'code-letter', path: 'code-letter', shape: answers.codeLetter }, proof, key),
    askCorrection: (proof, key) => act({ name: 'correction', path: 'cases', more: { kind: 'correction' }, shape: answers.opened }, proof, key),
    // What asks for a case may be what sent the backend to rest: somebody was just told that their lock is still there.
    openCase: (proof, key) => act({ name: 'still-locked', path: 'cases', more: { kind: 'still-locked' }, shape: answers.opened, urgent: true }, proof, key),
    declareFraud: (proof, key) => act({ name: 'fraud', path: 'fraud', shape: answers.fraud }, proof, key),
    isThere: () => wire.probe({ name: 'health', path: '/health', shape: answers.health }),
    close: () => wire.close(),
  };
}

interface Place {
  /** The last part of the address. */
  readonly path: string;
  /** What the body holds beside the proof. */
  readonly more?: object;
}

interface Action<T> extends Place {
  /** As the backend records it. */
  readonly name: string;
  readonly shape: Call<T>['shape'];
  readonly urgent?: true;
}

type OnAccount = Required<Pick<Call<ProofRefusal>, 'path' | 'body' | 'echo' | 'refusals'>>;

/** Reads the subject without verifying: the backend verifies, and a proof bent on the way opens nothing there. */
async function withSubject<T>(
  proof: string,
  call: (on: (place: Place) => OnAccount) => Promise<T>,
): Promise<T | ProofRefusal> {
  const subject = subjectOf(proof);
  if (subject === undefined) return { kind: 'proof-refused', why: 'invalid' };
  const account = `/v1/accounts/${encodeURIComponent(subject)}/`;
  return call(({ path, more }) => ({ path: account + path, body: { ...more, proof }, echo: { subject }, refusals: answers.refusals }));
}

/** Whom a proof is about, unverified; undefined where it is none. */
export function subjectOf(proof: string): Subject | undefined {
  try {
    return decodeJwt(proof).sub;
  } catch {
    return undefined;
  }
}

function person(subject: Subject): string {
  return `/v1/subjects/${encodeURIComponent(subject)}`;
}
