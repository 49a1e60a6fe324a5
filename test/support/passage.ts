/** The door and the actions of FranceConnect over a real store, with a provider that answers what a test says. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SesameError } from '../../src/conversation/errors.js';
import type { Store } from '../../src/conversation/ports.js';
import type { Slots } from '../../src/conversation/state.js';
import { createFranceConnectActions } from '../../src/franceconnect/actions.js';
import { Attempts, type Attempt } from '../../src/franceconnect/attempts.js';
import { createDoor, type Shown } from '../../src/franceconnect/door.js';
import type { Arrival, Passage } from '../../src/franceconnect/ports.js';
import type { Pivot, PivotMatch } from '../../src/identity/ports.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { SimulatedClock } from './clock.js';

export const PIVOT: Pivot = { givenName: 'Zélie', familyName: 'D’Ailleurs-Essai', birthDate: '1985-02-14', gender: 'female', birthPlace: '75990', birthCountry: '99100' };

/** What a browser holds, and the pages it was shown. */
export class Visitor {
  cookie: string | undefined;

  constructor(private readonly url: string) {}

  async get(address: string): Promise<{ status: number; location: string | null; shown: Shown | undefined; headers: Headers }> {
    const response = await fetch(new URL(address, this.url), { redirect: 'manual', headers: this.cookie === undefined ? {} : { cookie: this.cookie } });
    this.cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.cookie;
    const body = await response.text();
    return { status: response.status, location: response.headers.get('location'), shown: body.startsWith('{"notice"') ? (JSON.parse(body) as Shown) : undefined, headers: response.headers };
  }
}

export class TestPassage {
  readonly clock = new SimulatedClock();
  readonly told: Attempt[] = [];
  readonly reported: string[] = [];
  readonly asked: Pivot[] = [];
  readonly departures: Passage[] = [];
  readonly sent: string[] = [];
  arrival: Arrival = { kind: 'identified', pivot: PIVOT, level: 'eidas2', idToken: 'an-id-token' };
  match: PivotMatch | 'down' = { kind: 'match', subject: 's_zelie' };
  reachable = true;
  /** Whom the number given before belongs to. */
  numbered: string | null | undefined;
  farewell: string | undefined;
  attempts!: Attempts;
  actions!: ReturnType<typeof createFranceConnectActions>;
  url = '';
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'sesame-passage-'));
  private store!: Store;
  private server!: Server;

  static async open(): Promise<TestPassage> {
    const passage = new TestPassage();
    passage.store = await openEmbeddedStore({ folder: passage.folder });
    passage.attempts = new Attempts(passage.store, Buffer.alloc(32, 3), passage.clock);
    await passage.listen();
    passage.actions = createFranceConnectActions({
      attempts: passage.attempts,
      publicUrl: () => passage.url,
      subjectOf: () => Promise.resolve(passage.numbered),
      prove: ({ subject, id, purpose }) => Promise.resolve(`proof ${subject} ${purpose} ${id}`),
      sendCode: ({ subject }) => {
        passage.sent.push(subject);
        return Promise.resolve({ kind: 'sent', challenge: 'a-challenge', outbox: [] });
      },
    });
    return passage;
  }

  visitor(): Visitor {
    return new Visitor(this.url);
  }

  /** What a conversation is given to leave with. */
  async begin(conversationId = 'c1', slots: Slots = { purpose: 'unlock' }): Promise<Slots> {
    const { outcome, slots: given } = await this.actions['identity.begin-franceconnect'].run({ conversationId, slots });
    if (outcome !== 'started') throw new Error(outcome);
    return { ...slots, ...given };
  }

  async finish(slots: Slots, conversationId = 'c1'): Promise<{ outcome: string; slots?: Slots }> {
    return this.actions['identity.finish-franceconnect'].run({ conversationId, slots });
  }

  /** Goes to the page before, and on to the provider. The state that it left with. */
  async leave(visitor: Visitor, slots: Slots): Promise<string> {
    await visitor.get(String(slots['link']));
    const gone = await visitor.get(`${String(slots['link'])}&suite=1`);
    return new URL(gone.location ?? 'about:blank').searchParams.get('state') ?? `not gone: ${String(gone.status)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Everything that the store holds, as text. */
  async stored(): Promise<string> {
    return JSON.stringify(await this.store.list('franceconnect/'));
  }

  private async listen(): Promise<void> {
    const door = createDoor({
      attempts: this.attempts,
      provider: {
        departure: (passage) => {
          this.departures.push(passage);
          return Promise.resolve(this.reachable ? new URL(`https://fournisseur.example/?state=${passage.state}`) : undefined);
        },
        arrive: () => Promise.resolve(this.arrival),
        farewell: (_token, state) => Promise.resolve(this.farewell === undefined ? undefined : new URL(`${this.farewell}?state=${state}`)),
        keys: () => ({ keys: [] }),
      },
      registry: {
        identifyPivot: (pivot) => {
          this.asked.push(pivot);
          return this.match === 'down' ? Promise.reject(new SesameError('backend-unavailable', 'down')) : Promise.resolve(this.match);
        },
      },
      draw: (shown) => ({ page: JSON.stringify(shown), headers: {} }),
      tell: (attempt) => Promise.resolve(void this.told.push(attempt)),
      secure: () => false,
      report: (event, fields) => void this.reported.push(`${event} ${JSON.stringify(fields)}`),
    });
    this.server = createServer((request, response) => void door(request, response));
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }
}
