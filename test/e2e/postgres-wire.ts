import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The way between a client and a server, on which answers and questions can be lost. */
export class Wire {
  static async to(url: string): Promise<Wire> {
    const wire = new Wire(new URL(url));
    await once(wire.#server, 'listening');
    return wire;
  }

  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #onQuestion: (() => Promise<void>) | undefined;
  #onAnswer: (() => Promise<void>) | undefined;
  #isFrozen = false;
  /** New connections wait for it. */
  #mended = Promise.resolve();

  private constructor(private readonly target: URL) {
    this.#server = createServer((client) => void this.#join(client)).listen(0, '127.0.0.1');
  }

  /** The server, by this way. */
  get url(): string {
    const address = this.#server.address();
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(typeof address === 'object' ? address?.port : '');
    return url.href.replaceAll('+', '%20');
  }

  /** The next question is lost on the way, and the connection with it. */
  loseQuestion(): void {
    this.#onQuestion = async () => undefined;
  }

  /** The next answer is lost on the way, and the connection with it; nobody can connect before `meanwhile` is done. */
  loseAnswer(meanwhile: () => Promise<void>): void {
    this.#onAnswer = meanwhile;
  }

  /** Nothing passes any more, and nobody is told. */
  freeze(): void {
    this.#isFrozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What passed nothing is cut; new connections pass again. */
  thaw(): void {
    this.#isFrozen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #join(client: Socket): Promise<void> {
    this.#keep(client);
    await this.#mended;
    if (this.#isFrozen) return;
    const server = connect(Number(this.target.port || 5432), this.target.hostname);
    this.#keep(server);
    client.on('data', (bytes) => {
      const lost = this.#onQuestion;
      this.#onQuestion = undefined;
      if (lost) this.#cut([client, server], lost);
      else server.write(bytes);
    });
    server.on('data', (bytes) => {
      const lost = this.#onAnswer;
      this.#onAnswer = undefined;
      if (lost) this.#cut([client, server], lost);
      else client.write(bytes);
    });
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }

  #cut(sockets: readonly Socket[], meanwhile: () => Promise<void>): void {
    this.#mended = meanwhile();
    for (const socket of sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
