/**
 * What was said and is not yet known to have arrived, in order. Words outlive a reload of the page; the values of a
 * form never leave memory.
 */
import { listOf, readJson, textOf, type Answer, type ClientEvent, type Drawer, type Failure, type Fields } from './wire.js';

export type Payload = { readonly text: string } | { readonly value: Readonly<Record<string, string>> };

/** How one message leaves. */
export interface Route {
  post(activity: Fields): Promise<Answer>;
  /** Resolves after so many milliseconds. */
  pause(ms: number): Promise<void>;
  /** It may be tried again later, over another connection. */
  failed(why: Failure): void;
}

interface Parcel {
  readonly tag: string;
  readonly payload: Payload;
}

interface Letter {
  readonly tag: string;
  readonly text: string;
}

export class Outbox {
  private parcels: readonly Parcel[] = [];
  private sending = false;

  constructor(
    private readonly drawer: Drawer,
    private readonly listen: (event: ClientEvent) => void,
  ) {}

  add(parcel: Parcel): void {
    this.set([...this.parcels, parcel]);
  }

  /** Takes out what has arrived, or never will, and says so. */
  settle(tag: string, kind: 'delivered' | 'refused'): void {
    const left = this.parcels.filter((parcel) => parcel.tag !== tag);
    if (left.length === this.parcels.length) return;
    this.set(left);
    this.listen({ kind, tag });
  }

  /** One message at a time, in order, so that the server hears them as they were said; for as long as there is a route. */
  async flush(routeNow: () => Route | undefined): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    for (let parcel = this.parcels[0], route = routeNow(); parcel && route; parcel = this.parcels[0], route = routeNow()) {
      const answer = await route.post({ type: 'message', ...parcel.payload, channelData: { clientActivityID: parcel.tag } });
      if (answer.kind === 'ok') this.settle(parcel.tag, 'delivered');
      else if (answer.kind === 'refused') this.settle(parcel.tag, 'refused');
      else if (answer.waitMs !== undefined) await this.wait(route, answer.waitMs);
      else route.failed(answer.kind);
    }
    this.sending = false;
  }

  private async wait(route: Route, ms: number): Promise<void> {
    this.listen({ kind: 'waiting' });
    await route.pause(ms);
  }

  /** Takes up the words that an earlier life of the page left unsent, and says so: the history will tell which of them arrived. */
  load(): void {
    const kept = readLetters(this.drawer.read()).filter(({ tag }) => !this.parcels.some((parcel) => parcel.tag === tag));
    this.parcels = [...kept.map(({ tag, text }) => ({ tag, payload: { text } })), ...this.parcels];
    for (const { tag, text } of kept) this.listen({ kind: 'recalled', tag, text });
  }

  /** Forms belong to the conversation that asked for them, and it is gone. */
  dropForms(): void {
    for (const { tag, payload } of this.parcels) if ('value' in payload) this.settle(tag, 'refused');
  }

  clear(): void {
    this.set([]);
  }

  private set(parcels: readonly Parcel[]): void {
    this.parcels = parcels;
    const letters = parcels.flatMap(({ tag, payload }) => ('text' in payload ? [{ tag, text: payload.text }] : []));
    this.drawer.write(letters.length === 0 ? null : JSON.stringify(letters));
  }
}

function readLetters(kept: string | null): readonly Letter[] {
  const letters = listOf(readJson(kept)).map((fields) => ({ tag: textOf(fields, 'tag'), text: textOf(fields, 'text') }));
  return letters.filter(({ tag, text }) => tag !== '' && text !== '');
}
