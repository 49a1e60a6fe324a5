/**
 * A client of Direct Line that asks once and tells what came back: no stream, nothing tried again. For tests of what a
 * server says, to whoever asks it, while something is wrong.
 */
import { eventually } from './running.js';

export interface Said {
  readonly seq: number;
  readonly text: string;
  /** The mark that the person's own message was given. */
  readonly tag?: string;
  /** The number of the message that it answers. */
  readonly answers?: number;
}

export interface Posted {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code?: string;
}

interface Wire {
  readonly id: string;
  readonly text?: string;
  readonly replyToId?: string;
  readonly channelData?: { readonly clientActivityID?: string };
}

const PAGE = 100;
const numberIn = (id: string): number => Number(id.split('|')[1]);

export class PlainLine {
  /** What was acknowledged, and the number it was given. */
  readonly acknowledged: { readonly tag: string; readonly seq: number }[] = [];
  token = '';
  conversation = '';

  constructor(private readonly door: { readonly url: string }) {}

  async open(): Promise<this> {
    const { token, conversationId } = (await (await this.ask('POST', '/api/conversation')).json()) as { token: string; conversationId: string };
    [this.token, this.conversation] = [token, conversationId];
    return this;
  }

  async post(tag: string, text: string): Promise<Posted> {
    const response = await this.ask('POST', `${this.path}/activities`, { type: 'message', text, channelData: { clientActivityID: tag } });
    const body = (await response.json()) as { id?: string; error?: { code: string } };
    if (body.id !== undefined) this.acknowledged.push({ tag, seq: numberIn(body.id) });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), ...(body.error ? { code: body.error.code } : {}) };
  }

  /** All of it, read by its pages. */
  async transcript(): Promise<readonly Said[]> {
    const all: Said[] = [];
    for (;;) {
      const { activities } = (await (await this.ask('GET', `${this.path}/activities?watermark=${String(all.at(-1)?.seq ?? 0)}`)).json()) as { activities: readonly Wire[] };
      all.push(...activities.map(read));
      if (activities.length < PAGE) return all;
    }
  }

  /** What was said, once nothing of the person's waits for its answer. */
  answered(withinMs?: number): Promise<readonly Said[]> {
    return eventually(async () => {
      const said = await this.transcript();
      return said.every((one) => one.tag === undefined || answersTo(said, one).length > 0) ? said : undefined;
    }, withinMs);
  }

  ask(method: string, where: string, body?: object): Promise<Response> {
    const headers = { 'origin': this.door.url, 'content-type': 'application/json', ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }) };
    return fetch(`${this.door.url}${where}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  private get path(): string {
    return `/v3/directline/conversations/${this.conversation}`;
  }
}

export function answersTo(said: readonly Said[], { seq }: Pick<Said, 'seq'>): readonly Said[] {
  return said.filter(({ answers }) => answers === seq);
}

function read({ id, text = '', replyToId, channelData }: Wire): Said {
  return {
    ...{ seq: numberIn(id), text },
    ...(channelData?.clientActivityID === undefined ? {} : { tag: channelData.clientActivityID }),
    ...(replyToId === undefined ? {} : { answers: numberIn(replyToId) }),
  };
}
