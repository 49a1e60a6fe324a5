/**
 * The opened discussion: joins the client, the log, the composer and the options in one frame. It is loaded when a
 * discussion is opened, and handed its place in the page by the loader of embed/.
 */
import { Client } from '../line/client.js';
import { browser } from '../line/outside.js';
import type { Activity, ClientEvent, Connection } from '../line/wire.js';
import { cardOf } from '../messages/card.js';
import { labels } from '../messages/labels.js';
import { MessageLog } from '../messages/log.js';
import { make } from '../messages/markup.js';
import { writeText } from '../messages/message.js';
import { Composer } from './composer.js';
import { Fit } from './fit.js';
import { Menu } from './menu.js';
import { News } from './news.js';
import { copy, download, print, writeRecord } from './record.js';
import { Voice } from './voice.js';

/** Milliseconds between two signs that the person is writing. */
const TELL_WRITING = 4_000;

export type Told = 'message' | 'adviser' | 'end';

/** What the loader gives. */
export interface PanelHost {
  /** Origin of the server. */
  readonly endpoint: string;
  /** Part of the page from the start: it has no button to close it. */
  readonly isPart: boolean;
  /** The mark of Sésame, decoration only. */
  readonly mark: Node;
  tell(what: Told): void;
  /** `focusLeft`: the focus is elsewhere by now, and stays there. */
  close(focusLeft?: boolean): void;
}

class Panel {
  readonly node = make('section', { class: 'panel', lang: 'fr', 'aria-label': labels.panel });
  private readonly title = make('h2', { tabindex: '-1' }, labels.assistant);
  private readonly anew = make('button', { type: 'button', class: 'main anew', hidden: '' }, labels.anew);
  private readonly voice = new Voice();
  private readonly fit = new Fit(this.node);
  private readonly client: Client;
  private readonly news: News;
  private readonly log: MessageLog;
  private readonly menu: Menu;
  private readonly composer: Composer;
  /** An adviser speaks here: someone to tell that the person is writing. */
  private withAdviser = false;
  private toldWritingAt = -Infinity;

