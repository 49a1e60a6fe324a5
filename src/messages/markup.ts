/**
 * Turns the little markup of a reply into DOM nodes: paragraphs, `- ` lists, **bold** and [label](address).
 * It is not a Markdown engine, and it never parses HTML: whatever is not in that list is shown as it was written.
 */
import DOMPurify from 'dompurify';
import { labels } from './labels.js';

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'strong'; readonly parts: readonly Inline[] }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

export type Block =
  | { readonly kind: 'paragraph'; readonly lines: readonly (readonly Inline[])[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Inline[])[] };

const ITEM = /^\s*- +/;
const INLINE = /\*\*([^*]+)\*\*|\[([^[\]]+)\]\(([^()\s]+)\)/g;
const SCHEMES: readonly string[] = ['https:', 'mailto:', 'tel:'];

/** Reads a reply's text. Total: any string gives blocks, and an address that is not allowed stays plain text. */
export function parseMarkup(text: string): readonly Block[] {
  const blocks: Block[] = [];
  for (const part of text.replace(/\r\n?/g, '\n').split(/\n{2,}/)) blocks.push(...parsePart(part));
  return blocks;
}

function parsePart(part: string): Block[] {
  const blocks: Block[] = [];
  let list = false;
  let held: (readonly Inline[])[] = [];
  const close = (): void => {
    if (held.length > 0) blocks.push(list ? { kind: 'list', items: held } : { kind: 'paragraph', lines: held });
    held = [];
  };
  for (const line of part.split('\n')) {
    if (line.trim() === '') continue;
    const isItem = ITEM.test(line);
    if (isItem !== list) close();
    list = isItem;
    held.push(parseInline(line.replace(ITEM, '').trim()));
  }
  close();
  return blocks;
}

function parseInline(line: string): readonly Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const match of line.matchAll(INLINE)) {
    const part = readMatch(match);
    if (part === undefined) continue;
    if (match.index > from) parts.push({ kind: 'text', text: line.slice(from, match.index) });
    parts.push(part);
    from = match.index + match[0].length;
  }
  if (from < line.length) parts.push({ kind: 'text', text: line.slice(from) });
  return parts;
}

function readMatch(match: RegExpMatchArray): Inline | undefined {
  const [, strong, label, address] = match;
  if (strong !== undefined) return { kind: 'strong', parts: parseInline(strong) };
  if (label === undefined || address === undefined) return undefined;
  const href = safeAddress(address);
  return href === undefined ? undefined : { kind: 'link', text: label, href };
}

/** The address in its plain form, or nothing when its scheme is not allowed or it hides its host behind a name. */
export function safeAddress(address: string): string | undefined {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return undefined;
  }
  if (!(SCHEMES.includes(url.protocol) || isOnThisMachine(url)) || url.username !== '' || url.password !== '') return undefined;
  return url.href;
}

/** A server on one's own machine has no certificate; nobody else can be there. */
function isOnThisMachine({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1');
}

const ALLOWED = {
  ALLOWED_TAGS: ['p', 'br', 'ul', 'li', 'strong', 'a', 'span'],
  ALLOWED_ATTR: ['href', 'target', 'rel', 'class'],
  ALLOWED_URI_REGEXP: /^(?:(?:https|mailto|tel):|http:\/\/(?:localhost|127\.0\.0\.1)[:/])/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** Draws blocks as nodes, by text only; then has a sanitiser that knows more tricks than we do look at the result. */
export function drawMarkup(blocks: readonly Block[]): Node[] {
  const drawn = make('span', {}, ...drawBlocks(blocks));
  DOMPurify.sanitize(drawn, { ...ALLOWED, IN_PLACE: true });
  return [...drawn.childNodes];
}

function drawBlocks(blocks: readonly Block[]): Node[] {
  return blocks.map((block) => {
    if (block.kind === 'list') return make('ul', {}, ...block.items.map((item) => make('li', {}, ...item.map(drawInline))));
    const lines = block.lines.flatMap((line, at) => [...(at > 0 ? [make('br')] : []), ...line.map(drawInline)]);
    return make('p', {}, ...lines);
  });
}

function drawInline(part: Inline): Node {
  switch (part.kind) {
    case 'text':
      return document.createTextNode(clean(part.text));
    case 'strong':
      return make('strong', {}, ...part.parts.map(drawInline));
    case 'link':
      return drawLink(part.text, part.href);
  }
}

function drawLink(text: string, href: string): Node {
  if (!href.startsWith('http')) return make('a', { href }, text);
  // The conversation stays open behind a page of the web; the reader is told of the new window.
  return make('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text, make('span', { class: 'unseen' }, ` ${labels.newWindow}`));
}

/**
 * Without what would turn the direction of the words around it, is no character at all, or piles up over the lines above:
 * no language puts more than a few marks on one letter.
 */
export function clean(text: string): string {
  return text.replace(/[\u202A-\u202E\u2066-\u2069\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g, '').replace(/(\p{M}{4})\p{M}+/gu, '$1');
}

/** One element with its attributes and children. Strings become text without what is not for the eye, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.map((child) => (typeof child === 'string' ? clean(child) : child)));
  return element;
}
