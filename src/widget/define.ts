/**
 * Registers `<sesame-chat endpoint="" open>`: the frame around the log, and the client behind it. Loading this file does
 * nothing else; nothing is asked of the network or stored before the discussion is opened.
 */
import { Client } from './client.js';
import { labels } from './labels.js';
import { make } from './markup.js';
import { drawMark, styleSheet } from './style.js';
import { MessageLog } from './view.js';
import { browser, type Activity, type ClientEvent, type Connection } from './wire.js';

const MAX_LENGTH = 1_000;
/** Milliseconds: a quick connection goes without saying, good news is said for a while, typing is not announced twice at once. */
const TIMES = { slow: 1_000, news: 4_000, typing: 8_000, typingAgain: 10_000, tellTyping: 4_000 };

/**
 * `endpoint`: origin of the server, the page's own when empty. `open`: part of the page from the start; without it, a
 * button at the bottom of the window opens it. Events `sesame:open`, `sesame:close`, `sesame:message`, without content.
 */
class SesameChat extends HTMLElement {
  private readonly call = make('span', {}, labels.launcher);
  private readonly launcher = make('button', { type: 'button', class: 'launcher' }, drawMark(), this.call);
  private readonly panel = make('section', { class: 'panel', lang: 'fr', 'aria-label': labels.panel, hidden: '' });
  private readonly state = make('p', { class: 'state', role: 'status' });
  private readonly typing = make('p', { class: 'typing', role: 'status' });
  private readonly hint = make('p', { class: 'limit', role: 'status', id: 'hint' });
  private readonly input = make('textarea', { id: 'words', rows: '1', maxlength: String(MAX_LENGTH), placeholder: labels.placeholder });
  private readonly composer = make('form', { class: 'composer', novalidate: '' });
  private readonly anew = make('button', { type: 'button', class: 'main anew', hidden: '' }, labels.anew);
  private readonly log = new MessageLog({
    say: (text) => {
      this.say(text);
    },
    submit: (values) => this.client?.submit(values) ?? '',
  });
  private client: Client | undefined;
  private connection: Connection = 'idle';
  private stateTimer = 0;
  private typingTimer = 0;
  private typedAt = -Infinity;
  /** An adviser was heard here: someone to tell that the person is writing. */
  private hasAdviser = false;
  private toldTypingAt = -Infinity;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: 'closed' });
    shadow.adoptedStyleSheets = [styleSheet()];
    this.drawComposer();
    this.panel.append(this.drawHead(), this.state, this.log.node, this.typing, this.composer, this.anew, this.drawTools());
    shadow.append(this.launcher, this.panel);
    this.launcher.addEventListener('click', () => {
      this.show();
      this.input.focus();
    });
    this.panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.hide();
    });
    this.anew.addEventListener('click', () => {
      this.client?.again();
      this.input.focus();
    });
  }

  connectedCallback(): void {
    window.addEventListener('online', this.nudge);
    document.addEventListener('visibilitychange', this.nudge);
    if (this.hasAttribute('open')) this.show();
  }

  disconnectedCallback(): void {
    window.removeEventListener('online', this.nudge);
    document.removeEventListener('visibilitychange', this.nudge);
    this.client?.stop();
    this.client = undefined;
  }

  private readonly nudge = (): void => {
    if (document.visibilityState === 'visible') this.client?.nudge();
  };

  private show(): void {
    this.panel.hidden = false;
    this.launcher.hidden = true;
    this.log.toEnd();
    this.tell('open');
    if (this.client !== undefined) return;
    const { origin } = new URL(this.getAttribute('endpoint') ?? '', location.href);
    this.client = new Client(origin, browser(origin), (event) => {
      this.hear(event);
    });
    this.client.start();
  }

  private hide(): void {
    if (this.hasAttribute('open')) return;
    this.panel.hidden = true;
    this.launcher.hidden = false;
    this.call.textContent = labels.launcher;
    this.launcher.focus();
    this.tell('close');
  }

  private hear(event: ClientEvent): void {
    switch (event.kind) {
      case 'connection':
        this.showConnection(event.state);
        break;
      case 'message':
        this.showTyping('');
        this.meet(event.activity.from);
        this.log.heard(event.activity, event.replay);
        this.call.textContent = labels.launcherNews;
        if (!event.replay) this.tell('message');
        break;
      case 'typing':
        this.showTyping(event.name);
        break;
      case 'delivered':
        this.log.delivered(event.tag);
        break;
      case 'refused':
        this.log.refused(event.tag);
        this.showState(labels.refused, TIMES.news);
        break;
      case 'renewed':
        this.log.retireAll();
        this.log.notice(labels.renewed);
    }
  }

  private meet(who: Activity['from']): void {
    this.hasAdviser ||= who?.id === 'adviser';
  }

  private say(text: string): void {
    if (this.client !== undefined) this.log.said(this.client.say(text), text);
  }

  private showConnection(state: Connection): void {
    const before = this.connection;
    this.connection = state;
    this.composer.hidden = state === 'ended';
    this.anew.hidden = state !== 'ended';
    if (state === 'connecting') this.showState('', 0, labels.connecting);
    else if (state === 'offline') this.showState(labels.offline);
    else if (state === 'online' && before === 'offline') this.showState(labels.back, TIMES.news);
    else this.showState('');
    if (state !== 'ended') return;
    this.showTyping('');
    this.log.retireAll();
    this.log.notice(labels.ended);
  }

  /** Says `text`, for `ms` where given; then says `next`. */
  private showState(text: string, ms = 0, next = ''): void {
    window.clearTimeout(this.stateTimer);
    this.state.textContent = text;
    const wait = next === '' ? ms : TIMES.slow;
    if (wait === 0) return;
    this.stateTimer = window.setTimeout(() => {
      this.state.textContent = next;
    }, wait);
  }

  /** Who is writing; nobody where `name` is empty. */
  private showTyping(name: string = labels.assistant): void {
    window.clearTimeout(this.typingTimer);
    const now = performance.now();
    if (name === '') this.typing.textContent = '';
    else if (this.typing.textContent === '' && now - this.typedAt > TIMES.typingAgain) {
      this.typedAt = now;
      this.typing.textContent = labels.typing.replace('{name}', name);
    }
    this.typingTimer = window.setTimeout(() => {
      this.typing.textContent = '';
    }, TIMES.typing);
  }

  /** Now and then while the person writes to an adviser; the assistant has no use for it. */
  private tellTyping(): void {
    const now = performance.now();
    if (!this.hasAdviser || this.input.value === '' || now - this.toldTypingAt < TIMES.tellTyping) return;
    this.toldTypingAt = now;
    this.client?.typing();
  }

  private tell(what: 'open' | 'close' | 'message'): void {
    this.dispatchEvent(new CustomEvent(`sesame:${what}`, { bubbles: true, composed: true }));
  }

  private drawHead(): HTMLElement {
    const close = make('button', { type: 'button', class: 'quiet close', 'aria-label': labels.closeLong }, labels.close);
    close.addEventListener('click', () => {
      this.hide();
    });
    const title = make('div', { class: 'title' }, make('h2', {}, labels.assistant), make('p', {}, labels.subtitle));
    return make('header', { class: 'head' }, drawMark(), title, close);
  }

  private drawComposer(): void {
    this.input.setAttribute('aria-describedby', 'hint safety');
    const label = make('label', { for: 'words', class: 'unseen' }, labels.composer);
    this.composer.append(label, this.input, make('button', { type: 'submit', class: 'main' }, labels.send), this.hint);
    this.input.addEventListener('input', () => {
      this.hint.textContent = this.input.value.length >= MAX_LENGTH ? labels.full : '';
      this.tellTyping();
    });
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.sendWords();
    });
    this.composer.addEventListener('submit', (event) => {
      event.preventDefault();
      this.sendWords();
    });
  }

  private sendWords(): void {
    const text = this.input.value.trim();
    this.hint.textContent = text === '' ? labels.empty : '';
    this.input.focus();
    if (text === '') return;
    this.input.value = '';
    this.say(text);
  }

  private drawTools(): HTMLElement {
    const buttons = [labels.adviser, labels.restart].map((text) => {
      const button = make('button', { type: 'button', class: 'quiet' }, text);
      button.addEventListener('click', () => {
        this.say(text);
      });
      return button;
    });
    const tools = make('div', { class: 'tools', role: 'group', 'aria-label': labels.tools }, ...buttons);
    return make('footer', {}, tools);
  }
}

// A browser too old for the style sheet keeps what the page wrote inside the element.
if ('adoptedStyleSheets' in Document.prototype && customElements.get('sesame-chat') === undefined) {
  customElements.define('sesame-chat', SesameChat);
}
