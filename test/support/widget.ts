/** The opened discussion in a page, handled as a person would, and what it must agree with: the server's own list. */
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Activity } from '../../src/channels/activities.js';
import { openPage } from './browser.js';
import type { Locked } from './people.js';
import { eventually } from './running.js';

export interface Session {
  readonly token: string;
  readonly conversationId: string;
}

/** Whatever is spelt the same: the drawing of lists, links and line breaks is not what is compared. */
export const letters = (text: string): string => text.replace(/\]\([^)]*\)/g, '').replace(/[^\p{L}\p{N}]+/gu, ' ').trim();

export class Widget {
  constructor(readonly page: Page) {
    page.setDefaultTimeout(20_000);
  }

  /** A new tab of a browser that keeps nothing of earlier ones. */
  static async open(browser: Parameters<typeof openPage>[0], url: string): Promise<Widget> {
    const { page } = await openPage(browser);
    await page.goto(url);
    return new Widget(page);
  }

  /** Another tab of the same browser. */
  async sibling(url: string): Promise<Widget> {
    const page = await this.context.newPage();
    await page.goto(url);
    return new Widget(page);
  }

  get context(): BrowserContext {
    return this.page.context();
  }

  get log(): Locator {
    return this.page.getByRole('log');
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async say(words: string): Promise<void> {
    await this.page.getByLabel('Votre message').fill(words);
    await this.button('Envoyer').click();
  }

  async hear(words: string): Promise<void> {
    await this.log
      .getByText(words)
      .first()
      .waitFor()
      .catch(async (error: unknown) => {
        throw new Error(`« ${words} » was never shown, but:\n${(await this.shown()).slice(-6).join('\n')}`, { cause: error });
      });
  }

  /** Fills and sends the form that asks who it is. */
  async identify(person: Locked): Promise<void> {
    await this.page.getByLabel('Numéro de sécurité sociale').fill(person.nir);
    await this.page.getByLabel('Date de naissance').fill(person.birthDate);
    await this.button('Recevoir mon code').click();
  }

  async giveCode(code: string): Promise<void> {
    await this.page.getByLabel('Code reçu par e-mail').fill(code);
    await this.button('Valider le code').click();
  }

  /** Every message that is shown, in order, by its letters only. */
  async shown(): Promise<string[]> {
    const texts = await this.page.locator('.log .message').evaluateAll((messages) =>
      messages.map((message) => {
        const words = [...message.querySelectorAll('.bubble, legend')].map((part) => {
          const copy = part.cloneNode(true) as Element;
          for (const unseen of copy.querySelectorAll('.unseen')) unseen.remove();
          for (const end of copy.querySelectorAll('p, li, br')) end.after(' ');
          return copy.textContent;
        });
        return words.join(' ');
      }),
    );
    return texts.map(letters);
  }

  /** Everything that this tab keeps, as one text. */
  kept(): Promise<string> {
    return this.page.evaluate(() => JSON.stringify([Object.entries(sessionStorage), Object.entries(localStorage), document.cookie]));
  }

  async session(server: string): Promise<Session> {
    const kept = await this.page.evaluate((name) => sessionStorage.getItem(name), `sesame ${server}`);
    return JSON.parse(kept ?? '{}') as Session;
  }

  /** Waits until what is shown is what the server has, to the last word; gives it back. */
  async agrees(server: string): Promise<string[]> {
    const session = await this.session(server);
    return eventually(async () => {
      const said = await transcriptOf(server, session);
      const shown = await this.shown();
      return JSON.stringify(said) === JSON.stringify(shown) ? said : undefined;
    }).catch(async () => {
      expect(await this.shown()).toEqual(await transcriptOf(server, session));
      return [];
    });
  }
}

/** What the server has of a conversation, in order, by its letters only. */
export async function transcriptOf(server: string, { token, conversationId }: Session): Promise<string[]> {
  const response = await fetch(`${server}/v3/directline/conversations/${conversationId}/activities`, { headers: { authorization: `Bearer ${token}` } });
  const { activities } = (await response.json()) as { activities: readonly Activity[] };
  return activities.map(({ text, attachments }) => letters(text ?? titleOf(attachments)));
}

function titleOf(attachments: Activity['attachments']): string {
  const [title] = attachments?.[0]?.content.body ?? [];
  return title !== undefined && 'text' in title ? String(title.text) : '';
}
