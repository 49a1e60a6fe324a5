/**
 * Looks at a page in a real browser as the one who reads it has set it: what is cut or needs scrolling two ways, what is
 * out of sight, which control or focus is too pale, what moves. axe sees to the colours of text.
 */
import type { Page } from 'playwright-core';

export interface Wanted {
  /** Selectors of what must be whole in the window, looked for in open shadow roots as well. */
  readonly inSight?: readonly string[];
  /** The colours are the reader's own, and clear ones: an edge has only to be there. */
  readonly forced?: boolean;
}

/** What is wrong, each thing with where. */
export async function lookAt(page: Page, { inSight = [], forced = false }: Wanted = {}): Promise<readonly string[]> {
  return page.evaluate(({ wanted, forced: isForced }) => {
    const inside = (node: Element | ShadowRoot): Element[] => [...node.children].flatMap((child) => [child, ...(child.shadowRoot ? inside(child.shadowRoot) : []), ...inside(child)]);
    const all = inside(document.body).filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1);
    const name = (element: Element): string => `${element.outerHTML.slice(0, 90)} in a window of ${String(innerWidth)} by ${String(innerHeight)}`;
    const { documentElement } = document;

    // Only a number in a field may be longer than its field.
    const isCutWide = (element: Element): boolean => element === documentElement || getComputedStyle(element).overflowX !== 'visible';
    const isCutHigh = (element: Element): boolean => element !== documentElement && ['hidden', 'clip'].includes(getComputedStyle(element).overflowY);
    const over = (element: Element, whole: number, room: number, isCut: (element: Element) => boolean): number => (room > 1 && whole - room > 1 && isCut(element) ? whole - room : 0);
    const cut = [documentElement, ...all.filter((element) => !element.matches('input, textarea, svg, svg *, .unseen, .told'))].flatMap((element) => {
      const wide = over(element, element.scrollWidth, element.clientWidth, isCutWide);
      const high = over(element, element.scrollHeight, element.clientHeight, isCutHigh);
      return [...(wide > 0 ? [`${String(wide)} px too wide: ${name(element)}`] : []), ...(high > 0 ? [`${String(high)} px cut below: ${name(element)}`] : [])];
    });

    /** The part of an element that its log, if it is in one, and the window let one see. */
    const shownOf = (element: Element): { top: number; height: number } => {
      const { top, bottom } = element.getBoundingClientRect();
      const room = element.closest('.log')?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
      const start = Math.max(top, room.top, 0);
      return { top: start, height: Math.min(bottom, room.bottom, innerHeight) - start };
    };
    const isFree = (element: Element, x: number, y: number): boolean => {
      const hit = (element.getRootNode() as Document | ShadowRoot).elementFromPoint(x, y);
      return hit !== null && (element.contains(hit) || hit.contains(element));
    };
    const missing = wanted.flatMap((selector) => {
      const found = all.filter((element) => element.matches(selector)).at(-1);
      if (!found) return [`there is no ${selector}`];
      const { left, right, height } = found.getBoundingClientRect();
      const shown = shownOf(found);
      // What is higher than its room is read by scrolling in one way: a part of it is there.
      const isThere = left >= -1 && right <= innerWidth + 1 && shown.height >= Math.min(height - 1, 16);
      return isThere && isFree(found, (left + right) / 2, shown.top + Math.min(shown.height / 2, 12)) ? [] : [`not in sight: ${selector} in a window of ${String(innerWidth)} by ${String(innerHeight)}`];
    });

    const light = (colour: string): number => {
      const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => Number(part) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one: string, other: string): number => {
      const [a, b] = [light(one), light(other)];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const isClear = (colour: string): boolean => /, 0\)$|transparent/.test(colour);
    const above = (element: Element): Element | null => {
      const home = element.getRootNode();
      return element.parentElement ?? (home instanceof ShadowRoot ? home.host : null);
    };
    const behind = (element: Element | null): string => {
      if (element === null) return 'rgb(255, 255, 255)';
      const { backgroundColor } = getComputedStyle(element);
      return isClear(backgroundColor) ? behind(above(element)) : backgroundColor;
    };
    // A button that looks like a link is told by its words; the others, and the fields, by their edge or their colour.
    const controls = all.filter((element) => element.matches('button:not(.quiet), input:not([type=hidden]), textarea') && !element.matches(':disabled, [aria-disabled=true]'));
    const edgeOf = (element: Element): number => {
      const { borderTopColor, borderTopWidth, backgroundColor } = getComputedStyle(element);
      const ground = behind(above(element));
      const edge = parseFloat(borderTopWidth) > 0 && !isClear(borderTopColor) ? contrast(borderTopColor, ground) : 0;
      return Math.max(edge, isClear(backgroundColor) ? 0 : contrast(backgroundColor, ground));
    };
    const hasEdge = (element: Element): boolean => parseFloat(getComputedStyle(element).borderTopWidth) >= 1 && getComputedStyle(element).borderTopStyle !== 'none';
    const pale = controls.filter((element) => (isForced ? !hasEdge(element) : edgeOf(element) < 3)).map((element) => `an edge too pale: ${name(element)}`);
    return [...new Set([...cut, ...missing, ...pale])];
  }, { wanted: inSight, forced });
}

/** How many animations or transitions run, in the page and in open shadow roots. */
export async function moving(page: Page): Promise<number> {
  return page.evaluate(() => {
    const roots = [document, ...[...document.querySelectorAll('*')].flatMap(({ shadowRoot }) => (shadowRoot ? [shadowRoot] : []))];
    return new Set(roots.flatMap((root) => root.getAnimations())).size;
  });
}

/** As WCAG 1.4.12 has a reader space their text. */
const SPACING = '*:not(svg, svg *) { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }';

/** Text of twice the size, spaced as WCAG 1.4.12 says, in the page and in its open shadow roots. */
export async function spaceOut(page: Page): Promise<void> {
  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    for (const root of [document, ...[...document.querySelectorAll('*')].flatMap(({ shadowRoot }) => (shadowRoot ? [shadowRoot] : []))]) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    document.documentElement.style.fontSize = '200%';
  }, SPACING);
}
