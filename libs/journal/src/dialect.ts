import pg from 'pg';
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
  /** A statement with `?` for its parameters, in the dialect's own writing. */
  readonly text: (statement: string) => string;
  /** A fault of the disk, the server or the way to it, which is nobody's mistake and may pass; undefined: another. */
  readonly unavailable: (cause: unknown) => DatabaseUnavailable | undefined;
  readonly cannotOpen: (cause: unknown) => DatabaseUnavailable;
};

export const isServer = (where: string): boolean => /^postgres(ql)?:/.test(where);

export const dialectOf = (where: string): Dialect => (isServer(where) ? postgres(where) : sqlite(where));

/** Whether the source speaks to PostgreSQL. */
export const isPostgres = (source: DataSource): boolean => source.options.type === 'postgres';

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

function codeOf(cause: unknown): string {
  const { driverError, code } = (cause ?? {}) as { driverError?: { code?: unknown }; code?: unknown };
  const found = driverError?.code ?? code;
  return typeof found === 'string' ? found : '';
}

/** The words for a code: of the first fault whose name it begins with. */
function wordsFor(code: string, faults: Readonly<Record<string, string>>): string | undefined {
  const name = Object.keys(faults).find((some) => code.startsWith(some));
  return name === undefined ? undefined : faults[name];
}

const SQLITE_FAULTS = {
  SQLITE_FULL: 'the disk is full; free some space',
  SQLITE_READONLY: 'it may not be written; check owner and rights of the directory and the file',
  SQLITE_IOERR: 'the disk refused; check its health and free space',
  SQLITE_CANTOPEN: 'it cannot be opened; check owner and rights of the directory and the file',
  SQLITE_CORRUPT: 'the file is damaged; delete it, restore its last backup, and rebuild',
  SQLITE_BUSY: 'another process keeps it locked; end that process or wait',
};

const sqlite = (file: string): Dialect => ({
  options: () => ({
    type: 'better-sqlite3',
    database: file,
    statementCacheSize: 500,
    timeout: 15_000,
    prepareDatabase: (db: { pragma(text: string): void }) => {
      for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'cache_size = -32768'])
        db.pragma(pragma);
    },
  }),
  adapt: () => undefined,
  begin: ['BEGIN IMMEDIATE'],
  text: (statement) => statement,
  unavailable: (cause) => {
    const code = codeOf(cause);
    const words = wordsFor(code, SQLITE_FAULTS);
    return words === undefined
      ? undefined
      : new DatabaseUnavailable(`${file}: ${words} (${code})`, { cause });
  },
  cannotOpen: (cause) =>
    new DatabaseUnavailable(
      `${file} cannot be opened (${messageOf(cause)}); check that it is writable and not full`,
      { cause },
    ),
});

/** SQLSTATE classes (PostgreSQL, Appendix A) and codes of the network that are nobody's mistake. */
const POSTGRES_FAULTS = {
  '28': 'it refuses the user or the password; check DATABASE_URL and pg_hba.conf',
  '3D': 'there is no such database; create it, or name another in DATABASE_URL',
  '3F': 'there is no such schema; create it, or name another in DATABASE_URL',
  '42501': 'the user may not do this; grant it what the README says',
  '08': 'the connection was lost; check the server and the network',
  '25006': 'it may only be read; name the server that may be written',
  '25P03': 'a transaction stood still too long and was ended',
  '40': 'others were in the way; ask again',
  '53100': 'the disk of the server is full; free some space',
  '53300': 'the server has no connection left; raise max_connections',
  '53': 'the server is short of resources; see its log',
  '55P03': 'others held a lock too long; ask again',
  '57': 'the server is stopping, starting, or ended the statement; ask again',
  '58': 'the server met a fault of its disk; see its log',
  XX: 'the server met a fault of its own; see its log',
  ECONN: 'the server cannot be reached; check that it runs, its host and port',
  ENOTFOUND: 'the name of the server is not known; check the host in DATABASE_URL',
  EAI_AGAIN: 'the name of the server cannot be looked up now',
  EPIPE: 'the connection was lost; check the server and the network',
  ETIMEDOUT: 'the server does not answer; check it and the network',
  EHOSTUNREACH: 'the server cannot be reached; check the network',
};
/** What pg says without a code. */
const LOST =
  /Connection terminated|timeout exceeded|Query read timeout|connection is closed|not queryable|Client was closed|already released/i;

/** Whether the database could not be used, as its drivers say it: for what was asked through a repository. */
export function isUnavailable(cause: unknown): boolean {
  if (cause instanceof DatabaseUnavailable) return true;
  const code = codeOf(cause);
  return code === ''
    ? LOST.test(messageOf(cause))
    : wordsFor(code, { ...SQLITE_FAULTS, ...POSTGRES_FAULTS }) !== undefined;
}

/** Holds for one transaction; a process that stands still in one loses it, and with it the pen. */
const PEN = "SELECT pg_advisory_xact_lock(hashtext('jejak.pen'), hashtext(current_schema()::text))";
const OPENING_MS = 5_000;
const READING_MS = 30_000;
const WRITING_MS = 900_000;
const STANDING_STILL_MS = 15_000;

/** Whole numbers of 64 bits as numbers; what a number cannot hold is refused. */
const NUMBERS = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? wholeNumber : pg.types.getTypeParser(oid, format as 'text'),
};

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond 2^53`);
  return value;
}

function postgres(url: string): Dialect {
  const name = nameOf(url);
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
        types: NUMBERS,
        keepAlive: true,
        query_timeout: of === 'reader' ? READING_MS : WRITING_MS,
        statement_timeout: of === 'reader' ? READING_MS : WRITING_MS,
        idle_in_transaction_session_timeout: STANDING_STILL_MS,
      },
    }),
    adapt: inByteOrder,
    begin: ['BEGIN', PEN],
    text: (statement) => {
      const known = texts.get(statement);
      if (known !== undefined) return known;
      let n = 0;
      const text = statement.replaceAll('?', () => `$${++n}`);
      if (texts.size < 1_000) texts.set(statement, text);
      return text;
    },
    unavailable: (cause) => {
      const code = codeOf(cause);
      const words = wordsFor(code, POSTGRES_FAULTS);
      if (words !== undefined) return fault(words, code, cause);
      return code === '' && LOST.test(messageOf(cause))
        ? fault('the connection was lost, or the server does not answer', '', cause)
        : undefined;
    },
    cannotOpen: (cause) => fault(`cannot be opened (${messageOf(cause)})`, codeOf(cause), cause),
  };
}

/** Host and database of a URL, without the user and the password. */
function nameOf(url: string): string {
  const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: '?', pathname: '' };
  return `${host}${pathname}`;
}

/** Texts in the order of their bytes, as SQLite has them, whatever the language of the server. */
function inByteOrder({ entityMetadatas }: DataSource): void {
  for (const { columns } of entityMetadatas)
    for (const column of columns) if (column.type === 'text') column.collation = 'C';
}
