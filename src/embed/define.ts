/**
 * The one script of a page that embeds Sésame: registers `<sesame-chat>` and draws its button. The discussion itself is
 * loaded, and anything asked of the network or stored, only once it is opened.
 */
import { launcher as labels } from '../messages/labels.js';
import type { Panel, Told } from '../widget/panel.js';
import sheet from './launcher.css';
import { loadPanel } from './load.js';
import { drawMark } from './mark.js';
import { dress } from './sheet.js';

/** Written in by the build: the launcher's sheet as a file beside this one. */
declare const LAUNCHER_SHEET: string;

/** Where this script came from, known while it runs first. */
const source = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;

/**
 * `endpoint`: origin of the server, that of the script when absent. `open`: part of the page from the start; without it,
 * a button at the bottom of the window opens it. `theme`: `light` or `dark`, the reader's own when absent.
 * Events `sesame:open`, `sesame:close`, `sesame:message`, `sesame:adviser`, `sesame:end`, without content.
 */
class SesameChat extends HTMLElement {
  private readonly root = this.attachShadow({ mode: 'closed' });
  private readonly launcher = document.createElement('button');
  private readonly call = document.createElement('span');
  /** Says to a screen reader what the button begins to show. */
  private readonly status = document.createElement('p');
  private panel: Panel | undefined;
  private opening = false;

  constructor() {
    super();
    dress(this.root, { css: sheet, url: new URL(LAUNCHER_SHEET, source).href });
    this.launcher.type = 'button';
    this.launcher.className = 'launcher';
    this.launcher.lang = 'fr';
    this.call.textContent = labels.call;
    this.launcher.append(drawMark(), this.call);
    this.status.className = 'told';
    this.status.lang = 'fr';
    this.status.setAttribute('role', 'status');
    this.root.append(this.launcher, this.status);
    this.launcher.addEventListener('click', () => void this.show(true));
  }

  connectedCallback(): void {
    this.launcher.hidden = this.hasAttribute('open');
    if (this.hasAttribute('open')) void this.show(false);
  }

  disconnectedCallback(): void {
    this.panel?.stop();
    this.panel?.node.remove();
    this.panel = undefined;
  }

  private async show(byHand: boolean): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    this.call.textContent = labels.opening;
    try {
      const panel = (this.panel ??= await this.load());
      this.call.textContent = labels.call;
      // Taken out of the page while the discussion was on its way.
      if (!this.isConnected) {
        this.disconnectedCallback();
        return;
      }
      this.launcher.hidden = true;
      this.status.textContent = '';
      panel.show(true);
      if (byHand) panel.focus();
      this.tell('open');
    } catch {
      this.launcher.hidden = false;
      this.call.textContent = this.status.textContent = labels.failed;
    } finally {
      this.opening = false;
    }
  }

  private async load(): Promise<Panel> {
    const { origin } = new URL(this.getAttribute('endpoint') ?? source, location.href);
    const panel = await loadPanel(source, this.root, {
      endpoint: origin,
      isPart: this.hasAttribute('open'),
      mark: drawMark(),
      tell: (what) => { this.tell(what); },
      close: (focusLeft) => { this.hide(focusLeft); },
    });
    this.root.append(panel.node);
    panel.start();
    return panel;
  }

  private hide(focusLeft = false): void {
    if (this.hasAttribute('open')) return;
    this.panel?.show(false);
    this.launcher.hidden = false;
    if (!focusLeft) this.launcher.focus();
    this.tell('close');
  }

  private tell(what: Told | 'open' | 'close'): void {
    if (what === 'message' && !this.launcher.hidden) this.call.textContent = this.status.textContent = labels.news;
    this.dispatchEvent(new CustomEvent(`sesame:${what}`, { bubbles: true, composed: true }));
  }
}

if (customElements.get('sesame-chat') === undefined) customElements.define('sesame-chat', SesameChat);

/** One line is enough: a page that has the script and no element gets the button. */
function ensureOne(): void {
  if (document.querySelector('sesame-chat') === null) document.body.append(document.createElement('sesame-chat'));
}
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', ensureOne);
else ensureOne();
