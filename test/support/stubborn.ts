/**
 * Somebody at the widget who does not give up: posts under an id of their own until it is acknowledged, and follows the
 * stream from where it broke off, however often the server dies. What was acknowledged and seen is kept; nothing is judged.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** An activity as somebody sees it. */
export interface Seen {
  /** Its number in the conversation. */
  readonly seq: number;
  readonly from: 'person' | 'assistant';
  readonly text: string;
  /** The mark that the person's own message was given. */
  readonly tag?: string;
  /** The number of the message that it answers. */
  readonly answers?: number;
  readonly choices: readonly string[];
  readonly form?: { readonly title: string; readonly place: string };
}

/** What the server gave when it acknowledged a message. */
export interface Acknowledged {
  readonly tag: string;
  readonly seq: number;
}

interface Card {
  readonly body: readonly { readonly text?: string }[];
  readonly actions: readonly { readonly data: { readonly place?: string } }[];
}

interface Wire {
  readonly type: string;
  readonly id?: string;
  readonly text?: string;
  readonly from?: { readonly role?: string };
  readonly replyToId?: string;
  readonly channelData?: { readonly clientActivityID?: string };
  readonly attachments?: readonly { readonly content: Card }[];
  readonly suggestedActions?: { readonly actions: readonly { readonly value: string }[] };
}

type Fields = Readonly<Record<string, unknown>>;

interface Unanswered {
  readonly status: number;
  readonly afterMs: number;
  readonly said: string;
}

const BROKEN: Unanswered = { status: 0, afterMs: 0, said: 'no answer at all' };

/** Whether asking again would bring the same. */
const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 429;

/** Milliseconds: between two tries, from and to; for one try; for all of them. */
const TIMES = { soonest: 50, latest: 400, each: 15_000, all: 150_000 };
const PAGE = 100;

const numberIn = (id: string): number => Number(id.split('|')[1]);

export class StubbornTalk {
  /** What the stream brought, in its order. */
  readonly seen: Seen[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** How often something had to be sent again because the connection broke or the server could not take it. */
  sentAgain = 0;
  /** What the stream brought that had come before, or after something that had not come. */
  outOfLine = 0;
  /** How often a message had to wait because there were too many. */
  heldBack = 0;
  private token = '';
  private conversation = '';
  private socket: WebSocket | undefined;
  private watermark = 0;
  private left = false;
  private lost = false;
  private readonly wakes = new Set<() => void>();

  /** `door`: where the server is reached now. `whence`: the address that a proxy in front of it would tell. */
  constructor(
    private readonly door: { readonly url: string },
    private readonly whence: string,
  ) {}

  async open(): Promise<void> {
    const { token, conversationId } = await this.ask('POST', '/api/token');
    [this.token, this.conversation] = [String(token), String(conversationId)];
    // Opened again under the same token it is the same conversation, so that this too may be sent until it is told.
    this.follow(await this.ask('POST', '/v3/directline/conversations'));
  }

  /** Comes into a conversation that somebody else has opened, as another window of theirs does. */
  async join(other: StubbornTalk): Promise<void> {
    [this.token, this.conversation] = [other.token, other.conversation];
    this.follow(await this.ask('GET', `${this.path}?watermark=0`));
  }

  /** The conversation's own id. */
  get id(): string {
    return this.conversation;
  }

  /** Resolves once the server has acknowledged it. Sent while the stream is there only: whoever rejoins has another seat. */
  async post(tag: string, what: Fields): Promise<void> {
    const body = { type: 'message', from: { id: 'person' }, ...what, channelData: { clientActivityID: tag } };
    const { id } = await this.ask('POST', `${this.path}/activities`, body);
    this.acknowledged.push({ tag, seq: numberIn(String(id)) });
  }

  /** The first of what `look` finds, looked for after each message; undefined where it never came. */
  async until<T>(look: () => T | undefined, withinMs = TIMES.all): Promise<T | undefined> {
    const end = performance.now() + withinMs;
    for (;;) {
      const found = look();
      const waits = end - performance.now();
      if (found !== undefined || waits <= 0 || this.lost) return found;
      await this.news(waits);
    }
  }

  /** All that the server has of the conversation, read by its pages. */
  async transcript(): Promise<readonly Seen[]> {
    const all: Seen[] = [];
    for (;;) {
      const { activities } = await this.ask('GET', `${this.path}/activities?watermark=${String(all.at(-1)?.seq ?? 0)}`);
      const page = (activities as readonly Wire[]).map(read);
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }

  /** Hangs up; the conversation can still be read. */
  leave(): void {
    this.left = true;
    this.socket?.terminate();
  }

  /** Asks and waits for nothing more: there will be no server. */
  giveUp(): void {
    this.lost = true;
    this.leave();
    this.hasNews();
  }

  private get path(): string {
    return `/v3/directline/conversations/${this.conversation}`;
  }

  private follow({ token, streamUrl }: Fields): void {
    if (this.left) return;
    this.token = String(token);
    const there = new URL(String(streamUrl));
    there.host = new URL(this.door.url).host;
    const socket = new WebSocket(there, { perMessageDeflate: false });
    this.socket = socket;
    socket.once('open', () => { this.hasNews(); });
    socket.on('message', (data: Buffer) => {
      // An empty frame only says that the line is alive.
      if (data.length > 0) this.take(JSON.parse(data.toString()) as { activities: readonly Wire[]; watermark: string });
    });
    socket.on('error', () => undefined);
    socket.once('close', () => void this.rejoin().catch(() => undefined));
  }

  private async rejoin(): Promise<void> {
    if (this.left) return;
    await pause(TIMES.soonest);
    this.follow(await this.ask('GET', `${this.path}?watermark=${String(this.watermark)}`));
  }

  private take({ activities, watermark }: { activities: readonly Wire[]; watermark: string }): void {
    for (const one of activities.filter(({ type }) => type === 'message').map(read)) {
      if (one.seq !== (this.seen.at(-1)?.seq ?? 0) + 1) this.outOfLine += 1;
      this.seen.push(one);
    }
    this.watermark = Number(watermark);
    this.hasNews();
  }

  private hasNews(): void {
    for (const wake of this.wakes) wake();
  }

  private async news(withinMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.wakes.add(wake);
    });
  }

