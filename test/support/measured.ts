/**
 * A conversation as somebody on the line sees it: every answer and every frame with its size and its headers, and
 * without what is drawn at random or tells the time. What is compared with what is the test's.
 */
import { request, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import { eventually, type RunningSesame } from './running.js';

/** Whom the person at the keyboard says to be. */
export interface Claimed {
  readonly nir: string;
  readonly birthDate: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Sent {
  readonly method: string;
  readonly where: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What differs from one answer to the next of the same person, each put in its place by something as long. */
const RANDOM: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'T'.repeat(24)],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'D'.repeat(29)],
  [/\b\d\d[h:]\d\d\b/g, 'H'.repeat(5)],
  [/\bdl_[\w-]{12}/g, 'dl_UUUUUUUUUUUU'],
  [/[\w+/]{27}=/g, `${'A'.repeat(27)}=`],
  [/\b[A-Z\d]{4}-[A-Z\d]{4}\b/g, 'R'.repeat(9)],
];

/** Words with dashes between, as names of headers and classes are. */
const WORDS = /^(?:[A-Z]?[a-z]+-)*[A-Z]?[a-z]+$/;

/** The same bytes, and the same number of them, but for what is random: runs of such signs are told by their length only. */
export function steady(text: string): string {
  const timeless = RANDOM.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text);
  return timeless.replace(/[\w-]{20,}/g, (mark) => (WORDS.test(mark) ? mark : `<${String(mark.length)}>`));
}

/** One connection each, as different people have; `seen` is all that came back, in order. */
export class Line {
  readonly seen: string[] = [];

  constructor(protected readonly sesame: RunningSesame) {}

  protected async send({ method, where, headers = {}, body }: Sent): Promise<Answer> {
    const answer = await new Promise<Answer & { raw: readonly string[] }>((resolve, reject) => {
      const asked = request(`${this.sesame.url}${where}`, { method, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) } }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, raw: response.rawHeaders, body: Buffer.concat(parts) }); });
      });
      asked.on('error', reject).end(body);
    });
    this.seen.push(`${method} ${String(answer.status)} | ${steady(answer.raw.join('\n'))} | ${String(answer.body.length)} bytes | ${steady(answer.body.toString())}`);
    return answer;
  }
}

/** Over Direct Line, with a stream. */
export class DirectLineTalk extends Line {
  private readonly frames: string[] = [];
  private token = '';
  private conversation = '';
  private socket: WebSocket | undefined;

  async open(): Promise<void> {
    const { token, conversationId, streamUrl } = (await this.api('/api/conversation', {})) as { token: string; conversationId: string; streamUrl: string };
    [this.token, this.conversation] = [token, conversationId];
    const socket = new WebSocket(streamUrl, { perMessageDeflate: false });
    this.socket = socket;
    socket.on('upgrade', ({ rawHeaders }: { rawHeaders: string[] }) => this.seen.push(steady(rawHeaders.join('\n'))));
    socket.on('message', (data: Buffer) => {
      // An empty frame only says that the line is alive.
      if (data.length === 0) return;
      this.frames.push(data.toString());
      this.seen.push(`frame | ${String(data.length)} bytes | ${steady(data.toString())}`);
    });
    await this.hears(/Bonjour, je suis Sésame/, 0);
  }

  /** Says something, and waits for words after it. */
  async say(text: string, answer: RegExp): Promise<void> {
    const from = this.frames.length;
    await this.post({ text });
    await this.hears(answer, from);
  }

  /** Sends the form that is open, and waits for words after it. */
  async fill(values: Readonly<Record<string, string>>, answer: RegExp): Promise<void> {
    const from = this.frames.length;
    const place = [...this.frames.join('\n').matchAll(/"place":"([^"]+)"/g)].at(-1)?.[1] ?? '';
    await this.post({ value: { place, ...values } });
    await this.hears(answer, from);
  }

  /** Reads it all again by polling, and hangs up. */
  async end(): Promise<readonly string[]> {
    await this.send({ method: 'GET', where: `/v3/directline/conversations/${this.conversation}/activities`, headers: this.signed() });
    this.socket?.terminate();
    return this.seen;
  }

  private async hears(words: RegExp, from: number): Promise<void> {
    await eventually(() => (words.test(this.frames.slice(from).join('\n')) ? true : undefined)).catch(() => {
      throw new Error(`never heard ${String(words)}: ${this.frames.slice(from).join('\n')}`);
    });
  }

  private post(activity: object): Promise<unknown> {
    return this.api(`/v3/directline/conversations/${this.conversation}/activities`, { type: 'message', from: { id: 'person' }, ...activity });
  }

  private async api(where: string, body: object): Promise<unknown> {
    const { body: answer } = await this.send({ method: 'POST', where, headers: { ...this.signed(), 'content-type': 'application/json', 'origin': this.sesame.url }, body: JSON.stringify(body) });
    return JSON.parse(answer.toString());
  }

  private signed(): Readonly<Record<string, string>> {
    return this.token === '' ? {} : { authorization: `Bearer ${this.token}` };
  }
}

/** Over the page without JavaScript. */
export class PageTalk extends Line {
  private cookie: string | undefined;
  private html = '';

  async open(): Promise<void> {
    await this.go('GET', '/aide');
  }

  async say(dit: string, answer: RegExp): Promise<void> {
    await this.submit(/<form [^>]*action="(\/aide\/(?:conversation|dire))"[^>]*>([^]*?)<\/form>/, { dit }, answer);
  }

  async fill(values: Readonly<Record<string, string>>, answer: RegExp): Promise<void> {
    const fields = Object.fromEntries(Object.entries(values).map(([name, value]) => [`champ-${name}`, value]));
    await this.submit(/<form [^>]*action="(\/aide\/formulaire)"[^>]*>([^]*?)<\/form>/, fields, answer);
  }

  end(): Promise<readonly string[]> {
    return Promise.resolve(this.seen);
  }

  private async submit(form: RegExp, fields: Readonly<Record<string, string>>, answer: RegExp): Promise<void> {
    const [, action = '', inside = ''] = form.exec(this.html) ?? [];
    const hidden = [...inside.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name = '', value = '']): [string, string] => [name, value.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))]);
    await this.go('POST', action, new URLSearchParams({ ...Object.fromEntries(hidden), ...fields }).toString());
    if (!answer.test(this.html)) throw new Error(`never read ${String(answer)}: ${this.html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')}`);
  }

  private async go(method: string, where: string, body?: string): Promise<void> {
    const headers = { ...(this.cookie === undefined ? {} : { cookie: this.cookie }), ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', 'origin': this.sesame.url }) };
    const answer = await this.send({ method, where, headers, ...(body === undefined ? {} : { body }) });
    const set = answer.headers['set-cookie']?.[0]?.split(';')[0];
    if (set !== undefined) this.cookie = set;
    if (answer.status === 303) await this.go('GET', answer.headers.location?.split('#')[0] ?? '/aide');
    else this.html = answer.body.toString();
  }
}
