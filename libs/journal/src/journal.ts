import type { Metadata } from '@app/domain/event';
import type { EventStore, Position, StoredEvent } from '@app/event-store';
import { leafHash } from '@app/proof';
import { bulk } from './bulk.ts';
import type { Database, Sql } from './database.ts';
import { JournalEntry } from './journal-entry.ts';
import { leafOf } from './leaf.ts';
import { createShadow, shadowOf, swapShadow } from './shadow.ts';

/** What to read: after an index, at most so many, of one stream, actor or type; `upTo` is inclusive. */
export type Wanted = {
  readonly after?: number;
  readonly upTo?: number;
  readonly limit: number;
  readonly stream?: string;
  readonly actor?: string;
  readonly type?: string;
  /** All but these types. */
  readonly except?: readonly string[];
};

/** A row without its hash, which only proofs need. */
export type JournalRow = Pick<JournalEntry, 'index' | 'leaf'>;

/** A row with its hash in base64. */
export type PassedRow = Pick<JournalEntry, 'index' | 'leaf' | 'leafHash'>;
/** What is passed on: after an index, up to and including one, of these stored types and of these streams. */
export type Passing = {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  readonly types?: readonly string[];
  readonly streams?: readonly string[];
};
/** All that an entry says; where the store has it says nothing to others. */
export type WholeRow = Omit<JournalEntry, 'position'>;

export type Progress = (done: number) => void;

const PAGE = 2_000;
const TABLE = 'journal';

/**
 * Every event once, in one gapless order. Derived from the store alone: dropped and filled again it is identical, index
 * by index and byte by byte. One process numbers at a time; another that tries finds the work done.
 */
export class Journal {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
  ) {}

  /** How many entries there are; the last has this index less one. */
  size(): Promise<number> {
    return last(this.database.read, TABLE).then(({ size }) => size);
  }

  /** Where in the store the last entry is; undefined: there is none. */
  position(): Promise<Position | undefined> {
    return last(this.database.read, TABLE).then(({ position }) => position);
  }

  /** Copies what the store has and the journal has not; gives the size then. Can be stopped and called again. */
  fill(progress: Progress = () => undefined, signal?: AbortSignal): Promise<number> {
    return this.#fill(TABLE, progress, signal);
  }

  /** Numbers and hashes everything anew beside the journal in use, and lets it take its place. Resumes where it stopped. */
  async rebuild(progress: Progress = () => undefined, signal?: AbortSignal): Promise<void> {
    const metadata = this.database.reader.getMetadata(JournalEntry);
    const shadow = shadowOf(TABLE);
    await this.database.write(async (_, pen) => {
      if (!(await pen.hasTable(shadow))) await createShadow(pen, metadata);
    });
    for (let done = false, before = -1; !done && !signal?.aborted; ) {
      const size = await this.#fill(shadow, progress, signal);
      done = await this.database.write(async (sql) => {
        const [anew, inUse] = [await last(sql, shadow), await last(sql, TABLE)];
        if (signal?.aborted || anew.size < inUse.size) return false;
        await swapShadow(sql, metadata);
        return true;
      });
      if (!done && size === before && !signal?.aborted)
        throw new Error(
          `the log has ${size} events and the journal more: events were lost from the log; the journal stays as it is; run jejak verify`,
        );
      before = size;
    }
  }

  /** Ends where the store ended when it was read last: while others go on writing, there would always be a little more. */
  async #fill(table: string, progress: Progress, signal?: AbortSignal): Promise<number> {
    for (let ended = false; !ended && !signal?.aborted; ) {
      const { size, position } = await last(this.database.read, table);
      const events = await this.store.readAll(position, PAGE);
      if (events.length > 0) {
        await this.#copy(table, position, events);
        progress(size + events.length);
      }
      ended = events.length < PAGE;
    }
    return (await last(this.database.read, table)).size;
  }

  /** Adds events that follow the entry at `after`; nothing where another process has moved the journal on. */
  #copy(table: string, after: Position | undefined, events: readonly StoredEvent[]): Promise<void> {
    const rows = bulk(this.database.reader, JournalEntry, table);
    return this.database.write(async (sql) => {
      const { size, position, recordedAt } = await last(sql, table);
      if (position !== after) return;
      let latest = recordedAt;
      await rows.upsert(
        sql,
        events.map((event, n) => {
          // The clock of a server may go back. A running maximum is the same in every replay from the first event.
          if (event.recordedAt > latest) latest = event.recordedAt;
          return journalRow({ ...event, recordedAt: latest }, size + n);
        }),
      );
    });
  }

  /** Entries in order. */
  read({
    after = -1,
    upTo = Number.MAX_SAFE_INTEGER,
    limit,
    except = [],
    ...by
  }: Wanted): Promise<JournalRow[]> {
    const columns = Object.entries(by).filter(([, value]) => value !== undefined);
    const others = except.length > 0 ? [`type NOT IN (${except.map(() => '?').join(', ')})`] : [];
    const where = ['idx > ?', 'idx <= ?', ...columns.map(([name]) => `${name} = ?`), ...others].join(' AND ');
    return this.database.read<JournalRow>(
      `SELECT idx AS "index", leaf FROM journal WHERE ${where} ORDER BY idx LIMIT ?`,
      [after, upTo, ...columns.map(([, value]) => value), ...except, limit],
    );
  }

  /** Whole rows, at most `limit`, from an index: for whoever compares them with the store. */
  async rows(from: number, limit: number): Promise<WholeRow[]> {
    const rows = await this.database.arrays(
      `SELECT idx, id, stream, revision, type, actor, recorded_at, leaf, leaf_hash
       FROM journal WHERE idx >= ? ORDER BY idx LIMIT ?`,
      [from, limit],
    );
    return rows.map(wholeRow);
  }

  /** Entries in order with their hashes, for whoever passes them on: of some types and streams, or all. */
  async pass({ after, upTo, limit, types, streams }: Passing): Promise<PassedRow[]> {
    const within = (name: string, values?: readonly string[]) =>
      values ? [`${name} IN (${values.map(() => '?').join(', ')})`] : [];
    const where = ['idx > ?', 'idx <= ?', ...within('type', types), ...within('stream', streams)];
    return this.database.read<PassedRow>(
      `SELECT idx AS "index", leaf, leaf_hash AS "leafHash" FROM journal
       WHERE ${where.join(' AND ')} ORDER BY idx LIMIT ?`,
      [after, upTo, ...(types ?? []), ...(streams ?? []), limit],
    );
  }

  /** The first entry that is not the next revision of its stream; undefined: in each they run from 0 without a gap. */
  async gap(): Promise<{ stream: string; index: number } | undefined> {
    const [row] = await this.database.read<{ stream: string; index: number }>(
      `SELECT stream, idx AS "index" FROM (
         SELECT stream, idx, revision, ROW_NUMBER() OVER (PARTITION BY stream ORDER BY idx) - 1 AS due FROM journal
       ) AS numbered WHERE revision <> due ORDER BY idx LIMIT 1`,
    );
    return row;
  }

  /** Hashes of leaves in base64, at most `limit`, from an index. */
  async leafHashes(from: number, limit: number): Promise<string[]> {
    const rows = await this.database.read<{ hash: string }>(
      'SELECT leaf_hash AS hash FROM journal WHERE idx >= ? ORDER BY idx LIMIT ?',
      [from, limit],
    );
    return rows.map(({ hash }) => hash);
  }

  /** The last entry of a stream; undefined: it has none. */
  async newest(stream: string): Promise<JournalRow | undefined> {
    const [row] = await this.database.read<JournalRow>(
      'SELECT idx AS "index", leaf FROM journal WHERE stream = ? ORDER BY idx DESC LIMIT 1',
      [stream],
    );
    return row;
  }

  /** The entry with this event id; undefined: it is not in the journal (yet). */
  async find(id: string): Promise<(JournalRow & { readonly stream: string }) | undefined> {
    const [row] = await this.database.read<JournalRow & { stream: string }>(
      'SELECT idx AS "index", leaf, stream FROM journal WHERE id = ?',
      [id],
    );
    return row;
  }

  /** The index of the last entry recorded at or before a time (UTC, ISO with ms); -1: none. */
  async indexAt(time: string): Promise<number> {
    const [found] = await this.database.read<{ idx: number }>(
      'SELECT idx FROM journal WHERE recorded_at <= ? ORDER BY recorded_at DESC, idx DESC LIMIT 1',
      [time],
    );
    return found?.idx ?? -1;
  }
}

