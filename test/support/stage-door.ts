/**
 * A stage for both doors: the real server with the real page and widget, in front of an assistant that plays what a test
 * hands it. There is no dialog to go through: the next conversation opens on the screen that was set.
 */
import path from 'node:path';
import { send, sendStyle, STYLE_AT } from '../../src/aide/frame.js';
import { createServer, type WebServer } from '../../src/channels/server.js';
import { createTokens } from '../../src/channels/tokens.js';
import type { Acceptance, Assistant } from '../../src/conversation/ports.js';
import type { TranscriptEntry } from '../../src/conversation/transcript.js';
import type { Utterance } from '../../src/conversation/utterance.js';
import { readScript } from '../../src/site/files.js';
import { renderDiscussion, renderHome, renderMailbox, renderNotFound, type ShownMail } from '../../src/site/pages.js';
import { pageTexts } from '../../src/site/texts.js';
import { built } from './built.js';
import { SimulatedClock } from './clock.js';
import { AT_ANY_PACE, plenty } from './plenty.js';
import { content } from './world.js';

/** Plays one scene to each conversation that opens, and answers nothing. */
class Actor implements Assistant {
  scene: readonly TranscriptEntry[] = [];
  private readonly played = new Map<string, readonly TranscriptEntry[]>();

  hear({ kind, conversationId }: Utterance): Promise<Acceptance> {
    if (kind === 'opening') this.played.set(conversationId, this.scene);
    return Promise.resolve({ kind: 'accepted', seq: 0 });
  }

  knows(conversationId: string): Promise<boolean> {
    return Promise.resolve(this.played.has(conversationId));
  }

  transcript(conversationId: string, after: number): Promise<readonly TranscriptEntry[]> {
    return Promise.resolve((this.played.get(conversationId) ?? []).filter(({ seq }) => seq > after));
  }

  follow(): () => void {
    return () => undefined;
  }

  erase(conversationId: string): Promise<void> {
    return Promise.resolve(void this.played.delete(conversationId));
  }

  wasErased(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

export class StageDoor {
  url = '';
  /** What `/aide` gives. */
  page = '';
  mails: readonly ShownMail[] = [];
  private readonly actor = new Actor();
  private server: WebServer | undefined;

  static async open(): Promise<StageDoor> {
    const door = new StageDoor();
    const clock = new SimulatedClock();
    const texts = pageTexts.parse(content().pages);
    const publicFolder = path.dirname(built('public/sesame-chat.js'));
    const script = readScript(publicFolder);
    const quiet = (): void => undefined;
    door.server = createServer({
      assistant: door.actor,
      tokens: createTokens({ key: new Uint8Array(32).fill(7), clock }),
      sources: plenty(clock),
      config: { publicUrl: () => door.url, origins: [], secrets: [], local: true },
      pages: {
        home: renderHome({ texts, script, demo: { peopleUrl: 'https://personnes.example/' } }),
        discussion: renderDiscussion({ texts, script }),
        mailbox: () => Promise.resolve(renderMailbox({ texts, mails: door.mails })),
        notFound: renderNotFound({ texts }),
      },
      aide: (request, response) => {
        if (request.url === STYLE_AT) sendStyle(response);
        else send(response, { page: door.page });
        return Promise.resolve();
      },
      publicFolder,
      labels: { fieldMissing: content().labels['field-missing'] ?? '' },
      log: { info: quiet, warn: quiet, error: quiet },
      clock,
      limits: AT_ANY_PACE,
    });
    await door.server.listen(0, '127.0.0.1');
    door.url = `http://127.0.0.1:${String(door.server.address()?.port)}`;
    return door;
  }

  /** The next conversation that opens shows this. */
  set(scene: readonly TranscriptEntry[]): void {
    this.actor.scene = scene;
  }

  async close(): Promise<void> {
    await this.server?.close();
  }
}
