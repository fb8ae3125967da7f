import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudEvent } from '@app/delivery';
import type { Asked } from './asked.ts';
import { anyAt, eventAt, type Said } from './events.ts';
import { answerFeed, problem } from './feed.ts';
import { answerStream } from './stream.ts';

/** What a request meets instead of its answer, or in the middle of it. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The connection is reset when so many bytes of the answer were sent. */
  | { readonly resetAfter: number }
  /** Nothing is answered, and the connection stays. */
  | 'silence';

/**
 * Jejak's feed and stream for tests of those who read them: what is asked and answered on the wire is what the service says
 * of itself, the events are made as it makes them, and it fails as it is told. It authorises nobody but `token`.
 */
export class FeedDouble {
  readonly token = 'jjk_test';
  /** What each request meets. */
  fault: (asked: Asked) => Fault | undefined = () => undefined;
  readonly asked: Asked[] = [];
  /** How many events a filtered stream may pass over without a word. */
  checkpointEvery = 100;
  readonly #events: CloudEvent[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(events = 0): Promise<FeedDouble> {
    const double = new FeedDouble();
    double.#server.listen(0, '127.0.0.1');
    await once(double.#server, 'listening');
    double.append(events);
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get events(): readonly CloudEvent[] {
    return this.#events;
  }

  /** Records so many events more. */
  append(count: number): void {
    for (let left = count; left > 0; left--) this.#record(anyAt(this.#events.length));
    this.#news.emit('more');
  }

  record(...said: readonly Said[]): void {
    for (const one of said) this.#record(one);
    this.#news.emit('more');
  }

  /** Settles when there is more, or when the signal aborts. */
  async more(signal: AbortSignal): Promise<void> {
    await once(this.#news, 'more', { signal }).catch(() => undefined);
  }

  /** Ends all streams, as at a shutdown. */
  endStreams(): void {
    this.#news.emit('end');
  }

  /** Calls when the streams are to end; gives what takes that back. */
  whenEnded(call: () => void): () => void {
    this.#news.once('end', call);
    return () => this.#news.off('end', call);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #record(said: Said): void {
    this.#events.push(eventAt(this.#events.length, said, 'https://jejak.test/'));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = { url: new URL(request.url ?? '/', this.url), headers: request.headers };
    this.asked.push(asked);
    const fault = this.fault(asked);
    if (fault === 'silence') return;
    if (fault && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    if (fault) resetAfter(response, fault.resetAfter);
    if (request.headers.authorization !== `Bearer ${this.token}`)
      problem(response, 401, 'A valid token is needed');
    else await this.#route(asked, response);
  }

  async #route(asked: Asked, response: ServerResponse): Promise<void> {
    const { pathname } = asked.url;
    if (pathname === '/v1/events') return answerFeed(this, asked, response);
    if (pathname === '/v1/events/stream') return answerStream(this, asked, response);
    const event = this.#events.find(({ id }) => pathname === `/v1/events/${id}`);
    if (!event) return problem(response, 404, 'Not found');
    response.writeHead(200, { 'content-type': 'application/cloudevents+json' }).end(JSON.stringify(event));
  }
}

/** Lets so many bytes of an answer through, and resets its connection. */
function resetAfter(response: ServerResponse, bytes: number): void {
  let left = bytes;
  const { socket } = response;
  const write = socket?.write.bind(socket) as ((chunk: string | Uint8Array) => boolean) | undefined;
  if (!socket || !write) return;
  const cut = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const whole = Buffer.from(chunk as string, typeof rest[0] === 'string' ? (rest[0] as 'utf8') : 'utf8');
    if (whole.length < left) {
      left -= whole.length;
      return (write as (...all: unknown[]) => boolean)(chunk, ...rest);
    }
    if (left > 0) write(whole.subarray(0, left));
    left = 0;
    setImmediate(() => socket.resetAndDestroy());
    return false;
  };
  socket.write = cut as typeof socket.write;
}
