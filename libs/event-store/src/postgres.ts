import type pg from 'pg';
import {
  type Appended,
  assertStorable,
  EventStore,
  type Expected,
  type NewEvent,
  NotStorable,
  type Position,
  type StaleRevision,
  type StoredEvent,
  StoreUnavailable,
} from './event-store.ts';
import { type Asked, GroupCommit, type Outcome } from './group-commit.ts';
import { commit } from './postgres-append.ts';
import { PostgresBell } from './postgres-bell.ts';
import { readAfter, readStream } from './postgres-read.ts';
import { prepare } from './postgres-schema.ts';
import { insist, PostgresServer } from './postgres-server.ts';
import { take } from './postgres-take.ts';
import type { Range } from './rows.ts';
import { beginningsOf } from './taking.ts';

const READERS = 4;
const FOLLOW_PAGE = 1_000;

/**
 * The log in a PostgreSQL database, to which several processes may write. The appends that wait are committed
 * together, one batch at a time; processes take turns on the head of the log. A batch whose outcome is unknown because
 * the connection was lost is asked for again on another: what was written is known by its ids.
 */
export class PostgresEventStore extends EventStore {
  readonly #server: PostgresServer;
  readonly #channel: string;
  readonly #bell: PostgresBell;
  readonly #pool: pg.Pool;
  #writer: pg.Client | undefined;
  readonly #commits = new GroupCommit((batch) => this.#commitAll(batch));
  readonly #reading = new Set<Promise<unknown>>();
  #closed = false;

  /**
   * `url`: `postgres://user:password@host:port/database`, and `?sslmode=verify-full` for TLS. The log is in the first
   * schema of the connection's search_path, and is made where there is none, unless it is `existing`. Throws
   * `StoreUnavailable`.
   */
  static async open(
    url: string,
    { existing = false }: { existing?: boolean } = {},
  ): Promise<PostgresEventStore> {
    const server = new PostgresServer(url);
    try {
      const writer = await server.connect('writer');
      return new PostgresEventStore(server, writer, await prepare(writer, server.name, existing));
    } catch (error) {
      await server.close([]);
      throw server.unavailable(error);
    }
  }

  private constructor(server: PostgresServer, writer: pg.Client, channel: string) {
    super();
    this.#server = server;
    this.#channel = channel;
    this.#writer = writer;
    this.#bell = new PostgresBell(server, channel);
    this.#pool = server.pool(READERS);
  }

  async append(
    stream: string,
    expected: Expected,
    events: readonly NewEvent[],
  ): Promise<Appended | StaleRevision> {
    assertStorable(stream, events);
    this.#assertOpen();
    return this.#commits.append({ stream, expected, events });
  }

  async take(events: readonly StoredEvent[]): Promise<void> {
    const beginnings = beginningsOf(events);
    this.#assertOpen();
    await this.#awaited(this.#alone((client) => take(client, this.#channel, events, beginnings)));
    this.#bell.ring();
  }

  async read(stream: string, options: Range = {}): Promise<StoredEvent[]> {
    return this.#read((pool) => readStream(pool, stream, options));
  }

  async readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    return this.#read((pool) => readAfter(pool, after, limit));
  }

  async *follow(after: Position | undefined, signal: AbortSignal): AsyncIterable<StoredEvent[]> {
    this.#bell.listen();
    for (let seen = after; !signal.aborted; ) {
      const { rings } = this.#bell;
      const page = await this.readAll(seen, FOLLOW_PAGE);
      seen = page.at(-1)?.position ?? seen;
      if (page.length === 0) await this.#bell.next(rings, signal);
      else if (!signal.aborted) yield page;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled([this.#commits.idle(), ...this.#reading]);
    await this.#server.close([this.#pool.end(), this.#bell.close(), this.#writer?.end()]);
  }

  async #commitAll(batch: readonly Asked[]): Promise<readonly Outcome[]> {
    try {
      const outcomes = await this.#insist(() => this.#commit(batch));
      this.#bell.ring();
      return outcomes;
    } catch (error) {
      throw this.#server.unavailable(error);
    }
  }

  /** A connection on which something failed is not used again. */
  async #commit(batch: readonly Asked[]): Promise<readonly Outcome[]> {
    const writer = this.#writer ?? (await this.#server.connect('writer'));
    try {
      this.#writer = undefined;
      const outcomes = await commit(writer, this.#channel, batch);
      this.#writer = writer;
      return outcomes;
    } catch (error) {
      void writer.end();
      throw error;
    }
  }

  async #read(ask: (pool: pg.Pool) => Promise<StoredEvent[]>): Promise<StoredEvent[]> {
    this.#assertOpen();
    return this.#awaited(this.#insist(() => ask(this.#pool)));
  }

  /** Work on a connection that nothing else has meanwhile. One on which something failed is not used again. */
  async #alone(work: (client: pg.ClientBase) => Promise<void>): Promise<void> {
    const client = await this.#insist(() => this.#pool.connect());
    try {
      await work(client);
      client.release();
    } catch (error) {
      client.release(!(error instanceof NotStorable));
      throw error;
    }
  }

  /** What comes of work that `close` waits for. */
  async #awaited<T>(work: Promise<T>): Promise<T> {
    this.#reading.add(work);
    try {
      return await work;
    } catch (error) {
      throw error instanceof NotStorable ? error : this.#server.unavailable(error);
    } finally {
      this.#reading.delete(work);
    }
  }

  #insist<T>(work: () => Promise<T>): Promise<T> {
    return insist(work, () => !this.#closed);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreUnavailable(`The log at ${this.#server.name} was closed`);
  }
}
