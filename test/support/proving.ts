/** Challenges by mail and by post over a real store, on a simulated clock, with a mailbox and a letter box in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JWK } from 'jose';
import type { OutboxItem, Store } from '../../src/conversation/ports.js';
import { Challenges, type CheckOutcome, type SendOutcome } from '../../src/identity/challenge.js';
import { Letters, type LetterCheck, type LetterOutcome } from '../../src/identity/letters.js';
import type { Registry } from '../../src/identity/ports.js';
import { newProofKey } from '../../src/identity/proof.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { SimulatedClock } from './clock.js';

export const KNOWN = { nir: '2550814168025', birthDate: '1955-08-19' };
export const STRANGER = { nir: '1531245007231', birthDate: '1953-12-04' };
export const RIGHT = '73190462';
export const WRONG = '00000000';

export class Proving {
  readonly clock = new SimulatedClock();
  readonly log: string[] = [];
  readonly folder = mkdtempSync(path.join(tmpdir(), 'sesame-proving-'));
  store!: Store;
  challenges!: Challenges;
  letters!: Letters;
  private constructor(readonly key: JWK) {}

  static async open(): Promise<Proving> {
    const proving = new Proving(await newProofKey('test'));
    await proving.start();
    return proving;
  }

  private async start(): Promise<void> {
    this.store = await openEmbeddedStore({ folder: this.folder });
    const registry: Registry = {
      identify: (nir, birthDate) => Promise.resolve(nir === KNOWN.nir && birthDate === KNOWN.birthDate ? { kind: 'match', subject: 's_known' } : { kind: 'none' }),
      contactOf: () => Promise.resolve({ kind: 'none' }),
    };
    const write = (event: string): void => void this.log.push(event);
    const options = { records: this.store, registry, keys: { hash: Buffer.alloc(32, 1), proof: this.key }, clock: this.clock, log: { info: write, warn: write } };
    this.challenges = new Challenges(options);
    this.letters = new Letters(options, this.challenges.guard);
  }

  /** The process ends and another starts on the same folder. */
  async restart(): Promise<void> {
    await this.store.close();
    await this.start();
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  send(conversationId = 'c1', identity = KNOWN, range?: string): Promise<SendOutcome> {
    return this.challenges.send({ conversationId, purpose: 'unlock', ...(range === undefined ? {} : { source: { range } }) }, identity);
  }

  /** Asks for a code and hands it over, as the courier does. */
  async asked(conversationId = 'c1', identity = KNOWN, code: string | null = RIGHT): Promise<string> {
    const id = challengeOf(await this.send(conversationId, identity));
    await this.handOver(id, code);
    return id;
  }

  async handOver(id: string, code: string | null): Promise<void> {
    await this.challenges.noteSent((await this.challenges.find(id))!, code);
  }

  /** How the tries of some codes ended, one after the other. */
  async tried(id: string, conversationId: string, ...codes: readonly string[]): Promise<string[]> {
    const kinds: string[] = [];
    for (const code of codes) kinds.push((await this.challenges.check(id, conversationId, code)).kind);
    return kinds;
  }

  /** Verdicts that were worked out so far. */
  judged(): number {
    return this.log.filter((event) => event === 'code.judged').length;
  }

  /** Asks for a letter and has it posted: its reference, and its code where there is one. */
  async posted(conversationId = 'c1', identity = KNOWN): Promise<{ reference: string; code: string }> {
    const outcome = await this.letters.ask({ conversationId }, identity);
    const printed = await this.letters.printed(letterIn(outcome).payload['letter'] ?? '');
    return { reference: outcome.kind === 'asked' ? outcome.reference : '', code: printed?.letter.code ?? '0000000000' };
  }
}

export function challengeOf(outcome: SendOutcome): string {
  if (outcome.kind !== 'sent') throw new Error(`not sent: ${outcome.kind}`);
  return outcome.challenge;
}

export function letterIn(outcome: LetterOutcome): OutboxItem {
  if (outcome.kind !== 'asked') throw new Error(`not asked: ${outcome.kind}`);
  return outcome.outbox[0]!;
}

export function proofIn(outcome: CheckOutcome | LetterCheck): string {
  return 'proof' in outcome ? outcome.proof : `no proof: ${outcome.kind}`;
}
