/** Somebody else's site on a free loopback port: one page, and whatever headers it sends. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class HostSite {
  /** What stands in the page. */
  body = '';
  headers: Readonly<Record<string, string>> = {};
  readonly url: string;

  private constructor(private readonly server: Server) {
    this.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  static async open(): Promise<HostSite> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const site = new HostSite(server);
    server.on('request', (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...site.headers });
      response.end(`<!doctype html><html lang="fr"><head><title>Un autre site</title><link rel="icon" href="data:,"></head><body>${site.body}</body></html>`);
    });
    return site;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await once(this.server.close(), 'close');
  }
}
