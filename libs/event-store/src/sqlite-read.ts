import type Database from 'better-sqlite3';
import type { Position, StoredEvent } from './event-store.ts';
import { atMost, EVERYTHING, type Range, type Row, storedEvents } from './rows.ts';

/** Ids come as hex text: to make a Buffer for each would cost a quarter of the reading speed. */
const ROWS = `
  select position, name, revision, lower(hex(id)), type, recorded_at, data, metadata
  from event join stream on key = event.stream`;

/** Reads events in pages, as arrays. */
export class SqliteReader {
  readonly #after: Database.Statement;
  readonly #forwards: Database.Statement;
  readonly #backwards: Database.Statement;

  constructor(private readonly db: Database.Database) {
    this.#after = db.prepare(`${ROWS} where position > ? order by position limit ?`).raw();
    this.#forwards = db.prepare(`${ROWS} where name = ? and revision >= ? order by revision limit ?`).raw();
    this.#backwards = db
      .prepare(`${ROWS} where name = ? and revision <= ? order by revision desc limit ?`)
      .raw();
  }

  stream(stream: string, { from, backwards = false, limit }: Range): StoredEvent[] {
    const rows = backwards
      ? this.#backwards.all(stream, from ?? EVERYTHING, atMost(limit))
      : this.#forwards.all(stream, from ?? 0, atMost(limit));
    return storedEvents(rows as Row[], uuidOf);
  }

  after(position: Position | undefined, limit: number): StoredEvent[] {
    return storedEvents(this.#after.all(position ?? 0, atMost(limit)) as Row[], uuidOf);
  }

  close(): void {
    this.db.close();
  }
}

const uuidOf = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
