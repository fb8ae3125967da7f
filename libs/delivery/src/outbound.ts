import { lookup } from 'node:dns/promises';
import { setMaxListeners } from 'node:events';
import {
  Agent as HttpAgent,
  type IncomingMessage,
  request as overHttp,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as overHttps } from 'node:https';
import { isIP } from 'node:net';
import { Failed, failedBy, isNotReached, type SinkFault } from './failed.ts';
import { addressFault, checkSink, hostOf, type SinkPolicy } from './sink.ts';

/** A webhook on its way. `body`: the very bytes that were signed. `signal`: gives it up. */
export type Posting = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly signal?: AbortSignal;
};

/**
 * What came of an attempt, after so many ms: the status with the beginning of the answer as printable text, or why
 * there is no answer, in words for the subscriber that say nothing of the network inside.
 */
export type Attempt =
  | { readonly status: number; readonly ms: number; readonly head: string; readonly retryAfter?: string }
  | { readonly fault: SinkFault; readonly ms: number; readonly detail: string };

type Answer = { readonly status: number; readonly head: string; readonly retryAfter?: string };
type Request = RequestOptions & { readonly servername: string; readonly rejectUnauthorized: true };

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const MOST_BYTES = 65_536;
const HEAD_BYTES = 1_024;
const MOST_RETRY_AFTER = 64;
const MOST_ADDRESSES = 4;
const TIMEOUT_MS = 15_000;
/** A connection that nothing was sent on for so long is closed. */
const IDLE_MS = 30_000;

/**
 * Posts webhooks, and nowhere but where the policy lets them (proof 3.24). At every attempt the host is asked for once,
 * all its addresses are judged, and the connection is made to one of those: what the name says a moment later is of no
 * account. The certificate is verified against the name. Redirects are answers like others. Connections are kept
 * alive, each for the address that it goes to.
 */
export class Outbound {
  readonly #policy: SinkPolicy;
  readonly #resolve: Resolve;
  readonly #timeoutMs: number;
  readonly #http = new HttpAgent({ keepAlive: true, timeout: IDLE_MS });
  readonly #https: HttpsAgent;

  /** `timeoutMs`: of an attempt, from the question for the address to the end of the answer. `ca`: roots of TLS, PEM. */
  constructor(
    policy: SinkPolicy,
    options: { readonly timeoutMs?: number; readonly resolve?: Resolve; readonly ca?: string } = {},
  ) {
    this.#policy = policy;
    this.#resolve = options.resolve ?? addressesOf;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#https = new HttpsAgent({ keepAlive: true, timeout: IDLE_MS, ca: options.ca });
  }

