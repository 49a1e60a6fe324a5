/**
 * What a machine can check of one screen in a real browser: axe-core's rules, and the sizes, labels and language that
 * those leave out. It says what is wrong and where; what may be let pass is the tests' to say.
 */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** What a theme may change; the other rules see the same page in both. */
const COLOURS = ['color-contrast', 'link-in-text-block'];
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice', 'RGAAv4'];

export type Theme = 'light' | 'dark';
export const THEMES: readonly Theme[] = ['light', 'dark'];
/** The narrowest phone that the page is made for. */
export const NARROW = { width: 320, height: 568 };

export interface Audit {
  /** Rules broken, each with the element that breaks it. */
  readonly broken: readonly string[];
  /** What axe could not tell, as `rule check reason`, each with an element. */
  readonly unsure: readonly { readonly kind: string; readonly element: string }[];
}

interface Check {
  readonly id: string;
  readonly data?: { readonly messageKey?: string } | null;
}

interface Result {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly any: readonly Check[]; readonly all: readonly Check[]; readonly none: readonly Check[] }[];
}

interface Window {
  readonly axe?: { run(within: string | Document, options: object): Promise<{ violations: readonly Result[]; incomplete: readonly Result[] }> };
}

/** Runs the rules on the page, or on what stands in the one element that `within` selects. */
export async function audit(page: Page, within?: string, rules: readonly string[] = TAGS): Promise<Audit> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  return page.evaluate(
    async ({ runOnly, selector }) => {
      const ran = await (window as unknown as Window).axe?.run(selector ?? document, { runOnly, resultTypes: ['violations', 'incomplete'], preload: false });
      if (!ran) throw new Error('axe is not in the page');
      const broken = ran.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
      const unsure = ran.incomplete.flatMap(({ id, nodes }) =>
        nodes.map(({ html, any, all, none }) => {
          const [check] = [...any, ...all, ...none];
          return { kind: [id, check?.id, check?.data?.messageKey].filter((part) => part !== undefined).join(' '), element: html.slice(0, 200) };
        }),
      );
      return { broken, unsure };
    },
    { runOnly: [...rules], selector: within },
  );
}

/** A field as the reply asked for it. */
export interface AskedField {
  readonly label: string;
  readonly error?: string;
}

/**
 * What axe leaves out: sideways scrolling, targets of 24 px (buttons and what looks like one: 44), a label for each
 * field, an error told where it belongs, and the language. Looks into open shadow roots.
 */
export async function measure(page: Page, { within = 'body', fields = [] }: { within?: string; fields?: readonly AskedField[] } = {}): Promise<readonly string[]> {
  return page.evaluate(
    ({ selector, asked }) => {
      const inside = (node: Element | ShadowRoot): Element[] =>
        [...node.children].flatMap((child) => [child, ...(child.shadowRoot ? inside(child.shadowRoot) : []), ...inside(child)]);
      const root = document.querySelector(selector);
      if (!root) return [`there is no ${selector}`];
      const isSeen = (element: Element): boolean => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
      const all = [root, ...(root.shadowRoot ? inside(root.shadowRoot) : []), ...inside(root)].filter(isSeen);
      const name = (element: Element): string => element.outerHTML.slice(0, 120);

      const sideways = [document.documentElement, ...all].flatMap((element) => {
        const scrolls = element === document.documentElement || ['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX);
        const over = element.scrollWidth - element.clientWidth;
        return scrolls && over > 1 && element.clientWidth > 1 ? [`${String(over)} px too wide: ${name(element)}`] : [];
      });

      // A link among the words of a sentence is held to the height of its line, as WCAG 2.5.8 has it.
      const isAmongWords = (element: Element): boolean =>
        element.tagName === 'A' && getComputedStyle(element).display === 'inline' && (element.parentElement?.textContent.trim().length ?? 0) > element.textContent.trim().length;
      const isOut = (element: Element): boolean => element.getBoundingClientRect().right <= 0;
      const targets = all.filter((element) => element.matches('button, a[href], input:not([type=hidden]), textarea, select, summary') && !isOut(element));
      const small = targets.flatMap((element) => {
        const { width, height } = element.getBoundingClientRect();
        if (isAmongWords(element)) return parseFloat(getComputedStyle(element).lineHeight) < 24 ? [`a line of less than 24 px: ${name(element)}`] : [];
        const least = element.matches('button, .button') ? 44 : 24;
        return Math.min(width, height) < least - 0.5 ? [`${String(Math.round(width))}×${String(Math.round(height))} px, less than ${String(least)}: ${name(element)}`] : [];
      });

      const textOf = (element: Element, ids: string): string => {
        const home = element.getRootNode() as Document | ShadowRoot;
        return ids.split(/\s+/).map((id) => home.getElementById(id)?.textContent ?? '').join(' ').trim();
      };
      const inputs = targets.filter((element): element is HTMLInputElement => element.matches('input, textarea, select'));
      const labelOf = (input: HTMLInputElement): string =>
        textOf(input, input.getAttribute('aria-labelledby') ?? '') || (input.getAttribute('aria-label') ?? '') || [...(input.labels ?? [])].map(({ textContent }) => textContent).join(' ').trim();
      const nameless = inputs.filter((input) => labelOf(input) === '').map((input) => `no label: ${name(input)}`);

      const untold = asked.flatMap(({ label, error }) => {
        const input = inputs.find((one) => labelOf(one).includes(label));
        if (!input) return [`no field « ${label} »`];
        const isInvalid = input.getAttribute('aria-invalid') === 'true';
        const told = textOf(input, input.getAttribute('aria-describedby') ?? '');
        if (error === undefined) return isInvalid ? [`marked wrong without an error: ${name(input)}`] : [];
        return [...(isInvalid ? [] : [`not marked wrong: ${name(input)}`]), ...(told.includes(error) ? [] : [`« ${error} » is not told of ${name(input)}`])];
      });

      const spoken = (element: Element | null): string | undefined => {
        const found = element?.closest('[lang]');
        const host = element?.getRootNode();
        return found?.getAttribute('lang') ?? (host instanceof ShadowRoot ? spoken(host.host) : undefined);
      };
      const foreign = all.filter((element) => spoken(element) !== 'fr').slice(0, 1).map((element) => `not in French: ${name(element)}`);
      return [...sideways, ...small, ...nameless, ...untold, ...foreign];
    },
    { selector: within, asked: fields },
  );
}

/** So high that nothing has to be scrolled to: axe tells no colour of what is scrolled out of an element. A page it scrolls. */
const TALL = { width: NARROW.width, height: 6_000 };

/** Looks at one screen by day, and at its colours by night: the rest is the same. */
export async function inspect(page: Page, look: { readonly within?: string; readonly fields?: readonly AskedField[] }): Promise<Readonly<Record<Theme, Audit>>> {
  const inTheme = async (colorScheme: Theme, rules: readonly string[]): Promise<Audit> => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    return audit(page, look.within, rules);
  };
  const asSeen = await inTheme('light', TAGS);
  const measured = await measure(page, look);
  if (look.within === undefined) return { light: { ...asSeen, broken: [...asSeen.broken, ...measured] }, dark: await inTheme('dark', COLOURS) };
  await page.setViewportSize(TALL);
  const light = await inTheme('light', COLOURS);
  const dark = await inTheme('dark', COLOURS);
  await page.setViewportSize(NARROW);
  const broken = [...new Set([...asSeen.broken, ...measured, ...light.broken])];
  return { light: { broken, unsure: [...asSeen.unsure, ...light.unsure] }, dark };
}
