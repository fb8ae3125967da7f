import { ask, baseOf, type Server } from './asking.ts';
import { events, type PageWanted, page, pages } from './feed.ts';
import { PACE, type Pace, Retries, type Retry, Watch } from './pace.ts';
import { type StreamTold, stream } from './stream.ts';
import type { CloudEvent, Page, Told, Wanted } from './types.ts';

export type ClientOptions = {
  /** The address of Jejak, as `https://jejak.example`. */
  readonly baseUrl: string;
  /** An API key or a JWT; a function is asked before every request, for one that expires. */
  readonly token: string | (() => string | Promise<string>);
  /** What the reading is for; it is kept in the access log. Needed with a JWT; an API key has its own. */
  readonly purpose?: string | undefined;
  readonly fetch?: typeof fetch;
  /** Told of every fault that is waited out: the iterators never give up by themselves. */
  readonly onRetry?: (retry: Retry) => void;
  /** Time and chance, for tests. */
  readonly pace?: Partial<Pace>;
};

/**
 * Reads the events of Jejak in their one order. `pages`, `events` and `stream` go on for ever: they wait for what is new, and
 * wait out faults of the network, 429 and 5xx (as long as Retry-After asks). They end without an error when the signal
 * aborts, and with a `JejakError` where asking again would not help: 401, 403, 400.
 */
export class JejakClient {
  readonly #server: Server;
  readonly #onRetry: ((retry: Retry) => void) | undefined;

  constructor({ baseUrl, token, purpose, fetch = globalThis.fetch, onRetry, pace }: ClientOptions) {
    this.#server = {
      baseUrl: baseOf(baseUrl),
      token: typeof token === 'string' ? () => token : token,
      purpose,
      fetch,
      pace: { ...PACE, ...pace },
    };
    this.#onRetry = onRetry;
  }

  /** One request of the feed, once. Throws `JejakError`. */
  page(wanted: PageWanted = {}): Promise<Page> {
    return page(this.#server, wanted);
  }

  /** The feed by pages: keep `after` once for each, when all its events were dealt with. The fastest way to catch up. */
  pages(wanted: PageWanted = {}): AsyncGenerator<Page, void, void> {
    return pages(this.#server, wanted, this.#retries(wanted));
  }

  /** The feed by events. */
  events(wanted: PageWanted = {}): AsyncGenerator<Told, void, void> {
    return events(this.#server, wanted, this.#retries(wanted));
  }

  /** The events as they come, by server-sent events; where there is no `event`, nothing up to `after` was wanted. */
  stream(wanted: Wanted = {}): AsyncGenerator<StreamTold, void, void> {
    return stream(this.#server, wanted, this.#retries(wanted));
  }

  /** One event by its id, with its data where this token may read it (each such reading is in the access log). */
  async event(id: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<CloudEvent> {
    const watch = new Watch(signal, this.#server.pace.silenceMs);
    try {
      const path = `v1/events/${encodeURIComponent(id)}`;
      const asked = ask(this.#server, path, {}, 'application/cloudevents+json', watch.signal);
      return (await watch.next((await watch.next(asked)).json())) as CloudEvent;
    } finally {
      watch.end();
    }
  }

  #retries({ signal }: Wanted): Retries {
    return new Retries(this.#server.pace, this.#onRetry, signal);
  }
}
