/** The self-help page on a free loopback port, in front of a whole house on a simulated clock, and a browser without JavaScript. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAide, type AideDoor } from '../../src/aide/door.js';
import { aideTexts } from '../../src/aide/words.js';
import type { LimitSettings } from '../../src/limits/settings.js';
import { createServer, type WebServer } from '../../src/channels/server.js';
import { createOriginCheck } from '../../src/sources/origins.js';
import { createTokens } from '../../src/channels/tokens.js';
import { openJournal } from '../../src/insights/journal.js';
import { createOpinions } from '../../src/insights/opinions.js';
import { NEWCOMERS } from '../../src/sources/newcomers.js';
import { createMask } from '../../src/redaction/mask.js';
import { plenty } from './plenty.js';
import { content, ears, World } from './world.js';

export class SelfHelp {
  readonly faults: unknown[] = [];
  readonly logged: unknown[] = [];
  readonly left: string[] = [];
  url = '';
  private server: WebServer | undefined;
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'sesame-aide-'));
  private constructor(readonly world: World) {}

  /** Where opinions end up. */
  get opinions(): string {
    return path.join(this.folder, 'opinions.jsonl');
  }

  static async open({ secure = false, demo = '', limits }: { secure?: boolean; demo?: string; limits?: LimitSettings } = {}): Promise<SelfHelp> {
    const help = new SelfHelp(await World.open());
    const { world } = help;
    const line = (event: string, fields: object): unknown => help.logged.push({ event, ...fields });
    help.server = createServer({
      assistant: world.assistant,
      tokens: createTokens({ key: new Uint8Array(32).fill(7), clock: world.clock }),
      sources: plenty(world.clock),
      config: { publicUrl: () => help.url, origins: ['https://site.example'], secrets: [], local: false },
      aide: help.door(secure, demo),
      ...(limits && { limits }),
      publicFolder: help.folder,
      labels: { fieldMissing: '' },
      log: { info: line, warn: line, error: line },
      clock: world.clock,
    });
    await help.server.listen(0, '127.0.0.1');
    help.url = `http://127.0.0.1:${String(help.server.address()?.port)}`;
    return help;
  }

  private door(secure: boolean, demo: string): AideDoor {
    const { world } = this;
    return createAide({
      // As many as may come in earnest: a crowd is refused here.
      sources: plenty(world.clock, { limits: NEWCOMERS }),
      ...{ assistant: world.assistant, records: world.store, clock: world.clock, entries: content().entries },
      opinions: createOpinions({ store: world.store, journal: openJournal(this.opinions), clock: world.clock }),
      texts: aideTexts.parse(content().aide),
      ...(demo === '' ? {} : { demo }),
      key: new Uint8Array(32).fill(9),
      turnsDone: (id) => world.store.withTurn(id, () => Promise.resolve()),
      left: (id) => Promise.resolve(void this.left.push(id)),
      search: (text) => ears().understand(text).candidates.map(({ entry }) => entry),
      clean: (text) => createMask(() => world.clock.now())(text).text,
      isOwn: createOriginCheck({ publicUrl: () => this.url, origins: [], local: false }),
      secure: () => secure,
      report: (event, error) => this.faults.push([event, error]),
    });
  }

  async close(): Promise<void> {
    await this.server?.close();
    await this.world.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** What a person reads. */
  readonly text: string;
}

/** What a browser does without JavaScript: it keeps one cookie, follows redirects, and posts the forms it is shown. */
export class PlainBrowser {
  cookie: string | undefined;
  seen: Seen = { status: 0, headers: new Headers(), html: '', text: '' };
  constructor(private readonly help: Pick<SelfHelp, 'url'>) {}

  async look(where: string): Promise<Seen> {
    return this.fetch(where, {});
  }

  /** Presses the button of this label, with these fields filled in, in the form that holds it. */
  async press(label: string, fields: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const { action, values } = this.form(label);
    return this.post(action, { ...values, ...fields });
  }

  /** The form that holds a button, with what would be sent along. */
  form(label: string): { action: string; values: Record<string, string> } {
    for (const [, attributes = '', inside = ''] of this.seen.html.matchAll(/<form ([^>]*)>([^]*?)<\/form>/g)) {
      const button = [...inside.matchAll(/<button([^>]*)>([^<]*)<\/button>/g)].find(([, , text]) => decode(text ?? '') === label);
      if (!button) continue;
      const hidden = [...inside.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name, value]) => [name, decode(value ?? '')]);
      const own = /name="(\w+)" value="([^"]*)"/.exec(button[1] ?? '');
      const values = Object.fromEntries([...hidden, ...(own ? [[own[1], decode(own[2] ?? '')]] : [])]) as Record<string, string>;
      return { action: /action="([^"]*)"/.exec(attributes)?.[1] ?? '', values };
    }
    throw new Error(`no button "${label}" on: ${this.seen.text}`);
  }

  async post(where: string, values: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = { origin: this.help.url }): Promise<Seen> {
    return this.fetch(where, { method: 'POST', body: new URLSearchParams(values), headers });
  }

  private async fetch(where: string, init: RequestInit): Promise<Seen> {
    const headers = { ...(init.headers as Record<string, string> | undefined), ...(this.cookie === undefined ? {} : { cookie: this.cookie }) };
    const response = await fetch(this.help.url + where, { ...init, headers, redirect: 'manual' });
    const set = response.headers.get('set-cookie');
    if (set !== null) this.cookie = set.includes('Max-Age=0') ? undefined : set.split(';')[0];
    const html = await response.text();
    if (response.status === 303) return this.fetch(response.headers.get('location')?.split('#')[0] ?? '', {});
    this.seen = { status: response.status, headers: response.headers, html, text: read(html) };
    return this.seen;
  }
}

/** What is read of a piece of HTML. */
export function read(html: string): string {
  return decode(html.replace(/<head>[^]*<\/head>/, '').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim();
}

function decode(text: string): string {
  return text.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));
}
