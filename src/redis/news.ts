/**
 * Who is told of what happened, in this process and in all others. Scripts publish that something is new and count it;
 * what is new is read from the transcript, after the last number told. So a message that was lost loses nothing: the
 * count tells that there was one. Keeps in memory only who listens.
 */
import type { ConversationStore } from '../conversation/ports.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import { Listeners } from '../storage/waiting.js';
import { escapeId, everyPartition, fromText, type Operations, partitionOf, unescapeId } from './operations.js';
import { scripts } from './scripts.js';

interface Followed {
  listeners: number;
  /** The last number told; known once `started`. */
  last: number;
  started: Promise<unknown>;
  /** Readings, one after the other. */
  reading: Promise<void>;
}

/** How far the count of a partition is known to have been heard, and what it was when last looked at. */
interface Heard {
  told: number;
  looked: number;
}

/** Errands of other processes that lie for longer than this many seconds are done here. */
const LEFT_LYING = 10;

export class News {
  readonly items: Listeners<undefined>;
  readonly #entries: Listeners<TranscriptEntry>;
  readonly #erasures: Listeners<undefined>;
  readonly #followed = new Map<string, Followed>();
  readonly #heard = new Map<string, Heard>();
  #suspect = true;
  #looking: Promise<void> | undefined;

  constructor(
    private readonly operations: Operations,
    private readonly parts: { readonly report: (error: unknown) => void; readonly leftLying: (conversationId: string) => Promise<void> },
  ) {
    this.items = new Listeners(parts.report);
    this.#entries = new Listeners(parts.report);
    this.#erasures = new Listeners(parts.report);
  }

  follow: ConversationStore['follow'] = (conversationId, listener, erased) => {
    this.operations.assertOpen();
    const followed = this.#followed.get(conversationId) ?? this.#start(conversationId);
    followed.listeners += 1;
    const stops = [this.#entries.add(conversationId, listener), ...(erased ? [this.#erasures.add(conversationId, erased)] : [])];
    let stopped = false;
    return () => {
      for (const stop of stops) stop();
      if (!stopped) followed.listeners -= 1;
      stopped = true;
      if (followed.listeners === 0 && this.#followed.get(conversationId) === followed) this.#followed.delete(conversationId);
    };
  };

  /** Tells what was written here; resolves once those who follow were told all up to it. */
  async tellEntries(conversationId: string, entries: readonly TranscriptEntry[]): Promise<void> {
    const followed = this.#followed.get(conversationId);
    if (!followed || entries.length === 0) return;
    await followed.started;
    for (const entry of entries) {
      if (followed.last === Infinity || entry.seq > followed.last + 1) {
        await this.#catchUp(conversationId, followed);
        return;
      }
      this.#tellOne(conversationId, followed, entry);
    }
  }

  tellErased(conversationId: string): void {
    this.#erasures.tell(conversationId, undefined);
  }

  /** A message from a server: "count operation what conversation". */
  hear(message: string, channel: string): void {
    const [count = '', op = '', what = '', id = ''] = message.split(' ');
    const partition = channel.slice(0, -'news'.length);
    const heard = this.#heardOf(partition);
    const missed = heard.told >= 0 && Number(count) > heard.told + 1;
    heard.told = Math.max(heard.told, Number(count));
    if (missed) this.#tellAgain(partition);
    // What was written here is told by whoever wrote it, unless that was given up.
    else if (!op.startsWith(`${this.operations.origin}.`) || this.operations.isDoubtful(op)) this.#tell(what, unescapeId(id));
  }

  /** From here on, what was told is not taken for all there was: until the next look. */
  suspect(): void {
    this.#suspect = true;
  }

  /** Compares what was heard with what was counted. Never throws: what could not be looked at is looked at again. */
  look(): Promise<void> {
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    const suspect = this.#suspect;
    this.#suspect = false;
    await Promise.all(everyPartition.map((partition) => this.#lookAt(partition, suspect))).catch(() => {
      this.#suspect ||= suspect;
    });
  }

  async #lookAt(partition: string, suspect: boolean): Promise<void> {
    const [count = '0', ...lying] = await this.operations.read<readonly string[]>(scripts.look, partition, [String(LEFT_LYING)]);
    const heard = this.#heardOf(partition);
    const first = heard.told < 0;
    // A message may be on its way: only what was already counted at the last look is missed.
    const missed = suspect || heard.looked > heard.told;
    heard.looked = Number(count);
    if (first || missed) heard.told = Math.max(heard.told, heard.looked);
    if (missed && !first) this.#tellAgain(partition);
    for (const id of lying) await this.parts.leftLying(unescapeId(id));
  }

  #heardOf(partition: string): Heard {
    const heard = this.#heard.get(partition) ?? { told: -1, looked: -1 };
    this.#heard.set(partition, heard);
    return heard;
  }

  #tell(what: string, conversationId: string): void {
    if (what === 'items') this.items.tell('', undefined);
    const followed = this.#followed.get(conversationId);
    if (!followed) return;
    if (what === 'entries') void this.#catchUp(conversationId, followed);
    if (what === 'erased') this.tellErased(conversationId);
  }

  #tellAgain(partition: string): void {
    this.items.tell('', undefined);
    for (const [conversationId, followed] of this.#followed) {
      if (partitionOf(conversationId) !== partition) continue;
      void this.#catchUp(conversationId, followed);
      void this.operations.ask<number>(partition, ['EXISTS', `e:${escapeId(conversationId)}`]).then(
        (erased) => {
          if (erased === 1) this.tellErased(conversationId);
        },
        () => { this.suspect(); },
      );
    }
  }

  #start(conversationId: string): Followed {
    const followed: Followed = { listeners: 0, last: Infinity, started: Promise.resolve(), reading: Promise.resolve() };
    followed.started = this.#begin(conversationId, followed);
    this.#followed.set(conversationId, followed);
    return followed;
  }

  /**
   * Whoever follows hears what comes after this; asked again until it is known. What another process wrote before it is
   * found by a reading that is asked for once one follows.
   */
  async #begin(conversationId: string, followed: Followed): Promise<void> {
    try {
      followed.last = await this.operations.ask<number>(partitionOf(conversationId), ['LLEN', `t:${escapeId(conversationId)}`]);
    } catch {
      this.suspect();
    }
  }

  /** Where it stood when it was followed is no longer known: the last entry is told, and its number shows what is missing. */
  async #beginLate(conversationId: string, followed: Followed): Promise<void> {
    await this.#begin(conversationId, followed);
    followed.last = Math.max(0, followed.last - 1);
  }

  #catchUp(conversationId: string, followed: Followed): Promise<void> {
    followed.reading = followed.reading.then(async () => {
      if (followed.last === Infinity) await this.#beginLate(conversationId, followed);
      if (followed.last === Infinity) return;
      // What is written here may be told meanwhile: numbers go by where the reading began.
      const after = followed.last;
      const partition = partitionOf(conversationId);
      const texts = await this.operations.vouched(partition, () => this.operations.ask<readonly string[]>(partition, ['LRANGE', `t:${escapeId(conversationId)}`, String(after), '-1']));
      texts.forEach((text, index) => {
        this.#tellOne(conversationId, followed, { ...fromText<TranscriptEntry>(text), seq: after + 1 + index });
      });
    }).catch(() => { this.suspect(); });
    return followed.reading;
  }

  #tellOne(conversationId: string, followed: Followed, entry: TranscriptEntry): void {
    if (entry.seq !== followed.last + 1 || followed.listeners === 0) return;
    followed.last = entry.seq;
    this.#entries.tell(conversationId, entry);
  }
}
