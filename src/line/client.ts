/**
 * Speaks Direct Line 3.0: one conversation, kept over lost connections, with each message sent until it is known to
 * have arrived. It knows nothing of the page: network, timers and storage are handed in, and it reports events.
 */
import { openStream, streamAt } from './ask.js';
import { Door } from './door.js';
import { Outbox, type Payload, type Route } from './outbox.js';
import { Timers } from './timers.js';
import { listOf, readSession, textOf, typistIn, type Activity, type Answer, type ClientEvent, type Connection, type Failure, type Fields, type Outside, type Session } from './wire.js';

/** Activities in a page of history after which there may be another; tries that nobody is told of; the rest are milliseconds. */
const [FULL_PAGE, QUIET_TRIES] = [100, 2];
const TIMES = { poll: 1_500, steady: 2_000, elsewhere: 300, firstRetry: 1_000, longestRetry: 30_000, refreshAgain: 30_000 };

export class Client {
  private state: Connection = 'idle';
  private session: Session | undefined;
  private watermark = '';
  /** True from a reload until the history was read. */
  private behind = false;
  /** Grows with each connection: what an older one still does is ignored. */
  private life = 0;
  private attempts = 0;
  private closeStream: () => void = () => undefined;
  private leaveSiblings: () => void = () => undefined;
  private readonly outbox: Outbox;
  private readonly door: Door;
  private readonly seen = new Set<string>();
  private readonly timers: Timers<'next' | 'refresh' | 'steady'>;

  /** `endpoint`: origin of the server, without a slash at the end. */
  constructor(
    endpoint: string,
    private readonly outside: Outside,
    private readonly listen: (event: ClientEvent) => void,
  ) {
    this.outbox = new Outbox(outside.letters, listen);
    this.door = new Door(endpoint, outside);
    this.timers = new Timers(outside.after);
  }

  /** Takes up the conversation kept by the page, or that of another window of the site; else begins one. */
  start(): void {
    const [life, { session, siblings }] = [this.hangUp(), this.outside];
    this.report('connecting');
    this.outbox.load();
    this.leaveSiblings = siblings.answer(() => session.read());
    void Promise.resolve(session.read() ?? siblings.ask()).then((kept) => {
      if (life !== this.life) return;
      this.session = readSession(kept);
      this.behind = this.session !== undefined;
      void this.connect();
    });
  }