  /** One attempt. Whatever the sink does is its outcome; throws only at what no request can be made of. */
  async post(posting: Posting): Promise<Attempt> {
    const began = performance.now();
    const took = () => Math.round(performance.now() - began);
    const over = new AbortController();
    const late = () =>
      over.abort(new Failed('timeout', `did not answer within ${this.#timeoutMs / 1_000} s`));
    const timer = setTimeout(late, this.#timeoutMs);
    const release = follow(posting.signal, over);
    try {
      return { ...(await unless(over.signal, this.#attempt(posting, over.signal))), ms: took() };
    } catch (cause) {
      const failed = over.signal.aborted ? over.signal.reason : cause;
      if (!(failed instanceof Failed)) throw failed;
      return { fault: failed.fault, detail: failed.message, ms: took() };
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  /** Closes the connections, also those in use. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #attempt({ url: text, headers, body }: Posting, signal: AbortSignal): Promise<Answer> {
    refuse(checkSink(text, this.#policy));
    const url = new URL(text);
    const host = hostOf(url);
    const isName = isIP(host) === 0;
    const addresses = isName ? await this.#lookedUp(host) : [host];
    signal.throwIfAborted();
    refuse(addressFault(url, addresses, this.#policy));
    const request = {
      method: 'POST',
      port: url.port || undefined,
      path: url.pathname + url.search,
      agent: url.protocol === 'https:' ? this.#https : this.#http,
      servername: isName ? host.replace(/\.$/, '') : '',
      rejectUnauthorized: true,
      signal,
      headers: {
        ...headers,
        host: url.host,
        'content-type': 'application/cloudevents+json',
        'content-length': body.byteLength,
        'user-agent': 'Jejak-Webhooks/1',
      },
    } as const;
    return reach(request, addresses.slice(0, MOST_ADDRESSES), body);
  }

  async #lookedUp(host: string): Promise<readonly string[]> {
    const addresses = await this.#resolve(host).catch(() => []);
    if (addresses.length === 0) throw new Failed('dns', 'has a host whose name leads to no address');
    return addresses;
  }
}

/** IPv4 first: where there is no way out by IPv6, each attempt would try that in vain. */
const addressesOf: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: false })).map(({ address }) => address);

function refuse(detail: string | undefined): void {
  if (detail !== undefined) throw new Failed('refused-address', detail);
}

/** Gives up what is under way when somebody says so; the answer lets go of their signal. */
function follow(signal: AbortSignal | undefined, over: AbortController): () => void {
  if (!signal) return () => undefined;
  const stop = () => over.abort(new Failed('aborted', 'was given up by the sender'));
  if (signal.aborted) stop();
  // One signal for all that is under way at a time is no leak.
  setMaxListeners(Number.POSITIVE_INFINITY, signal);
  signal.addEventListener('abort', stop);
  return () => signal.removeEventListener('abort', stop);
}

/** What is promised, or the reason why it is too late. */
function unless<T>(signal: AbortSignal, promised: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([promised, aborted]);
}

/** By the first address that a connection can be made to. */
async function reach(request: Request, addresses: readonly string[], body: Uint8Array): Promise<Answer> {
  const [host, ...others] = addresses;
  try {
    return await exchange({ ...request, host }, body);
  } catch (cause) {
    if (others.length === 0 || !isNotReached(cause)) throw cause;
    return reach(request, others, body);
  }
}

function exchange(options: Request, body: Uint8Array): Promise<Answer> {
  const isHttps = options.agent instanceof HttpsAgent;
  return new Promise((resolve, reject) => {
    const request = (isHttps ? overHttps : overHttp)(options);
    const fail = (cause: unknown) => reject(failedBy(cause, isHttps));
    request.on('response', (response) => {
      const { statusCode = 0, headers } = response;
      const retryAfter = headers['retry-after']?.slice(0, MOST_RETRY_AFTER);
      const answer = (head: string) =>
        resolve({ status: statusCode, head, ...(retryAfter === undefined ? {} : { retryAfter }) });
      read(response, answer, fail);
    });
    request.on('upgrade', ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, head: '' });
    });
    request.on('error', (cause: NodeJS.ErrnoException) => {
      // A connection kept alive that the other side has closed in the meantime: by another one.
      const isStale = request.reusedSocket && cause.code === 'ECONNRESET';
      if (isStale) exchange(options, body).then(resolve, reject);
      else fail(cause);
    });
    request.end(body);
  });
}

/** Reads an answer for its beginning, and to its end so that the connection can be kept; not without end. */
function read(response: IncomingMessage, done: (head: string) => void, fail: (cause: unknown) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const end = () => done(printable(Buffer.concat(chunks)));
  response.on('data', (chunk: Buffer) => {
    if (length < HEAD_BYTES) chunks.push(chunk.subarray(0, HEAD_BYTES - length));
    length += chunk.length;
    if (length <= MOST_BYTES) return;
    end();
    response.destroy();
  });
  response.on('end', end);
  response.on('error', fail);
}

/** As text, without what a screen obeys and a database refuses; a character that is cut in two at the end is left out. */
const printable = (bytes: Buffer): string =>
  new TextDecoder()
    .decode(bytes, { stream: true })
    .replaceAll('\r\n', '\n')
    .replace(/[^\P{C}\n\t]/gu, '\ufffd');
