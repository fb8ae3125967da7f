import type { Position, StoredEvent } from './event-store.ts';
import type { KurrentClient, Seen } from './kurrent-client.ts';
import type { KnownIds } from './kurrent-known.ts';
import { type Patience, Unanswered } from './kurrent-patience.ts';
import type { Range } from './rows.ts';

const PAGE = 1_000;

/**
 * Reads in bounded pages, each asked for again until it is answered. A server that goes down may end an answer as if it
 * were whole: so every read asks for something that is known to be there, and an empty answer is not believed.
 */
export class KurrentReader {
  /** Between these positions there is nothing of ours: what the server writes for itself is passed over once. */
  #nothing = { after: -1, upTo: -1 };

  constructor(
    private readonly client: KurrentClient,
    private readonly patience: Patience,
    private readonly known: KnownIds,
  ) {}

  async stream(stream: string, { from, backwards = false, limit }: Range): Promise<StoredEvent[]> {
    const most = atMost(limit);
    const step = backwards ? -1 : 1;
    const events: StoredEvent[] = [];
    let next = backwards ? from : (from ?? 0);
    for (let ended = false; !ended && events.length < most; ) {
      const count = Math.min(most - events.length, PAGE);
      const page = await (backwards
        ? this.#backwards(stream, next, count)
        : this.forwards(stream, next, count));
      events.push(...page);
      next = (page.at(-1)?.revision ?? 0) + step;
      ended = page.length < count || next < 0;
    }
    return events;
  }

  /** The next events of ours after a position, at most `limit`. */
  async after(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    const most = atMost(limit);
    const events: StoredEvent[] = [];
    let at = this.#pastNothing(after);
    for (let ended = false; !ended && events.length < most; ) {
      const count = Math.min(most - events.length, PAGE) + 1;
      const seen = await this.#onwards(at, count);
      const news = growing(seen, at ?? -1).slice(0, count - 1);
      events.push(...news.flatMap(({ event }) => event ?? []));
      at = news.at(-1)?.position ?? at;
      ended = seen.length < count;
      if (ended) this.#nothing = { after: events.at(-1)?.position ?? after ?? -1, upTo: at ?? -1 };
    }
    return events;
  }

  /** The last revision of a stream; -1: it has no events. */
  async last(stream: string): Promise<number> {
    const [last] = await this.#backwards(stream, undefined, 1);
    return last?.revision ?? -1;
  }

  /** The last event of ours in the log. */
  async lastOfAll(): Promise<StoredEvent | undefined> {
    for (let count = 64; ; count *= 8) {
      const seen = await this.patience.persist(this.patience.until(), (ms) => this.client.readEnd(count, ms));
      const last = seen.find(({ event }) => event)?.event;
      if (last || seen.length < count) return last;
    }
  }

  /** One page of a stream. It begins a revision earlier, with an event that should be there. */
  async forwards(stream: string, from = 0, count = PAGE): Promise<StoredEvent[]> {
    const start = Math.max(from - 1, 0);
    const answer = await this.patience.persist(this.patience.until(), async (ms) => {
      const page = await this.client.readStream(stream, start, false, count + from - start, ms);
      if (page?.length === 0) assertEndsBefore(start, await this.#ending(stream, 1, ms));
      return page ?? [];
    });
    const events = answer.filter(({ revision }, n) => revision > (answer[n - 1]?.revision ?? -1));
    const ids = events.map(({ id }) => id);
    this.known.learn(stream, events[0]?.revision ?? 0, ids);
    return events.filter(({ revision }) => revision >= from).slice(0, count);
  }

  /** One page of a stream, the last event first; `from`: undefined: its last. */
  async #backwards(stream: string, from: number | undefined, count: number): Promise<StoredEvent[]> {
    const answer = await this.patience.persist(this.patience.until(), async (ms) => {
      if (from === undefined) return this.#ending(stream, count, ms);
      const page = await this.client.readStream(stream, from, true, count, ms);
      if (page?.length !== 0) return page ?? [];
      const ending = await this.#ending(stream, count, ms);
      assertEndsBefore(from + 1, ending);
      return ending;
    });
    const falling = (revision: number, n: number) =>
      revision < (answer[n - 1]?.revision ?? Number.POSITIVE_INFINITY);
    return answer.filter(({ revision }, n) => falling(revision, n)).slice(0, count);
  }

  /** The last events of a stream, the last of them first. */
  async #ending(stream: string, count: number, ms: number): Promise<StoredEvent[]> {
    const page = await this.client.readStream(stream, 'end', true, count, ms);
    if (page?.length === 0) throw new Unanswered('an answer without events');
    return page ?? [];
  }

  /** What is in the log from a position on, it included. */
  #onwards(at: Position | undefined, count: number): Promise<Seen[]> {
    return this.patience.persist(this.patience.until(), async (ms) => {
      const seen = await this.client.readAll(at, count, ms);
      // Even a new server has events of its own.
      if (seen.length === 0) throw new Unanswered('an answer without events');
      return seen;
    });
  }

  #pastNothing(after: Position | undefined): Position | undefined {
    const from = after ?? -1;
    return from >= this.#nothing.after && from < this.#nothing.upTo ? this.#nothing.upTo : after;
  }
}

/** Without what comes twice or again. */
function growing(seen: readonly Seen[], after: Position): Seen[] {
  let last = after;
  return seen.filter(({ position }) => {
    if (position <= last) return false;
    last = position;
    return true;
  });
}

/** An empty answer is only true where the stream ends before what was asked for. */
function assertEndsBefore(revision: number, [last]: readonly StoredEvent[]): void {
  if (last && last.revision >= revision) throw new Unanswered('an answer without events');
}

const atMost = (limit = Number.MAX_SAFE_INTEGER): number => Math.max(Math.trunc(limit), 0);
