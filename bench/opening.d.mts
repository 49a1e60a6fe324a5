import type { Browser } from 'playwright-core';

export interface Chat {
  readonly path: string;
  readonly launcher: string;
  readonly message: string;
}

export interface Load {
  readonly requests: number;
  /** Of these, the questions a browser asks before it asks another origin. */
  readonly preflights: number;
  readonly bytes: number;
}

export interface Opening extends Load {
  /** Milliseconds from the press to the first message on the screen, a round trip counted for each preflight. */
  readonly ms: number;
  /** What had come before the press. */
  readonly before: Load;
}

export const chats: { readonly sesame: Chat; readonly webChat: Chat };
export function measureOpening(browser: Browser, origin: string, chat: Chat): Promise<Opening>;