  /** Stops everything; words that were not delivered wait for the page to come back. */
  stop(): void {
    this.hangUp();
    this.leaveSiblings();
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

  /** Says what is no message: that the person is writing, or an opinion. Said now or never; false when it did not arrive. */
  async aside(activity: Fields): Promise<boolean> {
    if (this.state !== 'online' || this.session === undefined) return false;
    return (await this.door.post(this.session, activity)).kind === 'ok';
  }

  /** Has the conversation deleted where it is kept, and forgets it. False when that could not be done now. */
  async erase(): Promise<boolean> {
    const answer = this.session && (await this.door.erase(this.session));
    if (answer !== undefined && answer.kind !== 'ok' && answer.kind !== 'gone') return false;
    this.end();
    return true;
  }

  private end(): void {
    this.hangUp();
    this.forget();
    this.outbox.clear();
    this.report('ended');
  }

  private enqueue(payload: Payload): string {
    const tag = this.outside.tag();
    this.outbox.add({ tag, payload });
    this.again();
    void this.outbox.flush(() => this.route());
    return tag;
  }

  private async connect(): Promise<void> {
    const life = this.hangUp();
    if (this.state !== 'offline' && this.state !== 'busy') this.report('connecting');
    const answer = this.session === undefined ? await this.door.begin() : await this.resume(this.session);
    if (life !== this.life) return;
    if (answer.kind === 'ok') {
      this.settle(answer.body);
      this.follow(textOf(answer.body, 'streamUrl'), life);
    } else void this.recover(answer.kind, answer.waitMs);
  }

  private async resume(session: Session): Promise<Answer> {
    while (this.behind) {
      const { life, watermark } = this;
      const history = await this.door.said(session, watermark);
      if (history.kind !== 'ok' || life !== this.life) return history;
      this.receive(history.body, true);
      this.behind = listOf(history.body['activities']).length >= FULL_PAGE;
    }
    return this.door.rejoin(session, this.watermark);
  }

  /** Keeps what the server gave, and plans the next token at half of this one's life. */
  private settle(body: Fields): void {
    const { token = '', conversationId = '' } = this.session ?? {};
    this.session = { token: textOf(body, 'token') || token, conversationId: textOf(body, 'conversationId') || conversationId };
    this.outside.session.write(JSON.stringify(this.session));
    const seconds = typeof body['expires_in'] === 'number' ? body['expires_in'] : 1_800;
    this.timers.plan('refresh', seconds * 500, () => void this.refresh());
  }

  private async refresh(): Promise<void> {
    const { life, session } = this;
    if (session === undefined) return;
    const answer = await this.door.refresh(session);
    if (life !== this.life) return;
    if (answer.kind === 'ok') this.settle(answer.body);
    else if (answer.kind === 'gone') void this.recover('gone');
    else this.timers.plan('refresh', TIMES.refreshAgain, () => void this.refresh());
  }

  private follow(streamUrl: string, life: number): void {
    this.closeStream = openStream(this.outside, streamAt(this.door.endpoint, streamUrl), {
      opened: () => {
        // Sent elsewhere after that, one has lost nothing, however often it happens; nor need there have been anything to say.
        this.timers.plan('steady', TIMES.steady, () => { this.attempts = 0; });
        this.goOnline();
      },
      frame: (fields) => { this.receive(fields, false); },
      lost: (wasOpen) => {
        if (wasOpen) void this.recover('later');
        else void this.poll(life);
      },
    });
  }

  private async poll(life: number): Promise<void> {
    if (this.session === undefined) return;
    const answer = await this.door.said(this.session, this.watermark);
    if (life !== this.life) return;
    if (answer.kind !== 'ok') return void this.recover(answer.kind, answer.waitMs);
    this.attempts = 0;
    this.receive(answer.body, false);
    if (life !== this.life) return;
    this.timers.plan('next', TIMES.poll, () => void this.poll(life));
    this.goOnline();
  }

  private receive(body: Fields, replay: boolean): void {
    this.watermark = textOf(body, 'watermark') || this.watermark;
    for (const activity of listOf(body['activities'])) this.hear(activity as unknown as Activity, replay);
  }

  private hear(activity: Activity, replay: boolean): void {
    if (activity.type === 'typing' && !replay) this.listen({ kind: 'typing', ...typistIn(activity) });
    if (activity.type === 'endOfConversation') this.end();
    if (activity.type !== 'message' || activity.id === undefined || this.seen.has(activity.id)) return;
    this.seen.add(activity.id);
    // An echo proves arrival even when the answer to the post was lost.
    this.outbox.settle(activity.channelData?.clientActivityID ?? '', 'delivered');
    this.listen({ kind: 'message', activity, replay });
  }

  private goOnline(): void {
    this.report('online');
    void this.outbox.flush(() => this.route());
  }

  /** The way a message takes now; none while there is no connection. */
  private route(): Route | undefined {
    const { state, session, life } = this;
    if (state !== 'online' || session === undefined) return undefined;
    return {
      post: (activity) => this.door.post(session, activity),
      pause: (ms) => new Promise((resolve) => void this.outside.after(ms, resolve)),
      failed: (why) => {
        if (life === this.life) void this.recover(why);
      },
    };
  }

  /** After a failure: leaves a conversation that is gone here, then tries again, each time after a longer wait. A server that restarts closes streams that worked: this is told only if two tries fail. */
  private async recover(why: Failure, waitMs = 0): Promise<void> {
    const [session, life, quiet] = [this.session, this.hangUp(), this.session !== undefined && this.attempts < QUIET_TRIES];
    if (why !== 'later' && session !== undefined) {
      this.report('connecting');
      const beside = await this.door.beside(session);
      if (life !== this.life) return;
      if (beside === undefined) {
        this.forget();
        this.listen({ kind: 'renewed' });
      } else this.session = beside;
    } else this.report(waitMs > 0 ? 'busy' : quiet ? 'connecting' : 'offline');
    const pause = Math.min((quiet ? TIMES.elsewhere : TIMES.firstRetry) * 2 ** this.attempts, TIMES.longestRetry);
    this.timers.plan('next', Math.max(waitMs, pause), () => void this.connect());
    this.attempts += 1;
  }

  /** Words said to a lost conversation are still worth hearing; a form belongs to the one that asked for it. */
  private forget(): void {
    this.session = undefined;
    this.watermark = '';
    this.behind = false;
    this.outside.session.write(null);
    this.outbox.dropForms();
  }

  private hangUp(): number {
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
}