  /** Asks until it is answered. Throws where the answer is that it will never be. */
  private async ask(method: string, where: string, body?: object): Promise<Fields> {
    const end = performance.now() + TIMES.all;
    for (let wait = TIMES.soonest; ; wait = Math.min(wait * 2, TIMES.latest)) {
      if (body) await this.until(() => (this.socket?.readyState === WebSocket.OPEN ? true : undefined));
      const answer = await this.askOnce(method, where, body).catch(() => BROKEN);
      if ('fields' in answer) return answer.fields;
      if (isFinal(answer.status) || this.lost || performance.now() > end) throw new Error(`${method} ${where.replace(/[^/]{20,}/g, '…')}: HTTP ${String(answer.status)} ${answer.said}`);
      await this.waitFor(answer, wait);
    }
  }

  private async waitFor({ status, afterMs }: Unanswered, wait: number): Promise<void> {
    if (status === 429) this.heldBack += 1;
    else this.sentAgain += 1;
    await pause(status === 429 ? afterMs : wait);
  }

  private async askOnce(method: string, where: string, body: object | undefined): Promise<{ fields: Fields } | Unanswered> {
    const response = await fetch(`${this.door.url}${where}`, {
      method,
      headers: {
        ...{ 'origin': this.door.url, 'content-type': 'application/json', 'x-forwarded-for': this.whence },
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
      },
      signal: AbortSignal.timeout(TIMES.each),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = await response.text();
    if (response.ok) return { fields: JSON.parse(said) as Fields };
    return { status: response.status, afterMs: Number(response.headers.get('retry-after') ?? '1') * 1_000, said };
  }
}

function read({ id = '', text = '', from, replyToId, channelData, attachments = [], suggestedActions }: Wire): Seen {
  const [card] = attachments.map(({ content }) => content);
  return {
    ...{ seq: numberIn(id), from: from?.role === 'user' ? 'person' : 'assistant', text, choices: choicesIn(suggestedActions) },
    ...markOf(channelData),
    ...(replyToId === undefined ? {} : { answers: numberIn(replyToId) }),
    ...(card ? { form: formOf(card) } : {}),
  };
}

function choicesIn(suggested: Wire['suggestedActions']): readonly string[] {
  return suggested?.actions.map(({ value }) => value) ?? [];
}

function markOf(data: Wire['channelData']): Pick<Seen, 'tag'> {
  return data?.clientActivityID === undefined ? {} : { tag: data.clientActivityID };
}

function formOf({ body, actions }: Card): Seen['form'] & object {
  return { title: body[0]?.text ?? '', place: actions[0]?.data.place ?? '' };
}
