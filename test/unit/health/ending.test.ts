/** How an HTTP server is ended, and how many are sent elsewhere. */
import { once } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endServer, inGroups } from '../../../src/health/ending.js';

describe('the end of a server', () => {
  async function asked(): Promise<{ http: ReturnType<typeof createServer>; response: ServerResponse; answer: Promise<string> }> {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const answer = new Promise<string>((resolve) => {
      get({ port: (http.address() as AddressInfo).port, host: '127.0.0.1' }, (response) => { resolve(String(response.statusCode)); }).on('error', () => { resolve('cut'); });
    });
    const [, response] = (await once(http, 'request')) as [unknown, ServerResponse];
    return { http, response, answer };
  }

  it('lets a request under way end', async () => {
    const { http, response, answer } = await asked();
    const ended = endServer(http, 5_000);
    response.end('done');
    expect(await answer).toBe('200');
    await ended;
    expect(http.listening).toBe(false);
  });

  it('cuts a request that does not end', async () => {
    const { http, answer } = await asked();
    await endServer(http, 10);
    expect(await answer).toBe('cut');
  });

  it('is nothing to wait for where it never listened', async () => {
    await endServer(createServer(), 60_000);
  });
});

it('sends many elsewhere in groups, each of them once, and few at once', async () => {
  const left: number[] = [];
  const all = Array.from({ length: 120 }, (_, n) => n);
  const done = inGroups(all, (n) => left.push(n));
  const atOnce = left.length;
  await done;
  expect(left).toEqual(all);
  expect(atOnce).toBe(50);
});
