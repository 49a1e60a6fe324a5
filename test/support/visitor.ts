/**
 * A person with the widget's own client over a real network: what they say, what comes back, and what of it they would
 * call an error. It drops nothing and repeats nothing: that is the client's.
 */
import WebSocket from 'ws';
import { Client } from '../../src/line/client.js';
import type { Activity, ClientEvent, Outside, Socket } from '../../src/line/wire.js';

/** What is said, and what the answer to it must hold. */
export type Line = readonly [says: string, answer: RegExp];

/** All that is counted of everybody. */
export interface Sight {
  said: number;
  answered: number;
  /** No answer within the time that a person has. */
  lost: number;
  doubled: number;
  outOfOrder: number;
  /** An answer came, and not to what was asked. */
  wrong: number;
  /** A message refused for good, or a conversation that was gone. */
  refused: number;
  /** The page said that the connection is lost. */
  toldOffline: number;
  reconnects: number;
  /** Milliseconds from each message to its answer. */
  readonly waits: number[];
}

export const nothingSeen = (): Sight => ({ said: 0, answered: 0, lost: 0, doubled: 0, outOfOrder: 0, wrong: 0, refused: 0, toldOffline: 0, reconnects: 0, waits: [] });

/** What a person would call an error. */
export const visibleErrors = ({ lost, doubled, outOfOrder, wrong, refused }: Sight): number => lost + doubled + outOfOrder + wrong + refused;

const PATIENCE_MS = 30_000;

export class Visitor {
  private readonly client: Client;
  private readonly messages: Activity[] = [];
  private wake: () => void = () => undefined;
  private lastSeq = 0;

  /** `address`: where they seem to come from. */
  constructor(endpoint: string, address: string, private readonly sight: Sight) {
    this.client = new Client(endpoint, outsideOf(address, () => (sight.reconnects += 1)), (event) => { this.hear(event); });
  }

  /** Comes in; resolves once greeted. */
  async come(): Promise<void> {
    this.client.start();
    if (!(await this.until(() => this.messages.some(({ text }) => /Bonjour/.test(text ?? ''))))) this.sight.lost += 1;
  }

  /** Says a line and waits for its answer. */
  async say([says, answer]: Line): Promise<void> {
    const since = performance.now();
    this.sight.said += 1;
    const tag = this.client.say(says);
    const answers = (): readonly Activity[] => {
      const echo = this.messages.find(({ channelData }) => channelData?.clientActivityID === tag);
      return echo === undefined ? [] : this.messages.filter((activity) => 'replyToId' in activity && activity.replyToId === echo.id);
    };
    const heard = await this.until(() => answers().some(({ text }) => answer.test(text ?? '')));
    if (heard) {
      this.sight.answered += 1;
      this.sight.waits.push(performance.now() - since);
    } else if (answers().length > 0) this.sight.wrong += 1;
    else this.sight.lost += 1;
  }

  /** Leaves, and counts what came twice while they were there: the same words in answer to the same message. */
  leave(): void {
    const answers = this.messages.flatMap((activity) => ('replyToId' in activity ? [`${String(activity.replyToId)} ${activity.text ?? ''}`] : []));
    this.sight.doubled += answers.length - new Set(answers).size;
    this.client.stop();
  }

  private hear(event: ClientEvent): void {
    if (event.kind === 'refused' || event.kind === 'renewed') this.sight.refused += 1;
    if (event.kind === 'connection' && event.state === 'offline') this.sight.toldOffline += 1;
    if (event.kind !== 'message') return;
    const seq = Number(event.activity.id?.split('|')[1]);
    if (seq !== this.lastSeq + 1) this.sight.outOfOrder += 1;
    this.lastSeq = seq;
    this.messages.push(event.activity);
    this.wake();
  }

  private until(so: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (well: boolean): void => {
        clearTimeout(timer);
        this.wake = () => undefined;
        resolve(well);
      };
      const timer = setTimeout(() => { end(so()); }, PATIENCE_MS);
      this.wake = () => { if (so()) end(true); };
      this.wake();
    });
  }
}

/** The browser's world in this process; `reopened` is told of each stream but the first. */
function outsideOf(address: string, reopened: () => void): Outside {
  const headers = { 'x-forwarded-for': address };
  const drawer = (): Outside['session'] => {
    let kept: string | null = null;
    return { read: () => kept, write: (value) => { kept = value; } };
  };
  let [tags, opened] = [0, 0];
  return {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } }),
    open: (url) => {
      if ((opened += 1) > 1) reopened();
      return openSocket(url, headers);
    },
    after: (ms, work) => {
      const timer = setTimeout(work, ms);
      return () => { clearTimeout(timer); };
    },
    tag: () => `${address.replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit))).replace(/\./g, '-')}-${String((tags += 1)).replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))}`,
    ...{ session: drawer(), letters: drawer() },
    siblings: { ask: () => Promise.resolve(null), answer: () => () => undefined },
  };
}

function openSocket(url: string, headers: Readonly<Record<string, string>>): Socket {
  const socket = new WebSocket(url, { perMessageDeflate: false, headers });
  const adapted: Socket = { onopen: null, onmessage: null, onclose: null, close: () => { socket.close(); } };
  socket.on('open', () => adapted.onopen?.());
  socket.on('message', (data: Buffer) => adapted.onmessage?.({ data: data.toString() }));
  socket.on('error', () => undefined);
  socket.on('close', () => adapted.onclose?.());
  return adapted;
}
