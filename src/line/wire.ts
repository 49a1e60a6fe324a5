/** The shapes of Direct Line 3.0 and of the world around the client, and how strange input is read. It asks nothing. */

export interface Activity {
  readonly type: string;
  readonly id?: string;
  readonly from?: { readonly id?: string; readonly name?: string; readonly role?: string };
  readonly text?: string;
  readonly textFormat?: string;
  readonly timestamp?: string;
  readonly suggestedActions?: { readonly actions?: readonly { readonly title?: string; readonly value?: unknown }[] };
  readonly attachments?: readonly { readonly contentType?: string; readonly content?: unknown }[];
  /** `asksOpinion`: an answer that the person may be asked about. */
  readonly channelData?: { readonly clientActivityID?: string; readonly asksOpinion?: boolean };
}

export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
}

/** The world as the client needs it. */
export interface Outside {
  fetch(url: string, init: RequestInit): Promise<Pick<Response, 'ok' | 'status' | 'json'> & { readonly headers: Pick<Headers, 'get'> }>;
  /** May throw when sockets are not allowed. */
  open(url: string): Socket;
  /** Runs `work` after `ms` milliseconds; gives back the way to cancel it. */
  readonly after: (ms: number, work: () => void) => () => void;
  tag(): string;
  /** Where the conversation is kept from one page to the next. */
  readonly session: Drawer;
  /** Where words wait that have not left yet. */
  readonly letters: Drawer;
  readonly siblings: Siblings;
}

/** A place for one text. Where the browser keeps nothing, it stays empty. */
export interface Drawer {
  read(): string | null;
  write(value: string | null): void;
}

/** Other windows of the same site that have this assistant open. */
export interface Siblings {
  /** The session of one that has a conversation, or nothing after a moment. */
  ask(): Promise<string | null>;
  /** Answers those who ask. Gives back the way to stop. */
  answer(give: () => string | null): () => void;
}

/** What the person thinks of an answer. `about`: the id of its activity. */
export interface Opinion {
  readonly about: string;
  readonly verdict: 'up' | 'down';
  readonly reason?: 'not-my-case' | 'not-clear' | 'did-not-work' | 'other';
}

/** `busy`: the server is there, and has no time yet. */
export type Connection = 'idle' | 'connecting' | 'online' | 'offline' | 'busy' | 'ended';

export type ClientEvent =
  | { readonly kind: 'connection'; readonly state: Connection }
  /** `replay`: history shown again after a reload, not news. */
  | { readonly kind: 'message'; readonly activity: Activity; readonly replay: boolean }
  /** `name`: an adviser; without it, the assistant. */
  | { readonly kind: 'typing'; readonly name?: string }
  /** Words that an earlier life of the page left unsent: they are on their way again. */
  | { readonly kind: 'recalled'; readonly tag: string; readonly text: string }
  /** It was asked to be sent again a little later, and will be. */
  | { readonly kind: 'waiting' }
  /** The server has it, or has refused it for good. `tag` is what `say` or `submit` gave back. */
  | { readonly kind: 'delivered' | 'refused'; readonly tag: string }
  /** The former conversation is gone; another begins. */
  | { readonly kind: 'renewed' };

/** `gone`: the conversation or its token is over. `later`: try again, after `waitMs` where the server has named a time. `refused`: trying again is of no use. */
export type Failure = 'gone' | 'refused' | 'later';
export type Fields = Readonly<Record<string, unknown>>;
export type Answer = { readonly kind: 'ok'; readonly body: Fields } | { readonly kind: Failure; readonly waitMs?: number };

export interface Session {
  readonly token: string;
  readonly conversationId: string;
}

export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly token?: string;
  readonly body?: unknown;
}

/** A frame of the stream; a keep-alive, or anything that is not an object, has no fields. */
export function readFrame(data: unknown): Fields {
  return fieldsOf(readJson(data));
}

/** What a text of JSON says; nothing when it is not one. */
export function readJson(data: unknown): unknown {
  if (typeof data !== 'string' || data === '') return undefined;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}

/** What is not an object has no fields. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** What is not a list is an empty one; what stands in it that is no object has no fields. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** A field that is a string, or the empty string. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

export interface Choice {
  readonly title: string;
  /** What pressing it says. */
  readonly say: string;
}

export function choicesOf({ suggestedActions }: Activity): readonly Choice[] {
  const actions = suggestedActions?.actions ?? [];
  return actions.map(({ title = '', value }) => ({ title, say: typeof value === 'string' ? value : title }));
}

/** When it was said; now, where the server gives no date that can be read. */
export function dateOf({ timestamp }: Activity): Date {
  const at = timestamp === undefined ? new Date() : new Date(timestamp);
  return Number.isNaN(at.getTime()) ? new Date() : at;
}

/** Who is seen writing, where it is an adviser. */
export const typistIn = ({ from }: Activity): { name?: string } => (from?.id === 'adviser' && from.name !== undefined ? { name: from.name } : {});

export function readSession(kept: string | null): Session | undefined {
  const fields = readFrame(kept);
  const session = { token: textOf(fields, 'token'), conversationId: textOf(fields, 'conversationId') };
  return session.token === '' || session.conversationId === '' ? undefined : session;
}
