/** The requests of Direct Line that the client makes, by name. Each asks once and says how that went. */
import { ask } from './ask.js';
import { readSession, type Answer, type Fields, type Outside, type Question, type Session } from './wire.js';

export class Door {
  private readonly lost = new Set<string>();
  /** As it was held before the last rejoining: what was sent by it may be under way still. */
  private former: Session | undefined;

  /** `endpoint`: origin of the server, without a slash at the end. */
  constructor(
    readonly endpoint: string,
    private readonly outside: Outside,
  ) {}

  /** A new conversation: its id, its token and the address of its stream. */
  begin(): Promise<Answer> {
    return this.ask('POST', '/api/conversation');
  }

  /** A page of what was said after the watermark. */
  said(session: Session, watermark: string): Promise<Answer> {
    return this.ask('GET', `${pathOf(session)}/activities?watermark=${encodeURIComponent(watermark)}`, session.token);
  }

  /** A fresh token and the address of the stream after the watermark. */
  async rejoin(session: Session, watermark: string): Promise<Answer> {
    const answer = await this.ask('GET', `${pathOf(session)}?watermark=${encodeURIComponent(watermark)}`, session.token);
    if (answer.kind === 'ok') this.former = session;
    return answer;
  }

  /**
   * The same conversation as another window of this browser holds it, where this session is lost: once somebody has proved
   * who they are, only the window they did it in goes on, and whoever is let in by it. It may be this one, as it was before
   * its connection broke with the proof on its way.
   */
  async beside(session: Session): Promise<Session | undefined> {
    this.lost.add(session.token);
    if (this.former?.conversationId === session.conversationId && !this.lost.has(this.former.token)) return this.former;
    const other = readSession(await this.outside.siblings.ask());
    return other?.conversationId === session.conversationId && !this.lost.has(other.token) ? other : undefined;
  }

  refresh(session: Session): Promise<Answer> {
    return this.ask('POST', '/v3/directline/tokens/refresh', session.token);
  }

  post(session: Session, activity: Fields): Promise<Answer> {
    return this.ask('POST', `${pathOf(session)}/activities`, session.token, { ...activity, from: { id: 'person' } });
  }

  /** Has everything that was said deleted where it is kept. */
  erase(session: Session): Promise<Answer> {
    return this.ask('DELETE', '/api/conversation', session.token);
  }

  private ask(method: Question['method'], path: string, token?: string, body?: unknown): Promise<Answer> {
    return ask(this.outside, { method, url: this.endpoint + path, ...(token === undefined ? {} : { token }), body });
  }
}

function pathOf(session: Session): string {
  return `/v3/directline/conversations/${encodeURIComponent(session.conversationId)}`;
}
