import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type MigrationInterface, type MixedList, type QueryRunner } from 'typeorm';

/** One SQL statement on a connection: rows as objects, parameters in order (`?`). */
export type Sql = <Row = Record<string, unknown>>(
  text: string,
  parameters?: readonly unknown[],
) => Promise<Row[]>;

type Kinds = {
  readonly entities: readonly (new () => object)[];
  readonly migrations: readonly (new () => MigrationInterface)[];
};

/** The database could not be opened, read or written; the message says which file, and what to do. */
export class DatabaseUnavailable extends Error {}

/**
 * The other database (house, decision 11): all that is derived, beside what is not events. Readers have a connection
 * of their own and never see an open transaction; writers take turns.
 */
export class Database {
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    /** For reading, from the last commit. */
    readonly reader: DataSource,
    private readonly writer: DataSource,
    private readonly pen: QueryRunner,
  ) {}

  /** Opens (and makes, and migrates) the SQLite database in a file. */
  static async open(file: string, { entities, migrations }: Kinds): Promise<Database> {
    try {
      mkdirSync(dirname(file), { recursive: true });
      const writer = await source(file, entities, migrations).initialize();
      await writer.runMigrations({ transaction: 'each' });
      const reader = await source(file, entities, []).initialize();
      return new Database(reader, writer, writer.createQueryRunner());
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DatabaseUnavailable(
        `${file} cannot be opened (${why}); check that it is writable and not full`,
        {
          cause,
        },
      );
    }
  }

  /** Runs `work` in one transaction, alone; commits when it ends well, else leaves everything as it was. */
  write<T>(work: (sql: Sql, pen: QueryRunner) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#transaction(work));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** One statement on the reading connection. */
  readonly read: Sql = (text, parameters) =>
    this.reader.query(text, parameters as unknown[]).catch((cause: unknown) => {
      throw unavailable(cause);
    });

  async close(): Promise<void> {
    await this.#turn;
    await this.reader.destroy();
    await this.writer.destroy();
  }

  async #transaction<T>(work: (sql: Sql, pen: QueryRunner) => Promise<T>): Promise<T> {
    const sql: Sql = (text, parameters) =>
      this.pen.query(text, parameters as unknown[]).catch((cause: unknown) => {
        throw unavailable(cause);
      });
    try {
      await sql('BEGIN IMMEDIATE');
      const result = await work(sql, this.pen);
      await sql('COMMIT');
      return result;
    } catch (cause) {
      await sql('ROLLBACK').catch(() => undefined);
      throw cause;
    }
  }
}

/** Faults of the disk or of other processes, and what to do; they are nobody's mistake, and may pass. */
const FAULTS: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the disk is full; free some space',
  SQLITE_READONLY: 'it may not be written; check owner and rights of the directory and the file',
  SQLITE_IOERR: 'the disk refused; check its health and free space',
  SQLITE_CANTOPEN: 'it cannot be opened; check owner and rights of the directory and the file',
  SQLITE_CORRUPT: 'the file is damaged; delete it, restore its last backup, and rebuild',
  SQLITE_BUSY: 'another process keeps it locked; end that process or wait',
};

/** An error of the disk as `DatabaseUnavailable`; any other as it is. */
function unavailable(cause: unknown): unknown {
  const code = (cause as { driverError?: { code?: unknown } }).driverError?.code;
  const fault =
    typeof code === 'string' ? Object.keys(FAULTS).find((name) => code.startsWith(name)) : undefined;
  return fault ? new DatabaseUnavailable(`jejak.db: ${FAULTS[fault]} (${fault})`, { cause }) : cause;
}

const source = (file: string, entities: Kinds['entities'], migrations: Kinds['migrations']) =>
  new DataSource({
    type: 'better-sqlite3',
    database: file,
    entities: [...entities] as MixedList<new () => object>,
    migrations: [...migrations],
    statementCacheSize: 500,
    timeout: 15_000,
    prepareDatabase: (db: { pragma(text: string): void }) => {
      for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'cache_size = -32768'])
        db.pragma(pragma);
    },
  });
