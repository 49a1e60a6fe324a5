/** Everything of the house but its doors, on a simulated clock and a store of its own, for stories and unit tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAccountActions, ACCOUNT_OUTCOMES } from '../../src/account/actions.js';
import { createAssistant, type RunningAssistant } from '../../src/assistant.js';
import { loadContent, type Content } from '../../src/content.js';
import type { Store } from '../../src/conversation/ports.js';
import type { TranscriptEntry } from '../../src/conversation/transcript.js';
import { FRANCECONNECT_OUTCOMES } from '../../src/franceconnect/actions.js';
import { HANDOFF_OUTCOMES } from '../../src/handoff/desk.js';
import { createEars, createHouse, createReaders, type Ears } from '../../src/house.js';
import { createIdentityActions, IDENTITY_OUTCOMES } from '../../src/identity/actions.js';
import { Challenges } from '../../src/identity/challenge.js';
import { startCourier } from '../../src/identity/courier.js';
import { Letters } from '../../src/identity/letters.js';
import type { Letter, Mail } from '../../src/identity/ports.js';
import { newProofKey } from '../../src/identity/proof.js';
import { createMask } from '../../src/redaction/mask.js';
import { createListener } from '../../src/redaction/split.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { Advisers } from './advisers.js';
import { locked, MemoryBackend, type Person } from './backend.js';
import { SimulatedClock } from './clock.js';

const ROOT = path.join(__dirname, '..', '..');

/** Martin, in every story: a made-up person whose account is locked after too many attempts. */
export const MARTIN = { nir: '2 55 08 14 168 025 38', bare: '2550814168025', birthDate: '1955-08-19', typedDate: '19/08/1955', email: 'martin@exemple.fr' };

export interface Line {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export class World {
  people = new Map<string, Person>();
  readonly mails: Mail[] = [];
  readonly letters: Letter[] = [];
  readonly log: Line[] = [];
  private constructor(
    readonly clock: SimulatedClock,
    readonly backend: MemoryBackend,
    private readonly proofKey: Awaited<ReturnType<typeof newProofKey>>,
    private readonly content: Content,
  ) {
    this.advisers = new Advisers(clock, (key) => content.messages[key] ?? { text: key });
  }

  /** Nobody is there until a story says so. */
  readonly advisers: Advisers;

  readonly folder = mkdtempSync(path.join(tmpdir(), 'sesame-world-'));

  assistant!: RunningAssistant;
  store!: Store;
  private courier!: ReturnType<typeof startCourier>;

  static async open(known: Content = content()): Promise<World> {
    const clock = new SimulatedClock();
    const proofKey = await newProofKey('test');
    const people = new Map<string, Person>([
      ['s_martin', { nir: MARTIN.bare, birthDate: MARTIN.birthDate, email: MARTIN.email, status: locked('too-many-attempts') }],
    ]);
    const world = new World(clock, new MemoryBackend(people, proofKey, clock), proofKey, known);
    world.people = people;
    await world.start();
    return world;
  }

  private async start(): Promise<void> {
    const { clock, backend } = this;
    this.store = await openEmbeddedStore({ folder: path.join(this.folder, 'store') });
    const write = (event: string, fields: Readonly<Record<string, unknown>>): void => {
      this.log.push({ event, fields });
    };
    const log = { info: write, warn: write, error: write };
    const proving = { records: this.store, registry: backend, keys: { hash: Buffer.alloc(32, 7), proof: this.proofKey }, clock, log };
    const challenges = new Challenges(proving);
    const letters = new Letters(proving, challenges.guard);
    this.courier = startCourier({
      ...{ outbox: this.store, challenges, letters, registry: backend, clock, log },
      mailer: { send: (mail) => Promise.resolve(void this.mails.push(mail)) },
      poster: { post: (_subject, letter) => Promise.resolve(void this.letters.push(letter)) },
      texts: this.content.mails,
      label: (key) => this.content.labels[key] ?? key,
    });
    const handoff = await this.advisers.start(this.store);
    this.assistant = createAssistant({
      store: this.store,
      queue: this.advisers.queue,
      house: createHouse(this.content, { readers: createReaders(() => clock.now()), recogniser: { read: () => Promise.resolve(undefined) } }, ears()),
      actions: { ...createIdentityActions({ challenges, letters }), ...createAccountActions(backend, { isUp: () => Promise.resolve(!backend.incident) }), ...handoff },
      mask: createListener(createMask(() => clock.now())),
      clock,
      log,
    });
    this.assistant.takeUp(await this.assistant.unfinished());
    await this.assistant.settled();
  }

  /** Everything said so far. */
  said(conversationId: string): Promise<readonly TranscriptEntry[]> {
    return this.assistant.transcript(conversationId, 0);
  }

  /** Resolves when every turn is closed and every mail handed over. */
  async calm(): Promise<void> {
    await this.assistant.settled();
    await this.courier.settled();
    await this.courier.settled();
    await this.advisers.deliver(this.store);
  }

  lastCode(): string {
    return /\d{4} \d{4}/.exec(this.mails.at(-1)?.text ?? '')?.[0] ?? 'no code was sent';
  }

  /** The process ends and another starts on the same folder. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async stop(): Promise<void> {
    await this.assistant.settled();
    await this.courier.stop();
    await this.store.close();
  }
}

let loaded: Content | undefined;
let heard: Ears | undefined;

/** The project's real content; read once a test file. */
export function content(): Content {
  loaded ??= loadContent({
    root: ROOT,
    readers: createReaders(Date.now),
    outcomes: { ...ACCOUNT_OUTCOMES, ...IDENTITY_OUTCOMES, ...FRANCECONNECT_OUTCOMES, ...HANDOFF_OUTCOMES },
    today: '',
  });
  return loaded;
}

export function ears(): Ears {
  heard ??= createEars(content());
  return heard;
}
