/**
 * A load balancer of plain bytes, for tests: each connection goes, in turn, to one of the places that say they are ready.
 * Of HTTP it knows nothing but that question.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** How often it asks who is ready: load balancers take seconds, tests have none to lose. */
const ASK_EVERY_MS = 50;

interface Place {
  readonly port: number;
  ready: boolean;
}

export class TcpProxy {
  private places: Place[] = [];
  private turn = 0;
  private closed = false;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async open(): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server);
    server.on('connection', (near) => { proxy.lead(near, proxy.places.length); });
    return proxy;
  }

  get url(): string {
    return `http://localhost:${String((this.server.address() as AddressInfo).port)}`;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Where connections may go, each to be asked at `/health` on that port of this machine. */
  serve(ports: readonly number[]): void {
    this.places = ports.map((port) => ({ port, ready: false }));
    for (const place of this.places) void this.watch(place);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private async watch(place: Place): Promise<void> {
    while (!this.closed) {
      // One that is slow to say so is still there: on a busy machine none would be left.
      place.ready = await fetch(`http://127.0.0.1:${String(place.port)}/health`, { signal: AbortSignal.timeout(2_000), headers: { connection: 'close' } }).then(({ ok }) => ok, (error: unknown) => place.ready && error instanceof Error && error.name === 'TimeoutError');
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }

  /** To the next that is ready; another one where it is gone already. */
  private lead(near: Socket, tries: number): void {
    const ready = this.places.filter((place) => place.ready);
    const place = ready[(this.turn += 1) % Math.max(1, ready.length)];
    if (place === undefined || tries === 0) {
      near.destroy();
      return;
    }
    const far = connect(place.port, '127.0.0.1');
    const again = (): void => { this.lead(near, tries - 1); };
    far.once('error', again).once('connect', () => {
      far.off('error', again);
      this.join(near, far);
    });
  }

  private join(near: Socket, far: Socket): void {
    for (const [one, other] of [[near, far], [far, near]] as const) {
      this.sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.once('close', () => {
        this.sockets.delete(one);
        // What the other still has to be given is given before.
        other.destroySoon();
      });
    }
    near.pipe(far).pipe(near);
  }
}
