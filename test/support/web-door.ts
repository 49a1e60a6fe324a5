/** The web door on a free loopback port, in front of an assistant that lives in memory and answers by the book. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Activity } from '../../src/channels/activities.js';
import { createServer, type ServerOptions, type WebServer } from '../../src/channels/server.js';
import { createTokens, type Tokens } from '../../src/channels/tokens.js';
import { SesameError } from '../../src/conversation/errors.js';
import type { Acceptance, Assistant } from '../../src/conversation/ports.js';
import type { FormReply } from '../../src/conversation/reply.js';
import type { NewEntry, TranscriptEntry } from '../../src/conversation/transcript.js';
import type { Utterance } from '../../src/conversation/utterance.js';
import { SimulatedClock } from './clock.js';
import { hold } from './descriptions.js';
import { plenty } from './plenty.js';

export const SECRET = 'a-secret-shared-with-a-test-server';
export const FORM: FormReply = {
  kind: 'form',
  place: 'identify#1',
  title: 'Vérifier votre identité',
  why: 'Nous cherchons votre dossier. Rien n’est gardé.',
  fields: [
    { name: 'nir', label: 'Numéro de sécurité sociale', hint: '2 55 08 14 168 025 38', inputMode: 'numeric', autocomplete: 'off', maxLength: 21 },
    { name: 'birth', label: 'Date de naissance', inputMode: 'text', autocomplete: 'bday', maxLength: 10, error: 'Cette date n’existe pas.' },
  ],
  submit: 'Continuer',
  choices: ['Parler à un conseiller'],
};

type Listener = (entry: TranscriptEntry) => void;

/** Says hello once, echoes words, gives a form to « formulaire », and fails on demand. */
export class MemoryAssistant implements Assistant {
  readonly heard: Utterance[] = [];
  fault: Error | undefined;
  private readonly entries = new Map<string, TranscriptEntry[]>();
  private readonly seen = new Map<string, number>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly erasures = new Map<string, Set<() => void>>();
  private readonly gone = new Set<string>();

  constructor(private readonly clock: SimulatedClock) {}

  async hear(utterance: Utterance): Promise<Acceptance> {
    await Promise.resolve();
    if (this.fault !== undefined) throw this.fault;
    if (this.gone.has(utterance.conversationId)) throw new SesameError('conversation-unknown', 'erased');
    const key = `${utterance.conversationId}/${utterance.id}`;
    const before = this.seen.get(key);
    if (before !== undefined) return { kind: 'seen', seq: before };
    this.heard.push(utterance);
    const seq = this.take(utterance);
    this.seen.set(key, seq);
    const answer = () => {
      this.say(utterance.conversationId, this.answerTo(utterance));
    };
    if (utterance.kind === 'form') answer();
    else setImmediate(answer);
    return { kind: 'accepted', seq };
  }

  private take(utterance: Utterance): number {
    if (utterance.kind === 'opening') {
      this.entries.set(utterance.conversationId, []);
      return 0;
    }
    const { at, id: utteranceId, clientTag } = utterance;
    const said = utterance.kind === 'words' ? { text: utterance.text } : { form: FORM.title };
    const entry: NewEntry = { author: 'person', at, utteranceId, ...said, ...(clientTag === undefined ? {} : { clientTag }) };
    return this.say(utterance.conversationId, entry).seq;
  }

  private answerTo(utterance: Utterance): NewEntry {
    const base = { author: 'assistant', at: this.clock.now(), inReplyTo: utterance.id } as const;
    if (utterance.kind === 'opening') {
      return { ...base, reply: { kind: 'text', text: 'Bonjour.', choices: ['Mon compte est bloqué', 'Autre chose'] } };
    }
    if (utterance.kind === 'words' && utterance.text === 'formulaire') return { ...base, reply: FORM };
    return { ...base, reply: { kind: 'text', text: utterance.kind === 'words' ? `Écho : ${utterance.text}` : 'Merci.' } };
  }

  say(conversationId: string, entry: NewEntry): TranscriptEntry {
    const all = this.entries.get(conversationId) ?? [];
    this.entries.set(conversationId, all);
    const numbered = { ...entry, seq: all.length + 1 };
    all.push(numbered);
    for (const listener of this.listeners.get(conversationId) ?? []) listener(numbered);
    return numbered;
  }

  knows(conversationId: string): Promise<boolean> {
    return Promise.resolve(this.entries.has(conversationId));
  }

