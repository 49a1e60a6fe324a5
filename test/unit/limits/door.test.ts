/** The door in front of a bare server: whoever asks ahead of the answers is cut, and nothing of them stays. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keepDoor } from '../../../src/limits/door.js';
import { LIMITS } from '../../../src/limits/settings.js';
import { createSources } from '../../../src/sources/whence.js';
import { eventually } from '../../support/running.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let server: Server;
/** The connections as the server sees them, without holding any. */
const seen: WeakRef<Socket>[] = [];

beforeEach(async () => {
  seen.length = 0;
  // Nobody is answered.
  server = createServer(() => undefined);
  server.on('connection', (socket: Socket) => seen.push(new WeakRef(socket)));
  const clock = { now: () => Date.now() };
  keepDoor(server, { settings: LIMITS, sources: createSources({ key: Buffer.alloc(32), clock }), clock });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => server.close());

async function ask(times: number): Promise<void> {
  const before = seen.length;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(times));
  socket.resume();
  if (times > 8) await once(socket, 'close');
  else await eventually(() => Promise.resolve(seen.length > before || undefined));
  socket.destroy();
}

it.each([['many requests before the first is answered', 500], ['as many as may be asked ahead', 8]])('holds nothing of a connection that is gone, after %s', async (_what, times) => {
  for (let connection = 0; connection < 5; connection += 1) await ask(times);
  expect(seen.length).toBeGreaterThanOrEqual(5);
  await eventually(() => {
    collect();
    return Promise.resolve(seen.every((one) => one.deref() === undefined) || undefined);
  });
});
