import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

type Line = { readonly client: Socket; server?: Socket };

/** What lies between the clients and the server: it can reset connections, or swallow everything. */
export class Network {
  readonly #lines = new Set<Line>();
  #swallowing = false;
  #behind = 0;
  #listener: Server | undefined;

  /** Listens on a port (0: any free one) for a server that listens on `behind`; gives the port. */
  async open(port: number, behind: number): Promise<number> {
    this.#behind = behind;
    const listener = createServer((client) => this.#accept(client));
    this.#listener = listener;
    listener.listen(port, HOST);
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  }

  /** Resets all connections. */
  reset(): void {
    for (const { client, server } of this.#lines) {
      client.resetAndDestroy();
      server?.destroy();
    }
    this.#lines.clear();
  }

  /** Accepts connections and bytes, and answers nothing; later all goes on as if it had only taken long. */
  swallow(on: boolean): void {
    if (on === this.#swallowing) return;
    this.#swallowing = on;
    for (const line of this.#lines) {
      if (on) stop(line);
      else this.#forward(line);
    }
  }

  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    this.reset();
    if (!listener) return;
    listener.close();
    await once(listener, 'close');
  }

  #accept(client: Socket): void {
    const line: Line = { client };
    this.#lines.add(line);
    client.setNoDelay();
    client.on('error', () => undefined);
    client.on('close', () => this.#end(line));
    if (!this.#swallowing) this.#forward(line);
  }

  #forward(line: Line): void {
    const server = line.server ?? this.#connect(line);
    line.client.pipe(server);
    server.pipe(line.client);
  }

  #connect(line: Line): Socket {
    const server = connect({ host: HOST, port: this.#behind, noDelay: true });
    line.server = server;
    server.on('error', () => undefined);
    server.on('close', () => this.#end(line));
    return server;
  }

  #end(line: Line): void {
    line.client.destroy();
    line.server?.destroy();
    this.#lines.delete(line);
  }
}

function stop({ client, server }: Line): void {
  client.unpipe();
  client.pause();
  server?.unpipe();
  server?.pause();
}
