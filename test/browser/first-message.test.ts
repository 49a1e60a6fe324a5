/** The wait of somebody on an old phone, as a ratio to Microsoft's own client: a ratio holds on a busy machine, where times do not. */
import type { Browser } from 'playwright-core';
import { chats, measureOpening } from '../../bench/opening.mjs';
import type { Site } from '../../bench/web-chat-site.mjs';
import { openBrowser } from '../support/browser.js';
import { RunningSesame } from '../support/running.js';
import { openWebChatSite } from '../support/web-chat.js';

let site: Site;
let sesame: RunningSesame;
let browser: Browser;
beforeAll(async () => {
  site = await openWebChatSite();
  sesame = await RunningSesame.start({ ALLOWED_ORIGINS: site.origin });
  site.serve(sesame.url);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await sesame.stop();
  await site.close();
});

describe('the first message on an old phone with a poor network', () => {
  it('comes at least twice as soon as in Web Chat, for a tenth of the bytes', async () => {
    const ours = await measureOpening(browser, site.origin, chats.sesame);
    const theirs = await measureOpening(browser, site.origin, chats.webChat);
    expect(theirs.ms / ours.ms).toBeGreaterThanOrEqual(2);
    expect(ours.bytes).toBeGreaterThan(0);
    expect(theirs.bytes / ours.bytes).toBeGreaterThanOrEqual(10);
  });
});
