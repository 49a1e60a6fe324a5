/**
 * The Microsoft recognisers, kept at arm's length: one thread, started when first needed, killed when it is late.
 * They come after our own readers and never instead of them; what they only half read is refused.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SlotValue } from '../conversation/state.js';
import { fold } from '../matching/normalise.js';
import { digitsFolded, longestAnswer, type Reader, type Reading } from './reading.js';
import type { Answer, Found, Question } from './recognise-worker.js';

export type Recognisable = Question['kind'];

export interface Recogniser {
  /** The value of a whole answer, or nothing: not understood, late, too long, too many waiting, or closed. Never rejects. */
  read(kind: Recognisable, text: string): Promise<SlotValue | undefined>;
  /** Starts the thread if need be; true once it can answer, false if it cannot. */
  warm(): Promise<boolean>;
  /** Ends the thread; whoever still waits gets nothing. */
  close(): Promise<void>;
}

export interface RecogniserOptions {
  /** The current day as `YYYY-MM-DD`. */
  readonly today: () => string;
  /** Starts at once, and again after each kill, rather than at the next reading. */
  readonly prewarm?: boolean;
  /** Milliseconds for one reading by a warm thread; then the thread is killed. 250 unless told. */
  readonly readingMs?: number;
  /** Milliseconds that a reading may wait for its turn, a cold start included: it takes seconds, and no person waits for it. 500 unless told. */
  readonly waitMs?: number;
  /** Milliseconds for a start; then the thread is killed. 30,000 unless told. */
  readonly startMs?: number;
  /** Readings that may wait; the next gets nothing at once. 8 unless told. */
  readonly queue?: number;
  /** How a thread is started, for tests that run sources. */
  readonly start?: () => Worker;
}

interface Waiting {
  readonly question: Question;
  readonly settle: (found: readonly Found[]) => void;
  readonly timer: NodeJS.Timeout;
}

/** Opens a recogniser; no thread yet, unless `prewarm`. It keeps no process alive. */
export function createRecogniser(options: RecogniserOptions): Recogniser {
  const { readingMs = 250, waitMs = 500, startMs = 30_000, queue = 8 } = options;
  const start = options.start ?? (() => new Worker(path.join(__dirname, 'recognise-worker.js'), { resourceLimits: { maxOldGenerationSizeMb: 256 } }));
  const thread = new Thread({ readingMs, startMs, start, prewarm: options.prewarm === true });
  let nextId = 1;
  if (options.prewarm === true) void thread.warm();

  return {
    warm: () => thread.warm(),
    close: () => thread.close(),
    async read(kind, text) {
      const tidy = tidied(text);
      if (text.length > longestAnswer || tidy === '' || thread.waits >= queue || written.test(tidy)) return undefined;
      nextId += 1;
      const found = await thread.ask({ id: nextId, kind, text: tidy, today: options.today() }, waitMs);
      return accepted(kind, tidy, found);
    },
  };
}

interface ThreadOptions {
  readonly readingMs: number;
  readonly startMs: number;
  readonly start: () => Worker;
  readonly prewarm: boolean;
}

/** One thread at a time, and the readings that wait for it. */
class Thread {
  private worker: Worker | undefined;
  private ready = Promise.resolve(false);
  private isReady = false;
  private closed = false;
  private asked: Waiting | undefined;
  private readonly waiting: Waiting[] = [];
  private started: (ready: boolean) => void = () => undefined;

  constructor(private readonly options: ThreadOptions) {}

  get waits(): number {
    return this.waiting.length;
  }

  warm(): Promise<boolean> {
    if (!this.worker && !this.closed) this.ready = this.launch();
    return this.ready;
  }

