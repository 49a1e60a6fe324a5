/**
 * The whole advisers' side as main.ts would start it, in process: real roster, desk, audit and door, a connector on
 * loopback, and an assistant whose people can prove who they are.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAccountActions } from '../../src/account/actions.js';
import { createAuditLog, type AuditLog } from '../../src/audit/log.js';
import { openAdvisersSide, type AdvisersSide } from '../../src/advisers.js';
import { nonceFor } from '../../src/connector/press.js';
import { createAssistant, type RunningAssistant } from '../../src/assistant.js';
import { readConfig } from '../../src/config.js';
import type { Store } from '../../src/conversation/ports.js';
import type { Ticket } from '../../src/conversation/handoff.js';
import type { TranscriptEntry } from '../../src/conversation/transcript.js';
import { createHouse, createReaders } from '../../src/house.js';
import { createIdentityActions } from '../../src/identity/actions.js';
import { Challenges } from '../../src/identity/challenge.js';
import { startCourier } from '../../src/identity/courier.js';
import { Letters } from '../../src/identity/letters.js';
import { newProofKey } from '../../src/identity/proof.js';
import { createMask } from '../../src/redaction/mask.js';
import { createListener } from '../../src/redaction/split.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { locked, MemoryBackend } from './backend.js';
import { SimulatedClock } from './clock.js';
import { activityFrom, FakeConnector } from './connector.js';
import { until } from './web-door.js';
import { content, ears, MARTIN } from './world.js';

const ROOT = path.join(__dirname, '..', '..');
const KEY = Buffer.alloc(32, 5);
export const oid = (end: number): string => `00000000-0000-4000-8000-000000000${String(end)}`;
/** Of the roster: the adviser, the colleague and the supervisor of Lyon, and someone of Seine-Saint-Denis. */
export const [KARIM, LOUISE, HELENE, AWA] = [oid(201), oid(202), oid(203), oid(301)];
export const LYON = '19:demo-rhone@thread.tacv2';

export class Side {
  readonly clock = new SimulatedClock();
  readonly mails: string[] = [];
  readonly logged: string[] = [];
  readonly folder = mkdtempSync(path.join(tmpdir(), 'sesame-side-'));
  readonly rosterFile = path.join(this.folder, 'advisers.yaml');
  side!: AdvisersSide;
  store!: Store;
  private audit!: AuditLog;
  private assistant!: RunningAssistant;
  private courier!: ReturnType<typeof startCourier>;
  private said = 0;

  private constructor(readonly teams: FakeConnector) {
    copyFileSync(path.join(ROOT, 'config', 'advisers.yaml'), this.rosterFile);
  }

  private readonly chores: { stop(): Promise<void> }[] = [];

  static async open(): Promise<Side> {
    const one = new Side(await FakeConnector.open());
    await one.start();
    return one;
  }

  async start(): Promise<void> {
    const { clock, folder, teams, rosterFile } = this;
    this.store = await openEmbeddedStore({ folder: path.join(folder, 'store') });
    const config = readConfig({ DATA_DIR: folder, TEAMS_LOCAL_URL: teams.origin, ADVISERS_FILE: rosterFile });
    const write = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => void this.logged.push(`${event} ${JSON.stringify(fields)}`);
    const log = { info: write, warn: write, error: write };
    const mask = createMask(() => clock.now());
    const clean = (text: string): string => mask(text).text;
    this.audit = await createAuditLog({ folder: this.auditFolder, key: KEY, clock });
    this.side = await openAdvisersSide({ ...{ config, teams: config.teams!, audit: this.audit, store: this.store, content: content(), chores: { take: (start) => void this.chores.push(start()) }, key: KEY, clean, clock, log }, search: () => [] });
    const proofKey = await newProofKey('test');
    const people = new Map([['s_martin', { nir: MARTIN.bare, birthDate: MARTIN.birthDate, email: MARTIN.email, status: locked('too-many-attempts') }]]);
    const backend = new MemoryBackend(people, proofKey, clock);
    const proving = { records: this.store, registry: backend, keys: { hash: Buffer.alloc(32, 7), proof: proofKey }, clock, log };
    const challenges = new Challenges(proving);
    const letters = new Letters(proving, challenges.guard);
    this.courier = startCourier({ ...{ outbox: this.store, challenges, letters, registry: backend, clock, log }, poster: { post: () => Promise.resolve() }, mailer: { send: ({ text }) => Promise.resolve(void this.mails.push(text)) }, texts: content().mails, label: (key) => content().labels[key] ?? key });
    this.assistant = createAssistant({
      ...{ store: this.store, queue: this.side.queue, signals: this.side.signals, mask: createListener(mask), clock, log },
      house: createHouse(content(), { readers: createReaders(() => clock.now()), recogniser: { read: () => Promise.resolve(undefined) } }, ears()),
      actions: { ...createIdentityActions({ challenges, letters }), ...createAccountActions(backend), ...this.side.actions },
    });
  }

