import type { Metadata } from '@app/domain/event';
import type { EventStore, Position, StoredEvent } from '@app/event-store';
import { type Bulk, bulk } from './bulk.ts';
import type { Database, Sql } from './database.ts';
import { JournalEntry } from './journal-entry.ts';
import { leafHash, leafOf } from './leaf.ts';

/** What to read: after an index, at most so many, of one stream, actor or type; `upTo` is inclusive. */
export type Wanted = {
  readonly after?: number;
  readonly upTo?: number;
  readonly limit: number;
  readonly stream?: string;
  readonly actor?: string;
  readonly type?: string;
};

/** A row without its hash, which only proofs need. */
export type JournalRow = Pick<JournalEntry, 'index' | 'leaf'>;

export type Progress = (done: number) => void;

const PAGE = 2_000;

/**
 * Every event once, in one gapless order. Derived from the store alone: dropped and filled again it is identical, index
 * by index and byte by byte. One process numbers at a time; another that tries finds the work done.
 */
export class Journal {
  readonly #rows: Bulk<JournalEntry>;

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
  ) {
    this.#rows = bulk(database.reader, JournalEntry);
  }

  /** How many entries there are; the last has this index less one. */
  size(): Promise<number> {
    return last(this.database.read).then(({ size }) => size);
  }

  /** Copies what the store has and the journal has not; gives the size then. Can be stopped and called again. */
  async fill(progress: Progress = () => undefined, signal?: AbortSignal): Promise<number> {
    for (;;) {
      const { size, position } = await last(this.database.read);
      const events = signal?.aborted ? [] : await this.store.readAll(position, PAGE);
      if (events.length === 0) return size;
      await this.copy(position, events);
      progress(size + events.length);
    }
  }

  /** Adds events that follow the entry at `after`; false where the journal has moved on and nothing was done. */
  copy(after: Position | undefined, events: readonly StoredEvent[]): Promise<boolean> {
    return this.database.write(async (sql) => {
      const { size, position } = await last(sql);
      if (position !== after) return false;
      await this.#rows.upsert(
        sql,
        events.map((event, n) => row(event, size + n)),
      );
      return true;
    });
  }

  /** Entries in order. */
  read({ after = -1, upTo = Number.MAX_SAFE_INTEGER, limit, ...by }: Wanted): Promise<JournalRow[]> {
    const columns = Object.entries(by).filter(([, value]) => value !== undefined);
    const where = ['idx > ?', 'idx <= ?', ...columns.map(([name]) => `${name} = ?`)].join(' AND ');
    return this.database.read<JournalRow>(
      `SELECT idx AS "index", leaf FROM journal WHERE ${where} ORDER BY idx LIMIT ?`,
      [after, upTo, ...columns.map(([, value]) => value), limit],
    );
  }

  /** One entry by event id, with its leaf hash; undefined: no such event. */
  async byId(id: string): Promise<JournalEntry | undefined> {
    return (await this.database.reader.getRepository(JournalEntry).findOneBy({ id })) ?? undefined;
  }

  /** The index of the last entry recorded at or before a time (UTC, ISO with ms); -1: none. */
  async indexAt(time: string): Promise<number> {
    const [found] = await this.database.read<{ idx: number }>(
      'SELECT idx FROM journal WHERE recorded_at <= ? ORDER BY recorded_at DESC, idx DESC LIMIT 1',
      [time],
    );
    return found?.idx ?? -1;
  }

  /** Forgets everything, to be filled again from the store. */
  drop(): Promise<void> {
    return this.database.write(async (sql) => {
      await sql('DELETE FROM journal');
    });
  }
}

async function last(sql: Sql): Promise<{ size: number; position: Position | undefined }> {
  const [entry] = await sql<{ idx: number; position: number }>(
    'SELECT idx, position FROM journal ORDER BY idx DESC LIMIT 1',
  );
  return entry ? { size: entry.idx + 1, position: entry.position } : { size: 0, position: undefined };
}

function row(event: StoredEvent, index: number): JournalEntry {
  const { id, stream, revision, type, recordedAt, position } = event;
  const leaf = leafOf(event);
  const { actor } = JSON.parse(event.metadata) as Metadata;
  return { index, id, stream, revision, type, actor, recordedAt, position, leaf, leafHash: leafHash(leaf) };
}
