import {
  type Appended,
  assertStorable,
  EventStore,
  type Expected,
  firstRevision,
  type NewEvent,
  type Position,
  type StaleRevision,
  type StoredEvent,
  StoreUnavailable,
} from './event-store.ts';
import { KurrentBell } from './kurrent-bell.ts';
import { KurrentClient } from './kurrent-client.ts';
import { KnownIds } from './kurrent-known.ts';
import { type KurrentTimes, Patience } from './kurrent-patience.ts';
import { KurrentReader } from './kurrent-read.ts';
import { take } from './kurrent-take.ts';
import { kurrentAddress } from './kurrent-url.ts';
import type { Range } from './rows.ts';
import { beginningsOf } from './taking.ts';

const TIMES: KurrentTimes = { callMs: 5_000, totalMs: 30_000, openMs: 10_000, pollMs: 500 };
const FOLLOW_PAGE = 1_000;

/**
 * The log in KurrentDB (EventStoreDB 22.6 or later), in a database that nothing else writes to.
 *
 * A call whose outcome is unknown is repeated with the same ids and the same revision, which the server takes as done
 * where it was done. The server would write ids again that the stream has already, where they come under its last
 * revision: so before an append at revision n the ids of the events 0 to n are compared. They are known of streams that
 * this store has read or written; of others the rest is read first, once (a call a thousand events).
 *
 * `recordedAt` is the server's time as it stands in the event: the same for every reader, wherever it begins. It goes back
 * where the clock of the server does, as it may when another node of a cluster becomes the leader.
 */
export class KurrentEventStore extends EventStore {
  readonly #patience: Patience;
  readonly #known = new KnownIds();
  readonly #reader: KurrentReader;
  readonly #bell: KurrentBell;

  private constructor(
    private readonly client: KurrentClient,
    where: string,
    times: KurrentTimes,
  ) {
    super();
    this.#patience = new Patience(where, times);
    this.#reader = new KurrentReader(client, this.#patience, this.#known);
    this.#bell = new KurrentBell((ring, lost) => client.listen(ring, lost, times.callMs), times.pollMs);
  }

  /**
   * `url`: `kurrentdb://` or `kurrentdb+discover://` (`esdb` likewise), with the client's options for TLS and cluster;
   * `times`: see `KurrentTimes`. Throws `StoreUnavailable` where the URL is wrong or nobody answers in time.
   */
  static async open(url: string, times: Partial<KurrentTimes> = {}): Promise<KurrentEventStore> {
    const address = kurrentAddress(url);
    const all = { ...TIMES, ...times };
    const store = new KurrentEventStore(await KurrentClient.connect(address), address.where, all);
    try {
      await store.#patience.persist(store.#patience.until(all.openMs), (ms) =>
        store.client.readAll(undefined, 1, ms),
      );
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async append(
    stream: string,
    expected: Expected,
    events: readonly NewEvent[],
  ): Promise<Appended | StaleRevision> {
    assertStorable(stream, events);
    return this.#patience.run((until) => this.#append(stream, expected, events, until));
  }

  /**
   * The server has a time of its own: the one an event was recorded at is kept beside its metadata. What one stream has
   * in a row is one append; the rest of the batch is not written where the server fails.
   */
  async take(events: readonly StoredEvent[]): Promise<void> {
    const beginnings = beginningsOf(events);
    return this.#patience.run(() => take(events, beginnings, this.#reader, this.#writing));
  }

  read(stream: string, options: Range = {}): Promise<StoredEvent[]> {
    return this.#patience.run(() => this.#reader.stream(stream, options));
  }

  readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    return this.#patience.run(() => this.#reader.after(after, limit));
  }

  /** What the subscription gives is only a reason to read: nothing hangs on how it is lost or what it gives twice. */
  async *follow(after: Position | undefined, signal: AbortSignal): AsyncIterable<StoredEvent[]> {
    let seen = after;
    for (let rung = true; !signal.aborted; ) {
      const rings = this.#bell.rings;
      const page = await unlessAborted(this.#page(seen), signal);
      if (page === undefined || page.length === 0) {
        rung = await this.#bell.next(rings, signal);
        continue;
      }
      // There is news that it did not tell: it may be dead without a word.
      if (!rung) this.#bell.hangUp();
      rung = true;
      seen = page.at(-1)?.position;
      yield page;
    }
  }

  /** Answers what was asked before, though it waits no longer than for one call and repeats nothing any more. */
  async close(): Promise<void> {
    const idle = this.#patience.close();
    this.#bell.ring();
    await idle;
    this.#bell.hangUp();
    await this.client.close();
  }

  readonly #append = async (
    stream: string,
    expected: Expected,
    events: readonly NewEvent[],
    until = this.#patience.until(),
  ): Promise<Appended | StaleRevision> => {
    if (events.length === 0) return { revision: await this.#reader.last(stream) };
    const first = firstRevision(expected);
    const ids = events.map(({ id }) => id);
    const last = await this.#staleAt(stream, first, ids);
    if (last !== undefined) return { stale: true, actual: last < 0 ? 'no-stream' : last };
    const other = await this.#patience.persist(until, (ms) =>
      this.client.append(stream, expected, events, ms),
    );
    if (other) return { stale: true, actual: other.actual };
    this.#known.learn(stream, first, ids);
    this.#bell.ring();
    return { revision: first + ids.length - 1 };
  };

  readonly #writing = {
    append: this.#append,
    staleAt: (stream: string, first: number, ids: readonly string[]) => this.#staleAt(stream, first, ids),
  };

  /** The next events for a follower; none where the log is out of reach: it asks again. */
  async #page(after: Position | undefined): Promise<StoredEvent[]> {
    try {
      return await this.readAll(after, FOLLOW_PAGE);
    } catch (error) {
      if (this.#patience.closed || !(error instanceof StoreUnavailable)) throw error;
      return [];
    }
  }

  /**
   * The last revision of a stream, where an append that begins at `first` must be refused without asking the server: the
   * stream does not reach that far, or has one of the ids before.
   */
  async #staleAt(stream: string, first: number, ids: readonly string[]): Promise<number | undefined> {
    if (Number.isNaN(first)) return this.#reader.last(stream);
    for (let from = this.#known.count(stream); from < first; from = this.#known.count(stream)) {
      const page = await this.#reader.forwards(stream, from);
      if (page.length === 0) return from - 1;
      if (page[0]?.revision !== from)
        throw new StoreUnavailable(
          `The stream ${stream} lacks its event ${from}: restore the log from a backup`,
        );
    }
    return this.#known.holdsAny(stream, first - 1, ids) ? this.#reader.last(stream) : undefined;
  }
}

/** What comes of it; undefined, and at once, where the signal aborts before. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let stop = () => {};
  const aborted = new Promise<undefined>((settle) => {
    stop = () => settle(undefined);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
