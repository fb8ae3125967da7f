import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, MOST_REQUEST_BYTES } from '@app/ledger';

/** What a witness answers over HTTP (C2SP tlog-witness v1.0.0). */
export type Answering = {
  readonly addCheckpoint: (body: Buffer) => Promise<Answer>;
  readonly checkpoint: (originHash: string) => Promise<Answer>;
  /** What a semantic witness found wrong; undefined: this one does not look. */
  readonly findings?: () => Promise<unknown>;
};

const STOPPING_MS = 2_000;
const REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 500;
const CHECKPOINT = /^\/([0-9a-f]{64})\/checkpoint$/;

type Route = { readonly method: 'GET' | 'POST'; readonly answer: (body: Buffer) => Promise<Answer> };

/** A server that listens; `stop` takes no more requests, answers those it has, and ends within 2 s. */
export type Listening = { readonly url: string; readonly stop: () => Promise<void> };

/** Serves a witness. `failed` is told of faults, which the asker is told as 503 without their words. */
export async function serveWitness(
  witness: Answering,
  at: { readonly host: string; readonly port: number },
  failed: (cause: unknown) => void,
): Promise<Listening> {
  const server = createServer(listener(witness, failed));
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(at.port, at.host, done);
  });
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    stop: () => stop(server),
  };
}

function stop(server: Server): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(() => server.closeAllConnections(), STOPPING_MS);
    server.close(() => {
      clearTimeout(timer);
      done();
    });
    server.closeIdleConnections();
  });
}

function listener(witness: Answering, failed: (cause: unknown) => void): RequestListener {
  return (request, response) => {
    const answering = answer(witness, request).catch((cause: unknown): Answer => {
      // An asker that went away is no fault.
      if (!request.destroyed || request.complete) failed(cause);
      return plain(503, 'saksi sedang tidak dapat menjawab / the witness cannot answer now; try again');
    });
    void answering.then(({ status, headers, body }) => {
      const isRead = request.complete;
      response.writeHead(status, { ...headers, ...(isRead ? {} : { Connection: 'close' }) });
      response.end(body);
    });
  };
}

async function answer(witness: Answering, request: IncomingMessage): Promise<Answer> {
  const route = routeOf(witness, request.url ?? '');
  if (!route) return plain(404, 'tidak ada / there is nothing here');
  if (request.method !== route.method)
    return { ...plain(405, `hanya / only ${route.method}`), headers: { Allow: route.method } };
  return route.answer(route.method === 'POST' ? await bodyIn(request) : Buffer.alloc(0));
}

function routeOf(witness: Answering, path: string): Route | undefined {
  const { findings } = witness;
  const [, originHash] = CHECKPOINT.exec(path) ?? [];
  if (originHash !== undefined) return { method: 'GET', answer: () => witness.checkpoint(originHash) };
  switch (path) {
    case '/add-checkpoint':
      return { method: 'POST', answer: (body) => witness.addCheckpoint(body) };
    case '/livez':
      return { method: 'GET', answer: async () => plain(200, 'ok') };
    case '/findings':
      return findings && { method: 'GET', answer: async () => json(await findings()) };
    default:
      return undefined;
  }
}

const plain = (status: number, words: string): Answer => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: `${words}\n`,
});

const json = (value: unknown): Answer => ({
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body: `${JSON.stringify(value)}\n`,
});

/** The body; of one that is too long only so much that it is seen to be. */
async function bodyIn(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The connection stays, for the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST_REQUEST_BYTES) break;
  }
  return Buffer.concat(chunks);
}