  constructor(private readonly host: PanelHost) {
    const { endpoint } = host;
    const client = new Client(endpoint, browser(endpoint), (event) => { this.hear(event); });
    this.client = client;
    this.news = new News(() => { client.nudge(); }, () => { this.log.park(); });
    this.log = new MessageLog({
      say: (text) => { this.say(text); },
      submit: (values) => client.submit(values),
      judge: ({ about, ...opinion }) => client.aside({ type: 'event', name: 'opinion', value: { about, ...opinion } }),
      edit: (text) => { this.composer.restore(text); },
    });
    this.composer = new Composer({ say: (text) => { this.say(text); }, writing: () => { this.tellWriting(); } });
    this.menu = this.drawMenu();
    this.node.append(this.drawHead(), this.menu.node, this.news.state, this.log.node, this.news.typing, this.composer.node, this.anew, this.drawTools());
    this.node.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing && !this.menu.shut() && !this.fit.shrink()) host.close();
    });
    this.node.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.node.contains(relatedTarget)) this.uncover();
    });
    this.anew.addEventListener('click', () => {
      client.again();
      this.composer.focus();
    });
  }

  start(): void {
    window.addEventListener('online', this.nudge);
    document.addEventListener('visibilitychange', this.nudge);
    this.fit.start();
    this.client.start();
  }

  stop(): void {
    window.removeEventListener('online', this.nudge);
    document.removeEventListener('visibilitychange', this.nudge);
    this.fit.stop();
    this.voice.hush();
    this.client.stop();
  }

  show(isShown: boolean): void {
    this.node.hidden = !isShown;
    if (isShown) this.log.toEnd();
    else this.voice.hush();
  }

  /** On a touch screen the field would bring the keyboard over the first words. */
  focus(): void {
    if (matchMedia('(pointer: coarse)').matches) this.title.focus();
    else this.composer.focus();
  }

  /** The keyboard went on to something of the page, which must not stay hidden behind a discussion that covers it all. */
  private uncover(): void {
    const covers = (): boolean => getComputedStyle(this.node).position === 'fixed';
    if (covers()) this.fit.shrink();
    if (covers()) this.host.close(true);
  }

  private readonly nudge = (): void => {
    if (document.visibilityState === 'visible') this.client.nudge();
  };

  private hear(event: ClientEvent): void {
    switch (event.kind) {
      case 'connection':
        this.showConnection(event.state);
        break;
      case 'message':
        this.hearMessage(event);
        break;
      case 'typing':
        this.news.writes(event.name);
        break;
      case 'waiting':
        this.news.waits();
        break;
      case 'recalled':
        this.log.said(event.tag, event.text);
        break;
      case 'delivered':
        this.log.delivered(event.tag);
        this.news.arrived();
        if (!this.withAdviser) this.news.awaitAnswer();
        break;
      case 'refused':
        this.log.refused(event.tag);
        this.news.refused();
        break;
      case 'renewed':
        this.log.retireAll();
        this.log.notice(labels.renewed);
    }
  }

  private hearMessage({ activity, replay }: ClientEvent & { kind: 'message' }): void {
    const isOwn = activity.from?.role === 'user';
    const isAdviser = activity.from?.id === 'adviser';
    if (!isOwn) this.news.rests();
    this.log.heard(activity, replay);
    if (isAdviser && !this.withAdviser && !replay) this.host.tell('adviser');
    this.withAdviser ||= isAdviser;
    if (!replay && !isOwn) this.tellNews(activity);
  }

  private tellNews(activity: Activity): void {
    this.host.tell('message');
    // Who has closed the discussion does not want to hear it.
    if (!this.node.hidden) this.voice.read(writeText(activity.text ?? cardOf(activity)?.title ?? ''));
  }

  private showConnection(state: Connection): void {
    this.news.connection(state);
    const [hadFocus, wrote] = [this.node, this.composer.node].map((node) => node.matches(':focus-within'));
    this.composer.node.hidden = state === 'ended';
    this.anew.hidden = state !== 'ended';
    if (state !== 'ended') return;
    this.news.rests();
    this.voice.hush();
    this.log.empty();
    this.log.notice(labels.ended);
    this.withAdviser = false;
    // A field that is hidden keeps the focus until the page is drawn again; what is taken out loses it at once.
    if (wrote === true || (hadFocus === true && !this.node.matches(':focus-within'))) this.anew.focus();
    this.host.tell('end');
  }

  private say(text: string): void {
    this.menu.open(false);
    this.log.said(this.client.say(text), text);
  }

  /** Now and then while the person writes to an adviser; the assistant has no use for it. */
  private tellWriting(): void {
    const now = performance.now();
    if (!this.withAdviser || now - this.toldWritingAt < TELL_WRITING) return;
    this.toldWritingAt = now;
    void this.client.aside({ type: 'typing' });
  }

  private drawMenu(): Menu {
    const record = (): string => writeRecord(this.log.record());
    const hands = {
      size: (step: number) => { this.fit.size(step); },
      voice: (on: boolean) => { this.voice.turn(on, this.log.record().filter(({ name }) => name !== labels.person).at(-1)?.text ?? ''); },
      copy: () => copy(record()),
      download: () => { download(record(), new Date()); },
      print: () => { print(record()); },
      erase: async () => {
        const done = await this.client.erase();
        if (done) this.anew.focus();
        return done;
      },
    };
    return new Menu(hands, this.fit.sizeNow);
  }

  private drawHead(): HTMLElement {
    const close = make('button', { type: 'button', class: 'quiet', 'aria-label': labels.closeLong }, labels.close);
    close.addEventListener('click', () => {
      this.host.close();
    });
    const title = make('div', { class: 'title' }, this.title, make('p', {}, labels.subtitle));
    return make('header', { class: 'head' }, this.host.mark, title, this.menu.button, this.fit.button, ...(this.host.isPart ? [] : [close]));
  }

  private drawTools(): HTMLElement {
    const buttons = [labels.adviser, labels.restart].map((text) => {
      const button = make('button', { type: 'button', class: 'quiet' }, text);
      button.addEventListener('click', () => {
        this.say(text);
      });
      return button;
    });
    return make('footer', {}, make('div', { class: 'tools', role: 'group', 'aria-label': labels.tools }, ...buttons));
  }
}

/** Makes the discussion; the loader puts its node in the page, starts it and shows it. */
export function createPanel(host: PanelHost): Panel {
  return new Panel(host);
}

export type { Panel };