  ask(question: Question, waitMs: number): Promise<readonly Found[]> {
    if (this.closed) return Promise.resolve([]);
    return new Promise((settle) => {
      const giveUp = () => {
        this.waiting.splice(this.waiting.indexOf(own), 1);
        settle([]);
      };
      const own: Waiting = { question, settle, timer: setTimeout(giveUp, waitMs) };
      this.waiting.push(own);
      void this.warm();
      this.next();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const left of this.waiting.splice(0)) {
      clearTimeout(left.timer);
      left.settle([]);
    }
    await this.kill();
  }

  private launch(): Promise<boolean> {
    return new Promise((resolve) => {
      const own = this.options.start();
      const late = setTimeout(() => void this.kill(own), this.options.startMs).unref();
      this.worker = own;
      this.started = (ready) => {
        clearTimeout(late);
        this.isReady = ready;
        resolve(ready);
      };
      own.on('error', () => void this.kill(own));
      own.on('exit', () => void this.kill(own));
      own.on('message', (answer: Answer) => {
        if (this.worker === own) this.hear(answer);
      });
      // Unref'd, as its clock is, so that no process is kept alive; last, because listening for messages refs it again.
      own.unref();
    });
  }

  private hear(answer: Answer): void {
    if ('ready' in answer) this.started(true);
    else if (answer.id === this.asked?.question.id) this.finish(answer.found);
    this.next();
  }

  private next(): void {
    const first = this.asked || !this.isReady ? undefined : this.waiting.shift();
    if (!first) return;
    clearTimeout(first.timer);
    this.asked = { ...first, timer: setTimeout(() => void this.kill(), this.options.readingMs) };
    this.worker?.postMessage(first.question);
  }

  private finish(found: readonly Found[]): void {
    const done = this.asked;
    this.asked = undefined;
    clearTimeout(done?.timer);
    done?.settle(found);
  }

  /** Ends the thread under way, and starts another where one is wanted. */
  private async kill(own = this.worker): Promise<void> {
    if (!own || this.worker !== own) return;
    // One that never came up would not come up again: only a new reading tries it anew.
    const worked = this.isReady;
    this.worker = undefined;
    this.started(false);
    this.finish([]);
    await own.terminate();
    if (!this.closed && worked && (this.options.prewarm || this.waiting.length > 0)) await this.warm();
  }
}

/** As the recognisers read best: accents kept, one kind of apostrophe, plain figures. */
function tidied(text: string): string {
  return digitsFolded(text.normalize('NFKC').replace(/[\u00AD\u200B-\u200D\u2060\uFEFF]/g, '').replace(/[\u2018\u2019\u02BC]/g, "'")).toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Days in figures are ours alone: the library swaps day and month rather than refuse 03/13/1985. */
const written = /\d ?[/.,-] ?\d/;
const light = new Set(['le', 'la', 'l', 'c', 'est', 'etait', 'de', 'du', 'd', 'vers', 'environ', 'depuis', 'au', 'a']);

function accepted(kind: Recognisable, text: string, found: readonly Found[]): SlotValue | undefined {
  const [only, ...others] = found;
  const values = new Set(only?.values);
  if (!only || others.length > 0 || values.size !== 1 || !covers(only.words, text)) return undefined;
  const [value = ''] = values;
  return kind === 'date' ? dayOf(only.type, value) : wholeOf(value);
}

function dayOf(type: string, value: string): string | undefined {
  return type.endsWith('.date') && /^\d{4}-\d\d-\d\d$/.test(value) ? value : undefined;
}

function wholeOf(value: string): number | undefined {
  return /^\d{1,4}$/.test(value) ? Number(value) : undefined;
}

/** A word left over may be the year that was dropped, or a « pas »: only words that change nothing may be left. */
function covers(words: string, text: string): boolean {
  const rest = new Map<string, number>();
  for (const word of split(text)) rest.set(word, (rest.get(word) ?? 0) + 1);
  for (const word of split(words)) rest.set(word, (rest.get(word) ?? 0) - 1);
  return [...rest].every(([word, count]) => count <= 0 || light.has(word));
}

function split(text: string): string[] {
  return fold(text).match(/[a-z0-9]+/g) ?? [];
}

/**
 * What our own reader says; where it has no idea (`format`), what the recogniser finds, if our own reader takes that.
 * A reader that refuses for another reason has the last word.
 */
export async function readWithHelp(reader: Reader, recogniser: Pick<Recogniser, 'read'>, kind: Recognisable, text: string): Promise<Reading> {
  const own = reader.read(text);
  if (own.ok || own.reason !== 'format') return own;
  const value = await recogniser.read(kind, text);
  return value === undefined ? own : reader.read(String(value));
}