  async transcript(conversationId: string, after: number, limit = Infinity): Promise<readonly TranscriptEntry[]> {
    const found = (this.entries.get(conversationId) ?? []).filter((entry) => entry.seq > after).slice(0, limit);
    // A store answers a little later than it reads: what happens in between must not be lost.
    await new Promise((resolve) => setImmediate(resolve));
    return found;
  }

  async erase(conversationId: string): Promise<void> {
    await Promise.resolve();
    this.entries.delete(conversationId);
    this.gone.add(conversationId);
    for (const erased of this.erasures.get(conversationId) ?? []) erased();
  }

  wasErased(conversationId: string): Promise<boolean> {
    return Promise.resolve(this.gone.has(conversationId));
  }

  follow(conversationId: string, listener: Listener, erased: () => void = () => undefined): () => void {
    const own = this.listeners.get(conversationId) ?? new Set();
    this.listeners.set(conversationId, own.add(listener));
    const ends = this.erasures.get(conversationId) ?? new Set();
    this.erasures.set(conversationId, ends.add(erased));
    return () => {
      own.delete(listener);
      ends.delete(erased);
    };
  }

  followers(conversationId: string): number {
    return this.listeners.get(conversationId)?.size ?? 0;
  }
}

export function adviserSays(text: string): NewEntry {
  return { author: 'adviser', at: Date.UTC(2026, 10, 23, 9, 0, 0), name: 'Camille', text };
}

/** The few shapes that tests read out of an answer. */
export interface Json {
  readonly conversationId: string;
  readonly token: string;
  readonly expires_in: number;
  readonly streamUrl: string;
  readonly id: string;
  readonly watermark: string;
  readonly activities: readonly Activity[];
  readonly error: { readonly code: string; readonly message: string };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export class WebDoor {
  readonly log: LogLine[] = [];
  readonly assistant: MemoryAssistant;
  readonly tokens: Tokens;
  readonly url: string = '';
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'sesame-door-'));
  private server: WebServer | undefined;

  private constructor(readonly clock: SimulatedClock) {
    this.assistant = new MemoryAssistant(clock);
    this.tokens = createTokens({ key: new Uint8Array(32).fill(7), clock });
    writeFileSync(path.join(this.folder, 'site.css'), 'body { margin: 0 }');
    writeFileSync(path.join(this.folder, 'notes.txt'), 'not for the public');
  }

  static async open(more: Partial<ServerOptions> = {}, config: Partial<ServerOptions['config']> = {}): Promise<WebDoor> {
    const door = new WebDoor(new SimulatedClock());
    const line = (level: string) => (event: string, fields: LogLine['fields']) => void door.log.push({ level, event, fields });
    const server = createServer({
      assistant: door.assistant,
      tokens: door.tokens,
      sources: plenty(door.clock),
      config: { publicUrl: () => door.url, origins: ['https://site.example'], secrets: [SECRET], local: false, ...config },
      publicFolder: door.folder,
      labels: { fieldMissing: 'Ce champ est à remplir.' },
      log: { info: line('info'), warn: line('warn'), error: line('error') },
      clock: door.clock,
      ...more,
    });
    await server.listen(0, '127.0.0.1');
    door.server = server;
    Object.assign(door, { url: `http://127.0.0.1:${String(server.address()?.port)}` });
    return door;
  }

  async close(): Promise<void> {
    await this.server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One request, held with its answer against the descriptions of the door. A string body goes as it is, anything else as JSON. */
  async call(method: string, where: string, options: { token?: string; body?: unknown; headers?: Record<string, string> } = {}): Promise<Answer> {
    const { token, body } = options;
    const headers: Record<string, string> = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    };
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(this.url + where, { method, headers, ...sent });
    const text = await response.text();
    hold({ method, address: where, sent: body, status: response.status, headers: response.headers, text });
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true && text !== '';
    return { status: response.status, headers: response.headers, text, json: isJson ? (JSON.parse(text) as Json) : ({} as Json) };
  }

  /** A conversation opened and greeted, as a page of ours would. */
  async begin(): Promise<{ id: string; token: string; streamUrl: string; path: string }> {
    const given = await this.call('POST', '/api/token', { headers: { 'sec-fetch-site': 'same-origin' } });
    const opened = await this.call('POST', '/v3/directline/conversations', { token: given.json.token });
    const { conversationId: id, token, streamUrl } = opened.json;
    const where = `/v3/directline/conversations/${id}`;
    await until(async () => (await this.assistant.transcript(id, 0)).length === 1);
    return { id, token, streamUrl, path: where };
  }
}

/** Waits for something to come true; the test's own time limit ends it. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 2));
}
