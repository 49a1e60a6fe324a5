/**
 * Passages through FranceConnect, from the link to the result: each step is taken once, by one browser, within ten
 * minutes of the one before. Tickets and states are kept as hashes; what is derived from them is kept nowhere.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { StaleStateError } from '../conversation/errors.js';
import type { Clock, RecordStore } from '../conversation/ports.js';
import type { Source } from '../conversation/utterance.js';
import type { Purpose, Subject } from '../identity/ports.js';
import type { Passage, Result } from './ports.js';

/** Life of a link, of a state and of a result, each from its own beginning. */
export const STEP_LIFE_MS = 10 * 60_000;
/** Links that one conversation may ask for in a day. */
export const LINKS_A_DAY = 10;

const DAY_MS = 24 * 3_600_000;

/** What is known when somebody asks for a link. */
export interface Wanted {
  readonly conversationId: string;
  readonly purpose: Purpose;
  /** Whom the number given before belongs to, null for nobody; absent where no number was given. */
  readonly expected?: Subject | null;
  /** Whom the request came from: the proof belongs to that connection. */
  readonly source?: Source;
}

export interface Attempt extends Wanted {
  readonly id: string;
  readonly step: 'asked' | 'left' | 'back' | 'settled';
  /** Epoch milliseconds of the last step. */
  readonly at: number;
  /** Hash of the secret of the browser that took the link. */
  readonly browser?: string;
  /** Hash of the state it last left with. */
  readonly state?: string;
  readonly result?: Result;
}

export type Found = { readonly kind: 'found'; readonly attempt: Attempt } | { readonly kind: 'unknown' | 'expired' | 'used' | 'stranger' };

export class Attempts {
  constructor(
    private readonly records: RecordStore,
    private readonly key: Uint8Array,
    private readonly clock: Clock,
  ) {}

  /** A new link’s ticket; nothing when this conversation has asked for too many. */
  async open(wanted: Wanted): Promise<{ readonly id: string; readonly ticket: string } | undefined> {
    const now = this.clock.now();
    const { count } = await this.records.count(`franceconnect/links/${wanted.conversationId}`, DAY_MS, now);
    if (count > LINKS_A_DAY) return undefined;
    const ticket = secret();
    const id = hashed(ticket);
    await this.records.write<Attempt>(keyOf(id), { ...wanted, id, step: 'asked', at: now }, 0, this.keptUntil());
    return { id, ticket };
  }

  /** The attempt of a link, for a browser that may take it: the first that does, and no other after it. */
  async byTicket(ticket: string, browser: string | undefined): Promise<Found> {
    const attempt = await this.find(hashed(ticket));
    if (!attempt) return { kind: 'unknown' };
    if (attempt.browser !== undefined && attempt.browser !== hashed(browser ?? '')) return { kind: 'stranger' };
    if (attempt.step === 'back' || attempt.step === 'settled') return { kind: 'used' };
    return this.isOver(attempt) ? { kind: 'expired' } : { kind: 'found', attempt };
  }

  /** Binds an attempt to a browser, which leaves with a state of its own. Leaving again voids the former state. */
  async leave(attempt: Attempt, browser: string): Promise<Passage | undefined> {
    const state = secret();
    const left: Attempt = { ...attempt, step: 'left', at: this.clock.now(), browser: hashed(browser), state: hashed(state) };
    if (!(await this.replace(attempt, left))) return undefined;
    await this.records.write(stateKey(hashed(state)), attempt.id, 0, this.keptUntil());
    return this.passage(state);
  }

  /** Takes a state that came back, once. A browser that is not the one that left uses nothing up. */
  async takeBack(state: string, browser: string | undefined): Promise<Found & { readonly passage?: Passage }> {
    const id = (await this.records.read<string>(stateKey(hashed(state))))?.value;
    const attempt = id === undefined ? undefined : await this.find(id);
    if (!attempt) return { kind: 'unknown' };
    if (browser === undefined || attempt.browser !== hashed(browser)) return { kind: 'stranger' };
    if (attempt.step !== 'left' || attempt.state !== hashed(state)) return { kind: 'used' };
    if (this.isOver(attempt)) return { kind: 'expired' };
    const back: Attempt = { ...attempt, step: 'back', at: this.clock.now() };
    return (await this.replace(attempt, back)) ? { kind: 'found', attempt: back, passage: this.passage(state) } : { kind: 'used' };
  }

  /** Notes how it ended; known to nobody before it is on disk. Nothing else of the check is left, and the result for one step. */
  async settle(attempt: Attempt, result: Result): Promise<void> {
    const { state: _state, expected: _expected, ...rest } = attempt;
    const at = this.clock.now();
    await this.replace(attempt, { ...rest, step: 'settled', at, result }, at + STEP_LIFE_MS);
  }

  /** An attempt as a conversation sees it; nothing once it is over, or where it is another conversation’s. */
  async seenFrom(conversationId: string, id: string): Promise<Attempt | undefined> {
    const attempt = await this.find(id);
    return attempt?.conversationId === conversationId && !this.isOver(attempt) ? attempt : undefined;
  }

  async find(id: string): Promise<Attempt | undefined> {
    return (await this.records.read<Attempt>(keyOf(id)))?.value;
  }

  /** Four digits that the conversation and the page before the departure both show. */
  numberOf(id: string): string {
    return String(1000 + (createHmac('sha256', this.key).update(`number/${id}`).digest().readUInt32BE() % 9000));
  }

  /** A mark by which the way back from the provider’s farewell is known. */
  farewellMark(id: string): string {
    return `${id}.${this.derived('farewell', id)}`;
  }

  idInMark(mark: string): string | undefined {
    const [id = ''] = mark.split('.');
    return mark === this.farewellMark(id) ? id : undefined;
  }

  private passage(state: string): Passage {
    return { state, nonce: this.derived('nonce', state), verifier: this.derived('verifier', state) };
  }

  private derived(what: string, from: string): string {
    return createHmac('sha256', this.key).update(`${what}/${from}`).digest('base64url');
  }

  private isOver({ at }: Attempt): boolean {
    return this.clock.now() >= at + STEP_LIFE_MS;
  }

  private keptUntil(): number {
    return this.clock.now() + 4 * STEP_LIFE_MS;
  }

  /** Whether it was still as it had been read. */
  private async replace(former: Attempt, next: Attempt, until = this.keptUntil()): Promise<boolean> {
    const stored = await this.records.read<Attempt>(keyOf(former.id));
    if (stored?.value.step !== former.step || stored.value.at !== former.at || stored.value.state !== former.state) return false;
    try {
      await this.records.write(keyOf(former.id), next, stored.revision, until);
      return true;
    } catch (error) {
      if (error instanceof StaleStateError) return false;
      throw error;
    }
  }
}

/** 256 bits, as text. */
export function secret(): string {
  return randomBytes(32).toString('base64url');
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

const keyOf = (id: string): string => `franceconnect/attempt/${id}`;
const stateKey = (hash: string): string => `franceconnect/state/${hash}`;
