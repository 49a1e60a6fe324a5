/**
 * What a stream sends: entries after a watermark, then those that come. How a stream is opened and kept is stream.ts's.
 */
import type { WebSocket } from 'ws';
import type { Assistant, Signals } from '../conversation/ports.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import { leave } from '../limits/silence.js';
import { Refusal, toActivities, type Viewer } from './activities.js';
import { adviserTyping, endOfConversation } from './beside.js';
import type { Claims, Tokens } from './tokens.js';

export interface FollowerOptions {
  readonly assistant: Assistant;
  readonly tokens: Pick<Tokens, 'mayRead'>;
  readonly signals?: Pick<Signals, 'onAdviserTypes'>;
  readonly report: (event: string, error: unknown) => void;
}

const limits = { bufferedBytes: 256 * 1024, page: 100, pageLength: 128 * 1024 };

/** Entries after the watermark, `before` being the one it stands on. Refuses a watermark past the end. */
export async function entriesAfter(assistant: Assistant, conversationId: string, watermark: number) {
  const found = fitting(await assistant.transcript(conversationId, Math.max(0, watermark - 1), limits.page + 1));
  if (watermark > 0 && found[0]?.seq !== watermark) {
    throw new Refusal('BadArgument', 'The watermark is past the end of the conversation.');
  }
  return watermark === 0 ? { before: [], after: found } : { before: found.slice(0, 1), after: found.slice(1) };
}

/** No more than one may well hold in memory for somebody who does not read; the next entry is always there. */
function fitting(entries: readonly TranscriptEntry[]): readonly TranscriptEntry[] {
  let left = limits.pageLength;
  return entries.filter((entry, at) => (left -= 'text' in entry ? entry.text.length : 0) > 0 || at < 2);
}

/**
 * Sends every entry after a watermark once, in order. It subscribes before it reads, so that nothing falls between
 * the replay and the live entries; a replay holds one page in memory at a time.
 */
export class Follower {
  private readonly heard = new Map<string, number>();
  private waiting: TranscriptEntry[] = [];
  private catchingUp = false;
  private missed = false;
  /** Frames behind one another, where each is asked about first. */
  private leaving: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: WebSocket,
    private readonly options: FollowerOptions,
    private readonly viewer: Viewer & { readonly claims: Claims },
    private sent: number,
  ) {}

  start(): () => void {
    const { assistant, signals } = this.options;
    const { conversationId } = this.viewer;
    const stop = assistant.follow(conversationId, (entry) => { this.take(entry); }, () => { this.end(); });
    const stopTyping = signals?.onAdviserTypes(conversationId, (name) => { this.showTyping(name); });
    this.startCatchingUp();
    return () => { stop(); stopTyping?.(); };
  }

  /** On no list and nothing to resume from: only whoever reads at this moment sees it. */
  private showTyping(name: string): void {
    if (this.catchingUp || this.socket.readyState !== this.socket.OPEN || this.socket.bufferedAmount > 0) return;
    this.socket.send(JSON.stringify({ activities: [adviserTyping(name, this.viewer)], watermark: String(this.sent) }));
  }

  /** The conversation is gone, and the client has nothing to come back for. */
  private end(): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify({ activities: [endOfConversation(this.viewer)], watermark: String(this.sent) }));
    leave(this.socket, 1000);
  }

  private take(entry: TranscriptEntry): void {
    this.missed = true;
    if (this.catchingUp || entry.seq <= this.sent) return;
    if (entry.seq !== this.sent + this.waiting.length + 1) {
      this.startCatchingUp();
      return;
    }
    // What one commit adds arrives in one go: one frame for it.
    if (this.waiting.push(entry) === 1) {
      setImmediate(() => { this.flush(); });
    }
  }

  private flush(): void {
    const ready = this.waiting;
    this.waiting = [];
    if (ready.length === 0 || this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > limits.bufferedBytes) leave(this.socket, 1013);
    else void this.send(ready);
  }

  private startCatchingUp(): void {
    this.catchingUp = true;
    this.waiting = [];
    this.catchUp().catch((error: unknown) => { this.fail(error); });
  }

  private async catchUp(): Promise<void> {
    // Erased between its ticket and its stream.
    let more = !(await this.options.assistant.wasErased(this.viewer.conversationId));
    if (!more) this.end();
    while (more && this.socket.readyState === this.socket.OPEN) {
      this.missed = false;
      const { before, after } = await entriesAfter(this.options.assistant, this.viewer.conversationId, this.sent);
      toActivities(before, this.viewer, this.heard);
      if (after.length > 0) await this.send(after);
      more = after.length > 0 || this.missed;
    }
    this.catchingUp = false;
  }

  /** Resolves once the frame has left for the network. */
  private send(entries: readonly TranscriptEntry[]): Promise<void> {
    this.sent = entries.at(-1)?.seq ?? this.sent;
    const activities = toActivities(entries, this.viewer, this.heard);
    const frame = JSON.stringify({ activities, watermark: String(this.sent) });
    const leaves = () => new Promise<void>((resolve) => { this.socket.send(frame, () => { resolve(); }); });
    if (!this.options.tokens.mayRead) return leaves();
    this.leaving = this.leaving.then(() => this.askFirst(leaves)).catch((error: unknown) => { this.fail(error); });
    return this.leaving;
  }

  /** Another process may have taken the seat away. */
  private async askFirst(leaves: () => Promise<void>): Promise<void> {
    if ((await this.options.tokens.mayRead?.(this.viewer.claims)) === true) await leaves();
    else leave(this.socket, 4401);
  }

  private fail(error: unknown): void {
    this.options.report('stream.failed', error);
    leave(this.socket, 1011);
  }
}
