/** Microsoft's Web Chat on a page, handled as a person would: nothing of it is changed or reached from inside. */
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openSite, type Site } from '../../bench/web-chat-site.mjs';

export const openWebChatSite = (): Promise<Site> => openSite(path.join(__dirname, '..', '..'));

export class WebChat {
  /** Every address that the page asked for, streams included. */
  readonly asked: string[] = [];
  /** Errors of the page or of its console. */
  readonly faults: string[] = [];
  /** What a screen reader is told as it comes. */
  readonly announced: string[] = [];

  private constructor(readonly page: Page) {}

  static async open(browser: Browser, site: Site, size = { width: 1280, height: 900 }): Promise<WebChat> {
    const context = await browser.newContext({ viewport: size, locale: 'fr-FR' });
    const chat = new WebChat(await context.newPage());
    chat.page.on('request', (request) => chat.asked.push(request.url()));
    chat.page.on('websocket', (socket) => chat.asked.push(socket.url()));
    chat.page.on('pageerror', (error) => chat.faults.push(error.message));
    chat.page.on('console', (message) => {
      if (message.type() === 'error') chat.faults.push(message.text());
    });
    await chat.page.exposeFunction('announce', (text: string) => chat.announced.push(text));
    await chat.page.addInitScript(listenToLog);
    await chat.page.goto(`${site.origin}/webchat`);
    await chat.page.getByRole('button', { name: 'Ouvrir' }).click();
    return chat;
  }

  async say(words: string): Promise<void> {
    await this.page.getByLabel('Zone de saisie du message').fill(words);
    await this.page.getByTitle('Envoyer').click();
  }

  /** Suggested actions are also listed for screen readers: these are the ones that can be pressed. */
  async choose(choice: string): Promise<void> {
    await this.page.getByRole('toolbar', { name: 'Actions suggérées' }).getByRole('button', { name: choice }).click();
  }

  /** Waits for words in a message that can be seen. */
  async see(words: string): Promise<Locator> {
    const found = this.messages.getByText(words).last();
    await found.waitFor();
    return found;
  }

  get messages(): Locator {
    return this.page.locator('.webchat__bubble');
  }

  /** The newest form. */
  form(title: string): Locator {
    return this.page.getByRole('form', { name: title }).last();
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

/** Runs in the page: hands over whatever is added to a live log. */
function listenToLog(): void {
  const hand = (window as unknown as { announce: (text: string) => void }).announce;
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      if (!(target instanceof Element) || target.closest('[role=log]') === null) continue;
      for (const node of addedNodes) hand(node.textContent ?? '');
    }
  }).observe(document, { subtree: true, childList: true });
}
