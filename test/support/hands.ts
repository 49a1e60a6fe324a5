/**
 * Hands that only have a keyboard: they press real keys, count them, and look after each at where the focus is and
 * whether a person would see it. They never click, and never reach into the page.
 */
import type { Page } from 'playwright-core';

/** Where the focus is. */
export interface Focus {
  /** The element's tag, with its role where one is written. */
  readonly what: string;
  /** As a screen reader would call it, nearly. */
  readonly name: string;
  /** What is wrong with it, in words; nothing when all is well. */
  readonly faults: readonly string[];
}

/** As `seeFocus` says it, which runs in the page and knows nothing of here. */
const LOST = 'the focus is lost';
/** More presses than that and the thing is out of reach. */
const FAR = 60;

export class Hands {
  /** Keys pressed so far; the letters of what is typed are not counted. */
  pressed = 0;
  /** Every place that the focus was at, in order. */
  readonly path: Focus[] = [];

  constructor(private readonly page: Page) {}

  async press(key: string): Promise<Focus> {
    await this.page.keyboard.press(key);
    this.pressed += 1;
    return this.look();
  }

  /** Types words key by key into whatever has the focus. */
  async type(words: string): Promise<void> {
    await this.page.keyboard.type(words);
    await this.look();
  }

  /** Presses Tab, or Shift+Tab with `back`, until the focus is on something of this name. */
  async goTo(name: string | RegExp, { back = false } = {}): Promise<Focus> {
    for (let times = 0; times < FAR; times += 1) {
      const focus = await this.press(back ? 'Shift+Tab' : 'Tab');
      if (typeof name === 'string' ? focus.name === name : name.test(focus.name)) return focus;
    }
    throw new Error(`${String(name)} is out of reach: ${this.told()}`);
  }

  /** Where the focus is now, which goes into the path. */
  async look(): Promise<Focus> {
    // A key may have led to another page, which is on its way.
    const focus = await this.page.evaluate(seeFocus).catch(async () => {
      await this.page.waitForLoadState();
      return this.page.evaluate(seeFocus);
    });
    this.path.push(focus);
    return focus;
  }

  /** What was wrong on the way, each place once, with what was before it. Before anything has the focus, it cannot be lost. */
  faults(): readonly string[] {
    const first = this.path.findIndex(({ faults }) => !faults.includes(LOST));
    const before = (at: number): string => this.path.slice(Math.max(0, at - 3), at).map(({ what, name }) => `${what} « ${name} »`).join(' > ');
    return [...new Set(this.path.flatMap(({ what, name, faults }, at) => (at < first ? [] : faults).map((fault) => `${what} « ${name} »: ${fault}, after ${before(at)}`)))];
  }

  /** The path, for a person to read. */
  told(): string {
    return this.path.map(({ what, name }) => `${what} « ${name} »`).join(' > ');
  }
}

/** Runs in the page: what has the focus, whether it can be seen whole, and whether it shows that it has it. */
function seeFocus(): Focus {
  const { documentElement } = document;
  const deepest = (root: Document | ShadowRoot): Element | null => {
    const at = root.activeElement;
    return at?.shadowRoot?.activeElement ? deepest(at.shadowRoot) : at;
  };
  const at = deepest(document) ?? document.body;
  const role = at.getAttribute('role');
  const what = at.tagName.toLowerCase() + (role === null ? '' : `[${role}]`);
  const label = (at as HTMLInputElement).labels?.[0]?.textContent;
  const name = (at.getAttribute('aria-label') ?? label ?? at.textContent).trim().replace(/\s+/g, ' ').slice(0, 80);
  if (at === document.body || at === documentElement) return { what, name: '', faults: ['the focus is lost'] };

  const hit = (x: number, y: number): Element | null => {
    let found: Element | null = document.elementFromPoint(x, y);
    while (found?.shadowRoot?.elementFromPoint(x, y)) {
      const inner: Element | null = found.shadowRoot.elementFromPoint(x, y);
      if (inner === found) break;
      found = inner;
    }
    return found;
  };
  const box = at.getClientRects()[0] ?? at.getBoundingClientRect();
  // Of what is nearly as high as the window, as the whole page or the log may be, the middle is enough.
  const isLarge = box.height > documentElement.clientHeight * 0.6;
  const isBetween = (from: number, to: number, most: number): boolean => from >= -1 && to <= most + 1;
  const notWhole = (): string[] => {
    const isWhole = isBetween(box.left, box.right, documentElement.clientWidth) && (isLarge || isBetween(box.top, box.bottom, documentElement.clientHeight));
    return isWhole ? [] : [`not whole in the window: ${[box.left, box.top, box.right, box.bottom].map(Math.round).join(' ')}`];
  };
  const covered = (): string[] => {
    const [x, y] = [(box.left + box.right) / 2, (Math.max(box.top, 0) + Math.min(box.bottom, documentElement.clientHeight)) / 2];
    const points = isLarge ? [[x, y]] : [[x, y], [box.left + 3, y], [box.right - 3, y], [x, box.top + 3], [x, box.bottom - 3]];
    const over = points.map(([px = 0, py = 0]) => hit(px, py)).find((one) => !at.contains(one) && one?.contains(at) !== true);
    return over ? [`covered by ${over.outerHTML.slice(0, 60)}`] : [];
  };

  const light = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => Number(part) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const above = (element: Element): Element | null => {
    const home = element.getRootNode();
    return element.parentElement ?? (home instanceof ShadowRoot ? home.host : null);
  };
  const behind = (element: Element | null): string => {
    if (element === null) return 'rgb(255, 255, 255)';
    const colour = getComputedStyle(element).backgroundColor;
    return /, 0\)$|transparent/.test(colour) ? behind(above(element)) : colour;
  };
  const unmarked = (): string[] => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(at);
    // What a program sent the focus to, and no key leads to, need not show it; « auto » is the browser's own ring, on a page that is not ours.
    if (at.getAttribute('tabindex') === '-1' || outlineStyle === 'auto') return [];
    if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) return ['does not show that it has the focus'];
    const [a, b] = [light(outlineColor), light(behind(above(at)))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return contrast < 3 ? [`its outline has a contrast of ${contrast.toFixed(1)}`] : [];
  };
  return { what, name, faults: [...notWhole(), ...covered(), ...unmarked()] };
}
