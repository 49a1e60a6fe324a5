// Measures one opening of a chat on an old phone with a poor network: from the press on its button to the first message
// of Sésame on the screen, in a browser that has nothing cached. It judges nothing and starts no server.

/** A slow 4G of developers' tools, and a processor four times slower than this one. */
export const phone = { width: 360, height: 640, slowdown: 4, roundTripMs: 150, downKbit: 1_600, upKbit: 750 };

export const chats = {
  sesame: { path: '/sesame', launcher: 'sesame-chat button', message: '[role="log"]' },
  webChat: { path: '/webchat', launcher: '#chat button', message: '.webchat__bubble' },
};
const firstWords = 'Bonjour, je suis Sésame';
const bytesPerKbit = 1_000 / 8;

/**
 * Opens a chat once. Times in milliseconds; bytes as encoded on the wire with their headers, the host page left out.
 *
 * What the browser's emulation covers, as tried: requests, the opening of a WebSocket, and the width of the line for its
 * frames. It does not delay preflights, so a round trip is added for each after the press; nor frames once the socket is
 * open, but the first words follow its opening at once; nor new connections, of which both chats open as many or ours fewer.
 */
export async function measureOpening(browser, origin, { path, launcher, message }) {
  const context = await browser.newContext({ viewport: { width: phone.width, height: phone.height }, locale: 'fr-FR' });
  try {
    const page = await context.newPage();
    await page.addInitScript(watch, { message, firstWords });
    const wire = await listen(await context.newCDPSession(page));
    await page.goto(`${origin}${path}`, { waitUntil: 'networkidle' });
    const button = page.locator(launcher).first();
    await button.waitFor();
    const before = wire.count();
    await button.click();
    const ms = await page.evaluate(() => globalThis.firstMessage);
    const after = wire.count();
    return { ...after, before, ms: ms + (after.preflights - before.preflights) * phone.roundTripMs };
  } finally {
    await context.close();
  }
}

/** Slows the page down, and counts what it loads. */
async function listen(session) {
  const requests = new Map();
  let [bytes, preflights] = [0, 0];
  session.on('Network.requestWillBeSent', ({ requestId, type, request }) => {
    if (request.method === 'OPTIONS') preflights += 1;
    if (type !== 'Document' && !/^(data|blob):/.test(request.url)) requests.set(requestId, request.url);
  });
  session.on('Network.webSocketCreated', ({ requestId, url }) => requests.set(requestId, url));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (requests.has(requestId)) bytes += encodedDataLength;
  });
  session.on('Network.webSocketFrameReceived', ({ response }) => {
    bytes += Buffer.byteLength(response.payloadData);
  });
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: phone.roundTripMs,
    downloadThroughput: phone.downKbit * bytesPerKbit,
    uploadThroughput: phone.upKbit * bytesPerKbit,
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: phone.slowdown });
  return { count: () => ({ requests: requests.size, preflights, bytes: Math.round(bytes) }) };
}

/** Runs in the page: from the first press to the frame after the one that holds the words. */
function watch({ message, firstWords }) {
  const roots = [];
  let pressedAt;
  globalThis.firstMessage = new Promise((resolve) => {
    const look = () => {
      const shown = roots.some((root) => [...root.querySelectorAll(message)].some((box) => box.textContent.includes(firstWords) && box.getClientRects().length > 0));
      if (!shown || pressedAt === undefined) return;
      for (const observer of observers) observer.disconnect();
      // The first callback comes before the paint of that frame, the second after it.
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - pressedAt)));
    };
    const observers = [];
    const follow = (root) => {
      const observer = new MutationObserver(look);
      observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
      observers.push(observer);
      roots.push(root);
    };
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function open(init) {
      const root = attach.call(this, { ...init, mode: 'open' });
      follow(root);
      return root;
    };
    follow(document);
  });
  // When the finger left the screen, not when a busy page came to hear of it.
  addEventListener('click', (event) => { pressedAt ??= event.timeStamp; }, { capture: true });
}
