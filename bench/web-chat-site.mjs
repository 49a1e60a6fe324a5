// A small site on an origin of its own, as one that puts Sésame on its pages would be: one page holds our widget, the
// other Microsoft's Web Chat, unmodified. For the benchmark and for tests; nothing of it is delivered.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { webChatFile } from '../scripts/webchat.mjs';

const page = (body) => `<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Un autre site</title><link rel="icon" href="data:,">
<style>html, body, #chat { height: 100%; margin: 0 }</style></head>
<body>${body}</body>
</html>`;

/** As the README tells a site to do it: one script line, and the element. */
const sesame = (service) => page(`<script src="${service}/public/sesame-chat.js" defer></script><sesame-chat endpoint="${service}"></sesame-chat>`);

/** As the documentation of Web Chat does it. The token is asked for while the script loads: the quickest way there is. */
const webChat = (service) => page(`<div id="chat"><button type="button">Ouvrir</button></div>
<script>
const load = () => new Promise((resolve, reject) => {
  const script = Object.assign(document.createElement('script'), { src: '/webchat.js', onload: resolve, onerror: reject });
  document.head.append(script);
});
const fetchToken = async () => (await (await fetch('${service}/api/token', { method: 'POST' })).json()).token;
document.querySelector('button').addEventListener('click', async () => {
  const [token] = await Promise.all([fetchToken(), load()]);
  const directLine = WebChat.createDirectLine({ domain: '${service}/v3/directline', token });
  WebChat.renderWebChat({ directLine, locale: 'fr-FR' }, document.getElementById('chat'));
});
</script>`);

/** Opens the site on a free loopback port. `serve` must be told the service's address before a page is asked for. */
export async function openSite(root) {
  const bundle = webChatFile(root);
  if (!existsSync(bundle)) throw new Error('Web Chat is not there: run "node scripts/setup.mjs test"');
  const files = { plain: readFileSync(bundle), br: readFileSync(`${bundle}.br`) };
  let service = '';
  const server = createServer((request, response) => {
    const html = { '/sesame': sesame, '/webchat': webChat }[request.url];
    if (html) {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(html(service));
    } else if (request.url === '/webchat.js') sendBundle(request, response, files);
    else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    serve: (url) => {
      service = new URL(url).origin;
    },
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

function sendBundle(request, response, { plain, br }) {
  const packed = /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
  response.setHeader('content-type', 'text/javascript; charset=utf-8');
  if (packed) response.setHeader('content-encoding', 'br');
  response.end(packed ? br : plain);
}
