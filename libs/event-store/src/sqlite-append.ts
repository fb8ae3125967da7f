import type Database from 'better-sqlite3';
import { firstRevision, type StoredEvent } from './event-store.ts';
import type { Asked, Outcome } from './group-commit.ts';
import { assertNext, assertTime, type Beginnings, idTwice } from './taking.ts';

type Key = number | null;
type Stream = { readonly key: Key; readonly last: number };
const NO_STREAM: Stream = { key: null, last: -1 };

/**
 * Commits appends, many in one transaction. Nothing is remembered from one transaction to the next: other processes
 * may have written between them.
 */
export class SqliteAppender {
  readonly #stream: Database.Statement;
  readonly #lastRecordedAt: Database.Statement;
  readonly #hasId: Database.Statement;
  readonly #idsFrom: Database.Statement;
  readonly #addStream: Database.Statement;
  readonly #addEvent: Database.Statement;
  readonly #transaction: Database.Transaction<(appends: readonly Asked[]) => readonly Outcome[]>;
  readonly #taking: Database.Transaction<(events: readonly StoredEvent[], at: Beginnings) => void>;

  constructor(private readonly db: Database.Database) {
    this.#stream = db.prepare(
      'select key, (select max(revision) from event where stream = key) as last from stream where name = ?',
    );
    this.#lastRecordedAt = db.prepare('select recorded_at from event order by position desc limit 1').pluck();
    this.#hasId = db.prepare('select 1 from event where stream = ? and id = ?').pluck();
    this.#idsFrom = db
      .prepare('select id from event where stream = ? and revision >= ? order by revision limit ?')
      .pluck();
    this.#addStream = db.prepare('insert into stream (name) values (?)');
    this.#addEvent = db.prepare(
      'insert into event (stream, revision, id, type, recorded_at, data, metadata) values (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#transaction = db.transaction((appends: readonly Asked[]) => this.#appendAll(appends));
    this.#taking = db.transaction((events: readonly StoredEvent[], at: Beginnings) =>
      this.#takeAll(events, at),
    );
  }

  /** The outcome of each append, once all of them are on the device; or throws, and none was written. */
  commit(appends: readonly Asked[]): readonly Outcome[] {
    return this.#transaction.immediate(appends);
  }

  /** Takes events over, once all of them are on the device; or throws, and none was written. */
  take(events: readonly StoredEvent[], at: Beginnings): void {
    this.#taking.immediate(events, at);
  }

  close(): void {
    this.db.close();
  }

  #appendAll(appends: readonly Asked[]): readonly Outcome[] {
    const last = this.#lastRecordedAt.get() as number | undefined;
    const recordedAt = Math.max(last ?? 0, Date.now());
    return appends.map((asked) => this.#append(asked, recordedAt));
  }

  #append({ stream, expected, events }: Asked, recordedAt: number): Outcome {
    const { key, last } = (this.#stream.get(stream) as Stream | undefined) ?? NO_STREAM;
    if (events.length === 0) return { revision: last };
    const first = firstRevision(expected);
    const ids = events.map(({ id }) => blobOf(id));
    const appended = { revision: first + ids.length - 1 };
    if (first <= last && this.#isRepeat(key, first, ids)) return appended;
    if (first !== last + 1 || this.#hasAny(key, ids))
      return { stale: true, actual: last < 0 ? 'no-stream' : last };
    const row = key ?? this.#addStream.run(stream).lastInsertRowid;
    for (const [n, { type, data, metadata }] of events.entries())
      this.#addEvent.run(row, first + n, ids[n], type, recordedAt, data, metadata);
    return appended;
  }

  #takeAll(events: readonly StoredEvent[], at: Beginnings): void {
    const last = this.#lastRecordedAt.get() as number | undefined;
    if (events[0] && last !== undefined) assertTime(events[0], new Date(last).toISOString());
    const streams = new Map<string, Stream>();
    for (const [stream, revision] of at) {
      const is = (this.#stream.get(stream) as Stream | undefined) ?? NO_STREAM;
      assertNext(stream, revision, is.last + 1);
      const key = is.key ?? Number(this.#addStream.run(stream).lastInsertRowid);
      streams.set(stream, { key, last: is.last });
    }
    for (const { stream, revision, id, type, recordedAt, data, metadata } of events) {
      const { key, last: before } = streams.get(stream) ?? NO_STREAM;
      const blob = blobOf(id);
      if (before >= 0 && this.#hasAny(key, [blob])) throw idTwice(stream, id);
      this.#addEvent.run(key, revision, blob, type, Date.parse(recordedAt), data, metadata);
    }
  }

  /** Whether the stream holds just these ids from this revision on. */
  #isRepeat(key: Key, first: number, ids: readonly Buffer[]): boolean {
    const kept = this.#idsFrom.all(key, first, ids.length) as Buffer[];
    return kept.length === ids.length && kept.every((id, n) => ids[n]?.equals(id));
  }

  #hasAny(key: Key, ids: readonly Buffer[]): boolean {
    return key !== null && ids.some((id) => this.#hasId.get(key, id) !== undefined);
  }
}

const blobOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');
