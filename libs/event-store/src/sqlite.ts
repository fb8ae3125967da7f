import { resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Bell } from './bell.ts';
import {
  type Appended,
  assertStorable,
  EventStore,
  type Expected,
  type NewEvent,
  type Position,
  type StaleRevision,
  type StoredEvent,
  StoreUnavailable,
} from './event-store.ts';
import { type Asked, GroupCommit, type Outcome } from './group-commit.ts';
import type { Range } from './rows.ts';
import { SqliteAppender } from './sqlite-append.ts';
import { isBusy, openToRead, openToWrite, unavailable } from './sqlite-file.ts';
import { SqliteReader } from './sqlite-read.ts';
import { beginningsOf } from './taking.ts';

/** How often a transaction is tried while another process writes: with `BUSY_MS`, about five seconds. */
const TRIES = 100;
const FOLLOW_PAGE = 1_000;
/** How often a follower looks for what other processes wrote. */
const POLL_MS = 100;

/**
 * The log in one SQLite file, which several processes may have open. The appends asked for in one turn of the event
 * loop are committed together. A connection that failed is closed and another opened when it is next needed, so that
 * the log works again once the cause is gone. Throws `StoreUnavailable` where the file cannot be opened.
 */
export class SqliteEventStore extends EventStore {
  readonly #file: string;
  #appender: SqliteAppender | undefined;
  #reader: SqliteReader | undefined;
  readonly #commits = new GroupCommit((batch) => this.#commit(batch));
  #taking: Promise<unknown> = Promise.resolve();
  #closed = false;
  readonly #bell = new Bell();

  /**
   * `file`: its directory must exist; the file is made where it does not, unless it is `existing`: then it must be a log,
   * and nothing is written to it before it is appended to.
   */
  constructor(file: string, { existing = false }: { existing?: boolean } = {}) {
    super();
    this.#file = resolve(file);
    if (!existing) this.#appender = new SqliteAppender(openToWrite(this.#file));
    this.#reader = new SqliteReader(openToRead(this.#file));
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
    const taking = this.#taking.then(() => this.#write((appender) => appender.take(events, beginnings)));
    this.#taking = taking.catch(() => undefined);
    try {
      await taking;
    } catch (error) {
      throw unavailable(error, this.#file);
    }
    this.#bell.ring();
  }

  async read(stream: string, options: Range = {}): Promise<StoredEvent[]> {
    return this.#read((reader) => reader.stream(stream, options));
  }

  async readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    return this.#read((reader) => reader.after(after, limit));
  }

  async *follow(after: Position | undefined, signal: AbortSignal): AsyncIterable<StoredEvent[]> {
    for (let seen = after; !signal.aborted; ) {
      const { rings } = this.#bell;
      const page = this.#read((reader) => reader.after(seen, FOLLOW_PAGE));
      seen = page.at(-1)?.position ?? seen;
      if (page.length === 0) await this.#bell.next(rings, POLL_MS, signal);
      else yield page;
      await turn();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#commits.idle();
    await this.#taking;
    // The one that may write is closed last: it folds the write-ahead log into the file.
    this.#reader?.close();
    this.#appender?.close();
    this.#appender = undefined;
    this.#reader = undefined;
    this.#bell.ring();
  }

  async #commit(batch: readonly Asked[]): Promise<readonly Outcome[]> {
    try {
      const outcomes = await this.#write((appender) => appender.commit(batch));
      this.#bell.ring();
      return outcomes;
    } catch (error) {
      throw unavailable(error, this.#file);
    }
  }

  async #write<T>(work: (appender: SqliteAppender) => T): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#appender ??= new SqliteAppender(openToWrite(this.#file));
        return work(this.#appender);
      } catch (error) {
        if (!isBusy(error)) this.#appender = dropped(this.#appender);
        if (!isBusy(error) || attempt === TRIES) throw error;
        await turn();
      }
    }
  }

  #read(ask: (reader: SqliteReader) => StoredEvent[]): StoredEvent[] {
    this.#assertOpen();
    try {
      this.#reader ??= new SqliteReader(openToRead(this.#file));
      return ask(this.#reader);
    } catch (error) {
      this.#reader = dropped(this.#reader);
      throw unavailable(error, this.#file);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreUnavailable(`The log ${this.#file} was closed`);
  }
}

function dropped(connection: SqliteAppender | SqliteReader | undefined): undefined {
  connection?.close();
}
