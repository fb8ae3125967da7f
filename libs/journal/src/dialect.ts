import { codeOf, postgresFault, postgresName, sqliteFault, wholeNumbers, writeAhead } from '@app/event-store';
import type { DataSource, DataSourceOptions } from 'typeorm';

/** The database could not be opened, read or written; the message says which, and what to do. */
export class DatabaseUnavailable extends Error {}

/** What differs between the databases that the views may live in. */
export type Dialect = {
  readonly options: (of: 'reader' | 'writer') => DataSourceOptions;
  /** Makes the entities' columns mean the same on every dialect. */
  readonly adapt: (source: DataSource) => void;
  /** Begins a transaction that is alone with the pen. */
  readonly begin: readonly string[];
  /** Said before and after a transaction that must be on the device when it has committed. */
  readonly durably: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** What leaves no byte of rows that were deleted from these tables in the database's files; outside a transaction. */
  readonly scrub: (tables: readonly string[]) => readonly string[];
  /** The rows of a statement as arrays, from the reader; on SQLite in half the time that objects take. */
  readonly arrays: (source: DataSource, text: string, parameters: readonly unknown[]) => Promise<unknown[][]>;
  /** A statement with `?` for its parameters, in the dialect's own writing. */
  readonly text: (statement: string) => string;
  /** A fault of the disk, the server or the way to it, which is nobody's mistake and may pass; undefined: another. */
  readonly unavailable: (cause: unknown) => DatabaseUnavailable | undefined;
  readonly cannotOpen: (cause: unknown) => DatabaseUnavailable;
};

export const isServer = (where: string): boolean => /^postgres(ql)?:/.test(where);

/** `durable`: whether a commit waits for the disk; on PostgreSQL, which keeps its own promise, it always does. */
export const dialectOf = (where: string, durable: boolean): Dialect =>
  isServer(where) ? postgres(where) : sqlite(where, durable);

/** Whether the source speaks to PostgreSQL. */
export const isPostgres = (source: DataSource): boolean => source.options.type === 'postgres';

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** How long SQLite waits for another process, in ms. */
const WAITING_MS = 15_000;

/** What TypeORM's drivers hold: the connection, or the pool of them. */
type SqliteDriver = {
  readonly databaseConnection: {
    prepare(text: string): { raw(): { all(...parameters: unknown[]): unknown[][] } };
  };
};
type PostgresDriver = {
  readonly master: {
    query(asked: object): Promise<{ rows: unknown[][] }>;
  };
};

const sqlite = (file: string, durable: boolean): Dialect => ({
  options: () => ({
    type: 'better-sqlite3',
    database: file,
    statementCacheSize: 500,
    timeout: WAITING_MS,
    prepareDatabase: (db: { pragma(text: string): void }) => {
      writeAhead(db, WAITING_MS);
      db.pragma(`synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
      db.pragma('cache_size = -32768');
    },
  }),
  adapt: () => undefined,
  begin: ['BEGIN IMMEDIATE'],
  durably: { before: ['PRAGMA synchronous = FULL'], after: ['PRAGMA synchronous = NORMAL'] },
  // Samples that an ANALYZE took; then all pages anew, without what lay in free ones and between the rows; and the
  // write-ahead log ends.
  scrub: () => ['DROP TABLE IF EXISTS sqlite_stat4', 'VACUUM', 'PRAGMA wal_checkpoint(TRUNCATE)'],
  arrays: async ({ driver }, text, parameters) =>
    (driver as unknown as SqliteDriver).databaseConnection
      .prepare(text)
      .raw()
      .all(...parameters),
  text: (statement) => statement,
  unavailable: (cause) => {
    const words = sqliteFault(cause);
    return words === undefined
      ? undefined
      : new DatabaseUnavailable(`${file}: ${words} (${codeOf(cause)})`, { cause });
  },
  cannotOpen: (cause) =>
    new DatabaseUnavailable(
      `${file} cannot be opened (${messageOf(cause)}); check that it is writable and not full`,
      { cause },
    ),
});

/** Whether the database could not be used, as its drivers say it: for what was asked through a repository. */
export function isUnavailable(cause: unknown): boolean {
  return (
    cause instanceof DatabaseUnavailable ||
    sqliteFault(cause) !== undefined ||
    postgresFault(cause) !== undefined
  );
}

/** Holds for one transaction; a process that stands still in one loses it, and with it the pen. */
const PEN = "SELECT pg_advisory_xact_lock(hashtext('jejak.pen'), hashtext(current_schema()::text))";
const OPENING_MS = 5_000;
const READING_MS = 30_000;
const WRITING_MS = 900_000;
const STANDING_STILL_MS = 15_000;

function postgres(url: string): Dialect {
  const name = postgresName(url) ?? '(its URL cannot be read)';
  const texts = new Map<string, string>();
  const fault = (words: string, code: string, cause: unknown) =>
    new DatabaseUnavailable(`PostgreSQL ${name}: ${words}${code && ` (${code})`}`, { cause });
  return {
    options: (of) => ({
      type: 'postgres',
      url,
      applicationName: `jejak ${of}`,
      poolSize: of === 'reader' ? 8 : 2,
      connectTimeoutMS: OPENING_MS,
      extra: {
        types: wholeNumbers,
        keepAlive: true,
        query_timeout: of === 'reader' ? READING_MS : WRITING_MS,
        statement_timeout: of === 'reader' ? READING_MS : WRITING_MS,
        idle_in_transaction_session_timeout: STANDING_STILL_MS,
      },
    }),
    adapt: inByteOrder,
    begin: ['BEGIN', PEN],
    durably: { before: [], after: [] },
    arrays: async ({ driver }, text, values) => {
      const { master } = driver as unknown as PostgresDriver;
      return (await master.query({ text, values, rowMode: 'array' })).rows;
    },
    // ANALYZE: the statistics of a column are some of its values.
    scrub: (tables) => [`VACUUM (FULL, ANALYZE) ${tables.map((table) => `"${table}"`).join(', ')}`],
    text: (statement) => {
      const known = texts.get(statement);
      if (known !== undefined) return known;
      let n = 0;
      const text = statement.replaceAll('?', () => `$${++n}`);
      if (texts.size < 1_000) texts.set(statement, text);
      return text;
    },
    unavailable: (cause) => {
      const words = postgresFault(cause);
      return words === undefined ? undefined : fault(words, codeOf(cause), cause);
    },
    cannotOpen: (cause) => fault(`cannot be opened (${messageOf(cause)})`, codeOf(cause), cause),
  };
}

/** Texts in the order of their bytes, as SQLite has them, whatever the language of the server. */
function inByteOrder({ entityMetadatas }: DataSource): void {
  for (const { columns } of entityMetadatas)
    for (const column of columns) if (column.type === 'text') column.collation = 'C';
}
