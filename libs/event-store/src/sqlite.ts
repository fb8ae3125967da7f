import { resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
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
import { type Asked, type Outcome, SqliteAppender } from './sqlite-append.ts';
import { isBusy, openToRead, openToWrite, unavailable } from './sqlite-file.ts';
import { type Range, SqliteReader } from './sqlite-read.ts';
import { beginningsOf } from './taking.ts';

/** What one transaction takes at most (one append always fits); it keeps the event loop for that long. */
const MOST_EVENTS = 1_000;
const MOST_CHARACTERS = 4_194_304;
/** How often a transaction is tried while another process writes: with `BUSY_MS`, about five seconds. */
const TRIES = 100;
const FOLLOW_PAGE = 1_000;
/** How often a follower looks for what other processes wrote. */
const POLL_MS = 100;

type Waiting = Asked & {
  readonly settle: (outcome: Outcome) => void;
  readonly fail: (error: unknown) => void;
};

/**
 * The log in one SQLite file, which several processes may have open. The appends asked for in one turn of the event
 * loop are committed together. A connection that failed is closed and another opened when it is next needed, so that
 * the log works again once the cause is gone. Throws `StoreUnavailable` where the file cannot be opened.
 */
export class SqliteEventStore extends EventStore {
  readonly #file: string;
  #appender: SqliteAppender | undefined;
  #reader: SqliteReader | undefined;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | undefined;
  #taking: Promise<unknown> = Promise.resolve();
  #closed = false;
  readonly #followers = new Set<() => void>();

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
    return new Promise((settle, fail) => {
      this.#waiting.push({ stream, expected, events, settle, fail });
      this.#committing ??= this.#commitWaiting();
    });
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
    this.#wakeFollowers();
  }

  async read(stream: string, options: Range = {}): Promise<StoredEvent[]> {
    return this.#read((reader) => reader.stream(stream, options));
  }

  async readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    return this.#read((reader) => reader.after(after, limit));
  }

  async *follow(after: Position | undefined, signal: AbortSignal): AsyncIterable<StoredEvent[]> {
    for (let seen = after; !signal.aborted; ) {
      const page = this.#read((reader) => reader.after(seen, FOLLOW_PAGE));
      seen = page.at(-1)?.position ?? seen;
      if (page.length === 0) await this.#news(signal);
      else yield page;
      await turn();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#committing;
    await this.#taking;
    // The one that may write is closed last: it folds the write-ahead log into the file.
    this.#reader?.close();
    this.#appender?.close();
    this.#appender = undefined;
    this.#reader = undefined;
    this.#wakeFollowers();
  }

  async #commitWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      await turn();
      const batch = this.#waiting.splice(0, fitting(this.#waiting));
      try {
        const outcomes = await this.#write((appender) => appender.commit(batch));
        for (const [n, { settle }] of batch.entries()) settle(outcomes[n] as Outcome);
        this.#wakeFollowers();
      } catch (error) {
        for (const { fail } of batch) fail(unavailable(error, this.#file));
      }
    }
    this.#committing = undefined;
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

  /** Settles when there may be something new, or when the signal aborts. */
  #news(signal: AbortSignal): Promise<void> {
    return new Promise((settle) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#followers.delete(wake);
        settle();
      };
      const timer = setTimeout(wake, POLL_MS);
      signal.addEventListener('abort', wake);
      this.#followers.add(wake);
    });
  }

  #wakeFollowers(): void {
    for (const wake of [...this.#followers]) wake();
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreUnavailable(`The log ${this.#file} was closed`);
  }
}

function dropped(connection: SqliteAppender | SqliteReader | undefined): undefined {
  connection?.close();
}

/** How many of the waiting appends one transaction takes. */
function fitting(waiting: readonly Waiting[]): number {
  let events = 0;
  let characters = 0;
  const most = waiting.findIndex((append) => {
    events += append.events.length;
    for (const { data, metadata } of append.events) characters += data.length + metadata.length;
    return events > MOST_EVENTS || characters > MOST_CHARACTERS;
  });
  return most < 0 ? waiting.length : Math.max(most, 1);
}