type Last = { size: number; position: Position | undefined; recordedAt: string };

async function last(sql: Sql, table: string): Promise<Last> {
  const [entry] = await sql<{ idx: number; position: number; recordedAt: string }>(
    `SELECT idx, position, recorded_at AS "recordedAt" FROM "${table}" ORDER BY idx DESC LIMIT 1`,
  );
  return entry
    ? { size: entry.idx + 1, position: entry.position, recordedAt: entry.recordedAt }
    : { size: 0, position: undefined, recordedAt: '' };
}

type Columns = [number, string, string, number, string, string, string, string, string];

function wholeRow(columns: unknown[]): WholeRow {
  const [index, id, stream, revision, type, actor, recordedAt, leaf, leafHash] = columns as Columns;
  return { index, id, stream, revision, type, actor, recordedAt, leaf, leafHash };
}

/** Whether a row is that of an event, its index and hash apart: what `journalRow` would tell, at a tenth of the cost. */
export function isRowOf(row: WholeRow, event: StoredEvent): boolean {
  return (
    row.leaf === leafOf(event) &&
    row.id === event.id &&
    row.stream === event.stream &&
    row.revision === event.revision &&
    row.type === event.type &&
    row.recordedAt === event.recordedAt &&
    // Canonical: no name of a member comes before this one.
    event.metadata.startsWith(`{"actor":${JSON.stringify(row.actor)},`)
  );
}

/** The journal's entry of an event, at an index; `recordedAt` is the latest so far (see `#copy`). */
export function journalRow(event: StoredEvent, index: number): JournalEntry {
  const { id, stream, revision, type, recordedAt, position } = event;
  const leaf = leafOf(event);
  const { actor } = JSON.parse(event.metadata) as Metadata;
  return {
    index,
    id,
    stream,
    revision,
    type,
    actor,
    recordedAt,
    position,
    leaf,
    leafHash: leafHash(leaf).toString('base64'),
  };
}
