/** A real browser, headless, for tests of the page. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function openBrowser(): Promise<Browser> {
  return chromium.launch(found());
}

/** A browser that keeps what browsers keep, in this folder; its disk is written to once it is closed. */
export function openProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...found(), locale: 'fr-FR' });
}

function found() {
  const executablePath = process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) throw new Error('no Chromium: install the Debian package "chromium", or set CHROMIUM to a browser’s path');
  return {
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  };
}

/**
 * A page whose closed shadow roots a test may look into. Faults of the page (errors, refused by the content security
 * policy) are gathered in `faults`.
 */
export async function openPage(browser: Browser, size = { width: 1280, height: 800 }): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: size, locale: 'fr-FR' });
  await openRoots(context);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  return { page, faults };
}

/** Lets a test look into closed shadow roots of the pages that are opened from now on. */
export async function openRoots(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const { prototype } = Element;
    const attach = Object.getOwnPropertyDescriptor(prototype, 'attachShadow')?.value as (this: Element, init: ShadowRootInit) => ShadowRoot;
    prototype.attachShadow = function open(init) {
      return attach.call(this, { ...init, mode: 'open' });
    };
  });
}
