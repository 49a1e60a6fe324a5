/** A way to a Redis server that can be cut: once, right before the next answer comes through, or for good. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttableWay {
  readonly url: string;
  /** The next answer from the server is lost, and its connection with it. Resolves once it is. */
  loseNextAnswer(): Promise<void>;
  close(): Promise<void>;
}

export async function cuttableWay(port: number): Promise<CuttableWay> {
  const sockets = new Set<Socket>();
  let lose: (() => void) | undefined;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => {
      // Answers to scripts only: what is pinged meanwhile comes through.
      if (lose === undefined || /^\+|^:/.test(data.toString())) return void near.write(data);
      const lost = lose;
      lose = undefined;
      near.resetAndDestroy();
      lost();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    loseNextAnswer: () => new Promise((resolve) => (lose = resolve)),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
