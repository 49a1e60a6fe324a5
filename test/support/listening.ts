/**
 * Hears what a screen reader would be told of by the page: what is added to its live regions, as it comes. It is no
 * screen reader: whether one of them says it well is for a person to hear.
 */
import type { CDPSession, Page } from 'playwright-core';

/** One thing that is told. */
export interface Told {
  /** `log`, `status` or `alert`; by its role. */
  readonly region: string;
  readonly text: string;
  /** Milliseconds since the page was opened. */
  readonly at: number;
}

/** To be called before the page is opened, and after the way into closed shadow roots is open. */
export async function listenTo(page: Page): Promise<Told[]> {
  const told: Told[] = [];
  await page.exposeFunction('heard', (one: Told) => void told.push(one));
  await page.addInitScript(hearLiveRegions);
  return told;
}

/** Runs in the page before anything else. */
function hearLiveRegions(): void {
  const { heard } = window as unknown as { heard: (told: Told) => void };
  const ROLES: Readonly<Record<string, string>> = { log: 'polite', status: 'polite', alert: 'assertive' };
  const liveOf = (element: Element): string | undefined => element.getAttribute('aria-live') ?? ROLES[element.getAttribute('role') ?? ''];
  const regionOf = (element: Element | null): Element | undefined => {
    if (element === null) return undefined;
    const home = element.getRootNode();
    return liveOf(element) === undefined ? regionOf(element.parentElement ?? (home instanceof ShadowRoot ? home.host : null)) : element;
  };
  const isShown = (element: Element): boolean => element.checkVisibility() && element.closest('[aria-hidden=true]') === null;
  const speaks = (region: Element, place: Element): boolean => place.isConnected && isShown(place) && liveOf(region) !== 'off';
  const textIn = (node: Node): string => {
    if (node instanceof Text) return node.data;
    if (!(node instanceof Element) || !isShown(node)) return '';
    return [node.getAttribute('aria-label') ?? '', ...[...node.childNodes].map(textIn)].join(' ');
  };
  const tell = (changes: readonly MutationRecord[]): void => {
    const added = new Set(changes.flatMap(({ addedNodes }) => [...addedNodes]));
    const isWithin = (node: Node): boolean => node.parentNode !== null && (added.has(node.parentNode) || isWithin(node.parentNode));
    for (const node of added) {
      const place = node instanceof Element ? node : node.parentElement;
      const region = regionOf(place);
      if (place === null || region === undefined || isWithin(node)) continue;
      const text = speaks(region, place) ? textIn(node).replace(/\s+/g, ' ').trim() : '';
      if (text !== '') heard({ region: region.getAttribute('role') ?? 'live', text, at: performance.now() });
    }
  };
  const attach = Object.getOwnPropertyDescriptor(Element.prototype, 'attachShadow')?.value as (this: Element, init: ShadowRootInit) => ShadowRoot;
  Element.prototype.attachShadow = function listened(init) {
    const root = attach.call(this, init);
    new MutationObserver(tell).observe(root, { subtree: true, childList: true });
    return root;
  };
}

/** A thing as assistive technology is handed it. */
export interface Heard {
  readonly role: string;
  readonly name: string;
  readonly described: Readonly<Record<string, unknown>>;
  readonly inside: readonly Heard[];
}

interface RawNode {
  readonly nodeId: string;
  readonly parentId?: string;
  readonly ignored: boolean;
  readonly role?: { readonly value?: string };
  readonly name?: { readonly value?: string };
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value?: unknown } }[];
  readonly childIds?: readonly string[];
}

/** The page as assistive technology is handed it, without what it is not told of. */
export async function readTree(page: Page): Promise<Heard> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as { nodes: readonly RawNode[] };
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const grow = (raw: RawNode): readonly Heard[] => {
    const inside = (raw.childIds ?? []).flatMap((id) => {
      const child = byId.get(id);
      return child ? grow(child) : [];
    });
    if (raw.ignored) return inside;
    const described = Object.fromEntries((raw.properties ?? []).map(({ name, value }) => [name, value.value]));
    return [{ role: raw.role?.value ?? '', name: raw.name?.value ?? '', described, inside }];
  };
  const [root] = nodes.filter(({ parentId }) => parentId === undefined).flatMap(grow);
  if (!root) throw new Error('the page has no accessibility tree');
  return root;
}

/** Every node of a role, at any depth, in order. */
export function allIn(tree: Heard, role: string): readonly Heard[] {
  return [...(tree.role === role ? [tree] : []), ...tree.inside.flatMap((node) => allIn(node, role))];
}

/** The words in a node, in order. */
export function wordsIn(tree: Heard): readonly string[] {
  return allIn(tree, 'StaticText').map(({ name }) => name.trim()).filter((name) => name !== '');
}
