/**
 * Watches a page in which only text may come to be: what runs, what the policy refuses, elements and attributes that are
 * none of ours, and whatever leaves. The hooks are there before anything else of the page.
 */
import type { Browser, Page } from 'playwright-core';
import { NARROW } from './axe.js';
import { openPage } from './browser.js';

export interface Watch {
  /** Everything seen that must not be, as `kind: what`. Emptied by whoever has read it. */
  readonly seen: string[];
}

/** All that our pages and the discussion are made of. */
const TAGS = [
  ...['html', 'head', 'body', 'meta', 'title', 'link', 'script', 'header', 'nav', 'main', 'aside', 'section', 'footer', 'article', 'noscript', 'sesame-chat'],
  ...['h1', 'h2', 'h3', 'p', 'div', 'span', 'strong', 'br', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'time', 'a'],
  ...['form', 'fieldset', 'legend', 'label', 'input', 'textarea', 'button', 'svg', 'rect', 'path'],
];
const ATTRIBUTES = [
  ...['id', 'class', 'lang', 'dir', 'role', 'tabindex', 'hidden', 'title', 'href', 'target', 'rel', 'datetime', 'charset', 'content', 'open'],
  ...['type', 'name', 'value', 'for', 'method', 'action', 'novalidate', 'autocomplete', 'autocapitalize', 'spellcheck', 'enterkeyhint', 'rows', 'maxlength', 'inputmode', 'placeholder', 'disabled'],
  ...['viewBox', 'width', 'height', 'rx', 'd', 'focusable', 'data-fate', 'src', 'integrity', 'crossorigin', 'defer', 'download'],
];

/** A page on an old phone, watched. `origin`: of the pages; whatever goes elsewhere is told. */
export async function openWatched(browser: Browser, origin: string): Promise<{ page: Page; watched: Watch }> {
  const { page } = await openPage(browser, NARROW);
  return { page, watched: await watch(page, origin) };
}

async function watch(page: Page, origin: string): Promise<Watch> {
  const seen: string[] = [];
  const tell = (what: string): void => void seen.push(what.slice(0, 300));
  await page.exposeFunction('__tell', tell);
  await page.addInitScript(guard, { tags: TAGS, attributes: ATTRIBUTES });
  page.on('dialog', (dialog) => {
    tell(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => { tell(`popup: ${popup.url()}`); });
  page.on('pageerror', (error) => { tell(`error: ${error.message}`); });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(?:data:,|data:image\/svg|blob:http:\/\/127)/.test(url)) tell(`request: ${url}`);
  });
  page.on('framenavigated', (frame) => {
    const url = frame.url();
    if (url !== 'about:blank' && !url.startsWith(`${origin}/`)) tell(`navigation: ${url}`);
  });
  return { seen };
}

interface Hooked {
  __tell(what: string): Promise<void>;
  __pwned(): void;
}

/** Runs in the page, by itself: it may use nothing of this file. */
function guard({ tags, attributes }: { readonly tags: readonly string[]; readonly attributes: readonly string[] }): void {
  const hooked = window as unknown as Hooked;
  const tell = (what: string): void => void hooked.__tell(what);
  for (const name of ['alert', 'confirm', 'prompt', '__pwned']) Object.assign(window, { [name]: () => { tell(`executed: ${name}`); } });
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => { tell(`violation: ${violatedDirective} ${blockedURI} ${sample}`); });
  const isSafe = (address: string): boolean => {
    const { protocol, origin } = new URL(address, location.href);
    return ['https:', 'mailto:', 'tel:'].includes(protocol) || origin === location.origin;
  };
  const isOurs = (element: Element): boolean => {
    const { localName } = element;
    const within = element.parentElement?.localName;
    if (localName === 'script') return within === 'head' && new URL((element as HTMLScriptElement).src).pathname.startsWith('/public/');
    if (localName === 'meta' || localName === 'link') return within === 'head' && !element.hasAttribute('http-equiv');
    if (localName === 'a' && element.hasAttribute('download')) return true;
    return tags.includes(localName);
  };
  const faultOf = (element: Element, name: string): boolean => {
    const value = element.getAttribute(name) ?? '';
    if (name === 'style') return !(element.matches('section.panel') && value.startsWith('--'));
    if (!name.startsWith('aria-') && !attributes.includes(name)) return true;
    return ['href', 'src', 'action'].includes(name) && element.localName !== 'link' && !isSafe(value);
  };
  const look = (element: Element): void => {
    // A script of ours has left the head again by the time that it is looked at.
    const inPage = element.isConnected || element.localName !== 'script';
    if (inPage && !isOurs(element)) tell(`element: ${element.outerHTML}`);
    for (const name of element.getAttributeNames()) if (faultOf(element, name)) tell(`attribute: ${name}=${element.getAttribute(name) ?? ''}`);
    if (element.localName === 'template' && element instanceof HTMLTemplateElement) element.content.querySelectorAll('*').forEach(look);
  };
  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === 'attributes') look(target as Element);
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        look(node);
        node.querySelectorAll('*').forEach(look);
      }
    }
  });
  const everything = { subtree: true, childList: true, attributes: true };
  observer.observe(document, everything);
  const attach = Object.getOwnPropertyDescriptor(Element.prototype, 'attachShadow')?.value as (this: Element, init: ShadowRootInit) => ShadowRoot;
  Element.prototype.attachShadow = function watched(init) {
    const root = attach.call(this, init);
    observer.observe(root, everything);
    return root;
  };
}