  async stop(): Promise<void> {
    await this.assistant.settled();
    for (const work of this.chores.splice(0)) await work.stop();
    this.side.close();
    await this.audit.close();
    await this.courier.stop();
    await this.store.close();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.teams.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The person writes, or sends the form that is open. Resolves once it is answered. */
  async says(said: string | Readonly<Record<string, string>>, conversationId = 'c'): Promise<void> {
    this.said += 1;
    const base = { id: `m${String(this.said)}`, conversationId, channel: 'web', at: this.clock.now() } as const;
    const forms = (await this.transcript(conversationId)).flatMap((entry) => (entry.author === 'assistant' && entry.reply.kind === 'form' ? [entry.reply.place] : []));
    await this.assistant.hear(typeof said === 'string' ? { ...base, kind: 'words', text: said } : { ...base, kind: 'form', place: forms.at(-1) ?? '', values: said });
    await this.assistant.settled();
    await this.courier.settled();
  }

  /** The person ends it and wants nothing kept. */
  erase(conversationId = 'c'): Promise<void> {
    return this.assistant.erase(conversationId);
  }

  /** The last code that was sent by e-mail. */
  get code(): string {
    return /\d{4} \d{4}/.exec(this.mails.at(-1) ?? '')?.[0] ?? 'no code';
  }

  transcript(conversationId = 'c'): Promise<readonly TranscriptEntry[]> {
    return this.store.transcript(conversationId, 0);
  }

  /** What the person read last. */
  async read(conversationId = 'c'): Promise<string> {
    const last = (await this.transcript(conversationId)).findLast(({ author }) => author !== 'person');
    if (last?.author === 'adviser') return last.text;
    return last?.author === 'assistant' && last.reply.kind === 'text' ? last.reply.text : '';
  }

  async ticket(conversationId = 'c'): Promise<Ticket> {
    return (await this.store.load(conversationId))!.state.ticket!;
  }

  /** The thread of a request, once its card lies there. */
  async thread(ticket: string): Promise<string> {
    const found = (): string | undefined => [...this.teams.threads].find(([, [root]]) => JSON.stringify(root?.activity ?? {}).includes(ticket))?.[0];
    await until(() => found() !== undefined);
    return found()!;
  }

  /** Someone of the staff does something in Teams. */
  async does(who: string, where: string, more: Readonly<Record<string, unknown>>): Promise<void> {
    const body = activityFrom(this.teams, { oid: who }, where, more);
    await this.side.door.answer({ headers: { host: 'localhost' }, json: () => Promise.resolve(body) });
  }

  /** A button of the card of a request. */
  async presses(who: string, verb: string, { id: ticket, thread }: { readonly id: string; readonly thread: string }, inputs: object = {}): Promise<void> {
    const data = { verb, ticket, nonce: nonceFor(KEY, ticket, this.clock.now()), ...inputs };
    await this.does(who, thread, { type: 'invoke', name: 'adaptiveCard/action', value: { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' } });
  }

  /** Resolves once Teams has all there is. */
  async delivered(): Promise<void> {
    await until(async () => (await this.store.due(Number.MAX_SAFE_INTEGER - 1, 100)).every(({ kind }) => !kind.startsWith('handoff.')));
  }

  get auditFolder(): string {
    return path.join(this.folder, 'audit');
  }

  auditLines(): Readonly<Record<string, string>>[] {
    const texts = readdirSync(this.auditFolder).filter((name) => name.endsWith('.jsonl')).map((name) => readFileSync(path.join(this.auditFolder, name), 'utf8'));
    return texts.flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line) as Record<string, string>);
  }

  /** Puts a newcomer in someone's place in the roster's file, so that every need is still served; nobody has read it yet. */
  dismiss(who: string): void {
    writeFileSync(this.rosterFile, readFileSync(this.rosterFile, 'utf8').replace(who, who.replace('4000', '4001')));
  }
}
