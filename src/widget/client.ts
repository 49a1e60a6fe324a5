/**
 * Speaks Direct Line 3.0: one conversation, kept over lost connections, with each message sent until it is known to
 * have arrived. It knows nothing of the page: network, timers and storage are handed in, and it reports events.
 */
import { ask, openStream, pathOf, readSession, streamAt, textOf, typistIn } from './wire.js';
import type { Activity, Answer, ClientEvent, Connection, Failure, Fields, Outside, Session } from './wire.js';

type Payload = { readonly text: string } | { readonly value: Readonly<Record<string, string>> };

/** Milliseconds. */
const TIMES = { poll: 1_500, firstRetry: 1_000, longestRetry: 30_000, refreshAgain: 30_000 };

export class Client {
  private state: Connection = 'idle';
  private session: Session | undefined;
  private watermark = '';
  /** True from a reload until the history was read. */
  private behind = false;
  /** Grows with each connection: what an older one still does is ignored. */
  private life = 0;
  private attempts = 0;
  private sending = false;
  private closeStream: () => void = () => undefined;
  private queue: { readonly tag: string; readonly payload: Payload }[] = [];
  private readonly seen = new Set<string>();
  private readonly timers = new Map<'next' | 'refresh', () => void>();

  /** `endpoint`: origin of the server, without a slash at the end. */
  constructor(
    private readonly endpoint: string,
    private readonly outside: Outside,
    private readonly listen: (event: ClientEvent) => void,
  ) {}

  /** Takes up the conversation kept by the page, or begins one. */
  start(): void {
    this.session = readSession(this.outside.keep.read());
    this.behind = this.session !== undefined;
    void this.connect();
  }

  /** Stops everything; what was not delivered is forgotten with the page. */
  stop(): void {
    this.hangUp();
    this.report('idle');
  }

  /** The page was woken or the network is back: do not wait for the next try. */
  nudge(): void {
    if (this.state === 'offline') void this.connect();
  }

  /** Begins a new conversation when the last one has ended. */
  again(): void {
    if (this.state === 'ended') void this.connect();
  }

  say(text: string): string {
    return this.enqueue({ text });
  }

  /** Sends a form. Its values live in the queue only, and leave it once the server has them. */
  submit(value: Readonly<Record<string, string>>): string {
    return this.enqueue({ value });
  }

  /** The person is writing: said now, or never. */
  typing(): void {
    if (this.state === 'online' && this.session !== undefined) void this.post(this.session, { type: 'typing' });
  }

  private enqueue(payload: Payload): string {
    const tag = this.outside.tag();
    this.queue.push({ tag, payload });
    this.again();
    void this.flush();
    return tag;
  }

  private async connect(): Promise<void> {
    const life = this.hangUp();
    if (this.state !== 'offline') this.report('connecting');
    const answer = this.session === undefined ? await this.begin() : await this.resume(this.session);
    if (life !== this.life) return;
    if (answer.kind === 'ok') {
      this.settle(answer.body);
      this.follow(textOf(answer.body, 'streamUrl'), life);
    } else this.recover(answer.kind);
  }

  private async begin(): Promise<Answer> {
    const given = await this.ask('POST', '/api/token', '');
    if (given.kind !== 'ok') return given;
    return this.ask('POST', '/v3/directline/conversations', textOf(given.body, 'token'));
  }

  private async resume(session: Session): Promise<Answer> {
    if (this.behind) {
      const history = await this.ask('GET', `${pathOf(session)}/activities?watermark=`, session.token);
      if (history.kind !== 'ok') return history;
      this.receive(history.body, true);
      this.behind = false;
    }
    return this.ask('GET', `${pathOf(session)}?watermark=${encodeURIComponent(this.watermark)}`, session.token);
  }

  /** Keeps what the server gave, and plans the next token at half of this one's life. */
  private settle(body: Fields): void {
    const token = textOf(body, 'token') || (this.session?.token ?? '');
    const conversationId = textOf(body, 'conversationId') || (this.session?.conversationId ?? '');
    this.session = { token, conversationId };
    this.outside.keep.write(JSON.stringify(this.session));
    const seconds = typeof body['expires_in'] === 'number' ? body['expires_in'] : 1_800;
    this.plan('refresh', seconds * 500, () => void this.refresh());
  }

  private async refresh(): Promise<void> {
    const life = this.life;
    const answer = await this.ask('POST', '/v3/directline/tokens/refresh', this.session?.token ?? '');
    if (life !== this.life) return;
    if (answer.kind === 'ok') this.settle(answer.body);
    else if (answer.kind === 'gone') this.recover('gone');
    else this.plan('refresh', TIMES.refreshAgain, () => void this.refresh());
  }

