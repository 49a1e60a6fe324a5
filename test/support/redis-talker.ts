/**
 * Somebody who talks over Direct Line with a stream, and says a thing again, under the same id, until it is taken. Keeps
 * all that was answered, refused and told; what must come out of it is judged elsewhere.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

export interface Heard {
  readonly id: string;
  readonly text?: string;
  readonly from: { readonly role: string };
  readonly replyToId?: string;
  readonly channelData?: { readonly clientActivityID?: string };
  readonly attachments?: readonly { content: { body: { text: string }[]; actions: { data: { place?: string } }[] } }[];
}

/** One thing said and taken; times as of `performance.now()`. */
export interface Said {
  readonly tag: string;
  /** As the server acknowledged it. */
  readonly id: string;
  readonly takenAt: number;
  answeredAt?: number;
}

/** What the requests of one person met. */
export interface Met {
  /** Told, with 503, when to come again. */
  refused: number;
  /** Everything else that was no answer. */
  readonly otherwise: string[];
  /** Milliseconds. */
  longest: number;
  /** The stream was ahead of what the conversation holds. */
  wentBack: number;
}

const ASK_AGAIN_MS = 200;
const PATIENCE_MS = 60_000;

const inTime = (end: number): boolean => performance.now() < end;

export class Talker {
  readonly heard: Heard[] = [];
  readonly said: Said[] = [];
  readonly met: Met = { refused: 0, otherwise: [], longest: 0, wentBack: 0 };
  private token = '';
  private conversation = '';
  private watermark = '';
  private left = false;
  private socket: WebSocket | undefined;

  /** `number`: tells one network from another; neighbours share their limits. */
  constructor(
    private readonly url: string,
    private readonly number: number,
  ) {}

  async open(): Promise<void> {
    const opened = await this.call('POST', '/api/conversation', {});
    [this.token, this.conversation] = [String(opened['token']), String(opened['conversationId'])];
    this.listen(String(opened['streamUrl']));
    await this.hears(({ text }) => text?.includes('Bonjour, je suis Sésame') === true);
  }

  /** Resolves once it is taken. */
  async say(activity: object): Promise<Said> {
    const tag = randomUUID();
    const { id } = await this.call('POST', `${this.path}/activities`, { type: 'message', from: { id: 'person' }, channelData: { clientActivityID: tag }, ...activity });
    const said: Said = { tag, id: String(id), takenAt: performance.now() };
    this.said.push(said);
    for (const answer of this.heard) this.note(answer);
    return said;
  }

  /** The first that was told and is so, from the `from`th on; undefined where none came in time. */
  async hears(so: (told: Heard) => boolean, from = 0, withinMs = PATIENCE_MS): Promise<Heard | undefined> {
    const end = performance.now() + withinMs;
    for (;;) {
      const found = this.heard.slice(from).find(so);
      if (found || !inTime(end)) return found;
      await pause(20);
    }
  }

  /** All of the conversation, read anew. */
  async history(): Promise<readonly Heard[]> {
    const all: Heard[] = [];
    for (let watermark = ''; ; ) {
      const page = (await this.call('GET', `${this.path}/activities?watermark=${watermark}`)) as { activities: Heard[]; watermark: string };
      if (page.activities.length === 0) return all;
      all.push(...page.activities);
      ({ watermark } = page);
    }
  }

  leave(): void {
    this.left = true;
    this.socket?.terminate();
  }

  private get path(): string {
    return `/v3/directline/conversations/${this.conversation}`;
  }

  private listen(streamUrl: string): void {
    const socket = new WebSocket(streamUrl);
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      if (data.length === 0) return;
      const { activities, watermark } = JSON.parse(data.toString()) as { activities: Heard[]; watermark: string };
      this.watermark = watermark;
      this.heard.push(...activities);
      for (const told of activities) this.note(told);
    });
    // A refused upgrade is an error, and then a close.
    socket.on('error', () => undefined);
    socket.on('close', () => void this.comeBack());
  }

  private async comeBack(): Promise<void> {
    if (this.left) return;
    await pause(ASK_AGAIN_MS);
    const again = await this.call('GET', `${this.path}?watermark=${this.watermark}`, undefined, [400]).catch((): Record<string, unknown> => ({}));
    if (again['error'] !== undefined) {
      this.met.wentBack += 1;
      this.watermark = '';
      this.heard.length = 0;
    }
    if (typeof again['streamUrl'] === 'string') this.listen(again['streamUrl']);
    else await this.comeBack();
  }

  private note({ replyToId, from }: Heard): void {
    const said = from.role === 'bot' ? this.said.find(({ id }) => id === replyToId) : undefined;
    if (said) said.answeredAt ??= performance.now();
  }

  private async call(method: string, route: string, body?: object, taken: readonly number[] = []): Promise<Record<string, unknown>> {
    for (const end = performance.now() + PATIENCE_MS; inTime(end);) {
      const answer = await this.try(`${method} ${route}`, { method, headers: this.headers(), ...(body ? { body: JSON.stringify(body) } : {}) }, taken);
      if (answer) return answer;
      await pause(ASK_AGAIN_MS);
    }
    throw new Error(`never taken: ${this.met.otherwise.at(-1) ?? 'only refused'}`);
  }

  private async try(what: string, init: RequestInit, taken: readonly number[]): Promise<Record<string, unknown> | undefined> {
    const began = performance.now();
    try {
      const response = await fetch(`${this.url}${what.slice(what.indexOf(' ') + 1)}`, init);
      const answer = (await response.json()) as Record<string, unknown>;
      if (response.ok || taken.includes(response.status)) return answer;
      if (response.status === 503 && Number(response.headers.get('retry-after')) > 0) this.met.refused += 1;
      else this.met.otherwise.push(`${what}: ${String(response.status)} ${JSON.stringify(answer)}`);
    } catch (error) {
      this.met.otherwise.push(`${what}: ${String(error)}`);
    } finally {
      this.met.longest = Math.max(this.met.longest, performance.now() - began);
    }
    return undefined;
  }

  private headers(): Record<string, string> {
    return {
      ...{ 'origin': this.url, 'content-type': 'application/json' },
      'x-forwarded-for': `11.${String(Math.floor(this.number / 250))}.${String(this.number % 250)}.7`,
      ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
    };
  }
}
