/**
 * Both doors with their real pages in front of one assistant in memory, whose knowledge is hostile and whose transcript
 * a test writes as it likes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAide, type AideDoor } from '../../src/aide/door.js';
import { aideTexts, type ShownEntry } from '../../src/aide/words.js';
import { createOriginCheck } from '../../src/sources/origins.js';
import type { FormReply } from '../../src/conversation/reply.js';
import type { NewEntry } from '../../src/conversation/transcript.js';
import { createSignals, type SignalBoard } from '../../src/signals.js';
import { readScript } from '../../src/site/files.js';
import { renderDiscussion, renderHome, renderMailbox, renderNotFound } from '../../src/site/pages.js';
import { pageTexts } from '../../src/site/texts.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { built } from './built.js';
import { SimulatedClock } from './clock.js';
import { AT_ANY_PACE, plenty } from './plenty.js';
import type { Hostile } from './hostile.js';
import { WebDoor } from './web-door.js';
import { content } from './world.js';

/** A Monday morning. */
export const AT = Date.UTC(2026, 10, 23, 9, 0, 0);

/** A message from an adviser whose name is the text, too. */
export function adviserEntry(text: string): NewEntry {
  return { author: 'adviser', at: AT, name: text, text };
}

/** An answer of the knowledge, with the text as its words and as its choices. */
export function replyEntry(text: string, entry: string): NewEntry {
  return { author: 'assistant', at: AT, reply: { kind: 'text', text, choices: [text, `${text} encore`], entry } };
}

/** A form in which every word is the text. */
export function formEntry(text: string): NewEntry {
  const field = { label: text, hint: text, inputMode: 'text', autocomplete: text, maxLength: 100 } as const;
  const fields = [{ ...field, name: text, error: text }, { ...field, name: 'plain' }];
  const form: FormReply = { kind: 'form', place: text, title: text, why: text, fields, submit: text, choices: [text] };
  return { author: 'assistant', at: AT, reply: form };
}

export class HostileDoor {
  /** Hears of advisers that are writing. */
  readonly signals: SignalBoard;
  private constructor(
    readonly web: WebDoor,
    signals: SignalBoard,
    private readonly letGo: () => Promise<void>,
  ) {
    this.signals = signals;
  }

  /** `strings`: what every entry of the knowledge, and every mail of the mailbox, is made of. */
  static async open(strings: readonly Hostile[]): Promise<HostileDoor> {
    const folder = mkdtempSync(path.join(tmpdir(), 'sesame-hostile-'));
    const store = await openEmbeddedStore({ folder });
    const signals = createSignals(new SimulatedClock());
    const publicFolder = path.dirname(built('public/sesame-chat.js'));
    const [texts, script] = [pageTexts.parse(content().pages), readScript(publicFolder)];
    const mails = strings.map(({ text }, at) => ({ at: AT + at, to: text, subject: text, text }));
    const web = await WebDoor.open({
      signals,
      publicFolder,
      pages: { home: renderHome({ texts, script }), discussion: renderDiscussion({ texts, script }), notFound: renderNotFound({ texts }), mailbox: () => Promise.resolve(renderMailbox({ texts, mails })) },
      aide: (...visit) => aide(...visit),
      limits: AT_ANY_PACE,
    });
    const entries = new Map(strings.map(({ text }, at) => [String(at), entryOf(text, String(at))]));
    const aide: AideDoor = createAide({
      sources: plenty(web.clock),
      ...{ assistant: web.assistant, records: store, clock: web.clock, entries, key: new Uint8Array(32).fill(9) },
      opinions: { judge: () => Promise.resolve('taken'), isJudged: () => Promise.resolve(false) },
      texts: aideTexts.parse(content().aide),
      // The answer is given in the next round of events.
      turnsDone: () => new Promise((resolve) => setImmediate(resolve)),
      left: () => Promise.resolve(),
      search: () => [...entries.keys()].slice(0, 10),
      clean: (text) => text,
      isOwn: createOriginCheck({ publicUrl: () => web.url, origins: [], local: false }),
      secure: () => false,
      report: (_event, error) => { throw error; },
    });
    return new HostileDoor(web, signals, async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  get url(): string {
    return this.web.url;
  }

  /** The id of the conversation opened last. */
  get conversation(): string {
    return this.web.assistant.heard.findLast(({ kind }) => kind === 'opening')?.conversationId ?? '';
  }

  say(entry: NewEntry): void {
    this.web.assistant.say(this.conversation, entry);
  }

  async close(): Promise<void> {
    await this.web.close();
    await this.letGo();
  }
}

function entryOf(text: string, id: string): ShownEntry {
  return { id, title: text, answer: text, more: text, sources: [{ label: text, url: text }, { label: text, url: 'https://www.ameli.fr/' }], reviewBy: '2027-01-01' };
}