  private follow(streamUrl: string, life: number): void {
    this.closeStream = openStream(this.outside, streamAt(this.endpoint, streamUrl), {
      opened: () => { this.goOnline(); },
      frame: (fields) => {
        this.attempts = 0;
        this.receive(fields, false);
      },
      lost: (wasOpen) => {
        if (wasOpen) this.recover('later');
        else void this.poll(life);
      },
    });
  }

  private async poll(life: number): Promise<void> {
    if (this.session === undefined) return;
    const answer = await this.ask('GET', `${pathOf(this.session)}/activities?watermark=${encodeURIComponent(this.watermark)}`, this.session.token);
    if (life !== this.life) return;
    if (answer.kind !== 'ok') {
      this.recover(answer.kind);
      return;
    }
    this.attempts = 0;
    this.receive(answer.body, false);
    if (life !== this.life) return;
    this.plan('next', TIMES.poll, () => void this.poll(life));
    this.goOnline();
  }

  private receive(body: Fields, replay: boolean): void {
    const { activities, watermark } = body;
    if (typeof watermark === 'string') this.watermark = watermark;
    for (const activity of Array.isArray(activities) ? (activities as readonly Activity[]) : []) this.hear(activity, replay);
  }

  private hear(activity: Activity, replay: boolean): void {
    if (activity.type === 'typing' && !replay) this.listen({ kind: 'typing', ...typistIn(activity) });
    if (activity.id === undefined || this.seen.has(activity.id)) return;
    this.seen.add(activity.id);
    if (activity.type === 'message') {
      // An echo proves arrival even when the answer to the post was lost.
      this.settled(activity.channelData?.clientActivityID, 'delivered');
      this.listen({ kind: 'message', activity, replay });
    } else if (activity.type === 'endOfConversation') {
      this.hangUp();
      this.forget();
      this.report('ended');
    }
  }

  private goOnline(): void {
    this.report('online');
    void this.flush();
  }

  /** One message at a time, in order, so that the server hears them as they were said. */
  private async flush(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    for (let parcel = this.queue[0]; parcel !== undefined && this.state === 'online' && this.session !== undefined; parcel = this.queue[0]) {
      const { life } = this;
      const answer = await this.post(this.session, { type: 'message', ...parcel.payload, channelData: { clientActivityID: parcel.tag } });
      if (answer.kind === 'ok') this.settled(parcel.tag, 'delivered');
      else if (answer.kind === 'refused') this.settled(parcel.tag, 'refused');
      else if (life === this.life) this.recover(answer.kind);
    }
    this.sending = false;
  }

  private post(session: Session, activity: Fields): Promise<Answer> {
    return this.ask('POST', `${pathOf(session)}/activities`, session.token, { ...activity, from: { id: 'person' } });
  }

  private settled(tag: string | undefined, kind: 'delivered' | 'refused'): void {
    const left = this.queue.filter((parcel) => parcel.tag !== tag);
    if (tag === undefined || left.length === this.queue.length) return;
    this.queue = left;
    this.listen({ kind, tag });
  }

  /** After a failure: forgets a conversation that is gone, then tries again, each time after a longer wait. */
  private recover(why: Failure): void {
    this.hangUp();
    if (why === 'gone' && this.session !== undefined) {
      this.forget();
      this.report('connecting');
      this.listen({ kind: 'renewed' });
    } else this.report('offline');
    const wait = Math.min(TIMES.firstRetry * 2 ** this.attempts, TIMES.longestRetry);
    this.attempts += 1;
    this.plan('next', wait, () => void this.connect());
  }

  /** Words said to a lost conversation are still worth hearing; a form belongs to the one that asked for it. */
  private forget(): void {
    this.session = undefined;
    this.watermark = '';
    this.behind = false;
    this.outside.keep.write(null);
    for (const { tag, payload } of this.queue) if ('value' in payload) this.settled(tag, 'refused');
  }

  private hangUp(): number {
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    this.closeStream();
    this.life += 1;
    return this.life;
  }

  private report(state: Connection): void {
    if (this.state === state) return;
    this.state = state;
    this.listen({ kind: 'connection', state });
  }

  private plan(name: 'next' | 'refresh', ms: number, work: () => void): void {
    this.timers.get(name)?.();
    this.timers.set(name, this.outside.after(ms, work));
  }

  private ask(method: 'GET' | 'POST', path: string, token: string, body?: unknown): Promise<Answer> {
    return ask(this.outside, { method, url: this.endpoint + path, token, body });
  }
}
